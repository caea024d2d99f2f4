//! The intents that pay an invoice (billing 3.10, billing-2 5.6).
//!
//! May use: payment intents, invoice payments. Invariant: the intent that an invoice opened asks for what is left to pay.

use super::{Invoice, InvoiceStatus, reference};
use crate::contract::{Call, Ctx, In, Join, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_payments::{self, InvoicePayment, InvoicePaymentStatus, NewPayment};
use crate::resources::payments::payment_intents::{self, CancellationReason, IntentStatus, PaymentIntent};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// How many characters of an invoice's id its intent has as the reference of the order (billing-2 5.6).
const ORDER_REFERENCE_CHARACTERS: usize = 25;

/// The secret with which a browser pays; shown when it is expanded (billing-2 14.4).
pub(super) const CONFIRMATION_SECRET: Join = Join {
    field: "confirmation_secret",
    doc: |tx, invoice| {
        let invoice = tx.get::<Invoice>(invoice)?;
        let intent = tx.get::<PaymentIntent>(invoice.payment_intent()?)?;
        let secret = intent.client_secret.clone()?;
        Some(Map::from([("client_secret", secret), ("type", "payment_intent".into())]).into())
    },
};

/// Opens the intent of an invoice that was finalized; the invoice is not stored yet.
///
/// # Errors
/// An intent cannot have these parameters.
pub(super) fn open(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, now: i64) -> Result<()> {
    let mut params = Map::from([("amount", Doc::from(invoice.amount_remaining))]);
    params.set("currency", invoice.currency.clone());
    params.set("customer", invoice.customer.as_ref().map(ToString::to_string));
    params.set("description", description(invoice));
    params.set("capture_method", "automatic");
    params.set("payment_method_types", types(invoice));
    if invoice.subscription().is_some() {
        params.set("setup_future_usage", "off_session");
        let reference: String = invoice.id.chars().take(ORDER_REFERENCE_CHARACTERS).collect();
        let details = Map::from([("customer_reference", Doc::Null), ("order_reference", reference.into())]);
        params.set("payment_details", details);
    }
    if let Some(asked) = three_d_secure(invoice) {
        let card = Map::from([("request_three_d_secure", asked)]);
        params.set("payment_method_options", Map::from([("card", card)]));
    }
    for (key, value) in [
        ("application_fee_amount", invoice.application_fee_amount.0.map(Doc::from)),
        ("transfer_data", invoice.transfer_data.0.clone().map(Doc::from)),
        ("on_behalf_of", invoice.rest.present("on_behalf_of").cloned()),
        ("statement_descriptor_suffix", invoice.rest.present("statement_descriptor").cloned()),
    ] {
        if let Some(value) = value {
            params.set(key, value);
        }
    }
    let intent = payment_intents::open(tx, ctx, &params)?;
    let about = NewPayment {
        invoice: &invoice.id,
        payment_intent: &intent,
        amount: invoice.amount_remaining,
        currency: &invoice.currency,
        is_default: true,
        now,
    };
    invoice_payments::add(tx, ctx, &about);
    invoice.payment_intents.insert(0, intent);
    Ok(())
}

/// Opens the intent of an invoice that was finalized elsewhere: one of a dump.
///
/// # Errors
/// Those of [`open`].
pub(super) fn open_later(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<Id> {
    let mut invoice = Edit::of(require::<Invoice>(tx, id, In::Path)?);
    let now = ctx.now_of(tx, invoice.clock());
    open(tx, ctx, &mut invoice, now)?;
    let intent = invoice.payment_intent().cloned().ok_or_else(ApiError::internal)?;
    tx.quietly(|tx| invoice.save(tx));
    Ok(intent)
}

fn description(invoice: &Invoice) -> &'static str {
    use super::BillingReason as Reason;
    match invoice.billing_reason {
        Some(Reason::SubscriptionCreate) => "Subscription creation",
        Some(Reason::SubscriptionCycle | Reason::SubscriptionUpdate | Reason::SubscriptionThreshold) => {
            "Subscription update"
        }
        _ => "Payment for Invoice",
    }
}

/// Whether the payment settings ask for 3-D Secure.
fn three_d_secure(invoice: &Invoice) -> Option<String> {
    let options = invoice.rest.map("payment_settings")?.map("payment_method_options")?;
    options.map("card")?.str("request_three_d_secure").map(str::to_owned)
}

/// The allowed types of payment method.
fn types(invoice: &Invoice) -> Doc {
    let chosen = invoice.rest.map("payment_settings").and_then(|settings| settings.list("payment_method_types"));
    match chosen.filter(|chosen| !chosen.is_empty()) {
        Some(chosen) => Doc::List(chosen.to_vec()),
        None => Doc::List(vec!["card".into()]),
    }
}

/// The intent asks for what is left to pay.
pub(super) fn follow_remaining(tx: &mut Tx, invoice: &Invoice) {
    let remaining = invoice.amount_remaining;
    let open = tx.having::<InvoicePayment>("invoice", &invoice.id).into_iter();
    for payment in open.filter(|payment| payment.is_default && payment.status == InvoicePaymentStatus::Open) {
        if payment.amount_requested == remaining || remaining == 0 {
            continue;
        }
        tx.update::<InvoicePayment>(&payment.id, |payment| payment.amount_requested = remaining);
        if let Some(intent) = payment.payment_intent() {
            tx.update::<PaymentIntent>(intent, |intent| intent.amount = remaining);
        }
    }
}

/// Nobody will pay an invoice any more: its intents are canceled.
///
/// # Errors
/// One cannot be canceled.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice, at: i64) -> Result<()> {
    for payment in tx.having::<InvoicePayment>("invoice", &invoice.id) {
        if payment.status != InvoicePaymentStatus::Open {
            continue;
        }
        tx.update::<InvoicePayment>(&payment.id, |payment| payment.cancel(at));
        if let Some(intent) = payment.payment_intent() {
            payment_intents::abandon_as(tx, ctx, intent, Some(CancellationReason::VoidInvoice))?;
        }
    }
    Ok(())
}

/// `POST /v1/invoices/:invoice/attach_payment`.
pub(super) fn attach(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    let Some(intent) = call.params.str("payment_intent") else {
        return Err(match call.params.str("payment_record") {
            Some(_) => ApiError::value_not_implemented("payment_record", "attaching payment records"),
            None => ApiError::param_missing("payment_intent"),
        });
    };
    let intent = require::<PaymentIntent>(tx, intent, In::Param("payment_intent"))?;
    match invoice.status {
        Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible) => {}
        _ => return Err(ApiError::invoice_is_not_open()),
    }
    if intent.customer != invoice.customer || intent.currency != invoice.currency {
        return Err(ApiError::payment_does_not_fit_invoice());
    }
    if intent.status == IntentStatus::Canceled || !tx.having::<Invoice>("payment_intent", &intent.id).is_empty() {
        return Err(ApiError::payment_is_attached());
    }
    add(tx, ctx, &invoice, &intent);
    super::follow::follow_payment(tx, ctx, &invoice.id)?;
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// Adds an intent to those that pay an invoice.
pub(super) fn add(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice, intent: &PaymentIntent) {
    let about = NewPayment {
        invoice: &invoice.id,
        payment_intent: &intent.id,
        amount: intent.amount.min(invoice.amount_remaining),
        currency: &invoice.currency,
        is_default: false,
        now: ctx.now_of(tx, invoice.clock()),
    };
    invoice_payments::add(tx, ctx, &about);
    tx.update::<Invoice>(&invoice.id, |invoice| invoice.payment_intents.push(Id::clone(&intent.id)));
}
