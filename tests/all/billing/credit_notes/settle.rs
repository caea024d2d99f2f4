//! What becomes of the amount of a credit note.

use serde_json::{Value, json};

use super::super::invoices::{event_count, events_since, the_invoice};
use super::{act, credit, kind, open, paid, payer, the_note, with_line};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, invalid, rows, says, text};

fn charge_of(api: &Client, invoice: &str) -> Value {
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", invoice)]).ok())[0].clone();
    let intent = api.get(&format!("/v1/payment_intents/{}", text(&payment["payment"], "payment_intent")), &[]).ok();
    api.get(&format!("/v1/charges/{}", text(&intent, "latest_charge")), &[]).ok()
}

#[test]
fn what_was_paid_is_given_back_in_three_ways() {
    let api = sandbox("cn-three");
    let invoice = paid(&api, "2000", &[]);
    let customer = text(&the_invoice(&api, &invoice), "customer").to_owned();
    let before = event_count(&api);
    let parts = [("amount", "600"), ("refund_amount", "100"), ("credit_amount", "200"), ("out_of_band_amount", "300")];
    let note = credit(&api, &invoice, &parts).ok();
    let events = events_since(&api, before);
    assert_eq!(
        events,
        ["refund.created", "charge.refunded", "invoice.updated", "customer.updated", "credit_note.created"]
    );
    assert_eq!(
        (kind(&note), int(&note, "post_payment_amount"), int(&note, "pre_payment_amount")),
        ("post_payment", 600, 0)
    );
    assert_eq!(int(&note, "out_of_band_amount"), 300);
    let charge = charge_of(&api, &invoice);
    assert_eq!(int(&charge, "amount_refunded"), 100);
    let refund = rows(&api.get("/v1/refunds", &[("charge", &id(&charge))]).ok())[0].clone();
    let row = json!({"amount_refunded": 100, "payment_record_refund": null, "refund": id(&refund), "type": "refund"});
    assert_eq!(note["refunds"], json!([row]));
    let change = text(&note, "customer_balance_transaction");
    let change = api.get(&format!("/v1/customers/{customer}/balance_transactions/{change}"), &[]).ok();
    assert_eq!(
        (text(&change, "type"), int(&change, "amount"), text(&change, "credit_note")),
        ("credit_note", -200, id(&note).as_str())
    );
    assert_eq!(int(&api.get(&format!("/v1/customers/{customer}"), &[]).ok(), "balance"), -200);
    let billed = the_invoice(&api, &invoice);
    assert_eq!((int(&billed, "post_payment_credit_notes_amount"), int(&billed, "amount_paid")), (600, 2000));
    // The next invoice uses what the customer got.
    let next = with_line(&api, &customer, "500", &[]);
    assert_eq!(int(&act(&api, &next, "finalize", &[]).ok(), "amount_due"), 300);
    // In the preview of the lines the same parts have to add up.
    let preview = [&[("invoice", invoice.as_str())], &parts[..3]].concat();
    assert_eq!(api.get("/v1/credit_notes/preview/lines", &preview).status, 400);
}

#[test]
fn the_parts_add_up_to_what_was_paid() {
    let api = sandbox("cn-sum");
    let customer = payer(&api);
    api.post("/v1/invoiceitems", &[("customer", &customer), ("amount", "2000"), ("currency", "gbp")]).ok();
    let include = [("pending_invoice_items_behavior", "include"), ("currency", "gbp")];
    let invoice = id(&super::draft(&api, &customer, &include));
    act(&api, &invoice, "pay", &[]).ok();
    let before = event_count(&api);
    let sentence = "The sum of credit amount, refund amount and out of band amount (£1.00) must equal the credit note amount (£2.00).";
    says(credit(&api, &invoice, &[("amount", "200"), ("refund_amount", "100")]), 400, sentence);
    says(credit(&api, &invoice, &[("amount", "200"), ("out_of_band_amount", "100")]), 400, sentence);
    let none = sentence.replace("£1.00", "£0.00");
    says(credit(&api, &invoice, &[("amount", "200")]), 400, &none);
    assert_eq!(events_since(&api, before), [""; 0]);
    // Before this was asked for, the rest had been given back elsewhere.
    let oldest = api.version("2019-11-05");
    let note = oldest.post("/v1/credit_notes", &[("invoice", &invoice), ("amount", "200")]).ok();
    assert_eq!(int(&note, "out_of_band_amount"), 200);
}

#[test]
fn of_an_invoice_that_is_open_nothing_is_given_back() {
    let api = sandbox("cn-nothing-back");
    let invoice = open(&api, "2000", &[]);
    let sentence = "The sum of credit amount, refund amount and out of band amount ($1.00) must equal the credit note amount ($0.00).";
    says(credit(&api, &invoice, &[("amount", "200"), ("credit_amount", "100")]), 400, sentence);
}

