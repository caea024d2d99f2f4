//! Ends of subscriptions (billing 2.11, billing-2 4.6).

use serde_json::json;

use super::{DAY, cancel, change, latest, price, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, item, payer};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, text, with};

#[test]
fn a_subscription_is_canceled_at_once() {
    let api = sandbox("sub-cancel");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let since = event_count(&api);
    let canceled = cancel(&api, &made, &[("cancellation_details[feedback]", "too_expensive")]).ok();
    assert_eq!((text(&canceled, "status"), &canceled["canceled_at"]), ("canceled", &canceled["ended_at"]));
    let details = &canceled["cancellation_details"];
    assert_eq!((text(details, "reason"), text(details, "feedback")), ("cancellation_requested", "too_expensive"));
    assert_eq!(events_since(&api, since), ["customer.subscription.deleted"]);
}

#[test]
fn at_the_end_of_the_period_it_is_canceled_and_not_renewed() {
    let api = sandbox("sub-period-end");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let end = int(&made, "created") + 7 * DAY;
    let asked = change(&api, &made, &[("cancel_at_period_end", "true")]).ok();
    assert_eq!((int(&asked, "cancel_at"), text(&asked, "status")), (end, "active"));
    let told = super::newest_event(&api, "customer.subscription.updated")["data"]["previous_attributes"].clone();
    let before = json!({"cancel_at": null, "cancel_at_period_end": false, "canceled_at": null, "cancellation_details": {"reason": null}});
    assert_eq!(told, before);
    let back = change(&api, &made, &[("cancel_at_period_end", "false")]).ok();
    assert_eq!(
        json!([back["cancel_at"], back["canceled_at"], back["cancellation_details"]["reason"]]),
        json!([null, null, null])
    );
    change(&api, &made, &[("cancel_at_period_end", "true"), ("cancellation_details[comment]", "bye")]).ok();
    api.advance(4 * DAY);
    let since = event_count(&api);
    api.advance(3 * DAY + 60);
    assert_eq!(events_since(&api, since), ["customer.subscription.deleted"]);
    let now = the_subscription(&api, &made);
    assert_eq!(
        (text(&now, "status"), int(&now, "ended_at"), &now["latest_invoice"]),
        ("canceled", end, &made["latest_invoice"])
    );
    assert_eq!((&now["cancel_at_period_end"], text(&now["cancellation_details"], "comment")), (&json!(true), "bye"));
}

#[test]
fn an_end_may_have_a_time_or_that_of_a_period() {
    let api = sandbox("sub-cancel-at");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[("cancel_at", "min_period_end")]).ok();
    let created = int(&made, "created");
    assert_eq!((int(&made, "cancel_at"), &made["cancel_at_period_end"]), (created + 7 * DAY, &json!(false)));
    let late = (created + 10 * DAY + DAY / 2).to_string();
    change(&api, &made, &[("cancel_at", &late)]).ok();
    api.advance(7 * DAY + 2 * 3600);
    let now = the_subscription(&api, &made);
    // Half of the second week.
    assert_eq!(int(&latest(&api, &now), "total"), 500);
    api.advance(4 * DAY);
    assert_eq!(
        (text(&the_subscription(&api, &made), "status"), int(&now, "cancel_at")),
        ("canceled", created + 10 * DAY + DAY / 2)
    );
    let short = (created + 15 * DAY).to_string();
    let cut = subscribe(&api, &customer, &price, &[("cancel_at", &short)]).ok();
    assert!((int(&latest(&api, &cut), "total") - 500).abs() < 80);
    let max = subscribe(&api, &customer, &price, &[("cancel_at", "max_period_end")]).ok();
    assert_eq!(change(&api, &max, &[("cancel_at", "")]).ok()["cancel_at"], json!(null));
    let flagged = subscribe(&api, &customer, &price, &[("cancel_at_period_end", "true")]).ok();
    assert_eq!(flagged["cancel_at_period_end"], true);
}

#[test]
fn what_is_pending_at_the_end_is_billed_when_it_is_asked_for() {
    let api = sandbox("sub-invoice-now");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let own = [("customer", customer.as_str()), ("amount", "300"), ("currency", "usd"), ("subscription", &id(&made))];
    api.post("/v1/invoiceitems", &with(&own, &[])).ok();
    item(&api, &customer, "40");
    let canceled = cancel(&api, &made, &[("invoice_now", "true")]).ok();
    let draft = latest(&api, &canceled);
    let shown = ["status", "billing_reason", "auto_advance", "total"];
    assert_eq!(json!(shown.map(|key| &draft[key])), json!(["draft", "subscription_cycle", true, 340]));
    api.advance(3700);
    assert_eq!(text(&latest(&api, &canceled), "status"), "paid");
}

#[test]
fn the_subscriptions_of_a_deleted_customer_end() {
    let api = sandbox("sub-customer-gone");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    api.delete(&format!("/v1/customers/{customer}")).ok();
    assert_eq!(text(&the_subscription(&api, &made), "status"), "canceled");
}

#[test]
fn the_subscriptions_of_a_deleted_clock_end() {
    let api = sandbox("sub-clock-gone");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1800000000")]).ok());
    let customer = id(&api.post("/v1/customers", &[("test_clock", &clock)]).ok());
    let price = price(&api, "1000", "month", &[]);
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "9")]).ok();
    assert_eq!((int(&made, "created"), text(&made, "test_clock")), (1_800_000_000, clock.as_str()));
    api.delete(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
    assert_eq!(text(&the_subscription(&api, &made), "status"), "canceled");
}
