//! Sending, voiding and writing off (billing 3.2, 3.9, billing-2 5.7, 12.5).

use serde_json::json;

use super::{act, event_count, events_since, payer, the_invoice, with_line};
use crate::support::client::sandbox;
use crate::support::flows::{customer, int, rows, says, text, the_intent};

#[test]
fn a_void_invoice_takes_its_intent_along_and_gives_the_balance_back() {
    let api = sandbox("inv-void");
    let customer = payer(&api);
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("balance", "-500")]).ok();
    let invoice = with_line(&api, &customer, "2000", &[]);
    says(act(&api, &invoice, "void", &[]), 400, "You can only pass in open invoices. This invoice isn't open.");
    act(&api, &invoice, "finalize", &[]).ok();
    assert_eq!(int(&api.get(&path, &[]).ok(), "balance"), 0);
    let before = event_count(&api);
    let void = act(&api, &invoice, "void", &[]).ok();
    assert_eq!(
        events_since(&api, before),
        ["customer.updated", "invoice.updated", "invoice.voided", "payment_intent.canceled"]
    );
    assert_eq!((text(&void, "status"), int(&void, "amount_due"), int(&void, "amount_remaining")), ("void", 1500, 1500));
    assert!(int(&void["status_transitions"], "voided_at") > 0);
    assert_eq!(int(&api.get(&path, &[]).ok(), "balance"), -500);
    let row = &rows(&api.get(&format!("{path}/balance_transactions"), &[]).ok())[0].clone();
    assert_eq!((text(row, "type"), int(row, "amount")), ("unapplied_from_invoice", -500));
    let payment = &rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    assert_eq!(text(payment, "status"), "canceled");
    let intent = the_intent(&api, text(&payment["payment"], "payment_intent"));
    assert_eq!((text(&intent, "status"), text(&intent, "cancellation_reason")), ("canceled", "void_invoice"));
    says(act(&api, &invoice, "void", &[]), 400, "You can only pass in open invoices. This invoice isn't open.");
    assert_eq!(act(&api, &invoice, "pay", &[]).status, 400);
}

#[test]
fn a_paid_invoice_is_not_voided() {
    let api = sandbox("inv-void-paid");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "pay", &[]).ok();
    says(act(&api, &invoice, "void", &[]), 400, "Invoices with `paid` payments cannot be voided.");
    let open = "You can only pass in open invoices. This invoice isn't open.";
    says(act(&api, &invoice, "mark_uncollectible", &[]), 400, open);
    says(
        act(&api, &invoice, "send", &[]),
        400,
        "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, so we can help.",
    );
}

#[test]
fn an_invoice_that_is_written_off_may_still_be_paid_or_voided() {
    let api = sandbox("inv-written-off");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    let before = event_count(&api);
    let written = act(&api, &invoice, "mark_uncollectible", &[]).ok();
    assert_eq!(events_since(&api, before), ["invoice.updated", "invoice.marked_uncollectible"]);
    assert_eq!((text(&written, "status"), int(&written, "amount_due")), ("uncollectible", 2000));
    assert_eq!(written["status_details"]["uncollectible"]["reason"], "user_forgiven");
    says(act(&api, &invoice, "mark_uncollectible", &[]), 400, "This invoice has already been marked uncollectible.");
    assert_eq!(text(&act(&api, &invoice, "pay", &[]).ok(), "status"), "paid");
    let other = with_line(&api, &customer, "2000", &[]);
    act(&api, &other, "finalize", &[]).ok();
    act(&api, &other, "mark_uncollectible", &[]).ok();
    assert_eq!(text(&act(&api, &other, "void", &[]).ok(), "status"), "void");
}

#[test]
fn sending_finalizes_a_draft() {
    let api = sandbox("inv-send");
    let customer_of = payer(&api);
    let invoice =
        with_line(&api, &customer_of, "2000", &[("collection_method", "send_invoice"), ("days_until_due", "3")]);
    let before = event_count(&api);
    let sent = act(&api, &invoice, "send", &[]).ok();
    assert_eq!(
        events_since(&api, before),
        ["payment_intent.created", "invoice.updated", "invoice.finalized", "invoice.sent"]
    );
    assert_eq!((text(&sent, "status"), &sent["next_payment_attempt"]), ("open", &json!(null)));
    let again = event_count(&api);
    assert_eq!(act(&api, &invoice, "send", &[]).ok(), sent);
    assert_eq!(events_since(&api, again), ["invoice.sent"]);
    // Paying charges the default method all the same.
    assert_eq!(text(&act(&api, &invoice, "pay", &[]).ok(), "status"), "paid");
    let nameless = customer(&api, &[]);
    let invoice = with_line(&api, &nameless, "2000", &[]);
    assert_eq!(act(&api, &invoice, "send", &[]).status, 400);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "draft");
}
