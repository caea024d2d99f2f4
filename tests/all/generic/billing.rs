//! Prices, sessions and schedules (billing 1, 5, intents-and-checkout 3).

use serde_json::json;

use super::{customer, id, monthly};
use crate::support::client::sandbox;
use crate::support::flows::{int, invalid, text};

#[test]
fn the_phases_of_a_schedule_follow_one_another() {
    let api = sandbox("gb-phases");
    let (customer, price) = (customer(&api), monthly(&api));
    let params = [
        ("customer", customer.as_str()),
        ("start_date", "now"),
        ("phases[0][items][0][price]", &price),
        ("phases[0][items][0][quantity]", "2"),
        ("phases[0][duration][interval]", "week"),
        ("phases[0][duration][interval_count]", "2"),
        ("phases[1][items][0][price]", &price),
    ];
    let made = api.post("/v1/subscription_schedules", &params).ok();
    let phases = &made["phases"];
    assert_eq!(int(&phases[0], "end_date") - int(&phases[0], "start_date"), 14 * 86_400);
    assert_eq!(phases[0]["end_date"], phases[1]["start_date"]);
    assert!(int(&phases[1], "end_date") - int(&phases[1], "start_date") >= 28 * 86_400, "{made}");
    assert_eq!((text(&phases[0], "currency"), text(&phases[0], "proration_behavior")), ("usd", "create_prorations"));
    assert_eq!(phases[0]["items"][0]["plan"], price);
    assert_eq!((text(&made, "status"), &made["current_phase"]["start_date"]), ("active", &phases[0]["start_date"]));
}

#[test]
fn a_schedule_that_begins_later_is_not_started() {
    let api = sandbox("gb-later");
    let (customer, price) = (customer(&api), monthly(&api));
    let params =
        [("customer", customer.as_str()), ("start_date", "1990000000"), ("phases[0][items][0][price]", &price)];
    let made = api.post("/v1/subscription_schedules", &params).ok();
    assert_eq!((text(&made, "status"), &made["current_phase"]), ("not_started", &json!(null)));
    let own = format!("/v1/subscription_schedules/{}", id(&made));
    let params = [("phases[0][items][0][price]", price.as_str()), ("phases[0][iterations]", "2")];
    let changed = api.post(&own, &params).ok();
    assert_eq!(changed["phases"][0]["start_date"], 1_990_000_000);
    assert!(int(&changed["phases"][0], "end_date") > 1_990_000_000 + 58 * 86_400, "{changed}");
}

#[test]
fn a_schedule_takes_over_a_subscription() {
    let api = sandbox("gb-take-over");
    let (customer, price) = (customer(&api), monthly(&api));
    let params = [("customer", customer.as_str()), ("items[0][price]", &price), ("trial_period_days", "9")];
    let subscription = api.post("/v1/subscriptions", &params).ok();
    let from = [("from_subscription", id(&subscription))];
    let made = api.post("/v1/subscription_schedules", &from).ok();
    assert_eq!((text(&made, "subscription"), text(&made, "customer")), (id(&subscription), customer.as_str()));
    let (phase, item) = (&made["phases"][0], &subscription["items"]["data"][0]);
    assert_eq!(phase["items"][0]["price"], price);
    assert_eq!(
        (&phase["start_date"], &phase["end_date"]),
        (&item["current_period_start"], &item["current_period_end"])
    );
    let both = [("from_subscription", id(&subscription)), ("phases[0][items][0][price]", &price)];
    invalid(api.post("/v1/subscription_schedules", &both), 400, None, Some("from_subscription"));
    invalid(api.post("/v1/subscription_schedules", &[]), 400, Some("parameter_missing"), Some("customer"));
}

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
