//! Finalizing: a draft becomes an invoice with a number (billing 3.2 to 3.4, billing-2 3.7, 5.2).
//!
//! May use: customers and their balances, discounts, payment intents. Invariant: the customer's balance is used once, here.

use std::sync::Arc;

use super::amounts::AmountDue;
use super::{Invoice, InvoiceStatus, Unannounced, draft, payments, reference, taxes};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::money::Rounding;
use crate::resources::catalog::coupons;
use crate::resources::catalog::discounts::{self, Discount};
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_balances;
use crate::resources::customers::customer_discounts;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Edit, Id, Tx};

/// `POST /v1/invoices/:invoice/finalize`.
pub(super) fn finalize(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    if !invoice.is_draft() {
        return Err(ApiError::invoice_already_final());
    }
    if let Some(advances) = call.params.bool("auto_advance") {
        tx.quietly(|tx| {
            tx.update::<Invoice>(&invoice.id, |invoice| {
                invoice.auto_advance = advances;
                super::due::plan(invoice);
            });
        });
    }
    if let Some(refused) = complete(tx, ctx, &invoice.id)? {
        return Ok(Outcome::Refused(refused));
    }
    announce(tx, &invoice.id);
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// Finalizes a draft; its events are still to be named, by [`announce`] or with those of its payment. Returns the error if its
/// taxes cannot be computed: it stays a draft, which shows the error.
///
/// # Errors
/// Its taxes cannot be computed, or its intent not be opened.
pub(super) fn complete(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<Option<ApiError>> {
    tx.quietly(|tx| draft::sync(tx, ctx, id))?;
    let stored = require::<Invoice>(tx, id, In::Path)?;
    if taxes::lacks_place(&stored) {
        // The customer's place is not known, so the taxes are not (billing-2 9.2).
        let error = ApiError::tax_location_invalid();
        fail(tx, id, &error);
        return Ok(Some(error));
    }
    super::billing_credits::spend(tx, ctx, &stored)?;
    let stored = require::<Invoice>(tx, id, In::Path)?;
    let now = ctx.now_of(tx, stored.clock());
    let mut invoice = Edit::of(Arc::clone(&stored));
    settle_balance(tx, ctx, &mut invoice);
    end_discounts(tx, &invoice);
    seal(tx, ctx, &mut invoice, now);
    super::due::plan_notices(&mut invoice, &ctx.settings);
    invoice.unannounced = Absent(Some(Unannounced::Finalization));
    share(&mut invoice);
    if invoice.amount_due > 0 {
        payments::open(tx, ctx, &mut invoice, now)?;
    } else {
        invoice.attempted = true;
        pay_off(&mut invoice, now);
    }
    if let Some(original) = revised(&invoice) {
        supersede(tx, ctx, &original, id)?;
    }
    tx.quietly(|tx| invoice.save(tx));
    Ok(None)
}

/// A draft gets its number and its addresses, and is open. `at` is Unix seconds.
pub(super) fn seal(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, at: i64) {
    number(tx, invoice);
    invoice.effective_at = invoice.effective_at.or(Some(at));
    invoice.status = Some(InvoiceStatus::Open);
    invoice.status_transitions.set("finalized_at", at);
    invoice.automatically_finalizes_at = None;
    invoice.rest.set("last_finalization_error", Doc::Null);
    invoice.rest.set("hosted_invoice_url", super::page(ctx, &invoice.id));
    invoice.rest.set("invoice_pdf", ctx.link(&format!("/invoice/{}/pdf", invoice.id)));
    if let Some(Doc::Map(pdf)) = invoice.rest.get_mut("rendering").and_then(|rendering| match rendering {
        Doc::Map(rendering) => rendering.get_mut("pdf"),
        _ => None,
    }) && pdf.str("page_size") == Some("auto")
    {
        pdf.set("page_size", "letter");
    }
}

/// A draft cannot be finalized: it stays one, which shows why and no longer goes on by itself.
pub(super) fn fail(tx: &mut Tx, id: &Id, error: &ApiError) {
    let shown = error.fields().clone();
    tx.job(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.rest.set("last_finalization_error", shown);
            invoice.auto_advance = false;
            super::due::plan(invoice);
        });
        ((), [("invoice.finalization_failed", reference(id))])
    });
}

