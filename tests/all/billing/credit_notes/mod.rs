//! Credit notes (billing 5.4, billing-2 11.1, 12.5, 13.5).

mod life;
mod lines;
mod older;
mod pdf;
mod preview;
mod property;
mod refusals;
mod settle;

use serde_json::Value;

use super::invoices::{act, draft, item, payer, with_line};
use crate::support::client::{Answer, Client};
use crate::support::flows::{Params, id, rows, text, with};

/// A finalized invoice with one line.
fn open(api: &Client, amount: &str, params: Params<'_>) -> String {
    let invoice = with_line(api, &payer(api), amount, params);
    act(api, &invoice, "finalize", &[]).ok();
    invoice
}

/// The same, paid by card.
fn paid(api: &Client, amount: &str, params: Params<'_>) -> String {
    let invoice = open(api, amount, params);
    act(api, &invoice, "pay", &[]).ok();
    invoice
}

fn credit(api: &Client, invoice: &str, params: Params<'_>) -> Answer {
    api.post("/v1/credit_notes", &with(&[("invoice", invoice)], params))
}

fn the_note(api: &Client, note: &str) -> Value {
    api.get(&format!("/v1/credit_notes/{note}"), &[]).ok()
}

/// The id of the first line of an invoice.
fn first_line(api: &Client, invoice: &str) -> String {
    id(&rows(&api.get(&format!("/v1/invoices/{invoice}/lines"), &[]).ok())[0])
}

fn rate(api: &Client, percentage: &str, inclusive: &str) -> String {
    let params = [("display_name", "VAT"), ("percentage", percentage), ("inclusive", inclusive)];
    id(&api.post("/v1/tax_rates", &params).ok())
}

fn coupon(api: &Client, params: Params<'_>) -> String {
    id(&api.post("/v1/coupons", &with(&[("duration", "forever")], params)).ok())
}

fn kind(note: &Value) -> &str {
    text(note, "type")
}
