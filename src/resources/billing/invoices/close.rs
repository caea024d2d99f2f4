//! Sending an invoice, voiding it, and writing it off (billing 3.2, billing-2 5.7).
//!
//! May use: payment intents, the customer's balance. Invariant: a void invoice and one that is written off move no money.

use super::{Invoice, InvoiceStatus, finalize, follow, payments, reference};
use crate::contract::{self, Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::credits;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_balances;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// `POST /v1/invoices/:invoice/send`: nobody gets an e-mail.
pub(super) fn send(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::Path)?;
    match invoice.status {
        Some(InvoiceStatus::Draft | InvoiceStatus::Open) => {}
        _ => return Err(ApiError::invoice_cannot_be_sent()),
    }
    let customer = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    if customer.is_none_or(|customer| customer.email.is_none()) {
        return Err(ApiError::sending_needs_email());
    }
    if invoice.is_draft() {
        if let Some(refused) = finalize::complete(tx, ctx, &invoice.id)? {
            return Ok(Outcome::Refused(refused));
        }
        finalize::announce(tx, &invoice.id);
    }
    tx.announce("invoice.sent", &reference(&invoice.id));
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// `POST /v1/invoices/:invoice/void`.
pub(super) fn void(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    match invoice.status {
        Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible) => {}
        Some(InvoiceStatus::Paid) => return Err(ApiError::invoice_is_paid_for_good()),
        Some(InvoiceStatus::Draft | InvoiceStatus::Void) | None => return Err(ApiError::invoice_is_not_open()),
    }
    void_open(tx, ctx, &invoice.id)?;
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// Voids an invoice that is not paid: its intents are canceled, and the customer's balance and credits are as they were.
///
/// # Errors
/// An intent cannot be canceled.
pub fn void_open(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.amount_paid > 0 {
        return Err(ApiError::invoice_is_paid_for_good());
    }
    credits::restore(tx, ctx, id);
    let now = ctx.now_of(tx, invoice.clock());
    let used = invoice.ending_balance.unwrap_or_default().saturating_sub(invoice.starting_balance);
    if let Some(customer) = invoice.customer.as_ref().filter(|_| used != 0) {
        let about = Map::from([("invoice", invoice.id.to_string())]);
        let change = (-used, invoice.currency.as_str());
        customer_balances::change(tx, ctx, customer, change, "unapplied_from_invoice", &about);
    }
    tx.job(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.status = Some(InvoiceStatus::Void);
            invoice.status_transitions.set("voided_at", now);
            invoice.auto_advance = false;
            invoice.next_payment_attempt = None;
        });
        ((), ["invoice.updated", "invoice.voided"].map(|event| (event, reference(id))))
    });
    payments::cancel(tx, ctx, &invoice, now)?;
    contract::settle(tx, ctx);
    follow::note_delinquency(tx, &invoice, false);
    Ok(())
}

/// An invoice that is not paid yet no longer goes on by itself.
pub fn stop(tx: &mut Tx, id: &Id) {
    if tx.get::<Invoice>(id).is_some_and(|invoice| (invoice.is_draft() || invoice.is_open()) && invoice.auto_advance) {
        tx.update::<Invoice>(id, |invoice| {
            invoice.auto_advance = false;
            super::due::plan(invoice);
        });
    }
}

/// `POST /v1/invoices/:invoice/mark_uncollectible`.
pub(super) fn mark_uncollectible(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    match invoice.status {
        Some(InvoiceStatus::Open) => {}
        Some(InvoiceStatus::Uncollectible) => return Err(ApiError::invoice_is_written_off()),
        Some(InvoiceStatus::Draft | InvoiceStatus::Paid | InvoiceStatus::Void) | None => {
            return Err(ApiError::invoice_is_not_open());
        }
    }
    write_off(tx, ctx, &invoice.id, "user_forgiven");
    contract::settle(tx, ctx);
    follow::note_delinquency(tx, &invoice, false);
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// Why an invoice is written off after its last attempt.
pub(super) const MAX_ATTEMPTS: &str = "max_payment_attempts";

/// Nobody expects that an invoice is paid; `reason` is one of the API's.
pub fn write_off(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, reason: &'static str) {
    let Some(invoice) = tx.get::<Invoice>(id) else { return };
    let now = ctx.now_of(tx, invoice.clock());
    tx.job(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.status = Some(InvoiceStatus::Uncollectible);
            invoice.status_transitions.set("marked_uncollectible_at", now);
            invoice.auto_advance = false;
            invoice.next_payment_attempt = None;
            let uncollectible = Map::from([("reason", Doc::from(reason))]);
            invoice.rest.set("status_details", Map::from([("uncollectible", uncollectible)]));
        });
        ((), ["invoice.updated", "invoice.marked_uncollectible"].map(|event| (event, reference(id))))
    });
}
