//! Updating schedules (billing 5.3, billing-2 11.4, 15).

use serde_json::json;

use super::{DAY, act, change, invoices, managed, pending, schedule, the_schedule, two_weeks};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::billing::subscriptions::price;
use crate::support::client::sandbox;
use crate::support::flows::{int, invalid, rows, says, text, with};

const FIXED: &str = "You can only adjust the end date to a future date for the current phase.";

#[test]
fn a_change_of_the_current_phase_prorates_as_the_call_says() {
    for (behavior, expected, bills) in
        [(None, &[-500, 1000][..], 1), (Some("none"), &[], 1), (Some("always_invoice"), &[], 2)]
    {
        let api = sandbox(&format!("sched-correct-{bills}-{}", expected.len()));
        let (made, prices) = two_weeks(&api, &[]);
        api.advance(3 * DAY + DAY / 2);
        let start = int(&made, "created").to_string();
        let mut params = vec![
            ("phases[0][start_date]", &*start),
            ("phases[0][items][0][price]", &*prices[0]),
            ("phases[0][items][0][quantity]", "2"),
            ("phases[0][items][0][metadata][seat]", "a"),
            ("phases[0][duration][interval]", "week"),
            ("phases[1][items][0][price]", &prices[1]),
        ];
        params.extend(behavior.map(|behavior| ("proration_behavior", behavior)));
        let since = event_count(&api);
        let changed = change(&api, &made, &params).ok();
        let item = &changed["phases"][0]["items"][0];
        assert_eq!((int(item, "quantity"), &item["metadata"]), (2, &json!({"seat": "a"})));
        let told = events_since(&api, since);
        assert_eq!(told[0], "subscription_schedule.updated", "{told:?}");
        assert_eq!(told[told.len() - 1], "customer.subscription.updated", "{told:?}");
        assert_eq!(int(&rows(&managed(&api, &made)["items"])[0], "quantity"), 2);
        let found = pending(&api, &made);
        let close =
            found.len() == expected.len() && found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 10);
        assert!(close, "{behavior:?}: {found:?}");
        assert_eq!(invoices(&api, &made).len(), bills, "{behavior:?}");
    }
}

#[test]
fn phases_need_a_start_and_the_current_one_keeps_its_own() {
    let api = sandbox("sched-starts");
    let (made, prices) = two_weeks(&api, &[]);
    let item = ("phases[0][items][0][price]", &*prices[0]);
    let sentence =
        "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to.";
    says(change(&api, &made, &[item]), 400, sentence);
    let (start, other) = (int(&made, "created"), (int(&made, "created") + 60).to_string());
    says(change(&api, &made, &[item, ("phases[0][start_date]", &other)]), 400, FIXED);
    let second = int(&made["phases"][1], "start_date").to_string();
    says(change(&api, &made, &[item, ("phases[0][start_date]", &second)]), 400, FIXED);
    let start = start.to_string();
    api.advance(DAY);
    let past = (int(&made, "created") + 60).to_string();
    says(change(&api, &made, &[item, ("phases[0][start_date]", &start), ("phases[0][end_date]", &past)]), 400, FIXED);
    let gap = [
        item,
        ("phases[0][start_date]", &start),
        ("phases[1][items][0][price]", &prices[1]),
        ("phases[1][start_date]", "1990000000"),
    ];
    let refused = invalid(change(&api, &made, &gap), 400, None, Some("phases[1][start_date]"));
    assert_eq!(text(&refused, "message"), "A phase must start when the phase before it ends.");
    assert_eq!(the_schedule(&api, &made)["phases"], made["phases"]);
}

#[test]
fn phases_that_are_over_may_be_left_out() {
    let api = sandbox("sched-over");
    let (made, prices) = two_weeks(&api, &[]);
    api.advance(8 * DAY);
    let [first, second] = [0, 1].map(|n| int(&made["phases"][n], "start_date").to_string());
    let current = [
        ("phases[0][start_date]", &*second),
        ("phases[0][items][0][price]", &*prices[1]),
        ("phases[0][duration][interval]", "week"),
        ("phases[0][duration][interval_count]", "3"),
    ];
    let changed = change(&api, &made, &current).ok();
    assert_eq!(changed["phases"][0], made["phases"][0]);
    assert_eq!(int(&changed["phases"][1], "end_date") - int(&changed["phases"][1], "start_date"), 21 * DAY);
    assert_eq!(changed["current_phase"]["end_date"], changed["phases"][1]["end_date"]);
    let whole = [
        ("phases[0][start_date]", &*first),
        ("phases[0][items][0][price]", &*prices[0]),
        ("phases[1][start_date]", &second),
        ("phases[1][items][0][price]", &prices[1]),
        ("phases[1][duration][interval]", "week"),
        ("phases[1][duration][interval_count]", "2"),
    ];
    let changed = change(&api, &made, &whole).ok();
    assert_eq!(changed["phases"].as_array().unwrap().len(), 2);
    assert_eq!(int(&changed["phases"][1], "end_date") - int(&changed["phases"][1], "start_date"), 14 * DAY);
}

