//! The effects of a confirmation on the intent, its attempt and its payment method (intents-and-checkout 2.2).
//!
//! May use: attempts, mandates, payment methods. Invariant: each object is written once for one change of status, the
//! intent last.

use super::rails::{self, SetupRail};
use super::{SetupIntent, SetupStatus, microdeposits, options};
use crate::contract::{Ctx, resolve, show};
use crate::error::{ApiError, Result};
use crate::issuers::Decline;
use crate::resources::instruments::mandates::{self, MandateTerms};
use crate::resources::instruments::payment_methods::{self, FutureUsage, Instrument, PaymentMethod};
use crate::resources::payments::client_context;
use crate::resources::payments::setup_attempts::{self, AttemptStatus, Confirmed};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Edit, Id, Tx};

/// The payment method is set up: attached to the customer, if there is one, with its mandate. `add` contains the
/// attempt's fields about the customer's agreement.
///
/// # Errors
/// It cannot be attached.
pub(super) fn succeed(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    mut intent: Edit<SetupIntent>,
    instrument: &Instrument,
    add: Option<&Map>,
) -> Result<()> {
    let rail = rails::rail(rails::kind_of(instrument));
    let mut add = add.cloned().unwrap_or_default();
    let kept = match (rail, instrument) {
        (Some(SetupRail::RedirectToDebit), Instrument::PaymentMethod(method)) => generate_debit(tx, ctx, method)?,
        _ => Id::clone(instrument.id()),
    };
    let lasts = intent.usage == FutureUsage::OffSession || rail == Some(SetupRail::VerifiedDebit);
    payment_methods::set_up(tx, ctx, &kept, intent.customer.as_ref(), lasts)?;
    if intent.makes_default.0 {
        client_context::make_default(tx, intent.customer.as_ref(), &kept);
    }
    let mandate = make_mandate(tx, ctx, &mut intent, instrument, &kept);
    if kept != *instrument.id() {
        add.set("generated_sepa_debit", kept.to_string());
        add.set("generated_sepa_debit_mandate", mandate.map(|id| id.to_string()));
    }
    record(tx, ctx, &mut intent, instrument, AttemptStatus::Succeeded, Doc::Null, Some(&add));
    intent.payment_method = Some(Id::clone(instrument.id()));
    intent.last_setup_error = Doc::Null;
    intent.next_action = Doc::Null;
    move_to(tx, intent, SetupStatus::Succeeded);
    Ok(())
}

/// The customer must act first.
pub(super) fn wait(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    mut intent: Edit<SetupIntent>,
    instrument: &Instrument,
    next_action: Map,
) {
    record(tx, ctx, &mut intent, instrument, AttemptStatus::RequiresAction, Doc::Null, None);
    intent.payment_method = Some(Id::clone(instrument.id()));
    intent.next_action = next_action.into();
    if microdeposits::waits(&intent) {
        microdeposits::plan(ctx, &mut intent, instrument);
    }
    move_to(tx, intent, SetupStatus::RequiresAction);
}

/// The card's issuer declined: it was asked, so it made its checks. Returns the error, in the words of a setup
/// (intents-and-checkout 2.3; core-payments 3.5, 4.1.1).
pub(super) fn decline(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    intent: Edit<SetupIntent>,
    instrument: &Instrument,
    decline: &Decline,
    add: Option<&Map>,
) -> ApiError {
    if decline.makes_checks {
        payment_methods::checked(tx, instrument.id());
    }
    let error = ApiError::card_declined(decline, Some(decline.param.unwrap_or_default()))
        .with("decline_code", decline.intent_decline_code());
    fail(tx, ctx, intent, instrument, error, add)
}

/// The attempt failed: the intent needs another payment method. Returns the error.
pub(super) fn fail(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    mut intent: Edit<SetupIntent>,
    instrument: &Instrument,
    error: ApiError,
    add: Option<&Map>,
) -> ApiError {
    let shown = resolve(tx, PaymentMethod::KIND, instrument.id()).and_then(|record| show(record, PaymentMethod::KIND));
    let mut last = error.fields().clone();
    last.set("payment_method", shown.unwrap_or_default());
    record(tx, ctx, &mut intent, instrument, AttemptStatus::Failed, last.clone().into(), add);
    intent.payment_method = None;
    intent.last_setup_error = last.into();
    intent.next_action = Doc::Null;
    intent.acceptance = Doc::Null;
    move_to(tx, intent, SetupStatus::RequiresPaymentMethod);
    error
}

fn move_to(tx: &mut Tx, mut intent: Edit<SetupIntent>, status: SetupStatus) {
    intent.status = status;
    intent.save(tx);
}

/// Ends the attempt that waited for the customer, or stores a new one.
fn record(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    intent: &mut SetupIntent,
    instrument: &Instrument,
    status: AttemptStatus,
    error: Doc,
    add: Option<&Map>,
) {
    match &intent.latest_attempt {
        Some(open) if intent.status == SetupStatus::RequiresAction => setup_attempts::end(tx, open, status, error, add),
        _ => {
            let SetupIntent { id, customer, usage, rest, .. } = intent;
            let confirmed = Confirmed { id, customer: customer.as_ref(), usage: *usage, rest };
            intent.latest_attempt = Some(setup_attempts::begin(tx, ctx, &confirmed, instrument, status, error));
        }
    }
}

/// Creates the debit that is saved for later payments (intents-and-checkout 2.4).
fn generate_debit(tx: &mut Tx, ctx: &Ctx<'_>, method: &PaymentMethod) -> Result<Id> {
    let mut data = Map::from([
        ("type", Doc::from("sepa_debit")),
        ("sepa_debit", Map::from([("iban", rails::GENERATED_IBAN)]).into()),
    ]);
    if let Some(details) = method.rest.get("billing_details") {
        data.set("billing_details", details.clone());
    }
    payment_methods::create_from(tx, ctx, &data, "")
}

/// Creates the mandate of the saved payment method; an existing one stays.
fn make_mandate(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    intent: &mut SetupIntent,
    instrument: &Instrument,
    kept: &Id,
) -> Option<Id> {
    let acceptance = std::mem::take(&mut intent.acceptance);
    let Some(acceptance) = acceptance.as_map() else {
        intent.mandate = mandates::active(tx, kept);
        return intent.mandate.clone();
    };
    let kind = if kept == instrument.id() { rails::kind_of(instrument) } else { "sepa_debit" };
    let single_use = intent.single_use.as_map().cloned();
    let made = mandates::create(
        tx,
        ctx,
        &MandateTerms {
            payment_method: kept,
            kind,
            acceptance,
            single_use: single_use.as_ref(),
            options: options::option(intent, kind, "mandate_options").and_then(Doc::as_map),
            on_behalf_of: intent.rest.str("on_behalf_of"),
        },
    );
    if single_use.is_some() {
        intent.single_use_mandate = Some(Id::clone(&made));
    } else {
        intent.mandate = Some(Id::clone(&made));
    }
    Some(made)
}
