//! What becomes of the amount of a credit note: it is no longer asked for, or what was paid is given back (billing 5.4,
//! billing-2 11.1).
//!
//! May use: invoices, refunds, charges, the customer's balance. Invariant: the parts add up to the amount, and no more is given
//! back than was paid.

use std::sync::Arc;

use super::older::ADDS_UP;
use super::{CreditNote, CreditNoteStatus, of_invoice};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::{self, Invoice};
use crate::resources::customers::customer_balances;
use crate::resources::payments::charges::Charge;
use crate::resources::payments::refunds::{self, Refund};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// What becomes of an amount, in the currency's smallest unit.
#[derive(Debug)]
pub(super) struct Settlement {
    /// What the invoice no longer asks for.
    pub(super) before_payment: i64,
    /// What is given back of what was paid.
    pub(super) after_payment: i64,
    /// Of this: what a new refund returns.
    refund: i64,
    /// Refunds that were made before, and how much of each belongs to the note.
    refunds: Vec<(Id, i64)>,
    /// Of this: what the customer's balance gets.
    credit: i64,
    /// Of this: what was given back elsewhere.
    pub(super) out_of_band: i64,
}

/// Divides an amount.
///
/// # Errors
/// It is more than is left of the invoice, or the parts do not add up.
pub(super) fn plan(tx: &Tx, ctx: &Ctx<'_>, invoice: &Invoice, amount: i64, params: &Map) -> Result<Settlement> {
    let notes: Vec<Arc<CreditNote>> =
        of_invoice(tx, &invoice.id).into_iter().filter(|note| note.status == CreditNoteStatus::Issued).collect();
    let refunds = named(tx, invoice, &notes, params)?;
    let linked: i64 = refunds.iter().map(|(_, amount)| *amount).sum();
    let credited: i64 = notes.iter().map(|note| note.amount).sum();
    let left = (invoice.total - credited - (made_outside(tx, invoice, &notes) - linked)).max(0);
    if amount < 1 {
        return Err(ApiError::credit_note_of_zero());
    }
    if amount > left {
        return Err(ApiError::credit_note_too_large(amount, left, &invoice.currency));
    }
    let before_payment = amount.min(invoice.amount_remaining);
    let after_payment = amount - before_payment;
    let part = |name: &'static str| match params.int(name) {
        Some(..0) => Err(ApiError::param_below(name, 0)),
        sent => Ok(sent.unwrap_or_default()),
    };
    let (refund, credit, mut out_of_band) =
        (part("refund_amount")?, part("credit_amount")?, part("out_of_band_amount")?);
    let sum = [refund, linked, credit, out_of_band].into_iter().fold(0, i64::saturating_add);
    if !ctx.version.has(ADDS_UP) && sum < after_payment {
        out_of_band += after_payment - sum;
    } else if sum != after_payment {
        return Err(ApiError::credit_note_does_not_add_up(sum, after_payment, &invoice.currency));
    }
    Ok(Settlement { before_payment, after_payment, refund, refunds, credit, out_of_band })
}

/// The refunds that a call names, with how much of each belongs to the note.
fn named(tx: &Tx, invoice: &Invoice, notes: &[Arc<CreditNote>], params: &Map) -> Result<Vec<(Id, i64)>> {
    let mut all: Vec<(Id, i64)> = Vec::new();
    if let Some(id) = params.str("refund") {
        let refund = own_refund(tx, invoice, id)?;
        let left = refund.amount - linked_before(notes, &refund.id);
        all.push((Id::clone(&refund.id), left));
    }
    for (index, sent) in params.list("refunds").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        let within = |error: ApiError| error.inside(&format!("refunds[{index}]"));
        let id = sent.str("refund").ok_or_else(|| within(ApiError::param_missing("refund")))?;
        let refund = own_refund(tx, invoice, id).map_err(within)?;
        let here: i64 = all.iter().filter(|(known, _)| *known == refund.id).map(|(_, amount)| *amount).sum();
        let left = refund.amount - linked_before(notes, &refund.id) - here;
        let amount = sent.int("amount_refunded").unwrap_or(left);
        match amount {
            ..=0 => return Err(within(ApiError::param_below("amount_refunded", 1))),
            _ if amount > left => return Err(within(ApiError::param_above("amount_refunded", left))),
            _ => all.push((Id::clone(&refund.id), amount)),
        }
    }
    Ok(all)
}

