//! Attaching, detaching and updating (core-payments 4.4 to 4.6).
//!
//! May use: customers and their sources, the test cards. Invariant: a refused call changes nothing, and a detached
//! payment method is consumed.

use super::Instrument;
use super::{PaymentMethod, create, shape, types};
use crate::contract::{Call, Ctx, In, Outcome, require, show};
use crate::error::{ApiError, Result};
use crate::issuers::Check;
use crate::object::metadata;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_sources;
use crate::resources::instruments::card_details::CardDetails;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Ref, Tx};

/// `POST /v1/payment_methods/:id/attach`.
pub(super) fn attach_call(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let is_platform = tx.account() == AccountKey::PLATFORM && tx.state().accounts().nth(1).is_some();
    let found = create::obtain_in_path(tx, ctx, call.arg(0));
    let method = found.map_err(|error| if is_platform { error.about_connected_method() } else { error })?;
    let customer = call.params.str("customer").ok_or_else(ApiError::attach_needs_customer)?;
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    attach(tx, ctx, method.id(), &customer.id)?;
    Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id: method.id().clone() }))
}

/// Attaches a payment method to an existing customer (core-payments 4.4): the card is checked and may be declined;
/// attaching it to the same customer again is allowed.
///
/// # Errors
/// Attached to another customer, consumed, or declined (core-payments 3.5).
pub fn attach(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: &Id) -> Result<()> {
    keep(tx, ctx, id, Some(customer), false)
}

/// Records that a setup intent succeeded with a payment method: it is attached to the customer, if there is one, and
/// counts as set up for off-session payments (intents-and-checkout 2.2). All of this is one step.
///
/// # Errors
/// Those of [`attach`].
pub fn set_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: Option<&Id>, off_session: bool) -> Result<()> {
    keep(tx, ctx, id, customer, off_session)
}

/// Notes that a security code was entered for a card that had none: its issuer checks it at the next charge (core-payments
/// 4.1.1). Legacy cards do not change.
pub fn enter_cvc(tx: &mut Tx, id: &str) {
    let lacks_code = |method: &PaymentMethod| method.card.0.as_ref().is_some_and(|card| card.cvc_check.is_none());
    if !tx.get::<PaymentMethod>(id).is_some_and(|method| lacks_code(&method)) {
        return;
    }
    tx.quietly(|tx| {
        tx.update::<PaymentMethod>(id, |method| {
            if let Some(card) = &mut method.card.0 {
                card.cvc_check = Some(Check::Unchecked);
            }
        });
    });
}

/// Adds data from a page to the billing details of a payment method without a customer; existing data stays.
pub fn complete_billing(tx: &mut Tx, id: &str, said: &Map) {
    let Some(method) = tx.get::<PaymentMethod>(id).filter(|method| method.customer.is_none()) else { return };
    let known = method.rest.map("billing_details");
    let is_new = |key: &str| known.is_none_or(|known| known.present(key).is_none());
    let new = said.iter().filter(|(key, value)| !value.is_null() && is_new(key));
    let new = Map::from_entries(new.map(|(key, value)| (key.to_owned().into(), value.clone())).collect());
    if !new.is_empty() {
        tx.update::<PaymentMethod>(id, |method| shape::merge_billing_details(&mut method.rest, &new));
    }
}

fn keep(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: Option<&Id>, set_up: bool) -> Result<()> {
    let instrument = create::obtain(tx, ctx, id, "payment_method")?;
    let attached_to = match (instrument.customer(), customer) {
        (Some(owner), Some(customer)) if owner == customer => None,
        (Some(_), Some(_)) => return Err(ApiError::payment_method_attached_elsewhere()),
        (_, customer) => customer,
    };
    let Instrument::PaymentMethod(method) = instrument else {
        let source = Doc::from(instrument.id().to_string());
        let Some(customer) = attached_to else { return Ok(()) };
        return customer_sources::attach(tx, ctx, customer, &source, "payment_method").map(|_| ());
    };
    let mut kept = (*method).clone();
    if let Some(customer) = attached_to {
        check_attachable(&method)?;
        kept.customer = Some(customer.clone());
    }
    if let Some(card) = &mut kept.card.0 {
        card.make_checks();
    }
    kept.set_up |= set_up;
    // A step without a change would still be in the journal.
    if attached_to.is_some() || kept.set_up != method.set_up || kept.card != method.card {
        tx.save(&method, kept);
    }
    Ok(())
}

