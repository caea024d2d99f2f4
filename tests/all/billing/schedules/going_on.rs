//! From one phase to the next (billing 5.3, billing-2 11.4, 12.6).

use serde_json::json;

use super::{DAY, act, invoices, managed, pending, schedule, the_schedule, two_weeks};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::billing::subscriptions::{lines, price};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text, the_customer};

#[test]
fn the_next_phase_changes_the_subscription_and_the_renewal_bills_it() {
    let api = sandbox("sched-next");
    let (made, prices) =
        two_weeks(&api, &[("phases[1][items][0][quantity]", "3"), ("phases[1][metadata][tier]", "two")]);
    let item = id(&rows(&managed(&api, &made)["items"])[0]);
    api.advance(6 * DAY);
    let since = event_count(&api);
    api.advance(DAY + 60);
    let now = the_schedule(&api, &made);
    let second = &now["phases"][1];
    assert_eq!(now["current_phase"], json!({"start_date": second["start_date"], "end_date": second["end_date"]}));
    let subscription = managed(&api, &now);
    let kept = &rows(&subscription["items"])[0];
    assert_eq!((id(kept), &kept["price"]["id"], int(kept, "quantity")), (item, &json!(prices[1]), 3));
    assert_eq!(subscription["metadata"], json!({"tier": "two"}));
    assert_eq!(pending(&api, &now), [0; 0]);
    let all = invoices(&api, &now);
    let bills: Vec<(&str, i64)> = all.iter().map(|one| (text(one, "billing_reason"), int(one, "total"))).collect();
    assert_eq!(bills, [("subscription_create", 1000), ("subscription_cycle", 6000)]);
    let told = events_since(&api, since);
    let first = told.iter().position(|name| name == "subscription_schedule.updated").unwrap();
    assert_eq!(told[first + 1], "customer.subscription.updated", "{told:?}");
    let event = &rows(&api.get("/v1/events", &[("type", "subscription_schedule.updated")]).ok())[0].clone();
    let before: Vec<&String> = event["data"]["previous_attributes"].as_object().unwrap().keys().collect();
    assert_eq!(before, ["current_phase"]);
}

#[test]
fn a_phase_within_a_period_prorates_as_it_says() {
    let api = sandbox("sched-prorate");
    for (behavior, expected, bills) in
        [(None, &[-714, 1429][..], 1), (Some("none"), &[], 1), (Some("always_invoice"), &[], 2)]
    {
        let prices = [price(&api, "1000", "week", &[]), price(&api, "2000", "week", &[])];
        let mut params = vec![
            ("phases[0][items][0][price]", &*prices[0]),
            ("phases[0][duration][interval]", "day"),
            ("phases[0][duration][interval_count]", "2"),
            ("phases[1][items][0][price]", &*prices[1]),
        ];
        params.extend(behavior.map(|behavior| ("phases[1][proration_behavior]", behavior)));
        let made = schedule(&api, &payer(&api), &params).ok();
        api.advance(2 * DAY + 60);
        let pending = pending(&api, &made);
        let close = pending.len() == expected.len()
            && pending.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() <= 10);
        assert!(close, "{behavior:?}: {pending:?}");
        assert_eq!(invoices(&api, &made).len(), bills, "{behavior:?}");
    }
}

#[test]
fn a_longer_interval_begins_with_the_phase() {
    let api = sandbox("sched-interval");
    let (customer, monthly) = (payer(&api), price(&api, "1000", "month", &[]));
    let yearly = price(&api, "10000", "year", &[]);
    let phases = [("phases[0][items][0][price]", &*monthly), ("phases[1][items][0][price]", &yearly)];
    let made = schedule(&api.version("2024-06-20"), &customer, &phases).ok();
    let end = int(&made["phases"][0], "end_date");
    api.advance(end - int(&made, "created") + 60);
    let item = rows(&managed(&api, &made)["items"])[0].clone();
    assert_eq!((&item["price"]["id"], int(&item, "current_period_start")), (&json!(yearly), end));
    assert_eq!(int(&item, "current_period_end"), int(&made["phases"][1], "end_date"));
    let all = invoices(&api, &made);
    let last = all.last().unwrap();
    assert_eq!((text(last, "billing_reason"), int(last, "total")), ("subscription_cycle", 10_000));
    assert_eq!(pending(&api, &made), [0; 0]);
}

