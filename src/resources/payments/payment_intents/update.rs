//! Changing an intent (intents-and-checkout 1.2, 1.11).
//!
//! May use: the fields of intents. Invariant: a refused call changes nothing.

use super::confirm::reference;
use super::create::{CVC_TOKEN, check_amount, cvc_token, find_customer};
use super::fields::{apply, check, offer_again};
use super::{IntentStatus, PaymentIntent, line_items};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::instruments::payment_methods;
use crate::resources::payments::automatic_methods;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// The parameters that can only change while the intent is open.
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
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let id = Id::clone(&intent.id);
    if !intent.is_open()
        && let Some(param) = FROZEN_LATER.iter().find(|param| params.has(param))
    {
        return Err(
            ApiError::intent_param_frozen(param, intent.status.as_str()).embed("payment_intent", reference(&id))
        );
    }
    let mut changed = PaymentIntent::clone(&intent);
    change(tx, &mut changed, params).map_err(|error| error.embed("payment_intent", reference(&id)))?;
    let customer = changed.customer.clone();
    let instrument = payment_methods::chosen(tx, ctx, params)?;
    if let Some(instrument) = &instrument {
        payment_methods::check_use(tx, instrument, customer.as_ref())
            .map_err(|error| error.embed("payment_intent", reference(&id)))?;
        changed.choose(instrument.id());
    }
    let reconsider = instrument.is_some() || params.has("amount");
    if reconsider && changed.is_open() && changed.payment_method.is_some() {
        changed.status = IntentStatus::RequiresConfirmation;
        changed.authenticated = false;
        changed.rest.set("next_action", Doc::Null);
    }
    line_items::replace(tx, ctx, &id, params);
    tx.save(&intent, changed);
    Ok(Outcome::Done(reference(&id)))
}

fn change(tx: &Tx, intent: &mut PaymentIntent, params: &Map) -> Result<()> {
    if params.has("amount") || params.has("currency") {
        intent.amount = params.int("amount").unwrap_or(intent.amount);
        intent.currency = check_amount(intent.amount, params.str("currency").unwrap_or(&intent.currency))?;
    }
    if let Some(customer) = params.str("customer") {
        let customer = find_customer(tx, customer)?;
        if intent.customer.as_ref().is_some_and(|current| *current != customer) {
            return Err(ApiError::intent_has_customer());
        }
        intent.customer = Some(customer);
    }
    if cvc_token(params).is_some() {
        return Err(ApiError::intent_param_only_confirms(CVC_TOKEN));
    }
    intent.metadata = metadata::merge(&intent.metadata, params.get("metadata"))?;
    automatic_methods::configure(tx, &mut intent.rest, params)?;
    apply(intent, params)?;
    offer_again(tx, intent, params)?;
    check(tx, intent, params)
}
