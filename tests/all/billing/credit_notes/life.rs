//! Making, changing, listing and voiding credit notes.

use serde_json::json;

use super::super::invoices::{event_count, events_since, the_invoice};
use super::{act, credit, open, paid, the_note};
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, int, invalid, missing, rows, says, text, the_intent};

#[test]
fn a_note_of_an_open_invoice_takes_off_what_is_to_be_paid() {
    let api = sandbox("cn-open");
    let invoice = open(&api, "20000", &[]);
    let before = event_count(&api);
    let note = credit(&api, &invoice, &[("amount", "5000"), ("memo", "Sorry"), ("reason", "order_change")]).ok();
    assert_eq!(events_since(&api, before), ["invoice.updated", "credit_note.created"]);
    let billed = the_invoice(&api, &invoice);
    let number = text(&billed, "number").to_owned();
    let lines = note["lines"].clone();
    let mut shown = note.clone();
    shown.as_object_mut().unwrap().remove("lines");
    assert_eq!(
        shown,
        json!({
            "id": note["id"], "object": "credit_note", "amount": 5000, "amount_shipping": 0, "created": note["created"],
            "currency": "usd", "customer": billed["customer"], "customer_account": null,
            "customer_balance_transaction": null, "discount_amount": 0, "discount_amounts": [],
            "effective_at": note["created"], "invoice": invoice, "livemode": false, "memo": "Sorry", "metadata": {},
            "number": format!("{number}-CN-01"), "out_of_band_amount": null, "pdf": note["pdf"],
            "post_payment_amount": 0, "pre_payment_amount": 5000, "pretax_credit_amounts": [],
            "reason": "order_change", "refunds": [], "shipping_cost": null, "status": "issued", "subtotal": 5000,
            "subtotal_excluding_tax": 5000, "total": 5000, "total_excluding_tax": 5000, "total_taxes": [],
            "type": "pre_payment", "voided_at": null,
        })
    );
    assert!(text(&note, "id").starts_with("cn_1"), "{note}");
    let pdf = format!("/credit_notes/{}/pdf", id(&note));
    assert!(text(&note, "pdf").contains(&pdf), "{note}");
    assert_eq!(lines["url"], format!("/v1/credit_notes/{}/lines", id(&note)));
    assert!(lines.get("total_count").is_none(), "{lines}");
    assert_eq!((int(&billed, "amount_due"), int(&billed, "amount_remaining")), (15000, 15000));
    assert_eq!((int(&billed, "pre_payment_credit_notes_amount"), int(&billed, "total")), (5000, 20000));
    // What is paid is what is left.
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    assert_eq!(int(&payment, "amount_requested"), 15000);
    assert_eq!(int(&the_intent(&api, text(&payment["payment"], "payment_intent")), "amount"), 15000);
    let done = act(&api, &invoice, "pay", &[]).ok();
    assert_eq!((text(&done, "status"), int(&done, "amount_paid")), ("paid", 15000));
    let second = credit(&api, &invoice, &[("amount", "100"), ("out_of_band_amount", "100")]).ok();
    assert_eq!(text(&second, "number"), format!("{number}-CN-02"));
}

#[test]
fn an_open_invoice_of_which_all_is_credited_is_paid() {
    let api = sandbox("cn-all");
    let invoice = open(&api, "2000", &[]);
    let before = event_count(&api);
    credit(&api, &invoice, &[("amount", "2000")]).ok();
    let events = [
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "payment_intent.canceled",
        "credit_note.created",
    ];
    assert_eq!(events_since(&api, before), events);
    let billed = the_invoice(&api, &invoice);
    let amounts = ["amount_due", "amount_paid", "amount_remaining"].map(|key| int(&billed, key));
    assert_eq!((text(&billed, "status"), amounts), ("paid", [0, 0, 0]));
    assert!(int(&billed["status_transitions"], "paid_at") > 0);
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    assert_eq!(text(&payment, "status"), "canceled");
}

