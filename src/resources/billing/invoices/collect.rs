//! Paying an invoice (billing 3.1, 3.11, billing-2 5.6, 6.2).
//!
//! May use: payment intents, customers' payment methods. Invariant: what an attempt did to the intent is known to the invoice
//! when the call ends; a refused call changes nothing.

use super::{Invoice, InvoiceStatus, finalize, follow, method, payments, reference};
use crate::contract::{self, Call, Ctx, In, Outcome, missing, missing_as, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_payments::{InvoicePayment, InvoicePaymentStatus};
use crate::resources::customers::customer_sources;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::payment_intents::{self, PaymentIntent};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Tx};

/// `POST /v1/invoices/:invoice/pay`.
pub(super) fn pay(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    match invoice.status {
        Some(InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Uncollectible) => {}
        Some(InvoiceStatus::Paid) => return Err(ApiError::invoice_already_paid()),
        Some(InvoiceStatus::Void) | None => return Err(ApiError::invoice_cannot_be_paid()),
    }
    let params = &call.params;
    let id = Id::clone(&invoice.id);
    if params.bool("paid_out_of_band") == Some(true) {
        return pay_out_of_band(tx, ctx, &id);
    }
    let chosen = chosen(tx, &invoice, params)?;
    if invoice.is_draft() {
        if let Some(refused) = finalize::complete(tx, ctx, &id)? {
            return Ok(Outcome::Refused(refused));
        }
        if require::<Invoice>(tx, &id, In::Path)?.status == Some(InvoiceStatus::Paid) {
            finalize::announce(tx, &id);
            return Ok(Outcome::Done(reference(&id)));
        }
    }
    let chosen = chosen.ok_or_else(ApiError::invoice_lacks_method)?;
    let mut terms = Map::from([("off_session", Doc::from(params.bool("off_session") != Some(false)))]);
    terms.set("payment_method", chosen.to_string());
    if let Some(mandate) = params.present("mandate") {
        terms.set("mandate", mandate.clone());
    }
    attempt(tx, ctx, &id, &terms, Trier::Call)
}

/// The method in the call, or the one that is used without one.
fn chosen(tx: &Tx, invoice: &Invoice, params: &Map) -> Result<Option<Id>> {
    let customer = invoice.customer.as_deref().unwrap_or_default();
    match (params.str("payment_method"), params.str("source")) {
        (Some(_), Some(_)) => Err(ApiError::params_exclusive("payment_method", "source")),
        (Some(method), None) => {
            let known = tx.get::<PaymentMethod>(method);
            let is_own = known.as_ref().is_some_and(|known| known.customer.as_deref() == Some(customer))
                || customer_sources::find(tx, customer, method).is_some();
            match known {
                _ if is_own => Ok(Some(method.into())),
                None if !method.starts_with("pm_card_") => {
                    Err(missing(PaymentMethod::KIND, method, In::Param("payment_method")))
                }
                _ => Err(ApiError::default_payment_method_not_attached(method, "payment_method")),
            }
        }
        (None, Some(source)) => match customer_sources::find(tx, customer, source) {
            Some(_) => Ok(Some(source.into())),
            None => Err(missing_as("source", source, In::Param("source"))),
        },
        (None, None) => Ok(method::of(tx, invoice)),
    }
}

/// Who tries to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trier {
    /// A call; the first attempt counts.
    Call,
    /// The invoice by itself; every attempt counts.
    Itself,
}

/// Tries to pay a finalized invoice; `terms` are parameters of the intent's confirmation.
///
/// # Errors
/// The confirmation is refused. A decline is no error: it is a refusal that stays.
pub(super) fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, terms: &Map, trier: Trier) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    let intent = match invoice.payment_intent() {
        Some(intent) => Id::clone(intent),
        None => payments::open_later(tx, ctx, id)?,
    };
    let done = payment_intents::collect(tx, ctx, &intent, terms)?;
    let waits = tx.get::<PaymentIntent>(&intent).is_some_and(|intent| intent.rest.present("next_action").is_some());
    count(tx, id, waits, trier);
    contract::settle(tx, ctx);
    finalize::announce(tx, id);
    Ok(match done {
        Outcome::Refused(error) => Outcome::Refused(error),
        _ if waits => {
            let intent = crate::state::Ref { kind: PaymentIntent::KIND, id: intent };
            Outcome::Refused(ApiError::invoice_needs_action().embed("payment_intent", intent))
        }
        _ => Outcome::Done(reference(id)),
    })
}

/// Confirms an intent with a method.
///
/// # Errors
/// Those of the confirmation. A decline is no error: it is a refusal that stays.
pub(super) fn try_intent(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id, method: &Id, off_session: bool) -> Result<Outcome> {
    let terms = Map::from([("off_session", Doc::from(off_session)), ("payment_method", method.to_string().into())]);
    payment_intents::collect(tx, ctx, intent, &terms)
}

/// Counts an attempt (billing 3.11); one that waits for the customer is none yet (billing-2 5.2), unless nobody was there to ask.
pub(super) fn count(tx: &mut Tx, id: &Id, waits: bool, trier: Trier) {
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.attempted = true;
            let counts = match trier {
                Trier::Itself => !waits || !invoice.is_first(),
                Trier::Call => !waits && invoice.attempt_count == 0,
            };
            if counts {
                invoice.attempt_count += 1;
            }
        });
    });
}

/// The invoice was paid in another way: nothing is charged (billing 3.3).
fn pay_out_of_band(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<Outcome> {
    if require::<Invoice>(tx, id, In::Path)?.is_draft()
        && let Some(refused) = finalize::complete(tx, ctx, id)?
    {
        return Ok(Outcome::Refused(refused));
    }
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.status == Some(InvoiceStatus::Paid) {
        finalize::announce(tx, id);
        return Ok(Outcome::Done(reference(id)));
    }
    let now = ctx.now_of(tx, invoice.clock());
    let (was_finalizing, paid) = (invoice.unannounced.0.is_some(), invoice.amount_remaining);
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.amount_paid += paid;
            invoice.rest.set("amount_paid_off_stripe", paid);
            invoice.paid_out_of_band = Flag(true);
            invoice.unannounced = Absent(None);
            finalize::pay_off(invoice, now);
        });
    });
    let finalized = was_finalizing.then_some("invoice.finalized");
    for event in ["invoice.updated"].into_iter().chain(finalized).chain(["invoice.paid"]) {
        tx.announce(event, &reference(id));
    }
    follow::note_delinquency(tx, &invoice, false);
    for payment in tx.having::<InvoicePayment>("invoice", id) {
        if payment.status == InvoicePaymentStatus::Open {
            payments::cancel(tx, ctx, &invoice, now)?;
            break;
        }
    }
    Ok(Outcome::Done(reference(id)))
}