#[test]
fn a_trial_phase_bills_nothing_until_it_ends() {
    let api = sandbox("sched-trial");
    let (made, _) = two_weeks(&api, &[("phases[0][trial]", "true")]);
    let end = int(&made["phases"][0], "end_date");
    assert_eq!((int(&made["phases"][0], "trial_end"), &made["phases"][0]["trial"]), (end, &json!(true)));
    let subscription = managed(&api, &made);
    assert_eq!((text(&subscription, "status"), int(&subscription, "trial_end")), ("trialing", end));
    api.advance(7 * DAY + 60);
    let subscription = managed(&api, &made);
    assert_eq!(text(&subscription, "status"), "active");
    let totals: Vec<i64> = invoices(&api, &made).iter().map(|one| int(one, "total")).collect();
    assert_eq!(totals, [0, 2000]);
}

#[test]
fn discounts_and_tax_rates_are_those_of_the_phase() {
    let api = sandbox("sched-terms");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "50"), ("duration", "forever")]).ok());
    let rate = [("display_name", "VAT"), ("percentage", "10"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let (made, _) = two_weeks(
        &api,
        &[
            ("phases[0][discounts][0][coupon]", &coupon),
            ("phases[0][description]", "first"),
            ("phases[1][default_tax_rates][0]", &rate),
            ("phases[1][collection_method]", "send_invoice"),
            ("phases[1][invoice_settings][days_until_due]", "9"),
            ("phases[1][description]", "second"),
        ],
    );
    let subscription = managed(&api, &made);
    assert_eq!((subscription["discounts"].as_array().unwrap().len(), text(&subscription, "description")), (1, "first"));
    assert_eq!(int(&invoices(&api, &made)[0], "total"), 500);
    assert_eq!(made["phases"][1]["default_tax_rates"][0]["id"], json!(rate));
    api.advance(7 * DAY + 60);
    let subscription = managed(&api, &made);
    assert_eq!((&subscription["discounts"], text(&subscription, "description")), (&json!([]), "second"));
    assert_eq!((text(&subscription, "collection_method"), int(&subscription, "days_until_due")), ("send_invoice", 9));
    let last = invoices(&api, &made).pop().unwrap();
    assert_eq!((int(&last, "total"), text(&last, "collection_method")), (2200, "send_invoice"));
}

#[test]
fn what_a_phase_bills_once_is_on_its_next_invoice() {
    let api = sandbox("sched-extras");
    let fee = [("currency", "usd"), ("unit_amount", "300"), ("product_data[name]", "Setup")];
    let fee = id(&api.post("/v1/prices", &fee).ok());
    let (made, _) = two_weeks(
        &api,
        &[("phases[0][add_invoice_items][0][price]", &fee), ("phases[1][add_invoice_items][0][price]", &fee)],
    );
    assert_eq!(int(&invoices(&api, &made)[0], "total"), 1300);
    api.advance(7 * DAY + 60);
    let last = invoices(&api, &made).pop().unwrap();
    assert_eq!((int(&last, "total"), lines(&last).len()), (2300, 2));
}

#[test]
fn the_anchor_moves_with_a_phase_that_says_so() {
    let api = sandbox("sched-anchor");
    let price = price(&api, "1000", "month", &[]);
    let params = [
        ("phases[0][items][0][price]", &*price),
        ("phases[0][duration][interval]", "week"),
        ("phases[1][items][0][price]", &price),
        ("phases[1][billing_cycle_anchor]", "phase_start"),
    ];
    let made = schedule(&api, &payer(&api), &params).ok();
    let start = int(&made["phases"][1], "start_date");
    assert_ne!(int(&managed(&api, &made), "billing_cycle_anchor"), start);
    api.advance(7 * DAY + 60);
    assert_eq!(int(&managed(&api, &made), "billing_cycle_anchor"), start);
}

#[test]
fn the_end_is_told_seven_days_before_and_completes_the_schedule() {
    let api = sandbox("sched-complete");
    let price = price(&api, "1000", "month", &[]);
    let made = schedule(&api, &payer(&api), &[("phases[0][items][0][price]", &price)]).ok();
    let length = int(&made["phases"][0], "end_date") - int(&made, "created");
    let told = |name: &str| rows(&api.get("/v1/events", &[("type", name)]).ok()).len();
    api.advance(length - 7 * DAY - 600);
    assert_eq!(told("subscription_schedule.expiring"), 0);
    api.advance(700);
    assert_eq!(told("subscription_schedule.expiring"), 1);
    api.advance(7 * DAY);
    let done = the_schedule(&api, &made);
    assert_eq!((text(&done, "status"), &done["current_phase"]), ("completed", &json!(null)));
    assert_eq!(
        (int(&done, "completed_at"), told("subscription_schedule.completed")),
        (int(&made["phases"][0], "end_date"), 1)
    );
    assert_eq!(told("subscription_schedule.expiring"), 1);
    let subscription = managed(&api, &done);
    assert_eq!((text(&subscription, "status"), &subscription["schedule"]), ("active", &json!(null)));
    assert_eq!(invoices(&api, &done).len(), 2, "it renews as usual");
    act(&api, &done, "release", &[]).refused(400);
}

#[test]
fn a_subscription_that_ends_with_its_schedule_says_so_from_the_start() {
    let api = sandbox("sched-cancel-end");
    let (made, _) = two_weeks(&api, &[("end_behavior", "cancel")]);
    let end = int(&made["phases"][1], "end_date");
    let subscription = managed(&api, &made);
    assert_eq!((int(&subscription, "cancel_at"), &subscription["canceled_at"]), (end, &made["created"]));
    api.advance(14 * DAY - 60);
    let since = event_count(&api);
    api.advance(120);
    let told = events_since(&api, since);
    assert_eq!(told, ["customer.subscription.deleted", "subscription_schedule.completed"]);
    let done = the_schedule(&api, &made);
    assert_eq!((text(&done, "status"), text(&managed(&api, &done), "status")), ("completed", "canceled"));
    assert_eq!(invoices(&api, &done).len(), 2);
}

#[test]
fn one_advance_is_as_many_small_ones() {
    let run = |name: &str, steps: &[i64]| {
        let api = sandbox(name);
        let (made, _) =
            two_weeks(&api, &[("phases[0][duration][interval]", "day"), ("phases[0][duration][interval_count]", "10")]);
        steps.iter().for_each(|step| api.advance(*step));
        let totals: Vec<i64> = invoices(&api, &made).iter().map(|one| int(one, "total")).collect();
        (totals.len(), text(&the_schedule(&api, &made), "status").to_owned())
    };
    let daily = vec![DAY; 30];
    assert_eq!(run("sched-once", &[30 * DAY]), run("sched-daily", &daily));
}

#[test]
fn a_price_that_is_archived_before_its_phase_begins_is_billed_all_the_same() {
    let api = sandbox("sched-archived");
    let customer = payer(&api);
    let price = price(&api, "1000", "month", &[]);
    let tomorrow = (int(&the_customer(&api, &customer), "created") + DAY).to_string();
    let params = [
        ("start_date", tomorrow.as_str()),
        ("phases[0][items][0][price]", &price),
        ("phases[0][duration][interval]", "month"),
    ];
    let dear = crate::billing::subscriptions::price(&api, "2000", "month", &[]);
    let second = [("phases[1][items][0][price]", dear.as_str()), ("phases[1][duration][interval]", "month")];
    let made = schedule(&api, &customer, &crate::support::flows::with(&params, &second)).ok();
    for archived in [&price, &dear] {
        api.post(&format!("/v1/prices/{archived}"), &[("active", "false")]).ok();
    }
    api.advance(2 * DAY);
    let begun = the_schedule(&api, &made);
    assert_eq!(text(&begun, "status"), "active");
    api.advance(32 * DAY);
    let totals: Vec<i64> = invoices(&api, &begun).iter().map(|invoice| int(invoice, "total")).collect();
    assert_eq!(totals, [1000, 2000]);
    let error = schedule(&api, &customer, &params).refused(400);
    assert_eq!(error["message"], "The price specified is inactive. This field only accepts active prices.");
}
