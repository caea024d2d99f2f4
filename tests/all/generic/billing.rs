//! Parts of configurations and sessions (billing 5, intents-and-checkout 3).

use super::id;
use crate::support::client::sandbox;

#[test]
fn a_part_that_is_sent_in_part_has_its_defaults() {
    let api = sandbox("gb-parts");
    let portal = [
        ("features[invoice_history][enabled]", "true"),
        ("features[subscription_cancel][enabled]", "true"),
        ("features[customer_update][enabled]", "true"),
        ("features[customer_update][allowed_updates][]", "email"),
    ];
    let configuration = api.post("/v1/billing_portal/configurations", &portal).ok();
    assert_eq!(configuration["features"]["subscription_cancel"]["mode"], "at_period_end");
    assert_eq!(configuration["features"]["subscription_pause"]["enabled"], false);
    let account = api.post("/v1/accounts", &[("type", "express")]).ok();
    let components = [("account", id(&account)), ("components[payments][enabled]", "true")];
    let session = api.post("/v1/account_sessions", &components).ok();
    assert_eq!(session["components"]["payments"]["features"]["refund_management"], true);
    assert_eq!(session["components"]["payouts"]["enabled"], false);
}
