//! Schedules follow their subscriptions, customers and clocks; loaded ones live on (billing-2 11.4).

use serde_json::json;

use super::{DAY, PATH, managed, the_schedule, two_weeks};
use crate::billing::invoices::payer;
use crate::billing::subscriptions::price;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{attached, id, int, rows, says, text};

fn told(api: &Client, name: &str) -> usize {
    rows(&api.get("/v1/events", &[("type", name)]).ok()).len()
}

#[test]
fn a_subscription_that_is_not_paid_aborts_its_schedule() {
    let api = sandbox("sched-abort");
    let price = price(&api, "1000", "month", &[]);
    let params = [
        ("customer", &*payer(&api)),
        ("phases[0][items][0][price]", &price),
        ("phases[0][duration][interval]", "year"),
    ];
    let made = api.post(PATH, &params).ok();
    let customer = text(&made, "customer");
    api.advance(3700);
    let card = attached(&api, "pm_card_chargeCustomerFail", customer);
    api.post(&format!("/v1/customers/{customer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    api.advance(50 * DAY);
    let aborted = the_schedule(&api, &made);
    assert_eq!((text(&aborted, "status"), text(&managed(&api, &made), "status")), ("canceled", "canceled"));
    assert_eq!((told(&api, "subscription_schedule.aborted"), told(&api, "subscription_schedule.canceled")), (1, 0));
}

#[test]
fn a_subscription_that_is_canceled_cancels_its_schedule() {
    let api = sandbox("sched-sub-canceled");
    let (made, _) = two_weeks(&api, &[]);
    api.delete(&format!("/v1/subscriptions/{}", text(&made, "subscription"))).ok();
    assert_eq!(text(&the_schedule(&api, &made), "status"), "canceled");
    assert_eq!(told(&api, "subscription_schedule.canceled"), 1);
}

#[test]
fn a_scheduled_subscription_is_ended_by_its_schedule_alone() {
    let api = sandbox("sched-flags");
    let (made, _) = two_weeks(&api, &[]);
    let path = format!("/v1/subscriptions/{}", text(&made, "subscription"));
    let sentence = format!(
        "The subscription is managed by the subscription schedule `{}`, and updating any cancelation behavior directly is \
         not allowed. Please update the schedule instead.",
        text(&made, "id")
    );
    for flag in [("cancel_at_period_end", "true"), ("cancel_at", "1990000000")] {
        says(api.post(&path, &[flag]), 400, &sentence);
    }
}

#[test]
fn a_direct_change_of_items_is_a_change_of_the_current_phase() {
    let api = sandbox("sched-direct");
    let (made, prices) = two_weeks(&api, &[]);
    let subscription = managed(&api, &made);
    let item = id(&rows(&subscription["items"])[0]);
    let change = [("items[0][id]", &*item), ("items[0][quantity]", "4")];
    api.post(&format!("/v1/subscriptions/{}", id(&subscription)), &change).ok();
    let now = the_schedule(&api, &made);
    assert_eq!((int(&now["phases"][0]["items"][0], "quantity"), &now["phases"][1]), (4, &made["phases"][1]));
    assert_eq!(now["phases"][0]["items"][0]["price"], json!(prices[0]));
}

#[test]
fn a_deleted_customer_cancels_its_schedules() {
    let api = sandbox("sched-customer");
    let (made, prices) = two_weeks(&api, &[]);
    let customer = text(&made, "customer");
    let later = [("customer", customer), ("start_date", "1990000000"), ("phases[0][items][0][price]", &prices[0])];
    let later = api.post(PATH, &later).ok();
    api.delete(&format!("/v1/customers/{customer}")).ok();
    for one in [&made, &later] {
        assert_eq!(text(&the_schedule(&api, one), "status"), "canceled");
    }
}

#[test]
fn a_loaded_schedule_goes_on() {
    let api = sandbox("sched-dump");
    let (made, prices) = two_weeks(&api, &[]);
    let read = |path: &str| api.get(path, &[]).ok();
    let customer = read(&format!("/v1/customers/{}", text(&made, "customer")));
    let card = text(&customer["invoice_settings"], "default_payment_method");
    let [first, second] = [&prices[0], &prices[1]].map(|price| read(&format!("/v1/prices/{price}")));
    let products = [&first, &second].map(|price| read(&format!("/v1/products/{}", text(price, "product"))));
    let card = read(&format!("/v1/payment_methods/{card}"));
    let mut subscription = managed(&api, &made);
    subscription["latest_invoice"] = json!(null);
    let objects = json!([customer, card, products[0], products[1], first, second, subscription, made]);
    let copy = sandbox("sched-dump-copy");
    let target = format!("/_pinstripe/fixtures?sandbox={}", copy.sandbox());
    copy.send("POST", &target, Some(("application/json", objects.to_string().as_bytes()))).ok();
    let loaded = the_schedule(&copy, &made);
    assert_eq!(loaded["phases"], made["phases"]);
    copy.advance(8 * DAY);
    let now = the_schedule(&copy, &made);
    assert_eq!(now["current_phase"]["start_date"], made["phases"][1]["start_date"]);
    assert_eq!(rows(&managed(&copy, &made)["items"])[0]["price"]["id"], json!(prices[1]));
}

#[test]
fn events_of_ones_own_schedule_can_be_triggered() {
    let api = sandbox("sched-trigger");
    let trigger = |event: &str, schedule: &str| {
        let target = format!("/_pinstripe/trigger?sandbox={}&event={event}&id={schedule}", api.sandbox());
        api.send("POST", &target, None).ok();
        assert_eq!(told(&api, event), 1, "{event}");
    };
    let later = [
        ("customer", &*payer(&api)),
        ("start_date", "1990000000"),
        ("phases[0][items][0][price]", &price(&api, "5", "week", &[])),
    ];
    let later = id(&api.post(PATH, &later).ok());
    let target =
        format!("/_pinstripe/trigger?sandbox={}&event=subscription_schedule.expiring&id={later}", api.sandbox());
    let refused = api.send("POST", &target, None);
    assert!(refused.text.contains("The subscription schedule is not in the `active` status."), "{}", refused.text);
    for event in ["completed", "expiring", "aborted", "updated", "released", "canceled"] {
        let price = price(&api, "1000", "month", &[]);
        let params = [("customer", &*payer(&api)), ("phases[0][items][0][price]", &price)];
        let made = api.post(PATH, &params).ok();
        trigger(&format!("subscription_schedule.{event}"), text(&made, "id"));
    }
}
