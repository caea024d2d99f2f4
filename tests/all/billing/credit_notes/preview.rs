//! Previews of credit notes (billing 5.4).

use serde_json::{Value, json};

use super::super::invoices::{event_count, events_since, the_invoice};
use super::{credit, first_line, paid};
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, rows, text};

/// What a preview and the note that follows have in common: all but ids.
pub(super) fn essence(note: &Value) -> Value {
    let without = |value: &Value| {
        let gone = ["id", "created", "effective_at", "pdf", "lines", "customer_balance_transaction", "refunds", "url"];
        let kept = value.as_object().unwrap().iter().filter(|(key, _)| !gone.contains(&key.as_str()));
        Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    let refunds = note["refunds"].as_array().unwrap().iter().map(|refund| refund["amount_refunded"].clone());
    json!([without(note), rows(&note["lines"]).iter().map(without).collect::<Vec<_>>(), refunds.collect::<Vec<_>>()])
}

#[test]
fn a_preview_shows_the_note_and_stores_nothing() {
    let api = sandbox("cn-preview");
    let invoice = paid(&api, "2000", &[]);
    let line = first_line(&api, &invoice);
    let params = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", line.as_str()),
        ("lines[0][amount]", "900"),
        ("refund_amount", "400"),
        ("credit_amount", "500"),
    ];
    let (before, billed) = (event_count(&api), the_invoice(&api, &invoice));
    let previewed = [&[("invoice", invoice.as_str())], &params[..]].concat();
    let shown = api.get("/v1/credit_notes/preview", &previewed).ok();
    let lines = api.get("/v1/credit_notes/preview/lines", &previewed).ok();
    assert_eq!(rows(&lines).len(), 1);
    assert_eq!(text(&rows(&lines)[0], "invoice_line_item"), line);
    assert_eq!(events_since(&api, before), [""; 0]);
    assert_eq!(the_invoice(&api, &invoice), billed);
    assert!(ids(&api.get("/v1/credit_notes", &[]).ok()).is_empty());
    assert_eq!(api.get(&format!("/v1/credit_notes/{}", id(&shown)), &[]).status, 404);
    let made = credit(&api, &invoice, &params).ok();
    assert_eq!(essence(&shown), essence(&made));
}