#[test]
fn the_current_phase_can_end_now() {
    let api = sandbox("sched-end-now");
    let (made, prices) = two_weeks(&api, &[]);
    api.advance(3 * DAY);
    let start = int(&made, "created").to_string();
    let params = [
        ("phases[0][start_date]", &*start),
        ("phases[0][items][0][price]", &*prices[0]),
        ("phases[0][end_date]", "now"),
        ("phases[1][items][0][price]", &prices[1]),
    ];
    let changed = change(&api, &made, &params).ok();
    assert_eq!(changed["current_phase"]["start_date"], changed["phases"][1]["start_date"]);
    assert_eq!(rows(&managed(&api, &made)["items"])[0]["price"]["id"], json!(prices[1]));
}

#[test]
fn the_end_of_the_subscription_follows_the_end_behavior() {
    let api = sandbox("sched-behavior");
    let (made, _) = two_weeks(&api, &[]);
    assert_eq!(managed(&api, &made)["cancel_at"], json!(null));
    let end = int(&made["phases"][1], "end_date");
    change(&api, &made, &[("end_behavior", "cancel")]).ok();
    assert_eq!(int(&managed(&api, &made), "cancel_at"), end);
    change(&api, &made, &[("end_behavior", "release")]).ok();
    let subscription = managed(&api, &made);
    assert_eq!((&subscription["cancel_at"], &subscription["canceled_at"]), (&json!(null), &json!(null)));
    change(&api, &made, &[("end_behavior", "renew")]).refused(501);
}

#[test]
fn settings_and_metadata_are_merged() {
    let api = sandbox("sched-settings");
    let (made, _) = two_weeks(&api, &[("metadata[a]", "1"), ("default_settings[description]", "Gold")]);
    assert_eq!(text(&managed(&api, &made), "description"), "Gold");
    let since = event_count(&api);
    let params = [("metadata[b]", "2"), ("metadata[a]", ""), ("default_settings[invoice_settings][footer]", "Bye")];
    let changed = change(&api, &made, &params).ok();
    assert_eq!(changed["metadata"], json!({"b": "2"}));
    let settings = &changed["default_settings"];
    assert_eq!((text(settings, "description"), text(&settings["invoice_settings"], "footer")), ("Gold", "Bye"));
    assert_eq!(events_since(&api, since)[0], "subscription_schedule.updated");
    change(&api, &made, &[("default_settings[description]", "Silver")]).ok();
    assert_eq!(text(&managed(&api, &made), "description"), "Silver");
}

#[test]
fn a_schedule_that_waits_can_begin_at_another_time() {
    let api = sandbox("sched-wait");
    let price = price(&api, "1000", "week", &[]);
    let item = ("phases[0][items][0][price]", &*price);
    let made = schedule(&api, &payer(&api), &[("start_date", "1990000000"), item]).ok();
    let changed = change(&api, &made, &[item, ("phases[0][start_date]", "1990003600")]).ok();
    assert_eq!((int(&changed["phases"][0], "start_date"), text(&changed, "status")), (1_990_003_600, "not_started"));
    says(change(&api, &made, &[item, ("phases[0][start_date]", "5")]), 400, FIXED);
    let begun = change(&api, &made, &[item, ("phases[0][start_date]", "now")]).ok();
    assert_eq!((text(&begun, "status"), text(&managed(&api, &begun), "status")), ("active", "active"));
}

#[test]
fn a_schedule_in_a_final_state_is_not_updated() {
    let api = sandbox("sched-final");
    let (made, _) = two_weeks(&api, &[]);
    act(&api, &made, "release", &[]).ok();
    says(
        change(&api, &made, &[("metadata[a]", "1")]),
        400,
        "You cannot update a subscription schedule that is currently in the `released` status. It must be in `not_started, active` \
         status to be updated.",
    );
    says(
        act(&api, &made, "cancel", &[]),
        400,
        "You cannot cancel a subscription schedule that is currently in the `released` status. It must be in `not_started, active` \
         status to be canceled.",
    );
    says(
        act(&api, &made, "release", &[]),
        400,
        "You cannot release a subscription schedule that is currently in the `released` status. It must be in `not_started, active` \
         status to be released.",
    );
    api.post("/v1/subscription_schedules/sub_sched_none", &with(&[], &[("metadata[a]", "1")])).refused(404);
}
