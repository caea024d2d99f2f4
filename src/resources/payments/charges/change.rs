//! Capturing and updating a charge (core-payments 6.8, 6.9).
//!
//! May use: charging, connect. Invariant: a refused call changes nothing.

use super::{Charge, connect, create, flow, shape};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

/// `POST /v1/charges/:id/capture`.
pub(super) fn capture(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let charge = require::<Charge>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    check_held(&charge)?;
    let amount = params.int("amount").unwrap_or(charge.amount);
    if amount < 1 {
        return Err(ApiError::param_below("amount", 1));
    }
    if amount > charge.amount {
        return Err(ApiError::capture_too_large());
    }
    flow::check_minimum(amount, &charge.currency, None)?;
    let sharing = create::sharing(params);
    check_sharing(tx, &charge, &sharing, amount)?;
    let transfer_group = transfer_group(&charge, params)?;
    tx.update::<Charge>(&charge.id, |charge| {
        charge.transfer_group = transfer_group;
        for key in ["receipt_email", "statement_descriptor", "statement_descriptor_suffix"] {
            if let Some(value) = params.get(key) {
                charge.rest.set(key, value.clone());
            }
        }
    });
    connect::reconsider(tx, &charge.id, &sharing);
    flow::capture(tx, ctx, &charge.id, Some(amount));
    Ok(Outcome::Done(reference(&charge)))
}

/// The connect parameters of a capture must fit those of the charge, and its accounts must still take money.
fn check_sharing(tx: &Tx, charge: &Charge, said: &Map, amount: i64) -> Result<()> {
    let mut kept = Map::new();
    for key in connect::SHARING {
        kept.set(*key, charge.rest.get(key).cloned().unwrap_or_default());
    }
    kept.merge(said);
    connect::check_capture(tx, &kept)?;
    if said.is_empty() { Ok(()) } else { connect::check(tx, &kept, amount) }
}

fn reference(charge: &Charge) -> Ref {
    Ref { kind: Charge::KIND, id: Id::clone(&charge.id) }
}

fn check_held(charge: &Charge) -> Result<()> {
    if !charge.paid {
        return Err(ApiError::charge_failed(&charge.id));
    }
    if charge.captured {
        return Err(ApiError::charge_already_captured(&charge.id));
    }
    if let Some(intent) = &charge.payment_intent {
        return Err(ApiError::capture_through_intent(intent));
    }
    if charge.refunded && charge.expired.0 {
        return Err(ApiError::charge_expired_for_capture(&charge.id));
    }
    if charge.refunded {
        return Err(ApiError::charge_already_refunded(&charge.id));
    }
    Ok(())
}

/// `POST /v1/charges/:id`.
pub(super) fn update(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let charge = require::<Charge>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let mut changed = Charge::clone(&charge);
    changed.customer = customer(tx, &charge, params)?;
    changed.transfer_group = transfer_group(&charge, params)?;
    changed.metadata = metadata::merge(&charge.metadata, params.get("metadata"))?;
    if let Some(description) = params.get("description") {
        changed.description = description.as_str().map(str::to_owned);
    }
    if let Some(email) = params.get("receipt_email") {
        changed.rest.set("receipt_email", email.clone());
    }
    update_details(&mut changed.rest, params);
    tx.save(&charge, changed);
    Ok(Outcome::Done(reference(&charge)))
}

fn update_details(rest: &mut Map, params: &Map) {
    match params.map("fraud_details").and_then(|details| details.get("user_report")) {
        Some(Doc::Null) => rest.set("fraud_details", Map::new()),
        Some(report) => rest.set("fraud_details", Map::from([("user_report", report.clone())])),
        None => {}
    }
    if let Some(sent) = params.map("shipping") {
        let mut shipping = rest.map("shipping").cloned().unwrap_or_default();
        shipping.merge(sent);
        rest.set("shipping", shape::shipping(shipping.into()));
    }
}

/// The customer can be set once (core-payments 6.9.1).
fn customer(tx: &Tx, charge: &Charge, params: &Map) -> Result<Option<Id>> {
    let Some(sent) = params.str("customer") else { return Ok(charge.customer.clone()) };
    let customer = require::<Customer>(tx, sent, In::Param("customer"))?;
    match &charge.customer {
        Some(current) if *current != customer.id => Err(ApiError::charge_has_customer(&charge.id)),
        _ => Ok(Some(Id::clone(&customer.id))),
    }
}

/// The transfer group can be set once, and never on an intent's charge (core-payments 6.9.1, 6.9.3).
fn transfer_group(charge: &Charge, params: &Map) -> Result<Option<String>> {
    let Some(sent) = params.str("transfer_group") else { return Ok(charge.transfer_group.clone()) };
    if let Some(intent) = &charge.payment_intent {
        return Err(ApiError::transfer_group_through_intent(intent));
    }
    match &charge.transfer_group {
        Some(current) if current != sent => Err(ApiError::charge_has_transfer_group(&charge.id)),
        _ => Ok(Some(sent.to_owned())),
    }
}