fn check_attachable(method: &PaymentMethod) -> Result<()> {
    if method.consumed {
        return Err(ApiError::payment_method_not_attachable());
    }
    if !types::is_reusable(&method.kind) {
        return Err(ApiError::payment_method_type_not_saved(&method.kind));
    }
    method.card.0.as_ref().map_or(Ok(()), CardDetails::check_saving)
}

/// `POST /v1/payment_methods/:id/detach`.
pub(super) fn detach(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let method = create::obtain_in_path(tx, ctx, call.arg(0))?;
    let Some(customer) = method.customer().cloned() else {
        return Err(ApiError::payment_method_not_attached());
    };
    let id = method.id().clone();
    if let Instrument::PaymentMethod(_) = method {
        release(tx, &id);
        return Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id }));
    }
    unset_default(tx, &customer, &id);
    // The legacy object may be deleted afterwards: the answer shows it as it was.
    let reference = method.reference();
    let record = tx.record(reference.kind, &id).cloned();
    let doc = record.and_then(|record| show(&record, PaymentMethod::KIND)).ok_or_else(ApiError::internal)?;
    customer_sources::remove(tx, &customer, &id);
    Ok(Outcome::Value(doc.with("customer", Doc::Null).into()))
}

/// Takes a payment method away from its customer; nobody uses it again.
pub fn release(tx: &mut Tx, id: &str) {
    let known = tx.get::<PaymentMethod>(id);
    let Some(customer) = known.and_then(|method| method.customer.clone()) else { return };
    unset_default(tx, &customer, id);
    tx.update::<PaymentMethod>(id, |method| {
        method.customer = None;
        method.consumed = true;
    });
}

/// Invoices are no longer charged to a removed payment method (core-payments 4.5.6).
fn unset_default(tx: &mut Tx, customer: &str, method: &str) {
    const SETTINGS: &str = "invoice_settings";
    const DEFAULT: &str = "default_payment_method";
    let is_default = tx
        .get::<Customer>(customer)
        .is_some_and(|customer| customer.rest.map(SETTINGS).and_then(|settings| settings.str(DEFAULT)) == Some(method));
    if is_default {
        tx.update::<Customer>(customer, |customer| {
            customer.rest.merge(&Map::from([(SETTINGS, Map::from([(DEFAULT, Doc::Null)]))]));
        });
    }
}

/// `POST /v1/payment_methods/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Instrument::PaymentMethod(method) = create::obtain_in_path(tx, ctx, call.arg(0))? else {
        return Err(ApiError::not_implemented_feature(
            "updating a customer's source as a payment method (POST /v1/customers/{customer}/sources/{id} does it)",
        ));
    };
    if method.customer.is_none() {
        return Err(ApiError::payment_method_not_saved());
    }
    let mut changed = (*method).clone();
    change(&mut changed, ctx, &call.params)?;
    let id = changed.id.clone();
    tx.save(&method, changed);
    Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id }))
}

fn change(method: &mut PaymentMethod, ctx: &Ctx<'_>, params: &Map) -> Result<()> {
    if let Some((other, _)) = params.iter().find(|(key, _)| *key != method.kind && types::is_type(key)) {
        return Err(ApiError::payment_method_type_mismatch(other.to_owned(), &method.kind));
    }
    method.metadata = metadata::merge(&method.metadata, params.get("metadata"))?;
    if let Some(details) = params.map("billing_details") {
        shape::merge_billing_details(&mut method.rest, details);
    }
    if let Some(value) = params.present("allow_redisplay") {
        method.rest.set("allow_redisplay", value.clone());
    }
    let Some(hash) = params.map(&method.kind) else { return Ok(()) };
    match &mut method.card.0 {
        Some(card) => change_card(card, ctx, hash),
        None => {
            // Fields that were not shown before, such as an account number, are not shown now.
            let shown = method.rest.map(&method.kind).cloned().unwrap_or_default();
            let entries = hash.iter().filter(|(key, _)| shown.has(key));
            let hash = Map::from_entries(entries.map(|(key, value)| (key.to_owned().into(), value.clone())).collect());
            method.rest.merge(&Map::from_entries(vec![(method.kind.clone().into(), hash.into())]));
            Ok(())
        }
    }
}

fn change_card(card: &mut CardDetails, ctx: &Ctx<'_>, hash: &Map) -> Result<()> {
    card.change_expiry(ctx, hash.int("exp_month"), hash.int("exp_year"))?;
    card.prefer(hash);
    Ok(())
}
