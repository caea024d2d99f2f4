//! Schedules are released and canceled (billing 5.3, billing-2 11.4, 12.6).

use serde_json::json;

use super::{DAY, act, invoices, managed, schedule, two_weeks};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::billing::subscriptions::price;
use crate::billing::test_clocks::ready;
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text};

#[test]
fn a_release_lets_the_subscription_go() {
    let api = sandbox("sched-release");
    let (made, _) = two_weeks(&api, &[]);
    let since = event_count(&api);
    let released = act(&api, &made, "release", &[]).ok();
    let told = ["subscription_schedule.updated", "customer.subscription.updated", "subscription_schedule.released"];
    assert_eq!(events_since(&api, since), told);
    let shown = ["status", "subscription", "released_subscription", "current_phase"].map(|key| &released[key]);
    assert_eq!(json!(shown), json!(["released", null, made["subscription"], null]));
    assert!(released["released_at"].is_i64());
    let subscription = managed(&api, &released);
    assert_eq!((text(&subscription, "status"), &subscription["schedule"]), ("active", &json!(null)));
    let event = rows(&api.get("/v1/events", &[("type", "customer.subscription.updated")]).ok())[0].clone();
    assert_eq!(event["data"]["previous_attributes"], json!({"schedule": made["id"]}));
    api.advance(8 * DAY);
    assert_eq!(int(&invoices(&api, &released)[1], "total"), 1000, "the next phase never comes");
}

#[test]
fn a_release_clears_the_cancel_date_unless_it_is_preserved() {
    let api = sandbox("sched-preserve");
    let end_of = |params: &[(&str, &str)]| {
        let (made, _) = two_weeks(&api, &[("end_behavior", "cancel")]);
        let released = act(&api, &made, "release", params).ok();
        let subscription = managed(&api, &released);
        (subscription["cancel_at"].clone() == made["phases"][1]["end_date"], subscription["canceled_at"].is_null())
    };
    assert_eq!(end_of(&[]), (false, true));
    assert_eq!(end_of(&[("preserve_cancel_date", "true")]), (true, false));
}

#[test]
fn a_cancel_ends_the_subscription_too() {
    let api = sandbox("sched-cancel");
    let (made, _) = two_weeks(&api, &[]);
    api.advance(3700);
    let since = event_count(&api);
    let canceled = act(&api, &made, "cancel", &[("invoice_now", "false"), ("prorate", "false")]).ok();
    assert_eq!((text(&canceled, "status"), &canceled["subscription"]), ("canceled", &made["subscription"]));
    assert!(canceled["canceled_at"].is_i64());
    let subscription = managed(&api, &canceled);
    assert_eq!((text(&subscription, "status"), &subscription["schedule"]), ("canceled", &made["id"]));
    assert_eq!(events_since(&api, since), ["customer.subscription.deleted", "subscription_schedule.canceled"]);
}

#[test]
fn a_cancel_bills_and_prorates_unless_it_is_told_not_to() {
    let api = sandbox("sched-cancel-bills");
    let last = |params: &[(&str, &str)]| {
        let (made, _) = two_weeks(&api, &[]);
        api.advance(3 * DAY + DAY / 2);
        let since = event_count(&api);
        act(&api, &made, "cancel", params).ok();
        let all = invoices(&api, &made);
        (all.len(), all.last().map(|one| int(one, "total")).unwrap_or_default(), events_since(&api, since))
    };
    let (count, total, told) = last(&[]);
    assert_eq!((count, (-510..=-490).contains(&total)), (2, true), "{total}");
    let expected = [
        "invoiceitem.created",
        "invoice.created",
        "customer.subscription.deleted",
        "subscription_schedule.canceled",
        "invoice.updated",
        "invoice.marked_uncollectible",
    ];
    assert_eq!(told, expected);
    assert_eq!(last(&[("invoice_now", "false"), ("prorate", "false")]).0, 1);
    assert_eq!(last(&[("prorate", "false")]).0, 1);
}

#[test]
fn a_schedule_that_waits_is_canceled_and_released_alone() {
    let api = sandbox("sched-wait-end");
    let price = price(&api, "1000", "week", &[]);
    let later = [("start_date", "1990000000"), ("phases[0][items][0][price]", &*price)];
    for (verb, told) in [
        ("cancel", &["subscription_schedule.canceled"][..]),
        ("release", &["subscription_schedule.updated", "subscription_schedule.released"]),
    ] {
        let made = schedule(&api, &payer(&api), &later).ok();
        let since = event_count(&api);
        let ended = act(&api, &made, verb, &[]).ok();
        assert_eq!((&ended["subscription"], &ended["released_subscription"]), (&json!(null), &json!(null)));
        assert_eq!(events_since(&api, since), told);
    }
}

#[test]
fn a_schedule_that_nobody_pays_is_completed_all_the_same() {
    // The Stripe CLI's recipe for `subscription_schedule.completed` (billing 4.9).
    const JANUARY: &str = "1577836800";
    let api = sandbox("sched-unpaid");
    let clock = api.post("/v1/test_helpers/test_clocks", &[("frozen_time", JANUARY)]).ok();
    let customer = id(&api.post("/v1/customers", &[("test_clock", text(&clock, "id"))]).ok());
    let price = price(&api, "1500", "month", &[]);
    let params = [
        ("start_date", JANUARY),
        ("end_behavior", "release"),
        ("phases[0][iterations]", "1"),
        ("phases[0][items][0][price]", &price),
    ];
    let made = schedule(&api, &customer, &params).ok();
    let path = format!("/v1/test_helpers/test_clocks/{}/advance", text(&clock, "id"));
    api.post(&path, &[("frozen_time", "1580515200")]).ok();
    ready(&api, text(&clock, "id"));
    assert_eq!(rows(&api.get("/v1/events", &[("type", "subscription_schedule.completed")]).ok()).len(), 1);
    let completed = super::the_schedule(&api, &made);
    assert_eq!(text(&completed, "status"), "completed");
}