#[test]
fn a_void_note_counts_no_more() {
    let api = sandbox("cn-void");
    let invoice = open(&api, "2000", &[]);
    let note = id(&credit(&api, &invoice, &[("amount", "700")]).ok());
    let before = event_count(&api);
    let void = api.post(&format!("/v1/credit_notes/{note}/void"), &[]).ok();
    assert_eq!(events_since(&api, before), ["invoice.updated", "credit_note.voided"]);
    assert_eq!((text(&void, "status"), int(&void, "amount")), ("void", 700));
    assert!(int(&void, "voided_at") > 0);
    let billed = the_invoice(&api, &invoice);
    assert_eq!((int(&billed, "amount_due"), int(&billed, "pre_payment_credit_notes_amount")), (2000, 0));
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    assert_eq!(int(&the_intent(&api, text(&payment["payment"], "payment_intent")), "amount"), 2000);
    says(api.post(&format!("/v1/credit_notes/{note}/void"), &[]), 400, "This credit note is void already.");
    // Its number stays taken, and its amount is free again.
    let next = credit(&api, &invoice, &[("amount", "2000")]).ok();
    assert!(text(&next, "number").ends_with("-CN-02"), "{next}");
}

#[test]
fn only_a_note_of_an_open_invoice_is_voided() {
    let api = sandbox("cn-void-paid");
    let invoice = paid(&api, "2000", &[]);
    let note = id(&credit(&api, &invoice, &[("amount", "700"), ("credit_amount", "700")]).ok());
    let sentence = "You can only void a credit note if the associated invoice is open.";
    says(api.post(&format!("/v1/credit_notes/{note}/void"), &[]), 400, sentence);
    assert_eq!(text(&the_note(&api, &note), "status"), "issued");
    missing(api.post("/v1/credit_notes/cn_none/void", &[]), 404, "credit note", "cn_none", "id");
}

#[test]
fn memo_and_metadata_change_and_nothing_else() {
    let api = sandbox("cn-update");
    let note = id(&credit(&api, &open(&api, "2000", &[]), &[("amount", "700"), ("metadata[a]", "1")]).ok());
    let before = event_count(&api);
    let path = format!("/v1/credit_notes/{note}");
    let changed = api.post(&path, &[("memo", "New"), ("metadata[b]", "2")]).ok();
    assert_eq!(events_since(&api, before), ["credit_note.updated"]);
    assert_eq!((text(&changed, "memo"), &changed["metadata"]), ("New", &json!({"a": "1", "b": "2"})));
    let event = rows(&api.get("/v1/events", &[("type", "credit_note.updated")]).ok())[0].clone();
    assert_eq!(event["data"]["previous_attributes"], json!({"memo": null, "metadata": {"b": null}}));
    invalid(api.post(&path, &[("reason", "duplicate")]), 400, Some("parameter_unknown"), Some("reason"));
}

#[test]
fn notes_are_listed_by_invoice_and_customer() {
    let api = sandbox("cn-list");
    let (one, other) = (open(&api, "2000", &[]), open(&api, "3000", &[]));
    let first = credit(&api, &one, &[("amount", "1")]).ok();
    let (second, third) = (credit(&api, &one, &[("amount", "2")]).ok(), credit(&api, &other, &[("amount", "3")]).ok());
    let listed = |params: &[(&str, &str)]| ids(&api.get("/v1/credit_notes", params).ok());
    assert_eq!(listed(&[]), [id(&third), id(&second), id(&first)]);
    assert_eq!(listed(&[("invoice", &one)]), [id(&second), id(&first)]);
    assert_eq!(listed(&[("customer", text(&third, "customer"))]), [id(&third)]);
    let expanded = api.get(&format!("/v1/credit_notes/{}", id(&third)), &[("expand[]", "invoice")]).ok();
    assert_eq!(expanded["invoice"]["id"], other);
}

#[test]
fn the_date_on_a_note_may_be_another_than_that_of_its_creation() {
    let api = sandbox("cn-date");
    let invoice = open(&api, "2000", &[]);
    let note = credit(&api, &invoice, &[("amount", "1"), ("effective_at", "1900000000")]).ok();
    assert_eq!(int(&note, "effective_at"), 1_900_000_000);
    assert!(int(&note, "created") != 1_900_000_000);
}
