//! What comes for an invoice by itself (billing 3.3, 3.11, billing-2 5.1, 6.2, 12.4).

use serde_json::json;

use super::{PAID_AT_ONCE, act, event_count, events_since, payer, payer_with, the_invoice, with_line};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{attached, customer, int, text};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[test]
fn a_draft_is_charged_an_hour_after_it_was_made() {
    let api = sandbox("due-charged");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[("auto_advance", "true")]);
    api.advance(HOUR - 1);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "draft");
    let before = event_count(&api);
    api.advance(2);
    let paid = the_invoice(&api, &invoice);
    assert_eq!((text(&paid, "status"), int(&paid, "attempt_count")), ("paid", 1));
    assert_eq!(int(&paid["status_transitions"], "finalized_at") - int(&paid, "created"), HOUR + 1);
    assert_eq!(events_since(&api, before), PAID_AT_ONCE);
}

#[test]
fn an_invoice_that_is_sent_is_finalized_and_waits() {
    let api = sandbox("due-sent");
    let customer = payer(&api);
    let params = [("auto_advance", "true"), ("collection_method", "send_invoice"), ("days_until_due", "3")];
    let invoice = with_line(&api, &customer, "2000", &params);
    let before = event_count(&api);
    api.advance(HOUR + 1);
    assert_eq!(
        events_since(&api, before),
        ["payment_intent.created", "invoice.updated", "invoice.finalized", "invoice.sent"]
    );
    api.advance(30 * DAY);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "open");
}

fn failing(api: &Client, customer: &str) -> String {
    let invoice = with_line(api, customer, "2000", &[("auto_advance", "true")]);
    api.advance(HOUR + 1);
    invoice
}

#[test]
fn a_failed_payment_is_tried_again_three_times() {
    let api = sandbox("due-retries");
    let customer = payer_with(&api, "pm_card_chargeCustomerFail");
    let invoice = with_line(&api, &customer, "2000", &[("auto_advance", "true")]);
    let before = event_count(&api);
    api.advance(HOUR + 1);
    assert_eq!(
        events_since(&api, before),
        [
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.updated",
            "invoice.finalized",
            "invoice.updated",
            "invoice.payment_failed",
            "customer.updated",
        ]
    );
    let mut at = int(&the_invoice(&api, &invoice)["status_transitions"], "finalized_at");
    for (days, attempts) in [(3, 1), (5, 2), (7, 3)] {
        let shown = the_invoice(&api, &invoice);
        assert_eq!((int(&shown, "attempt_count"), int(&shown, "next_payment_attempt") - at), (attempts, days * DAY));
        let before = event_count(&api);
        api.advance(days * DAY);
        at = int(&shown, "next_payment_attempt");
        assert_eq!(
            events_since(&api, before),
            [
                "charge.failed",
                "payment_intent.payment_failed",
                "invoice.updated",
                "invoice.updated",
                "invoice.payment_failed",
            ]
        );
    }
    let last = the_invoice(&api, &invoice);
    assert_eq!((int(&last, "attempt_count"), &last["next_payment_attempt"]), (4, &json!(null)));
    assert_eq!(text(&last, "status"), "open");
}

#[test]
fn a_new_default_method_pays_the_next_attempt() {
    let api = sandbox("due-recovers");
    let customer = payer_with(&api, "pm_card_chargeCustomerFail");
    let invoice = failing(&api, &customer);
    let good = attached(&api, "pm_card_visa", &customer);
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &good)]).ok();
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "open");
    api.advance(3 * DAY);
    let paid = the_invoice(&api, &invoice);
    assert_eq!((text(&paid, "status"), int(&paid, "attempt_count")), ("paid", 2));
    assert_eq!(api.get(&path, &[]).ok()["delinquent"], false);
}

#[test]
fn a_card_that_was_refused_for_good_is_not_charged_again() {
    let api = sandbox("due-hard");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[("auto_advance", "true")]);
    let fault = json!({"effect": {"decline": "lost_card"}, "times": 1}).to_string();
    api.send("POST", "/_pinstripe/faults?sandbox=due-hard", Some(("application/json", fault.as_bytes()))).ok();
    act(&api, &invoice, "pay", &[]).refused(402);
    let before = event_count(&api);
    api.advance(3 * DAY);
    assert_eq!(events_since(&api, before), ["invoice.updated", "invoice.updated", "invoice.payment_failed"]);
    let shown = the_invoice(&api, &invoice);
    assert_eq!((text(&shown, "status"), int(&shown, "attempt_count")), ("open", 2));
    let good = attached(&api, "pm_card_mastercard", &customer);
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &good)]).ok();
    api.advance(5 * DAY);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "paid");
}

#[test]
fn without_a_method_one_attempt_counts_and_nothing_is_charged() {
    let api = sandbox("due-no-method");
    let customer = customer(&api, &[("email", "a@example.com")]);
    let invoice = with_line(&api, &customer, "2000", &[("auto_advance", "true")]);
    let before = event_count(&api);
    api.advance(HOUR + 1);
    assert_eq!(
        events_since(&api, before),
        [
            "payment_intent.created",
            "invoice.updated",
            "invoice.finalized",
            "invoice.updated",
            "invoice.payment_failed",
            "customer.updated",
        ]
    );
    // There is no second one (docs: nothing is retried while no payment method is available).
    api.advance(30 * DAY);
    let shown = the_invoice(&api, &invoice);
    assert_eq!((int(&shown, "attempt_count"), text(&shown, "status")), (1, "open"));
    assert_eq!(shown["next_payment_attempt"], json!(null));
    // The call for who cannot wait.
    assert_eq!(act(&api, &invoice, "pay", &[]).status, 400);
}

#[test]
fn what_is_due_soon_and_what_is_overdue_is_told_where_the_settings_say_so() {
    let api = sandbox("due-notices");
    let customer = payer(&api);
    let sent = |days: &str| {
        let params = [("collection_method", "send_invoice"), ("days_until_due", days)];
        let invoice = with_line(&api, &customer, "2000", &params);
        act(&api, &invoice, "finalize", &[]).ok();
        invoice
    };
    sent("5");
    for (name, value) in [("will_be_due_days", "2"), ("overdue_invoices", "true")] {
        let target = format!("/_pinstripe/settings?sandbox=due-notices&name={name}&value={value}");
        api.send("POST", &target, None).ok();
    }
    let told = sent("10");
    let before = event_count(&api);
    api.advance(8 * DAY);
    assert_eq!(events_since(&api, before), ["invoice.will_be_due"]);
    api.advance(2 * DAY);
    assert_eq!(events_since(&api, before), ["invoice.will_be_due", "invoice.overdue"]);
    assert_eq!(text(&the_invoice(&api, &told), "status"), "open");
}

#[test]
fn after_the_last_attempt_an_invoice_may_be_written_off() {
    let api = sandbox("due-written-off");
    for (name, value) in [("write_off_unpaid_invoices", "true"), ("first_retry_days", "0")] {
        let target = format!("/_pinstripe/settings?sandbox=due-written-off&name={name}&value={value}");
        api.send("POST", &target, None).ok();
    }
    let customer = payer_with(&api, "pm_card_chargeCustomerFail");
    let invoice = failing(&api, &customer);
    let written = the_invoice(&api, &invoice);
    assert_eq!(text(&written, "status"), "uncollectible");
    assert_eq!(written["status_details"]["uncollectible"]["reason"], "max_payment_attempts");
}
