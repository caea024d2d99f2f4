//! Capturing the hold of an intent, and increasing it (intents-and-checkout 1.3, 1.10, 1.11).
//!
//! May use: charging. Invariant: `amount_capturable` and `amount_received` together are at most the amount.

use std::sync::Arc;

use super::confirm::reference;
use super::create::check_amount;
use super::fields::{check, keep};
use super::{IntentStatus, PaymentIntent, line_items};
use crate::contract::{self, Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::payments::charges::{self, Charge, flow};
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// How often an authorization may be incremented (intents-and-checkout 1.3).
const INCREMENTS_MAX: i64 = 10;

/// `POST /v1/payment_intents/:id/capture`.
pub(super) fn capture(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    let id = Id::clone(&intent.id);
    let params = &call.params;
    let mut changed = PaymentIntent::clone(&intent);
    let checked = check_capture(tx, &intent, params).and_then(|()| {
        changed.metadata = metadata::merge(&intent.metadata, params.get("metadata"))?;
        keep(&mut changed.rest, params);
        charges::check_capture(tx, &changed.rest)?;
        check(tx, &changed, params)
    });
    checked.map_err(|error| error.embed("payment_intent", reference(&id)))?;
    line_items::replace(tx, ctx, &id, params);
    let amount = params.int("amount_to_capture").unwrap_or(intent.amount_capturable);
    let is_last = params.bool("final_capture") != Some(false) || amount == intent.amount_capturable;
    if let Some(charge) = &intent.latest_charge {
        charges::reconsider(tx, charge, &changed.rest);
        if is_last {
            flow::capture(tx, ctx, charge, Some(amount));
        } else {
            flow::capture_part(tx, ctx, charge, amount);
        }
    }
    // What follows from the charge is emitted before the intent's own events (core-payments 10.3.14).
    contract::settle(tx, ctx);
    changed.amount_received += amount;
    changed.amount_capturable = if is_last { 0 } else { intent.amount_capturable - amount };
    if is_last {
        changed.status = IntentStatus::Succeeded;
    }
    tx.save(&intent, changed);
    Ok(Outcome::Done(reference(&id)))
}

fn check_capture(tx: &Tx, intent: &PaymentIntent, params: &Map) -> Result<()> {
    if intent.status == IntentStatus::Succeeded && intent.holds("card") {
        return Err(ApiError::intent_rest_released());
    }
    if intent.status != IntentStatus::RequiresCapture {
        return Err(ApiError::intent_cannot_capture(intent.status.as_str()));
    }
    let is_last = params.bool("final_capture") != Some(false);
    if !is_last && !held(tx, intent).is_some_and(|charge| is_available(&charge, "multicapture")) {
        return Err(ApiError::intent_not_multicapturable());
    }
    match params.int("amount_to_capture") {
        Some(..0) => Err(ApiError::param_negative("amount_to_capture")),
        // After captures that were not the last, a capture of 0 releases the rest.
        Some(0) if is_last && intent.amount_received > 0 => Ok(()),
        // Recorded with another parameter's name (intents-and-checkout 1.10).
        Some(0) => Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > intent.amount_capturable => Err(ApiError::intent_capture_too_large()),
        _ => Ok(()),
    }
}

/// `POST /v1/payment_intents/:id/increment_authorization`.
pub(super) fn increment(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    let id = Id::clone(&intent.id);
    let params = &call.params;
    let amount = params.int("amount").unwrap_or_default();
    let mut changed = PaymentIntent::clone(&intent);
    changed.amount = amount;
    changed.amount_capturable = amount;
    changed.increments = Absent(Some(intent.increments.0.unwrap_or_default() + 1));
    let checked = check_increment(tx, &intent, amount).and_then(|()| {
        changed.metadata = metadata::merge(&intent.metadata, params.get("metadata"))?;
        keep(&mut changed.rest, params);
        check(tx, &changed, params)
    });
    checked.map_err(|error| error.embed("payment_intent", reference(&id)))?;
    line_items::replace(tx, ctx, &id, params);
    if let Some(charge) = &intent.latest_charge {
        charges::reconsider(tx, charge, &changed.rest);
        flow::increment(tx, charge, amount);
    }
    tx.save(&intent, changed);
    Ok(Outcome::Done(reference(&id)))
}

fn check_increment(tx: &Tx, intent: &PaymentIntent, amount: i64) -> Result<()> {
    if intent.status != IntentStatus::RequiresCapture || intent.amount_received > 0 {
        return Err(ApiError::intent_cannot_increment(intent.status.as_str()));
    }
    if !held(tx, intent).is_some_and(|charge| is_available(&charge, "incremental_authorization")) {
        return Err(ApiError::intent_not_incrementable());
    }
    if intent.increments.0.is_some_and(|count| count >= INCREMENTS_MAX) {
        return Err(ApiError::intent_increments_used_up(INCREMENTS_MAX));
    }
    if amount <= intent.amount {
        return Err(ApiError::intent_increment_too_small(intent.amount));
    }
    check_amount(amount, &intent.currency).map(|_| ())
}

fn held(tx: &Tx, intent: &PaymentIntent) -> Option<Arc<Charge>> {
    tx.get::<Charge>(intent.latest_charge.as_ref()?)
}

fn card<'c>(charge: &'c Charge, key: &str) -> Option<&'c Doc> {
    charge.rest.map("payment_method_details")?.map("card")?.present(key)
}

/// Whether the charge's card offers a requested feature.
fn is_available(charge: &Charge, feature: &str) -> bool {
    let status = card(charge, feature).and_then(Doc::as_map).and_then(|feature| feature.str("status"));
    status == Some("available")
}
