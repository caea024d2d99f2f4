//! What older versions show of credit notes (billing-2 14.2).

use serde_json::json;

use super::super::invoices::BASIL_BEFORE;
use super::{credit, paid, rate};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, invalid, rows, text};

#[test]
fn before_basil_a_note_shows_its_refund_and_the_amounts_of_taxes() {
    let api = sandbox("cn-older");
    let rate = rate(&api, "25", "true");
    let invoice = paid(&api, "2000", &[("default_tax_rates[0]", &rate)]);
    let note = credit(&api, &invoice, &[("amount", "500"), ("refund_amount", "500")]).ok();
    let refund = note["refunds"][0]["refund"].clone();
    assert!(note.get("refund").is_none() && note.get("tax_amounts").is_none(), "{note}");
    let path = format!("/v1/credit_notes/{}", id(&note));
    for version in ["2020-08-27", "2022-11-15", BASIL_BEFORE] {
        let older = api.version(version).get(&path, &[]).ok();
        assert_eq!((&older["refund"], &older["refunds"]), (&refund, &note["refunds"]));
        let tax = &older["tax_amounts"][0];
        assert_eq!((int(tax, "amount"), &tax["inclusive"], &tax["tax_rate"]), (100, &json!(true), &json!(rate)));
        let line = &rows(&older["lines"])[0];
        assert_eq!((int(line, "amount_excluding_tax"), &line["tax_amounts"]), (400, &older["tax_amounts"]));
    }
    let expanded = api.version(BASIL_BEFORE).get(&path, &[("expand[]", "refund")]).ok();
    assert_eq!(text(&expanded["refund"], "object"), "refund");
}

#[test]
fn before_basil_a_note_names_one_refund() {
    let api = sandbox("cn-older-refund");
    let invoice = paid(&api, "2000", &[]);
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    let intent = text(&payment["payment"], "payment_intent").to_owned();
    let refund = id(&api.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "500")]).ok());
    let params = [("invoice", invoice.as_str()), ("amount", "500"), ("refund", &refund)];
    invalid(api.post("/v1/credit_notes", &params), 400, Some("parameter_unknown"), Some("refund"));
    let made = api.version(BASIL_BEFORE).post("/v1/credit_notes", &params).ok();
    assert_eq!((text(&made, "refund"), int(&made["refunds"][0], "amount_refunded")), (refund.as_str(), 500));
}
