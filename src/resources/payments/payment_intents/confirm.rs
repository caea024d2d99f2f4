//! Confirming an intent (intents-and-checkout 1.2, 1.5, 1.11): every check before a payment.
//!
//! May use: payment methods, the rails. Invariant: a refused confirmation leaves the stored intent as it was.

use std::sync::Arc;

use super::create::CVC_TOKEN;
use super::fields::{AUTOMATIC_PAYMENT_METHODS, apply, check_chosen};
use super::rails::{self, PaymentTerms, Progress, Trial};
use super::{IntentStatus, PaymentIntent, line_items, outcome};
use crate::contract::{Call, Ctx, In, KeyKind, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::resources::connect::standing;
use crate::resources::instruments::confirmation_tokens;
use crate::resources::instruments::mandates::{Mandate, MandateStatus};
use crate::resources::instruments::payment_methods::{self, Instrument};
use crate::resources::instruments::tokens;
use crate::resources::payments::automatic_methods;
use crate::resources::payments::charges;
use crate::resources::payments::client_context;
use crate::resources::payments::rails::redirects;
use crate::state::document::Map;
use crate::state::object::{Flag, Resource};
use crate::state::{Edit, Id, Ref, Tx};

/// `POST /v1/payment_intents/:id/confirm`.
pub(super) fn confirm(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    confirm_with(tx, ctx, call.arg(0), &call.params)
}

/// Confirms an intent with the parameters of a call.
///
/// # Errors
/// It does not exist, or the confirmation is refused: the stored intent stays as it was, and the error contains it.
pub(in crate::resources) fn confirm_with(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, params: &Map) -> Result<Outcome> {
    confirm_on(tx, ctx, id, params, PaymentTerms::of(params))
}

/// As [`confirm_with`], for a payment that waits for the customer if their bank asks for them, also when they are not there
/// (`off_session`): that of an invoice (billing-2 5.6).
///
/// # Errors
/// Those of [`confirm_with`].
pub(in crate::resources) fn collect(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, params: &Map) -> Result<Outcome> {
    confirm_on(tx, ctx, id, params, PaymentTerms { waits_for_customer: true, ..PaymentTerms::of(params) })
}

fn confirm_on(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, params: &Map, terms: PaymentTerms) -> Result<Outcome> {
    let stored = require::<PaymentIntent>(tx, id, In::Path)?;
    let shown = || reference(&stored.id);
    check_open(&stored, params).map_err(|error| error.embed("payment_intent", shown()))?;
    if ctx.key == KeyKind::Publishable && stored.is_confirmed_manually() {
        return Err(ApiError::intent_manual_needs_secret_key().embed("payment_intent", shown()));
    }
    let params = confirmation_tokens::apply(tx, ctx, params)?;
    let mut intent = Edit::of(Arc::clone(&stored));
    if let Some(instrument) = payment_methods::chosen(tx, ctx, &params)? {
        intent.choose(instrument.id());
    }
    apply(&mut intent, &params)?;
    check_chosen(&intent, &params).map_err(|error| error.embed("payment_intent", shown()))?;
    line_items::replace(tx, ctx, &intent.id, &params);
    run_on(tx, ctx, intent, &params, terms)
}

pub(super) fn reference(id: &Id) -> Ref {
    Ref { kind: PaymentIntent::KIND, id: Id::clone(id) }
}

fn check_open(intent: &PaymentIntent, params: &Map) -> Result<()> {
    if intent.is_open() {
        return Ok(());
    }
    if params.present("payment_method").is_some() || params.present("payment_method_data").is_some() {
        return Err(ApiError::intent_param_frozen("payment_method", intent.status.as_str()));
    }
    Err(ApiError::intent_cannot_confirm(intent.status.as_str()))
}

/// Confirms an open, stored intent; `intent` is its new form, and `params` are those of the call.
///
/// # Errors
/// The confirmation is refused: the stored intent stays as it was, and the error contains it.
pub(super) fn run(tx: &mut Tx, ctx: &Ctx<'_>, intent: Edit<PaymentIntent>, params: &Map) -> Result<Outcome> {
    run_on(tx, ctx, intent, params, PaymentTerms::of(params))
}

fn run_on(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    mut intent: Edit<PaymentIntent>,
    params: &Map,
    terms: PaymentTerms,
) -> Result<Outcome> {
    let id = Id::clone(&intent.id);
    standing::check_charges(tx)?;
    confirmation_tokens::redeemed(tx, params, &reference(&id));
    if params.int("amount_to_confirm").is_some_and(|amount| amount != intent.amount) {
        return Err(ApiError::value_not_implemented("amount_to_confirm", "confirming a part of the amount"));
    }
    let checked = charges::check_parties(tx, &intent.rest)
        .and_then(|()| intent.elements_terms().check(params))
        .and_then(|()| check_terms(ctx, &intent, &terms));
    let prepared = checked.and_then(|()| prepare(tx, ctx, &intent, &terms));
    let instrument = prepared.map_err(|error| error.embed("payment_intent", reference(&id)))?;
    let rail = rails::of(&instrument)?;
    intent.makes_default = Flag(client_context::makes_default(params));
    let trial = Trial { intent, instrument, terms };
    let progress = if trial.intent.authenticated {
        (rail.resume)(tx, ctx, &trial, true)?
    } else {
        (rail.attempt)(tx, ctx, &trial)?
    };
    let progress = match progress {
        Progress::RequiresAction(_) | Progress::ActsAlone { .. } if trial.terms.error_on_requires_action => {
            Progress::Declined { charge: None, error: ApiError::action_not_handled() }
        }
        progress => progress,
    };
    outcome::conclude(tx, ctx, trial, progress)
}

/// `error_on_requires_action` needs chosen payment method types (intents-and-checkout 1.2, 1.3).
fn check_terms(ctx: &Ctx<'_>, intent: &PaymentIntent, terms: &PaymentTerms) -> Result<()> {
    if !terms.error_on_requires_action {
        return Ok(());
    }
    if ctx.key.is_public() {
        return Err(ApiError::secret_key_required());
    }
    if ctx.version.has(AUTOMATIC_PAYMENT_METHODS) && automatic_methods::is_on(&intent.rest) {
        return Err(ApiError::intent_error_on_action_and_automatic());
    }
    Ok(())
}

/// Every check before a payment.
fn prepare(tx: &mut Tx, ctx: &Ctx<'_>, intent: &PaymentIntent, terms: &PaymentTerms) -> Result<Instrument> {
    let Some(id) = &intent.payment_method else {
        return Err(ApiError::intent_lacks_method(intent.customer.as_deref()));
    };
    if terms.off_session && !terms.waits_for_customer && intent.setup_future_usage.is_some() {
        return Err(ApiError::intent_off_session_setup());
    }
    if automatic_methods::may_redirect(&intent.rest) && !terms.off_session && terms.return_url.is_none() {
        return Err(ApiError::intent_needs_return_url());
    }
    if let Some(token) = &terms.cvc_token {
        tokens::redeem_cvc(tx, token, CVC_TOKEN)?;
        payment_methods::enter_cvc(tx, id);
    }
    let instrument = payment_methods::obtain(tx, ctx, id, "payment_method")?;
    if intent.tried.as_ref() != Some(id) {
        check_idle(tx, intent, &instrument)?;
        payment_methods::check_use(tx, &instrument, intent.customer.as_ref())?;
    }
    check_type(tx, intent, &instrument)?;
    check_mandate(tx, terms, &instrument)?;
    Ok(instrument)
}

/// A payment method without a customer can wait for one payment at a time (core-payments 4.7.4).
fn check_idle(tx: &Tx, intent: &PaymentIntent, instrument: &Instrument) -> Result<()> {
    if instrument.customer().is_some() {
        return Ok(());
    }
    let others = tx.having::<PaymentIntent>("payment_method", instrument.id());
    let waits = |other: &PaymentIntent| {
        other.id != intent.id
            && other.tried == other.payment_method
            && matches!(
                other.status,
                IntentStatus::RequiresAction | IntentStatus::RequiresConfirmation | IntentStatus::Processing
            )
    };
    if others.iter().any(|other| waits(other)) {
        return Err(ApiError::payment_method_pending_elsewhere());
    }
    Ok(())
}

/// A mandate belongs to one payment method (intents-and-checkout 1.3).
fn check_mandate(tx: &Tx, terms: &PaymentTerms, instrument: &Instrument) -> Result<()> {
    let Some(id) = &terms.mandate else { return Ok(()) };
    match tx.get::<Mandate>(id) {
        None => Err(missing(Mandate::KIND, id, In::Param("mandate"))),
        Some(mandate) if mandate.status == MandateStatus::Inactive || mandate.payment_method != *instrument.id() => {
            Err(ApiError::intent_mandate_invalid(id))
        }
        Some(_) => Ok(()),
    }
}

fn check_type(tx: &Tx, intent: &PaymentIntent, instrument: &Instrument) -> Result<()> {
    let kind = instrument.kind();
    let excluded = intent.rest.list("excluded_payment_method_types").unwrap_or_default();
    // Without redirects, a type that needs one is refused (intents-and-checkout 1.4).
    let stays = || automatic_methods::may_redirect(&intent.rest) || !redirects(kind);
    let taken = match automatic_methods::is_on(&intent.rest) {
        true => stays() && automatic_methods::takes(tx, &intent.rest, kind),
        false => intent.types().any(|taken| taken == kind),
    };
    if taken && !excluded.iter().any(|excluded| excluded.as_str() == Some(kind)) {
        return Ok(());
    }
    Err(ApiError::intent_type_not_allowed(kind, &intent.types().collect::<Vec<_>>()))
}
