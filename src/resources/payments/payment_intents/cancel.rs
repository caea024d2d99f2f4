//! The end of an intent without a payment: canceled, or because its hold expired (intents-and-checkout 1.2, 1.10).
//!
//! May use: charging. Invariant: a canceled intent holds nothing and waits for nobody.

use super::confirm::reference;
use super::{CancellationReason, IntentStatus, PaymentIntent};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::customers::cash_balances;
use crate::resources::payments::charges::flow::HOLD_SECONDS;
use crate::resources::payments::charges::{Charge, flow, settle};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};
use std::sync::Arc;

/// The statuses from which an intent can be canceled, as the error lists them: two of them are no status of the API.
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
    cancel_with(tx, ctx, call.arg(0), call.params.str("cancellation_reason").and_then(CancellationReason::parse))
}

/// Cancels the intent of another resource that has ended, if it is still open.
///
/// # Errors
/// It cannot be canceled any more.
pub(in crate::resources) fn abandon(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    abandon_as(tx, ctx, id, None)
}

/// As [`abandon`], for a reason.
///
/// # Errors
/// Those of [`abandon`].
pub(in crate::resources) fn abandon_as(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    id: &str,
    reason: Option<CancellationReason>,
) -> Result<()> {
    match require::<PaymentIntent>(tx, id, In::Path)?.is_open() {
        true => cancel_with(tx, ctx, id, reason).map(drop),
        false => Ok(()),
    }
}

fn cancel_with(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, reason: Option<CancellationReason>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, id, In::Path)?;
    let id = Id::clone(&intent.id);
    if matches!(intent.status, IntentStatus::Succeeded | IntentStatus::Canceled) {
        let error = ApiError::intent_cannot_cancel(intent.status.as_str(), CANCELABLE);
        return Err(error.embed("payment_intent", reference(&id)));
    }
    if let Some(charge) = intent.latest_charge.as_ref().filter(|_| intent.status == IntentStatus::RequiresCapture) {
        flow::release(tx, ctx, charge);
    }
    let on_its_way = intent.latest_charge.as_ref().filter(|_| intent.status == IntentStatus::Processing);
    if let Some(charge) = on_its_way.and_then(|charge| tx.get::<Charge>(charge)) {
        settle::fail(tx, ctx, &charge, None);
    }
    if let Some(customer) = &intent.customer {
        cash_balances::unapply(tx, ctx, customer, &id, &intent.currency);
    }
    end(tx, ctx, &id, reason);
    Ok(Outcome::Done(reference(&id)))
}

fn end(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, reason: Option<CancellationReason>) {
    let now = ctx.now;
    tx.update::<PaymentIntent>(id, |intent| {
        intent.status = IntentStatus::Canceled;
        intent.canceled_at = Some(now);
        intent.cancellation_reason = reason;
        intent.amount_capturable = 0;
        intent.authenticated = false;
        intent.rest.set("next_action", Doc::Null);
    });
}

/// Until when the charge of an intent is held, in Unix seconds.
pub(super) fn held_until(tx: &Tx, intent: &PaymentIntent) -> Option<i64> {
    let charge = intent.latest_charge.as_ref().and_then(|charge| tx.get::<Charge>(charge))?;
    let card = charge.rest.map("payment_method_details").and_then(|details| details.map("card"));
    Some(card.and_then(|card| card.int("capture_before")).unwrap_or(charge.created + HOLD_SECONDS))
}

/// The hold of an intent ends, and with it the intent.
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Arc<PaymentIntent>) -> Result<()> {
    if let Some(charge) = intent.latest_charge.as_ref().and_then(|charge| tx.get::<Charge>(charge)) {
        flow::expire(tx, ctx, &charge);
    }
    end(tx, ctx, &intent.id, Some(CancellationReason::Automatic));
    Ok(())
}

/// Completes an intent of a dump, which may have an older form or be written by hand.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<PaymentIntent>(&about.id, |intent| {
        let mut rest = template::template(PaymentIntent::KIND);
        rest.set("livemode", false);
        rest.set("confirmation_method", "automatic");
        rest.set("payment_method_options", Map::new());
        rest.set("payment_method_types", Doc::List(vec!["card".into()]));
        rest.merge(&intent.rest);
        intent.rest = rest;
    });
    if let Some(intent) =
        tx.get::<PaymentIntent>(&about.id).filter(|intent| intent.status == IntentStatus::RequiresCapture)
    {
        let until = held_until(tx, &intent);
        tx.update::<PaymentIntent>(&about.id, |intent| intent.held_until = Absent(until));
    }
    Ok(())
}
