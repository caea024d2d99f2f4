//! Invoices (billing 3, billing-2 5).

mod close;
mod drafts;
mod due;
mod lines;
mod loaded;
mod older;
mod page;
mod pay;
mod preview;
mod refusals;
mod taxes;
mod totals;

use serde_json::Value;

use crate::support::client::{Answer, Client};
use crate::support::flows::{Params, attached, customer, id, rows, text, with};

/// The last version in which an invoice shows what pays it.
pub(super) const BASIL_BEFORE: &str = "2024-06-20";

/// A customer with an address and a default card.
pub(crate) fn payer(api: &Client) -> String {
    payer_with(api, "pm_card_visa")
}

/// The same with another card.
pub(super) fn payer_with(api: &Client, card: &str) -> String {
    let customer = customer(api, &[("email", "ada@example.com"), ("name", "Ada")]);
    let card = attached(api, card, &customer);
    api.post(&format!("/v1/customers/{customer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    customer
}

/// A pending item.
pub(super) fn item(api: &Client, customer: &str, amount: &str) -> Value {
    api.post("/v1/invoiceitems", &[("customer", customer), ("amount", amount), ("currency", "usd")]).ok()
}

/// A draft.
pub(super) fn draft(api: &Client, customer: &str, params: Params<'_>) -> Value {
    api.post("/v1/invoices", &with(&[("customer", customer)], params)).ok()
}

/// A draft with one line.
pub(super) fn with_line(api: &Client, customer: &str, amount: &str, params: Params<'_>) -> String {
    item(api, customer, amount);
    id(&draft(api, customer, &with(&[("pending_invoice_items_behavior", "include")], params)))
}

pub(super) fn the_invoice(api: &Client, invoice: &str) -> Value {
    api.get(&format!("/v1/invoices/{invoice}"), &[]).ok()
}

pub(super) fn act(api: &Client, invoice: &str, verb: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/invoices/{invoice}/{verb}"), params)
}

/// The events of a draft that is finalized and paid at once (billing-2 12.2).
pub(super) const PAID_AT_ONCE: [&str; 8] = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.updated",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
];

/// The types of the events since a point, oldest first.
pub(super) fn events_since(api: &Client, since: usize) -> Vec<String> {
    let listed = api.get("/v1/events", &[("limit", "100")]).ok();
    let all: Vec<String> = rows(&listed).iter().rev().map(|event| text(event, "type").to_owned()).collect();
    all[since..].to_vec()
}

pub(super) fn event_count(api: &Client) -> usize {
    rows(&api.get("/v1/events", &[("limit", "100")]).ok()).len()
}
