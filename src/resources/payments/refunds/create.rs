//! Refunding a charge: its checks, in order (core-payments 8.3).
//!
//! May use: charges, disputes, the balance. Invariant: a refused refund has moved no money.

use std::sync::Arc;

use super::effects::{self, Wish};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, RefundedThing, Result};
use crate::money;
use crate::object::metadata;
use crate::resources::payments::charges::Charge;
use crate::resources::payments::disputes;
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::resources::payments::refunds::Refund;
use crate::state::document::Map;
use crate::state::object::Resource;
use crate::state::{Id, Kind, Ref, Tx};

/// `POST /v1/refunds`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let charge = charge_of(tx, params.str("charge"), params)?;
    refund(tx, ctx, &charge, params).map(refund_shown)
}

/// `POST /v1/charges/:id/refunds`: shows the refund.
pub(super) fn create_of_charge(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let charge = charge_of(tx, Some(call.arg(0)), &call.params)?;
    refund(tx, ctx, &charge, &call.params).map(refund_shown)
}

/// `POST /v1/charges/:id/refund`: shows the charge.
///
/// # Errors
/// Those of any refund.
pub(super) fn refund_charge(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let charge = charge_of(tx, Some(call.arg(0)), &call.params)?;
    refund(tx, ctx, &charge, &call.params)?;
    Ok(shown(Charge::KIND, Id::clone(&charge.id)))
}

/// Refunds an amount of a charge, in its currency's smallest unit, for something else than a call. Returns the refund.
///
/// # Errors
/// The charge cannot be refunded, or not as much.
pub fn make(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, amount: i64) -> Result<Id> {
    refund(tx, ctx, charge, &Map::from([("amount", amount)]))
}

fn refund_shown(id: Id) -> Outcome {
    shown(Refund::KIND, id)
}

fn shown(kind: Kind, id: Id) -> Outcome {
    Outcome::Done(Ref { kind, id })
}

/// The charge, by its id, by its intent, or by both.
fn charge_of(tx: &Tx, charge: Option<&str>, params: &Map) -> Result<Arc<Charge>> {
    let intent = params
        .str("payment_intent")
        .map(|id| require::<PaymentIntent>(tx, id, In::Param("payment_intent")))
        .transpose()?;
    // An unknown charge is a 404 about `id` even when a parameter names it (core-payments 8.3.2).
    let charge = charge.map(|id| require::<Charge>(tx, id, In::Path)).transpose()?;
    match (charge, intent) {
        (Some(charge), Some(intent)) if charge.payment_intent.as_ref() != Some(&intent.id) => {
            Err(ApiError::charge_of_other_intent(&charge.id, &intent.id))
        }
        (Some(charge), _) => Ok(charge),
        (None, Some(intent)) => {
            let latest = intent.latest_charge.as_ref().and_then(|id| tx.get::<Charge>(id));
            latest.ok_or_else(|| ApiError::intent_has_nothing_to_refund(&intent.id))
        }
        (None, None) => Err(ApiError::one_param_of("payment_intent", "charge")),
    }
}

fn refund(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, params: &Map) -> Result<Id> {
    let sent = params.int("amount");
    check_paid(charge)?;
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let amount = if charge.captured { captured_amount(tx, charge, sent)? } else { held_amount(charge, sent)? };
    check_sharing(charge, params)?;
    let wish = Wish {
        id: None,
        amount,
        reason: params.str("reason").map(str::to_owned),
        metadata,
        instructions_email: params.str("instructions_email").map(str::to_owned),
        refund_application_fee: params.bool("refund_application_fee") == Some(true),
        reverse_transfer: params.bool("reverse_transfer") == Some(true),
    };
    if charge.captured { effects::refund(tx, ctx, charge, wish) } else { Ok(effects::void(tx, ctx, charge, wish)) }
}

fn check_paid(charge: &Charge) -> Result<()> {
    if charge.paid {
        return Ok(());
    }
    Err(match &charge.payment_intent {
        Some(intent) => ApiError::intent_has_nothing_to_refund(intent),
        None => ApiError::charge_has_nothing_to_refund(&charge.id),
    })
}

/// The amount of a released hold: all of it (core-payments 8.3.14 to 8.3.16).
fn held_amount(charge: &Charge, sent: Option<i64>) -> Result<i64> {
    if charge.refunded {
        return Err(ApiError::charge_already_refunded(&charge.id));
    }
    if let Some(intent) = &charge.payment_intent {
        return Err(ApiError::refund_through_intent(intent));
    }
    match sent {
        Some(..=0) => Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > charge.amount => Err(too_large(charge, amount, charge.amount)),
        Some(amount) if amount < charge.amount => Err(ApiError::refund_part_of_hold()),
        _ => Ok(charge.amount),
    }
}

fn too_large(charge: &Charge, amount: i64, left: i64) -> ApiError {
    ApiError::refund_too_large(RefundedThing::Charge, amount, left, charge.amount, &charge.currency)
}

/// The amount of a refund of a captured charge (core-payments 8.3.5 to 8.3.12).
fn captured_amount(tx: &Tx, charge: &Charge, sent: Option<i64>) -> Result<i64> {
    let left = charge.refundable();
    if !disputes::allow_refund(tx, charge) {
        return Err(ApiError::charge_disputed(&charge.id));
    }
    if left <= 0 {
        return Err(ApiError::charge_already_refunded(&charge.id));
    }
    match sent {
        None => Ok(left),
        Some(..=0) => Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > money::MAX_AMOUNT => Err(ApiError::amount_too_large(&charge.currency)),
        Some(amount) if amount > left => Err(too_large(charge, amount, left)),
        Some(amount) => Ok(amount),
    }
}

/// A transfer can only be returned if the charge has one, and so can a fee; of a charge that was sent on without a fee,
/// there is nothing to return (core-payments 8.3.25, connect-accounts 7.1).
fn check_sharing(charge: &Charge, params: &Map) -> Result<()> {
    let asks = |param: &str| params.bool(param) == Some(true);
    let has = |field: &str| charge.rest.present(field).is_some();
    if asks("refund_application_fee") && !has("application_fee") && !has("transfer") {
        return Err(ApiError::refund_without_fee(&charge.id));
    }
    if asks("reverse_transfer") && !has("transfer") {
        return Err(ApiError::refund_without_transfer(&charge.id));
    }
    Ok(())
}