fn own_refund(tx: &Tx, invoice: &Invoice, id: &str) -> Result<Arc<Refund>> {
    let refund = require::<Refund>(tx, id, In::Param("refund"))?;
    let is_own = refund.payment_intent.as_ref().is_some_and(|intent| invoice.payment_intents.contains(intent));
    if is_own && refund.counts() { Ok(refund) } else { Err(ApiError::credit_note_other_refund(id)) }
}

/// How much of a refund belongs to notes.
fn linked_before(notes: &[Arc<CreditNote>], refund: &str) -> i64 {
    let rows = notes.iter().flat_map(|note| note.rest.list("refunds").unwrap_or_default()).filter_map(Doc::as_map);
    rows.filter(|row| row.str("refund") == Some(refund)).filter_map(|row| row.int("amount_refunded")).sum()
}

/// What refunds of the invoice's payments return without belonging to a note.
fn made_outside(tx: &Tx, invoice: &Invoice, notes: &[Arc<CreditNote>]) -> i64 {
    let refunds = invoice.payment_intents.iter().flat_map(|intent| tx.having::<Refund>("payment_intent", intent));
    let counted = refunds.filter(|refund| refund.counts());
    counted.map(|refund| refund.amount - linked_before(notes, &refund.id)).sum()
}

/// What was done.
#[derive(Debug)]
pub(super) struct GivenBack {
    /// The refunds, as the note shows them.
    pub(super) refunds: Vec<Doc>,
    /// The transaction of the customer's balance.
    pub(super) balance_transaction: Option<Id>,
}

/// Does what was planned, in the order of its events (billing-2 12.5).
///
/// # Errors
/// Less was paid by cards and the like than is to be refunded.
pub(super) fn carry_out(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    invoice: &Invoice,
    note: &Id,
    plan: &Settlement,
) -> Result<GivenBack> {
    let mut refunds: Vec<Doc> = plan.refunds.iter().map(|(id, amount)| row(id, *amount)).collect();
    for (id, amount) in refund(tx, ctx, invoice, plan.refund)? {
        refunds.push(row(&id, amount));
    }
    invoices::take_off(tx, ctx, &invoice.id, (plan.before_payment, plan.after_payment))?;
    let customer = invoice.customer.as_ref().filter(|_| plan.credit > 0);
    let balance_transaction = customer.map(|customer| {
        let about = Map::from([("credit_note", note.to_string())]);
        customer_balances::change(tx, ctx, customer, (-plan.credit, &invoice.currency), "credit_note", &about)
    });
    Ok(GivenBack { refunds, balance_transaction })
}

fn row(refund: &Id, amount: i64) -> Doc {
    Map::from([
        ("amount_refunded", Doc::from(amount)),
        ("payment_record_refund", Doc::Null),
        ("refund", refund.to_string().into()),
        ("type", "refund".into()),
    ])
    .into()
}

/// Refunds an amount of the invoice's payments, the first one first.
fn refund(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice, amount: i64) -> Result<Vec<(Id, i64)>> {
    let mut left = amount;
    let mut made = Vec::new();
    for intent in &invoice.payment_intents {
        let charge = invoices::charge_of(tx, intent).filter(|charge| charge.paid && charge.captured);
        let Some(charge) = charge else { continue };
        let part = left.min(Charge::refundable(&charge));
        if part > 0 {
            made.push((refunds::make(tx, ctx, &charge, part)?, part));
            left -= part;
        }
    }
    if left > 0 {
        return Err(ApiError::credit_note_refund_too_large(amount - left, &invoice.currency));
    }
    Ok(made)
}
