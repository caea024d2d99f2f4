//! What becomes of a subscription that is not paid (billing-2 4.1, 6, 12.4).

use serde_json::json;

use super::{DAY, latest, price, set, subscribe, switch_card, the_subscription};
use crate::billing::invoices::{act as on_invoice, event_count, events_since, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, text, the_customer};
use serde_json::Value;

/// A subscription whose first renewal was declined, with its customer.
fn failed(api: &Client) -> (String, Value) {
    set(api, "upcoming_days", "0");
    let (customer, price) = (payer(api), price(api, "1000", "week", &[]));
    let made = subscribe(api, &customer, &price, &[]).ok();
    switch_card(api, &customer, "pm_card_chargeCustomerFail");
    api.advance(7 * DAY + 3700);
    (customer, the_subscription(api, &made))
}

#[test]
fn a_renewal_that_fails_makes_a_subscription_past_due() {
    let api = sandbox("sub-fail");
    set(&api, "upcoming_days", "0");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    api.advance(7 * DAY + 60);
    let since = event_count(&api);
    api.advance(3600);
    assert_eq!(
        events_since(&api, since),
        [
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.updated",
            "invoice.finalized",
            "invoice.updated",
            "invoice.payment_failed",
            "customer.subscription.updated",
            "customer.updated"
        ]
    );
    let now = the_subscription(&api, &made);
    let invoice = latest(&api, &now);
    assert_eq!((text(&now, "status"), text(&invoice, "status")), ("past_due", "open"));
    assert_eq!(the_customer(&api, &customer)["delinquent"], true);
    let since = event_count(&api);
    api.advance(3 * DAY);
    let retry = [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.updated",
        "invoice.payment_failed",
    ];
    assert_eq!(events_since(&api, since), retry);
    assert_eq!(int(&latest(&api, &now), "attempt_count"), 2);
}

#[test]
fn a_retry_that_pays_makes_it_active_again() {
    let api = sandbox("sub-recover");
    let (customer, made) = failed(&api);
    switch_card(&api, &customer, "pm_card_visa");
    let since = event_count(&api);
    api.advance(3 * DAY);
    assert_eq!(
        events_since(&api, since),
        [
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
            "customer.updated",
            "invoice_payment.paid"
        ]
    );
    assert_eq!(text(&the_subscription(&api, &made), "status"), "active");
    assert_eq!(the_customer(&api, &customer)["delinquent"], false);
}

#[test]
fn after_the_last_retry_the_setting_decides() {
    for (choice, status, reason) in [
        ("cancel", "canceled", json!("payment_failed")),
        ("unpaid", "unpaid", json!(null)),
        ("past_due", "past_due", json!(null)),
    ] {
        let api = sandbox(&format!("sub-last-{}", choice.replace('_', "-")));
        set(&api, "after_last_retry", choice);
        set(&api, "second_retry_days", "0");
        let (_, made) = failed(&api);
        assert_eq!(text(&made, "status"), "past_due");
        api.advance(3 * DAY);
        let now = the_subscription(&api, &made);
        assert_eq!((text(&now, "status"), &now["cancellation_details"]["reason"]), (status, &reason));
        let invoice = latest(&api, &made);
        assert_eq!((text(&invoice, "status"), &invoice["auto_advance"]), ("open", &json!(choice != "cancel")));
    }
}

#[test]
fn what_is_unpaid_makes_drafts_and_is_active_once_the_newest_invoice_is_paid() {
    let api = sandbox("sub-unpaid");
    set(&api, "after_last_retry", "unpaid");
    set(&api, "first_retry_days", "0");
    let (customer, made) = failed(&api);
    assert_eq!(text(&made, "status"), "unpaid");
    let owed = text(&made, "latest_invoice").to_owned();
    api.advance(7 * DAY);
    let draft = latest(&api, &the_subscription(&api, &made));
    assert_eq!((text(&draft, "status"), &draft["auto_advance"]), ("draft", &json!(false)));
    switch_card(&api, &customer, "pm_card_visa");
    on_invoice(&api, &owed, "pay", &[]).ok();
    assert_eq!(text(&the_subscription(&api, &made), "status"), "active");
}

#[test]
fn an_invoice_that_is_written_off_or_void_counts_no_more() {
    for verb in ["mark_uncollectible", "void"] {
        let api = sandbox(&format!("sub-{}", verb.replace('_', "-")));
        let (customer, made) = failed(&api);
        on_invoice(&api, text(&made, "latest_invoice"), verb, &[]).ok();
        assert_eq!(text(&the_subscription(&api, &made), "status"), "active", "{verb}");
        assert_eq!(the_customer(&api, &customer)["delinquent"], false);
    }
}

#[test]
fn invoices_that_are_written_off_after_the_last_retry_end_the_subscription_all_the_same() {
    let api = sandbox("sub-write-off");
    set(&api, "write_off_unpaid_invoices", "true");
    set(&api, "first_retry_days", "0");
    let (_, made) = failed(&api);
    assert_eq!((text(&made, "status"), text(&latest(&api, &made), "status")), ("canceled", "uncollectible"));
}

