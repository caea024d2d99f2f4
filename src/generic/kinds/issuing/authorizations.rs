//! Test helpers of Issuing: capturing, increasing and reversing an authorization; charging a card without one.
//!
//! May use: the generic operations, the bounds of amounts. Invariant: an authorization and its transactions agree; no
//! balance changes.

use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::generic::shape::Shape;
use crate::generic::{kinds, operations};
use crate::money;
use crate::object::references;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Kind, Ref, Tx};

const AUTHORIZATION: Kind = crate::kind!("issuing.authorization");
const TRANSACTION: Kind = crate::kind!("issuing.transaction");

/// The statuses in which it may be changed.
const OPEN: &[&str] = &["pending"];

/// Captures the authorized amount, or another one.
pub(super) fn capture(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut authorization = find(tx, call, "capture")?;
    let amount = amount(call, "capture_amount")?.or(authorization.body.int("amount")).unwrap_or_default();
    let of = |name: &str| authorization.body.get(name).cloned().unwrap_or_default();
    let card = authorization.body.map("card").and_then(|card| card.get("id")).cloned();
    let mut sent = Map::from([
        ("card", card.unwrap_or_default()),
        ("currency", of("currency")),
        ("merchant_data", of("merchant_data")),
    ]);
    if let Some(details) = call.params.get("purchase_details") {
        sent.set("purchase_details", details.clone());
    }
    let made = transaction(tx, ctx, &sent, ("capture", amount.saturating_neg()), Some(call.arg(0)))?;
    let shown = tx.record(TRANSACTION, &made.id).map(|record| record.object.to_doc()).unwrap_or_default();
    if let Some(Doc::List(transactions)) = authorization.body.get_mut("transactions") {
        transactions.push(shown.into());
    }
    if call.params.bool("close_authorization") != Some(false) {
        authorization.body.set("status", "closed");
    }
    Ok(store(tx, authorization))
}

/// Sets the final amount.
pub(super) fn finalize(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let authorization = find(tx, call, "finalize_amount")?;
    let amount = amount(call, "final_amount")?.unwrap_or_default();
    Ok(store(tx, with_amount(authorization, amount)))
}

/// Increases the authorized amount.
pub(super) fn increment(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let authorization = find(tx, call, "increment")?;
    let more = amount(call, "increment_amount")?.unwrap_or_default();
    let held = authorization.body.int("amount").unwrap_or_default();
    let most = money::MAX_AMOUNT.saturating_sub(held);
    if more > most {
        return Err(ApiError::param_above("increment_amount", most));
    }
    Ok(store(tx, with_amount(authorization, held + more)))
}

/// Reverses a part of the authorization, or all of it.
pub(super) fn reverse(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let authorization = find(tx, call, "reverse")?;
    let held = authorization.body.int("amount").unwrap_or_default();
    let less = amount(call, "reverse_amount")?.unwrap_or(held);
    if less > held {
        return Err(ApiError::authorization_reversal_too_large(less, held));
    }
    let mut authorization = with_amount(authorization, held - less);
    if less == held {
        authorization.body.set("status", "reversed");
    }
    Ok(store(tx, authorization))
}

/// Charges a card without an authorization.
pub(super) fn force_capture(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    unlinked(tx, ctx, call, "capture", -1)
}

/// Refunds a card without a charge.
pub(super) fn unlinked_refund(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    unlinked(tx, ctx, call, "refund", 1)
}

fn unlinked(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, kind: &'static str, sign: i64) -> Result<Outcome> {
    let info = kinds::of(TRANSACTION).ok_or_else(ApiError::internal)?;
    references::check(tx, call, info.object)?;
    let amount = amount(call, "amount")?.unwrap_or_default();
    let mut sent: Map = (*call.params).clone();
    let _ = sent.remove("amount");
    Ok(Outcome::Done(transaction(tx, ctx, &sent, (kind, sign * amount), None)?))
}

/// An amount that was sent, in the currency's smallest unit: above zero, and at most the largest charge.
fn amount(call: &Call<'_>, param: &str) -> Result<Option<i64>> {
    match call.params.int(param) {
        Some(..=0) => Err(ApiError::param_below(param, 1)),
        Some(amount) if amount > money::MAX_AMOUNT => Err(ApiError::param_above(param, money::MAX_AMOUNT)),
        amount => Ok(amount),
    }
}

fn transaction(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    sent: &Map,
    (kind, amount): (&'static str, i64),
    authorization: Option<&str>,
) -> Result<Ref> {
    let info = kinds::of(TRANSACTION).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let body = operations::make(tx, ctx, sent, info, &id, |body| {
        body.set("amount", amount);
        body.set("authorization", authorization.map(str::to_owned));
        body.set("type", kind);
    })?;
    Ok(operations::store(tx, ctx, info, &id, None, body))
}

fn find(tx: &Tx, call: &Call<'_>, verb: &str) -> Result<Edit<Shape>> {
    let shape = Shape::to_change(tx, AUTHORIZATION, call.arg(0))?;
    match shape.body.str("status") {
        Some(status) if OPEN.contains(&status) => Ok(shape),
        status => Err(ApiError::wrong_state(AUTHORIZATION.name(), verb, "status", status.unwrap_or("null"), OPEN)),
    }
}

fn with_amount(mut authorization: Edit<Shape>, amount: i64) -> Edit<Shape> {
    for field in ["amount", "merchant_amount"] {
        authorization.body.set(field, amount);
    }
    authorization
}

fn store(tx: &mut Tx, authorization: Edit<Shape>) -> Outcome {
    let about = Ref { kind: AUTHORIZATION, id: crate::state::Object::id(&*authorization).clone() };
    authorization.save(tx);
    Outcome::Done(about)
}
