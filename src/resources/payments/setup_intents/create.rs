//! Creating a setup intent (intents-and-checkout 2.1).
//!
//! May use: payment methods, confirming. Invariant: an intent is stored before it is confirmed.

use super::{SetupIntent, SetupStatus, confirm, options};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::{body, metadata, template};
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::confirmation_tokens;
use crate::resources::instruments::payment_methods::{self, FutureUsage, Instrument, PaymentMethod};
use crate::resources::payments::payment_intents;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Edit, Id, Ref, Tx};

/// A setup intent's `usage` is always `off_session` (intents-and-checkout 2.1); the version is that of the recording.
const SETUP_USAGE_IGNORED: Gate = Gate::since("2026-08-26.dahlia");

/// Parameters that need `confirm: true` (intents-and-checkout 1.4).
const CONFIRM_ONLY: &[&str] = &["confirmation_token", "mandate_data", "return_url", "use_stripe_sdk"];

/// The parameters that an intent stores as they are sent.
const KEPT: &[&str] = &["attach_to_self", "description", "flow_directions", "on_behalf_of"];

/// `POST /v1/setup_intents`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params: &Map = &call.params;
    let confirmed = params.bool("confirm") == Some(true);
    if !confirmed && let Some(param) = CONFIRM_ONLY.iter().find(|param| payment_intents::asks(params, param)) {
        return Err(ApiError::setup_param_needs_confirm(param));
    }
    body::check_rules(tx, call, SetupIntent::KIND)?;
    let params = confirmation_tokens::apply(tx, ctx, params)?;
    let params = params.as_ref();
    let mut intent = begin(tx, ctx, params)?;
    choose_method(tx, ctx, &mut intent, params)?;
    let made = tx.insert(intent);
    if !confirmed {
        return Ok(Outcome::Done(made));
    }
    confirm::run(tx, ctx, Edit::of(require(tx, &made.id, In::Path)?), params)
}

/// Creates an intent for another resource, which confirms it; `params` are those of a call.
///
/// # Errors
/// Those of the call.
pub(in crate::resources) fn open(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let intent = begin(tx, ctx, params)?;
    let id = Id::clone(&intent.id);
    tx.insert(intent);
    Ok(id)
}

/// The intent without a payment method.
fn begin(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<SetupIntent> {
    let id: Id = super::ENTRY.id.draw(&ctx.ids).into();
    let usage = params.str("usage").filter(|_| !ctx.version.has(SETUP_USAGE_IGNORED));
    let mut rest = blank();
    options::choose_types(tx, ctx, &mut rest, params)?;
    let mut intent = SetupIntent {
        created: ctx.now,
        cancellation_reason: None,
        client_secret: Some(ctx.ids.id(&format!("{id}_secret_"), 31)),
        customer: None,
        last_setup_error: Doc::Null,
        latest_attempt: None,
        mandate: None,
        metadata: Map::new(),
        next_action: Doc::Null,
        payment_method: None,
        single_use_mandate: None,
        status: SetupStatus::RequiresPaymentMethod,
        usage: usage.and_then(FutureUsage::parse).unwrap_or(FutureUsage::OffSession),
        acceptance: Doc::Null,
        single_use: params.get("single_use").cloned().unwrap_or_default(),
        moto: false,
        wrong_verifications: None,
        deposits_lost_at: Absent(None),
        verify_until: Absent(None),
        makes_default: Flag(false),
        rest,
        id,
    };
    if let Some(value) = params.get("excluded_payment_method_types") {
        intent.rest.set("excluded_payment_method_types", value.clone());
    }
    describe(tx, &mut intent, params)?;
    options::set_options(&mut intent, params);
    Ok(intent)
}

/// The empty form of an intent.
pub(super) fn blank() -> Map {
    let mut rest = template::template(SetupIntent::KIND);
    rest.set("payment_method_options", Map::new());
    rest
}

/// Applies the parameters other than the payment method.
///
/// # Errors
/// An unknown customer, a customer together with `attach_to_self`, or too much metadata.
pub(super) fn describe(tx: &Tx, intent: &mut SetupIntent, params: &Map) -> Result<()> {
    if let Some(customer) = params.str("customer") {
        intent.customer = Some(Id::clone(&require::<Customer>(tx, customer, In::Param("customer"))?.id));
    }
    for key in KEPT {
        if let Some(value) = params.get(key) {
            intent.rest.set(*key, value.clone());
        }
    }
    if intent.customer.is_some() && intent.rest.bool("attach_to_self") == Some(true) {
        return Err(ApiError::setup_attach_to_self_with_customer());
    }
    intent.metadata = metadata::merge(&intent.metadata, params.get("metadata"))?;
    Ok(())
}

/// Sets the payment method of the parameters, if there is one; its customer is already checked here
/// (intents-and-checkout 2.2).
///
/// # Errors
/// It does not exist, or cannot be used here.
pub(super) fn choose_method(tx: &mut Tx, ctx: &Ctx<'_>, intent: &mut SetupIntent, params: &Map) -> Result<()> {
    let chosen = payment_methods::chosen(tx, ctx, params)?;
    if let Some(instrument) = &chosen {
        intent.payment_method = Some(Id::clone(instrument.id()));
        intent.status = SetupStatus::RequiresConfirmation;
    }
    let present = match (chosen, &intent.payment_method) {
        (Some(instrument), _) => Some(instrument),
        (None, Some(id)) => Some(payment_methods::obtain(tx, ctx, id, "payment_method")?),
        (None, None) => None,
    };
    present.map_or(Ok(()), |instrument| check_use(tx, &instrument, intent.customer.as_ref()))
}

/// Checks that an instrument can be set up for this customer, or without one (intents-and-checkout 2.3).
pub(super) fn check_use(tx: &Tx, instrument: &Instrument, customer: Option<&Id>) -> Result<()> {
    match (instrument.customer(), customer) {
        (Some(owner), None) => Err(ApiError::setup_method_needs_customer(instrument.id(), owner)),
        _ => payment_methods::check_use(tx, instrument, customer),
    }
}

/// The intent as an answer shows it.
pub(super) fn reference(id: &Id) -> Ref {
    Ref { kind: SetupIntent::KIND, id: Id::clone(id) }
}

/// The payment method in an error.
pub(super) fn method_reference(instrument: &Instrument) -> Ref {
    Ref { kind: PaymentMethod::KIND, id: Id::clone(instrument.id()) }
}