/// Notes that nothing is left to pay.
pub(super) fn pay_off(invoice: &mut Invoice, at: i64) {
    invoice.status = Some(InvoiceStatus::Paid);
    invoice.status_transitions.set("paid_at", at);
    invoice.amount_remaining = 0;
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
}

/// Names the events of a finalization that nothing has followed.
pub(super) fn announce(tx: &mut Tx, id: &Id) {
    let Some(invoice) = tx.get::<Invoice>(id).filter(|invoice| invoice.unannounced.0.is_some()) else {
        return;
    };
    tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.unannounced = Absent(None)));
    // A zero invoice has no `invoice.updated` (billing-2 12.1).
    let events: &[&str] = match invoice.status {
        Some(InvoiceStatus::Paid) => &["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"],
        _ => &["invoice.updated", "invoice.finalized"],
    };
    events.iter().for_each(|event| tx.announce(event, &reference(id)));
}

/// What a subscription shares in percent becomes an amount.
fn share(invoice: &mut Invoice) {
    let part = |percent: &Absent<Doc>, amount: i64| {
        let percent = percent.0.as_ref().and_then(coupons::percentage)?;
        Some(percent.times(amount).part(1, 100, Rounding::HalfAwayFromZero))
    };
    if let Some(fee) = part(&invoice.fee_percent, invoice.amount_due) {
        invoice.application_fee_amount = Absent(Some(fee));
    }
    if let Some(amount) = part(&invoice.transfer_percent, invoice.amount_due)
        && let Some(transfer) = &mut invoice.transfer_data.0
    {
        transfer.set("amount", amount);
    }
}

/// The customer's prefix and the next number of the customer (billing 3.4).
fn number(tx: &mut Tx, invoice: &mut Invoice) {
    let Some(customer) = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id)) else { return };
    if invoice.number.is_some() {
        return;
    }
    let next = customer.rest.int("next_invoice_sequence").unwrap_or(1);
    let prefix = customer.rest.str("invoice_prefix").unwrap_or_default();
    invoice.number = Some(format!("{prefix}-{next:04}"));
    tx.quietly(|tx| {
        tx.update::<Customer>(&customer.id, |customer| customer.rest.set("next_invoice_sequence", next + 1));
    });
}

/// The customer's balance pays first, and takes what cannot be charged.
fn settle_balance(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice) {
    let balance = draft::balance(tx, invoice);
    let due = AmountDue::of(invoice.total, balance, &invoice.currency);
    invoice.starting_balance = balance;
    invoice.ending_balance = Some(due.ending_balance);
    invoice.amount_due = due.amount;
    invoice.amount_remaining = due.amount;
    let change = due.ending_balance.saturating_sub(balance);
    if let Some(customer) = invoice.customer.as_ref().filter(|_| change != 0) {
        let about = Map::from([("invoice", invoice.id.to_string())]);
        customer_balances::change(tx, ctx, customer, (change, &invoice.currency), due.transaction, &about);
    }
}

/// A discount for one bill that belongs to the invoice is used up (billing-2 8.1).
fn end_discounts(tx: &mut Tx, invoice: &Invoice) {
    // One of a subscription waits for an invoice with money in it (billing-2 4.3).
    if invoice.subscription().is_some() && invoice.subtotal == 0 {
        return;
    }
    let lines = super::lines_of(tx, &invoice.id);
    let all = invoice.discounts.iter().chain(lines.iter().flat_map(|line| &line.discounts));
    for id in all {
        let Some(discount) = tx.get::<Discount>(id) else { continue };
        if discounts::is_for_one_bill(tx, &discount) {
            discounts::remove(tx, id);
            customer_discounts::forget(tx, &discount);
        }
    }
}

/// The invoice that this one revises.
fn revised(invoice: &Invoice) -> Option<Id> {
    invoice.rest.map("from_invoice")?.str("invoice").map(Id::from)
}

/// The revised invoice is void, and names the one that came after it.
fn supersede(tx: &mut Tx, ctx: &Ctx<'_>, original: &Id, revision: &Id) -> Result<()> {
    tx.quietly(|tx| {
        tx.update::<Invoice>(original, |invoice| invoice.rest.set("latest_revision", revision.to_string()));
    });
    let open = require::<Invoice>(tx, original, In::Path)?.is_open();
    if open { super::close::void_open(tx, ctx, original) } else { Ok(()) }
}
