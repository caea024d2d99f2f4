//! Creating a credit note, and its preview (billing 5.4, billing-2 11.1, 12.5).
//!
//! May use: invoices, the parts of this folder. Invariant: a preview is the real thing on a copy of the state; a note is stored
//! after everything that follows from it, so that its event is the last.

use std::sync::Arc;

use super::amounts::{self, CreditTotals};
use super::lines::CreditNoteLine;
use super::settle::{self, Settlement};
use super::{CreditNote, CreditNoteType, KIND, lines, of_invoice};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::invoices::{Invoice, InvoiceStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};

/// `POST /v1/credit_notes`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    make(tx, ctx, &call.params).map(|id| Outcome::Done(Ref { kind: KIND, id }))
}

/// `GET /v1/credit_notes/preview`.
pub(super) fn preview(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut copy = tx.rehearsal();
    let id = make(&mut copy, ctx, &call.params)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(Outcome::Done(Ref { kind: KIND, id }))))
}

/// `GET /v1/credit_notes/preview/lines`.
pub(super) fn preview_lines(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut copy = tx.rehearsal();
    let id = make(&mut copy, ctx, &call.params)?;
    let page = lines::page(&copy, &id, call)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(page)))
}

/// Creates a credit note from the parameters of a call.
fn make(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let invoice = require::<Invoice>(tx, params.str("invoice").unwrap_or_default(), In::Param("invoice"))?;
    match invoice.status {
        Some(InvoiceStatus::Open | InvoiceStatus::Paid | InvoiceStatus::Uncollectible) => {}
        Some(InvoiceStatus::Draft | InvoiceStatus::Void) | None => {
            return Err(ApiError::credit_note_needs_final_invoice());
        }
    }
    let lines = amounts::lines(tx, ctx, &invoice, params)?;
    let shipping = amounts::shipping(tx, &invoice, params)?;
    let totals = CreditTotals::of(&lines, shipping);
    if let Some(amount) = params.int("amount").filter(|amount| *amount != totals.total) {
        return Err(ApiError::credit_note_amount_differs(amount, totals.total, &invoice.currency));
    }
    let plan = settle::plan(tx, ctx, &invoice, totals.total, params)?;
    let mut note = begin(tx, ctx, &invoice, params, &totals)?;
    let done = settle::carry_out(tx, ctx, &invoice, &note.id, &plan)?;
    note.pre_payment_amount = plan.before_payment;
    note.post_payment_amount = plan.after_payment;
    note.paid = when_paid(&plan);
    note.rest.set("customer_balance_transaction", done.balance_transaction.as_ref().map(ToString::to_string));
    note.rest.set("out_of_band_amount", (plan.out_of_band > 0).then_some(plan.out_of_band));
    note.rest.set("refunds", Doc::List(done.refunds));
    store_lines(tx, &note, lines);
    Ok(tx.insert(note).id)
}

fn when_paid(plan: &Settlement) -> CreditNoteType {
    match (plan.before_payment, plan.after_payment) {
        (_, 0) => CreditNoteType::PrePayment,
        (0, _) => CreditNoteType::PostPayment,
        _ => CreditNoteType::Mixed,
    }
}

/// The note with what follows from its lines.
fn begin(tx: &Tx, ctx: &Ctx<'_>, invoice: &Arc<Invoice>, params: &Map, totals: &CreditTotals) -> Result<CreditNote> {
    let id = super::ENTRY.id.draw(&ctx.ids);
    let sent = ["effective_at", "memo", "metadata", "reason"];
    let sent = sent.into_iter().filter_map(|name| Some((name.into(), params.get(name)?.clone())));
    let mut shown = body::new(tx, ctx, KIND, &id, &Map::from_entries(sent.collect()))?;
    let now = ctx.now_of(tx, invoice.clock());
    if !params.has("effective_at") {
        shown.set("effective_at", now);
    }
    let earlier = of_invoice(tx, &invoice.id).len();
    let number = invoice.number.as_deref().unwrap_or_default();
    shown.set("amount", totals.total);
    shown.set("currency", invoice.currency.clone());
    shown.set("customer", invoice.customer.as_ref().map(ToString::to_string));
    shown.set("invoice", invoice.id.to_string());
    shown.set("number", format!("{number}-CN-{:02}", earlier + 1));
    shown.set("pdf", ctx.link(&format!("/credit_notes/{id}/pdf")));
    totals.show(&mut shown);
    CreditNote::from_docs(shown, Map::new(), now).map_err(|_| ApiError::internal())
}

fn store_lines(tx: &mut Tx, note: &CreditNote, lines: Vec<CreditNoteLine>) {
    for (position, line) in (0..).zip(lines) {
        let credit_note = Absent(Some(Id::clone(&note.id)));
        tx.insert(CreditNoteLine { created: note.created, credit_note, position, ..line });
    }
}
