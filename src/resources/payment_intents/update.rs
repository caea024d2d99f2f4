//! Changing, capturing and canceling an intent (intents-and-checkout 1.10, 1.11).

use super::PaymentIntent;
use super::confirm::{find, reference};
use super::create::{apply, check_amount, chosen, find_customer, keep};
use crate::api::error::{ApiError, Result};
use crate::api::operation::{Call, Ctx, Outcome};
use crate::resources::charges::flow;
use crate::resources::{metadata, payment_methods};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// What may change only while the intent is open.
const FROZEN_LATER: &[&str] = &[
    "amount",
    "currency",
    "customer",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "capture_method",
    "setup_future_usage",
];

/// `POST /v1/payment_intents/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = find(tx, call.arg(0))?;
    let params = &call.params;
    let id = Id::clone(&intent.id);
    if !intent.is_open()
        && let Some(param) = FROZEN_LATER.iter().find(|param| params.has(param))
    {
        return Err(ApiError::intent_param_frozen(param, &intent.status).embed("payment_intent", reference(&id)));
    }
    let mut changed = PaymentIntent::clone(&intent);
    change(tx, &mut changed, params)?;
    let customer = changed.customer.clone();
    let instrument = chosen(tx, ctx, params)?;
    if let Some(instrument) = &instrument {
        payment_methods::check_use(tx, instrument, customer.as_ref())
            .map_err(|error| error.embed("payment_intent", reference(&id)))?;
        changed.choose(instrument.id());
    }
    let reconsider = instrument.is_some() || params.has("amount");
    if reconsider && changed.is_open() && changed.payment_method.is_some() {
        changed.status = "requires_confirmation".to_owned();
        changed.authenticated = false;
        changed.rest.set("next_action", Doc::Null);
    }
    tx.update::<PaymentIntent>(&id, |intent| *intent = changed);
    Ok(Outcome::Done(reference(&id)))
}

fn change(tx: &Tx, intent: &mut PaymentIntent, params: &Map) -> Result<()> {
    if params.has("amount") || params.has("currency") {
        intent.amount = params.int("amount").unwrap_or(intent.amount);
        intent.currency = check_amount(intent.amount, params.str("currency").unwrap_or(&intent.currency))?;
    }
    if let Some(customer) = params.str("customer") {
        intent.customer = Some(find_customer(tx, customer)?);
    }
    if let Some(types) = params.get("payment_method_types") {
        intent.rest.set("payment_method_types", types.clone());
        intent.rest.set("automatic_payment_methods", Doc::Null);
    }
    intent.metadata = metadata::merge(&intent.metadata, params.get("metadata"))?;
    apply(intent, params);
    Ok(())
}

/// `POST /v1/payment_intents/:id/capture`.
pub(super) fn capture(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = find(tx, call.arg(0))?;
    let id = Id::clone(&intent.id);
    check_capture(&intent, &call.params).map_err(|error| error.embed("payment_intent", reference(&id)))?;
    let amount = call.params.int("amount_to_capture").unwrap_or(intent.amount_capturable);
    if let Some(charge) = &intent.latest_charge {
        flow::capture(tx, ctx, charge, Some(amount));
    }
    let metadata = metadata::merge(&intent.metadata, call.params.get("metadata"))?;
    tx.update::<PaymentIntent>(&id, |intent| {
        intent.metadata = metadata;
        intent.status = "succeeded".to_owned();
        intent.amount_capturable = 0;
        intent.amount_received = amount;
        keep(&mut intent.rest, &call.params);
    });
    Ok(Outcome::Done(reference(&id)))
}

fn check_capture(intent: &PaymentIntent, params: &Map) -> Result<()> {
    if intent.status == "succeeded" && intent.capture_method == "manual" {
        return Err(ApiError::intent_rest_released());
    }
    if intent.status != "requires_capture" {
        return Err(ApiError::intent_cannot_capture(&intent.status));
    }
    if params.bool("final_capture") == Some(false) {
        return Err(ApiError::not_implemented_feature("capturing a PaymentIntent several times (final_capture=false)"));
    }
    match params.int("amount_to_capture") {
        Some(..0) => Err(ApiError::param_negative("amount_to_capture")),
        // Recorded so: the parameter's name is another (intents-and-checkout 1.10).
        Some(0) => Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > intent.amount_capturable => Err(ApiError::intent_capture_too_large()),
        _ => Ok(()),
    }
}

/// The statuses from which an intent can be canceled, as the error lists them.
const CANCELABLE: &[&str] = &[
    "requires_payment_method",
    "requires_capture",
    "requires_reauthorization",
    "requires_confirmation",
    "requires_action",
    "expired",
    "processing",
];

/// `POST /v1/payment_intents/:id/cancel`.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = find(tx, call.arg(0))?;
    let id = Id::clone(&intent.id);
    if !CANCELABLE.contains(&intent.status.as_str()) {
        let error = ApiError::intent_cannot_cancel(&intent.status, CANCELABLE);
        return Err(error.embed("payment_intent", reference(&id)));
    }
    end(tx, ctx, &intent, call.params.str("cancellation_reason"));
    Ok(Outcome::Done(reference(&id)))
}

/// Cancels an intent that may be canceled: what it holds is released.
pub(super) fn end(tx: &mut Tx, ctx: &Ctx<'_>, intent: &PaymentIntent, reason: Option<&str>) {
    if intent.status == "requires_capture"
        && let Some(charge) = &intent.latest_charge
    {
        flow::release(tx, ctx, charge);
    }
    let now = ctx.now;
    tx.update::<PaymentIntent>(&intent.id, |intent| {
        "canceled".clone_into(&mut intent.status);
        intent.canceled_at = Some(now);
        intent.cancellation_reason = reason.map(str::to_owned);
        intent.amount_capturable = 0;
        intent.rest.set("next_action", Doc::Null);
    });
}
