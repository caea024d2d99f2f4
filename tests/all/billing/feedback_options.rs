//! A seller's own reasons for a cancellation (billing 5).

use serde_json::json;

use super::subscriptions::{cancel, change, price, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, missing, says, text};

const OPTIONS: &str = "/v1/billing/feedback_options";
const INACTIVE: &str = "This feedback option has been deactivated.";

#[test]
fn a_feedback_option_is_renamed_and_listed_by_its_status() {
    let api = sandbox("feedback-status");
    let made = api.post(OPTIONS, &[("description", "Too slow")]).ok();
    let shown = json!({
        "id": made["id"], "object": "billing.feedback_option", "description": "Too slow", "livemode": false,
        "status": "active", "status_transitions": {"deactivated_at": null},
    });
    assert_eq!(made, shown);
    let (slow, dull) = (id(&made), id(&api.post(OPTIONS, &[("description", "Too dull")]).ok()));
    let path = format!("{OPTIONS}/{slow}");
    assert_eq!(api.post(&path, &[("description", "Slow")]).ok()["description"], "Slow");
    let ended = api.post(&format!("{path}/deactivate"), &[]).ok();
    assert_eq!(text(&ended, "status"), "inactive");
    assert!(ended["status_transitions"]["deactivated_at"].is_i64());
    let listed = |params: &[(&str, &str)]| ids(&api.get(OPTIONS, params).ok());
    assert_eq!(listed(&[("status", "active")]).concat(), dull);
    assert_eq!(listed(&[("status", "inactive")]).concat(), slow);
    assert_eq!(listed(&[]), [dull, slow]);
    says(api.post(&format!("{path}/deactivate"), &[]), 400, INACTIVE);
    assert_eq!(api.get(&path, &[]).ok(), ended);
}

#[test]
fn a_cancellation_names_a_feedback_option_that_is_offered() {
    let api = sandbox("feedback-cancel");
    let slow = id(&api.post(OPTIONS, &[("description", "Too slow")]).ok());
    let made = subscribe(&api, &payer(&api), &price(&api, "1000", "month", &[]), &[]).ok();
    change(&api, &made, &[("cancel_at_period_end", "true")]).ok();
    let param = "cancellation_details[feedback_option]";
    missing(change(&api, &made, &[(param, "bfo_x")]), 400, "feedback option", "bfo_x", param);
    let told = change(&api, &made, &[(param, &slow), ("expand[]", "cancellation_details.feedback_option")]).ok();
    assert_eq!(told["cancellation_details"]["feedback_option"]["description"], "Too slow");
    api.post(&format!("{OPTIONS}/{slow}/deactivate"), &[]).ok();
    assert_eq!(says(change(&api, &made, &[(param, &slow)]), 400, INACTIVE)["param"], param);
    let dull = id(&api.post(OPTIONS, &[("description", "Too dull")]).ok());
    let ended = cancel(&api, &made, &[(param, &dull)]).ok();
    assert_eq!(ended["cancellation_details"]["feedback_option"], dull.as_str());
}

#[test]
fn a_portal_offers_no_feedback_option_that_was_deactivated() {
    let api = sandbox("feedback-portal");
    let slow = id(&api.post(OPTIONS, &[("description", "Too slow")]).ok());
    let reason = "features[subscription_cancel][cancellation_reason]";
    let listed = format!("{reason}[feedback_options][0]");
    let offer = |option: &str| {
        let (enabled, options) = (format!("{reason}[enabled]"), format!("{reason}[options][0]"));
        let sent = [
            ("features[subscription_cancel][enabled]", "true"),
            (enabled.as_str(), "true"),
            (options.as_str(), "unused"),
            (listed.as_str(), option),
        ];
        api.post("/v1/billing_portal/configurations", &sent)
    };
    let made = offer(&slow).ok();
    let reasons = &made["features"]["subscription_cancel"]["cancellation_reason"];
    assert_eq!(reasons["feedback_options"], json!([slow]));
    missing(offer("bfo_x"), 400, "feedback option", "bfo_x", &listed);
    api.post(&format!("{OPTIONS}/{slow}/deactivate"), &[]).ok();
    assert_eq!(says(offer(&slow), 400, INACTIVE)["param"], listed.as_str());
}