#[test]
fn a_first_payment_that_is_declined_leaves_it_incomplete_for_23_hours() {
    let api = sandbox("sub-incomplete");
    let price = price(&api, "1000", "month", &[]);
    let customer = crate::billing::invoices::payer_with(&api, "pm_card_chargeCustomerFail");
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let invoice = latest(&api, &made);
    assert_eq!(text(&made, "status"), "incomplete");
    let shown = ["status", "attempted", "attempt_count", "auto_advance", "next_payment_attempt"];
    assert_eq!(json!(shown.map(|key| &invoice[key])), json!(["open", true, 1, true, null]));
    assert_eq!(the_customer(&api, &customer)["delinquent"], false);
    let since = event_count(&api);
    api.advance(23 * 3600 + 60);
    let told = ["invoice.updated", "invoice.voided", "payment_intent.canceled", "customer.subscription.updated"];
    assert_eq!(events_since(&api, since), told);
    let now = the_subscription(&api, &made);
    assert_eq!(text(&now, "status"), "incomplete_expired");
    assert_eq!((&now["canceled_at"], &now["cancellation_details"]["reason"]), (&now["ended_at"], &json!(null)));
}

#[test]
fn an_incomplete_subscription_is_active_once_its_invoice_is_paid_and_expired_once_it_is_void() {
    let api = sandbox("sub-incomplete-ends");
    let price = price(&api, "1000", "month", &[]);
    let customer = crate::billing::invoices::payer_with(&api, "pm_card_chargeCustomerFail");
    let [paid, voided, deleted] = [(); 3].map(|()| subscribe(&api, &customer, &price, &[]).ok());
    switch_card(&api, &customer, "pm_card_visa");
    on_invoice(&api, text(&paid, "latest_invoice"), "pay", &[]).ok();
    on_invoice(&api, text(&voided, "latest_invoice"), "void", &[]).ok();
    api.delete(&format!("/v1/subscriptions/{}", id(&deleted))).ok();
    let statuses = [paid, voided, deleted].map(|made| text(&the_subscription(&api, &made), "status").to_owned());
    assert_eq!(statuses, ["active", "incomplete_expired", "incomplete_expired"]);
}

#[test]
fn a_customer_who_has_to_authenticate_makes_it_past_due_at_a_renewal() {
    let api = sandbox("sub-3ds-renewal");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    switch_card(&api, &customer, "pm_card_authenticationRequired");
    api.advance(7 * DAY + 3700);
    let now = the_subscription(&api, &made);
    assert_eq!((text(&now, "status"), text(&latest(&api, &now), "status")), ("past_due", "open"));
}

#[test]
fn a_customer_is_as_delinquent_as_what_happened_last() {
    let api = sandbox("sub-delinquent");
    set(&api, "after_last_retry", "past_due");
    let (customer, made) = failed(&api);
    api.advance(7 * DAY);
    let delinquent = || the_customer(&api, &customer)["delinquent"].clone();
    assert_eq!(delinquent(), true);
    let open = api.get("/v1/invoices", &[("customer", &customer), ("status", "open")]).ok();
    assert_eq!(crate::support::flows::rows(&open).len(), 2);
    switch_card(&api, &customer, "pm_card_visa");
    on_invoice(&api, text(&latest(&api, &the_subscription(&api, &made)), "id"), "pay", &[]).ok();
    assert_eq!(delinquent(), false, "paying any invoice resets it");
}

#[test]
fn a_renewal_that_the_bank_asks_about_goes_on_counting_until_the_end() {
    let api = sandbox("sub-fail-action");
    set(&api, "upcoming_days", "0");
    let (customer, price) = (payer(&api), price(&api, "1000", "year", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    switch_card(&api, &customer, "pm_card_authenticationRequired");
    api.advance(365 * DAY + 3700);
    let asked = the_subscription(&api, &made);
    let invoice = latest(&api, &asked);
    assert_eq!((text(&asked, "status"), int(&invoice, "attempt_count")), ("past_due", 1));
    let retry = int(&invoice, "next_payment_attempt");
    assert!((2 * DAY..4 * DAY).contains(&(retry - int(&invoice, "created"))), "{invoice}");
    let since = event_count(&api);
    api.advance(3 * DAY);
    let retry = ["invoice.updated", "invoice.updated", "invoice.payment_failed", "customer.updated"];
    assert_eq!(events_since(&api, since), retry);
    assert_eq!(the_customer(&api, &customer)["delinquent"], true);
    api.advance(12 * DAY + 60);
    let ended = the_subscription(&api, &made);
    assert_eq!(
        (text(&ended, "status"), &ended["cancellation_details"]["reason"]),
        ("canceled", &json!("payment_failed"))
    );
}

#[test]
fn another_card_pays_a_renewal_that_the_bank_asked_about() {
    let api = sandbox("sub-fail-action-paid");
    let (customer, price) = (payer(&api), price(&api, "1000", "year", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    switch_card(&api, &customer, "pm_card_authenticationRequired");
    api.advance(365 * DAY + 3700);
    switch_card(&api, &customer, "pm_card_visa");
    api.advance(3 * DAY);
    assert_eq!(text(&the_subscription(&api, &made), "status"), "active");
}