#[test]
fn what_is_open_is_taken_off_first_and_the_rest_is_given_back() {
    let api = sandbox("cn-mixed");
    let invoice = open(&api, "2000", &[]);
    let customer = text(&the_invoice(&api, &invoice), "customer").to_owned();
    let intent = [
        ("amount", "800"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("confirm", "true"),
        ("payment_method_types[]", "card"),
    ];
    let card =
        text(&api.get(&format!("/v1/customers/{customer}"), &[]).ok()["invoice_settings"], "default_payment_method")
            .to_owned();
    let intent = id(&api.post("/v1/payment_intents", &[&intent[..], &[("payment_method", &card)]].concat()).ok());
    act(&api, &invoice, "attach_payment", &[("payment_intent", &intent)]).ok();
    assert_eq!(int(&the_invoice(&api, &invoice), "amount_remaining"), 1200);
    let note = credit(&api, &invoice, &[("amount", "1500"), ("refund_amount", "300")]).ok();
    assert_eq!(
        (kind(&note), int(&note, "pre_payment_amount"), int(&note, "post_payment_amount")),
        ("mixed", 1200, 300)
    );
    let billed = the_invoice(&api, &invoice);
    assert_eq!((text(&billed, "status"), int(&billed, "amount_paid")), ("paid", 800));
    let amounts = ["pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"];
    assert_eq!(amounts.map(|key| int(&billed, key)), [1200, 300]);
    let too_much = credit(&api, &invoice, &[("amount", "501"), ("refund_amount", "501")]);
    assert_eq!(too_much.status, 400, "{}", too_much.text);
    credit(&api, &invoice, &[("amount", "500"), ("refund_amount", "500")]).ok();
}

#[test]
fn a_refund_that_was_made_before_belongs_to_a_note() {
    let api = sandbox("cn-linked");
    let invoice = paid(&api, "2000", &[]);
    let refund = id(&api.post("/v1/refunds", &[("charge", &id(&charge_of(&api, &invoice))), ("amount", "700")]).ok());
    let linked = [("amount", "500"), ("refunds[0][refund]", refund.as_str()), ("refunds[0][amount_refunded]", "500")];
    let note = credit(&api, &invoice, &linked).ok();
    assert_eq!(
        (int(&note["refunds"][0], "amount_refunded"), text(&note["refunds"][0], "refund")),
        (500, refund.as_str())
    );
    assert_eq!(int(&charge_of(&api, &invoice), "amount_refunded"), 700);
    // Of the refund 200 are left, which are the default.
    invalid(
        credit(&api, &invoice, &linked),
        400,
        Some("parameter_invalid_integer"),
        Some("refunds[0][amount_refunded]"),
    );
    credit(&api, &invoice, &[("amount", "200"), ("refunds[0][refund]", &refund)]).ok();
    let expanded = [("expand[]", "refunds.refund")];
    let shown = api.get(&format!("/v1/credit_notes/{}", id(&note)), &expanded).ok();
    assert_eq!(text(&shown["refunds"][0]["refund"], "object"), "refund");
    let other = paid(&api, "900", &[]);
    let error = invalid(credit(&api, &other, &linked), 400, None, Some("refunds[0][refund]"));
    assert_eq!(
        text(&error, "message"),
        format!("The refund '{refund}' returns nothing that was paid for this invoice.")
    );
    let record = [
        ("amount", "1"),
        ("refunds[0][type]", "payment_record_refund"),
        ("refunds[0][payment_record_refund][payment_record]", "pr_1"),
        ("refunds[0][payment_record_refund][refund_group]", "a"),
    ];
    assert_eq!(credit(&api, &other, &record).status, 501);
}

#[test]
fn notes_and_refunds_never_come_to_more_than_the_invoice() {
    let api = sandbox("cn-limit");
    let invoice = paid(&api, "2000", &[]);
    api.post("/v1/refunds", &[("charge", &id(&charge_of(&api, &invoice))), ("amount", "700")]).ok();
    credit(&api, &invoice, &[("amount", "1000"), ("credit_amount", "1000")]).ok();
    let error = credit(&api, &invoice, &[("amount", "301"), ("credit_amount", "301")]);
    let sentence = "The credit note amount ($3.01) must not be more than what is left of the invoice after its credit notes and refunds ($3.00).";
    says(error, 400, sentence);
    credit(&api, &invoice, &[("amount", "300"), ("credit_amount", "300")]).ok();
}

#[test]
fn no_more_is_refunded_than_was_charged() {
    let api = sandbox("cn-refund-limit");
    let invoice = open(&api, "2000", &[]);
    act(&api, &invoice, "pay", &[("paid_out_of_band", "true")]).ok();
    let error =
        invalid(credit(&api, &invoice, &[("amount", "1"), ("refund_amount", "1")]), 400, None, Some("refund_amount"));
    assert_eq!(text(&error, "message"), "Of the payments of this invoice, $0.00 can be refunded.");
    let note = credit(&api, &invoice, &[("amount", "1"), ("out_of_band_amount", "1")]).ok();
    assert_eq!(text(&the_note(&api, &id(&note)), "type"), "post_payment");
}
