//! Confirming an intent (intents-and-checkout 1.2, 1.5, 1.11): everything that is checked before somebody pays.

use std::sync::Arc;

use super::create::{apply, chosen};
use super::rails::{self, Terms, Trial};
use super::{PaymentIntent, outcome};
use crate::api::error::{ApiError, Result};
use crate::api::operation::{Call, Ctx, KeyKind, Outcome};
use crate::resources::instrument::Instrument;
use crate::resources::payment_methods;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

/// `POST /v1/payment_intents/:id/confirm`.
pub(super) fn confirm(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = find(tx, call.arg(0))?;
    let shown = || reference(&stored.id);
    check_open(&stored, &call.params).map_err(|error| error.embed("payment_intent", shown()))?;
    if ctx.key == KeyKind::Publishable && stored.is_confirmed_manually() {
        return Err(ApiError::intent_manual_needs_secret_key().embed("payment_intent", shown()));
    }
    let mut intent = PaymentIntent::clone(&stored);
    if let Some(instrument) = chosen(tx, ctx, &call.params)? {
        intent.choose(instrument.id());
    }
    apply(&mut intent, &call.params);
    run(tx, ctx, intent, &call.params)
}

/// The intent that a path names.
pub(super) fn find(tx: &Tx, id: &str) -> Result<Arc<PaymentIntent>> {
    tx.get::<PaymentIntent>(id).ok_or_else(|| ApiError::missing_in_path("payment_intent", id, "intent"))
}

pub(super) fn reference(id: &Id) -> Ref {
    Ref { kind: PaymentIntent::KIND, id: Id::clone(id) }
}

fn check_open(intent: &PaymentIntent, params: &Map) -> Result<()> {
    if intent.is_open() {
        return Ok(());
    }
    if params.present("payment_method").is_some() || params.present("payment_method_data").is_some() {
        return Err(ApiError::intent_param_frozen("payment_method", &intent.status));
    }
    Err(ApiError::intent_cannot_confirm(&intent.status))
}

/// Confirms an open intent that is stored; `intent` is what it becomes if somebody is asked to pay, and `params`
/// are those of the call.
///
/// # Errors
/// The confirmation is refused: the stored intent stays as it was, and the error shows it.
pub(super) fn run(tx: &mut Tx, ctx: &Ctx<'_>, intent: PaymentIntent, params: &Map) -> Result<Outcome> {
    let id = Id::clone(&intent.id);
    let terms = Terms::of(params);
    let instrument =
        prepare(tx, ctx, &intent, &terms).map_err(|error| error.embed("payment_intent", reference(&id)))?;
    let rail = rails::of(&instrument)?;
    let trial = Trial { intent, instrument, terms };
    let progress = if trial.intent.authenticated {
        (rail.resume)(tx, ctx, &trial, true)?
    } else {
        (rail.attempt)(tx, ctx, &trial)?
    };
    outcome::conclude(tx, ctx, trial, progress)
}

/// Everything that refuses a confirmation before anybody is asked for money.
fn prepare(tx: &mut Tx, ctx: &Ctx<'_>, intent: &PaymentIntent, terms: &Terms) -> Result<Instrument> {
    let Some(id) = &intent.payment_method else {
        return Err(ApiError::intent_lacks_method(intent.customer.as_deref()));
    };
    if terms.off_session && intent.setup_future_usage.is_some() {
        return Err(ApiError::intent_off_session_setup());
    }
    if intent.may_redirect() && !terms.off_session && terms.return_url.is_none() {
        return Err(ApiError::intent_needs_return_url());
    }
    let instrument = payment_methods::obtain(tx, ctx, id, "payment_method")?;
    if intent.tried.as_ref() != Some(id) {
        payment_methods::check_use(tx, &instrument, intent.customer.as_ref())?;
    }
    check_type(intent, instrument.kind())?;
    Ok(instrument)
}

fn check_type(intent: &PaymentIntent, kind: &str) -> Result<()> {
    let types: Vec<&str> =
        intent.rest.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str).collect();
    if intent.is_automatic() || types.contains(&kind) {
        return Ok(());
    }
    Err(ApiError::intent_type_not_allowed(kind, &types))
}
