//! Previews of schedules (billing 3.8, billing-2 5.8).

use serde_json::Value;

use super::{DAY, act, change, managed, price, schedule, the_schedule, two_weeks};
use crate::billing::invoices::payer;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, id, int, missing, rows, text, with};

fn preview(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/invoices/create_preview", params)
}

/// The amounts of the lines of an invoice.
fn amounts(invoice: &Value) -> Vec<i64> {
    rows(&invoice["lines"]).iter().map(|line| int(line, "amount")).collect()
}

#[test]
fn the_next_invoice_of_a_schedule_is_shown() {
    let api = sandbox("schedule-preview");
    let (made, _) = two_weeks(&api, &[]);
    let own = id(&made);
    let start = int(&made["current_phase"], "start_date");
    let shown = preview(&api, &[("schedule", &own)]).ok();
    // The second phase begins as the period does.
    assert_eq!((amounts(&shown), int(&shown, "created")), (vec![2000], start + 7 * DAY));
    assert!(text(&shown, "id").starts_with("upcoming_in_"), "{shown}");
    assert_eq!(text(&shown["parent"]["subscription_details"], "subscription"), text(&made, "subscription"));
    assert_eq!(the_schedule(&api, &made), made);
    api.advance(7 * DAY + 60);
    assert_eq!(amounts(&preview(&api, &[("schedule", &own)]).ok()), [2000]);
    act(&api, &made, "release", &[]).ok();
    assert_eq!(preview(&api, &[("schedule", &own)]).refused(404)["code"], "invoice_upcoming_none");
    missing(
        preview(&api, &[("schedule", "sub_sched_none")]),
        400,
        "subscription_schedule",
        "sub_sched_none",
        "schedule",
    );
}

#[test]
fn a_schedule_that_has_not_begun_shows_its_first_invoice() {
    let api = sandbox("schedule-preview-later");
    let (customer, weekly) = (payer(&api), price(&api, "1000", "week", &[]));
    let start = int(&api.get(&format!("/v1/customers/{customer}"), &[]).ok(), "created") + 3 * DAY;
    let phase = [("start_date", start.to_string()), ("phases[0][items][0][price]", weekly)];
    let phase: Vec<(&str, &str)> = phase.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = schedule(&api, &customer, &phase).ok();
    let shown = preview(&api, &[("schedule", &id(&made))]).ok();
    assert_eq!((amounts(&shown), int(&shown, "created")), (vec![1000], start));
    assert_eq!(text(&the_schedule(&api, &made), "status"), "not_started");
    assert_eq!(rows(&api.get("/v1/subscriptions", &[]).ok()).len(), 0);
}

#[test]
fn a_schedule_that_ends_its_subscription_has_no_next_invoice() {
    let api = sandbox("schedule-preview-end");
    let (made, _) = two_weeks(&api, &[("end_behavior", "cancel")]);
    api.advance(7 * DAY + 60);
    assert_eq!(preview(&api, &[("schedule", &id(&made))]).refused(404)["code"], "invoice_upcoming_none");
}

#[test]
fn a_schedule_is_previewed_before_it_is_made() {
    let api = sandbox("schedule-preview-new");
    let (customer, weekly, setup) = (payer(&api), price(&api, "1000", "week", &[]), price(&api, "300", "week", &[]));
    let base = [
        ("customer", customer.as_str()),
        ("schedule_details[phases][0][items][0][price]", &weekly),
        ("schedule_details[phases][0][items][0][quantity]", "3"),
        ("schedule_details[phases][0][items][1][price]", &setup),
    ];
    assert_eq!(amounts(&preview(&api, &base).ok()), [3000, 300]);
    let extra = [("invoice_items[0][amount]", "50"), ("invoice_items[0][currency]", "usd")];
    assert_eq!(amounts(&preview(&api, &with(&base, &extra)).ok()), [50, 3000, 300]);
    let recurring = [("preview_mode", "recurring"), extra[0], extra[1]];
    assert_eq!(amounts(&preview(&api, &with(&base, &recurring)).ok()), [3000, 300]);
    assert_eq!(rows(&api.get("/v1/subscription_schedules", &[]).ok()).len(), 0);
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 0);
    let gone = [("customer", customer.as_str()), ("schedule_details[phases][0][items][0][price]", "price_none")];
    missing(preview(&api, &gone), 400, "price", "price_none", "schedule_details[phases][0][items][0][price]");
}

#[test]
fn a_change_of_a_schedule_is_previewed_with_its_prorations() {
    let api = sandbox("schedule-preview-change");
    let (made, prices) = two_weeks(&api, &[]);
    let span = ["start_date", "end_date"].map(|side| int(&made["current_phase"], side).to_string());
    let own = id(&made);
    let changed = [
        ("schedule", own.as_str()),
        ("schedule_details[phases][0][items][0][price]", &prices[0]),
        ("schedule_details[phases][0][items][0][quantity]", "2"),
        ("schedule_details[phases][0][start_date]", &span[0]),
        ("schedule_details[phases][0][end_date]", &span[1]),
    ];
    let at_once = [("schedule_details[proration_behavior]", "always_invoice")];
    assert_eq!(amounts(&preview(&api, &with(&changed, &at_once)).ok()), [-1000, 2000]);
    assert_eq!(amounts(&preview(&api, &changed).ok()), [-1000, 2000, 2000]);
    let none = [("schedule_details[proration_behavior]", "none")];
    assert_eq!(amounts(&preview(&api, &with(&changed, &none)).ok()), [2000]);
    assert_eq!((the_schedule(&api, &made), rows(&managed(&api, &made)["items"]).len()), (made.clone(), 1));
    // Done for real, it is billed as it was shown.
    let real = [
        ("phases[0][items][0][price]", prices[0].as_str()),
        ("phases[0][items][0][quantity]", "2"),
        ("phases[0][start_date]", &span[0]),
        ("phases[0][end_date]", &span[1]),
        ("proration_behavior", "always_invoice"),
    ];
    change(&api, &made, &real).ok();
    let subscription = managed(&api, &made);
    let invoice = api.get(&format!("/v1/invoices/{}", text(&subscription, "latest_invoice")), &[]).ok();
    assert_eq!(amounts(&invoice), [-1000, 2000]);
}

#[test]
fn a_preview_is_of_a_schedule_or_of_a_subscription() {
    let api = sandbox("schedule-preview-refused");
    let (made, _) = two_weeks(&api, &[]);
    let own = id(&made);
    let both = [("schedule", own.as_str()), ("subscription", text(&made, "subscription"))];
    let sentence = "You may only specify one of these parameters: schedule, subscription.";
    assert_eq!(text(&preview(&api, &both).refused(400), "message"), sentence);
    let discounted = [("schedule", own.as_str()), ("discounts[0][coupon]", "ten")];
    preview(&api, &discounted).refused(501);
    let other = payer(&api);
    let foreign = [("schedule", own.as_str()), ("customer", other.as_str())];
    missing(preview(&api, &foreign), 400, "subscription_schedule", &own, "schedule");
}
