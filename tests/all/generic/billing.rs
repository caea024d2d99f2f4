//! Parts of configurations (billing 5).

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
}
