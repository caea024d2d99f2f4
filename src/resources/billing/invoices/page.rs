//! The page of an invoice: what its customer may pay with, and the payment (billing 3.2, billing-2 5.6).
//!
//! May use: the intent that the invoice opened, payment methods. Invariant: a payment on the page is an attempt like that of a call,
//! with the customer there.

use std::sync::Arc;

use super::{Invoice, InvoiceStatus, collect, page};
use crate::contract::{Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::instruments::payment_methods;
use crate::resources::payments::paying::{self, Offer, Paid};
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The intent that an invoice opened.
pub fn intent(tx: &Tx, invoice: &Invoice) -> Option<Arc<PaymentIntent>> {
    tx.get::<PaymentIntent>(invoice.payment_intent()?)
}

/// The payment methods on the page; none if the invoice is not to be paid, or is being paid.
pub fn offers(tx: &Tx, invoice: &Invoice) -> Vec<Offer> {
    if check(invoice).is_err() {
        return Vec::new();
    }
    let Some(intent) = intent(tx, invoice) else { return Vec::new() };
    match intent.status {
        IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation | IntentStatus::RequiresAction => {
            let types: Vec<&str> = intent.types().collect();
            paying::offers(tx, invoice.customer.as_deref(), &types)
        }
        IntentStatus::RequiresCapture | IntentStatus::Processing | IntentStatus::Succeeded | IntentStatus::Canceled => {
            Vec::new()
        }
    }
}

fn check(invoice: &Invoice) -> Result<()> {
    match invoice.status {
        Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible) => Ok(()),
        Some(InvoiceStatus::Paid) => Err(ApiError::invoice_already_paid()),
        Some(InvoiceStatus::Draft | InvoiceStatus::Void) | None => Err(ApiError::invoice_cannot_be_paid()),
    }
}

/// Pays a finalized invoice. `chosen` contains the payment method: `payment_method` or `payment_method_data`.
///
/// # Errors
/// There is no such invoice, it is not to be paid, nothing was chosen, or the choice cannot be used here. Nothing is stored then;
/// a decline is not an error.
pub fn pay(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Paid> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    check(&invoice)?;
    let instrument = payment_methods::chosen(tx, ctx, chosen)?.ok_or_else(ApiError::invoice_lacks_method)?;
    let known = [("email", "customer_email"), ("name", "customer_name")];
    let known = known.map(|(key, own)| (key, invoice.rest.get(own).cloned()));
    payment_methods::complete_billing(tx, instrument.id(), &Map::from(known));
    let terms = paying::terms(instrument.id(), page(ctx, id)).with("off_session", Doc::Bool(false));
    let done = collect::attempt(tx, ctx, &invoice.id, &terms, collect::Trier::Call)?;
    let intent = intent(tx, &invoice);
    let waiting = intent.as_ref().and_then(|intent| Some((intent, intent.rest.map("next_action")?)));
    Ok(match (done, waiting) {
        (_, Some((intent, action))) => {
            let known = (&*intent.id, intent.client_secret.as_deref().unwrap_or_default());
            Paid::Waiting(paying::page_of(ctx, action, known, &page(ctx, id)))
        }
        (Outcome::Refused(error), None) => Paid::Declined(error),
        (_, None) => Paid::Complete,
    })
}
