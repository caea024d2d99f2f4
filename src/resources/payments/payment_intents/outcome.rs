//! What becomes of an intent after an attempt (intents-and-checkout 1.2, 1.5, 1.6, 1.9), at once or later.
//!
//! May use: payment methods, charges. Invariant: an attempt changes its intent in one step, the last one: whatever it did to
//! charges and payment methods is before it in the journal.

use super::confirm::reference;
use super::rails::{PaymentTerms, Progress, Trial};
use super::{IntentStatus, PaymentIntent, action, cancel};
use crate::contract::{self, Ctx, DueOf, In, On, Outcome, Reaction, Who, require};
use crate::error::{ApiError, Result};
use crate::resources::instruments::payment_methods::{self, FutureUsage, Instrument, PaymentMethod};
use crate::resources::ledger::transfers;
use crate::resources::payments::charges::{Charge, ChargeStatus, settle};
use crate::resources::payments::client_context;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Edit, Id, Ref, Tx};

/// What comes later for an intent: the customer of a test account does what is asked of them, refuses or lets it expire,
/// or its hold ends.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(
        PaymentIntent,
        "act",
        |intent| intent.acts_at.0.filter(|_| intent.status == IntentStatus::RequiresAction),
        |tx, ctx, intent| action::decide(tx, ctx, &intent.id, intent.agrees.0 == Some(true)).map(drop)
    ),
    crate::due!(
        PaymentIntent,
        "expire",
        |intent| intent.held_until.0.filter(|_| intent.status == IntentStatus::RequiresCapture),
        cancel::expire
    ),
];

/// Applies the progress of an attempt: the intent's status and the fields that follow from it.
///
/// # Errors
/// The payment method cannot be attached although that was requested.
pub(super) fn conclude(tx: &mut Tx, ctx: &Ctx<'_>, trial: Trial, progress: Progress) -> Result<Outcome> {
    // What follows from the charge is emitted before the intent's own events (core-payments 10.3.10).
    contract::settle(tx, ctx);
    let Trial { mut intent, instrument, .. } = trial;
    let id = Id::clone(&intent.id);
    let method = Id::clone(instrument.id());
    intent.payment_method = Some(Id::clone(&method));
    intent.tried = Some(method);
    intent.authenticated = false;
    intent.wrong_verifications = Absent(None);
    intent.rest.set("next_action", Doc::Null);
    intent.acts_at = Absent(None);
    intent.agrees = Absent(None);
    let status = match progress {
        Progress::Succeeded(charge) => {
            intent.amount_received = intent.amount;
            paid(tx, ctx, &mut intent, &instrument, Some(charge))?;
            IntentStatus::Succeeded
        }
        Progress::RequiresCapture(charge) => {
            intent.amount_capturable = intent.amount;
            paid(tx, ctx, &mut intent, &instrument, Some(charge))?;
            intent.held_until = Absent(cancel::held_until(tx, &intent));
            IntentStatus::RequiresCapture
        }
        Progress::Processing(charge) => {
            paid(tx, ctx, &mut intent, &instrument, charge)?;
            IntentStatus::Processing
        }
        Progress::RequiresAction(next_action) => {
            intent.rest.set("next_action", next_action);
            IntentStatus::RequiresAction
        }
        Progress::ActsAlone { next_action, agrees, at } => {
            intent.rest.set("next_action", next_action);
            intent.acts_at = Absent(Some(at));
            intent.agrees = Absent(Some(agrees));
            IntentStatus::RequiresAction
        }
        Progress::Declined { charge, error } => {
            let error = decline(tx, &mut intent, &instrument, charge, error);
            intent.save(tx);
            // The same card may fail in the same way again, which changes nothing in the intent.
            tx.announce("payment_intent.payment_failed", &reference(&id));
            return Ok(Outcome::Refused(error));
        }
    };
    if intent.makes_default.0 && matches!(status, IntentStatus::Succeeded | IntentStatus::RequiresCapture) {
        client_context::make_default(tx, intent.customer.as_ref(), instrument.id());
    }
    intent.status = status;
    intent.save(tx);
    if status == IntentStatus::RequiresAction {
        // The customer may be asked for the same action again.
        tx.announce("payment_intent.requires_action", &reference(&id));
    }
    Ok(Outcome::Done(reference(&id)))
}

/// What intents follow: a charge of theirs that was pending has ended.
pub(super) const REACTIONS: &[Reaction] = &[Reaction {
    to: Charge::KIND,
    on: On::Change(crate::when!(Charge, |before, after| after.status != ChargeStatus::Pending
        && before.is_some_and(|before| before.status == ChargeStatus::Pending))),
    who: Who::Named(|charge| downcast::<Charge>(charge)?.payment_intent.clone()),
    run: finish,
}];

/// Finishes the attempt of an intent that is `processing`, when the bank has answered.
///
/// # Errors
/// As [`conclude`].
fn finish(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let intent = tx.get::<PaymentIntent>(id).filter(|intent| intent.status == IntentStatus::Processing);
    let charge = intent.and_then(|intent| tx.get::<Charge>(intent.latest_charge.as_ref()?));
    let Some(charge) = charge.filter(|charge| charge.status != ChargeStatus::Pending) else { return Ok(()) };
    let Some(trial) = pending(tx, ctx, id)? else { return Ok(()) };
    let charge_id = Id::clone(&charge.id);
    let progress = match charge.status.as_str() {
        "succeeded" => Progress::Succeeded(charge_id),
        _ => Progress::Declined { charge: Some(charge_id), error: settle::failure(&charge) },
    };
    conclude(tx, ctx, trial, progress).map(|_| ())
}

/// The attempt for which an intent waits.
///
/// # Errors
/// The intent does not exist, or its payment method was deleted.
pub(super) fn pending(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Option<Trial>> {
    let intent = require::<PaymentIntent>(tx, id, In::Path)?;
    let waits = matches!(intent.status, IntentStatus::Processing | IntentStatus::RequiresAction);
    let Some(method) = intent.payment_method.as_ref().filter(|_| waits) else { return Ok(None) };
    let instrument = payment_methods::obtain(tx, ctx, method, "payment_method")?;
    Ok(Some(Trial { intent: Edit::of(intent), instrument, terms: PaymentTerms::default() }))
}

/// Stores the charge, and attaches or consumes the payment method (intents-and-checkout 1.5, 1.6).
fn paid(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    intent: &mut PaymentIntent,
    instrument: &Instrument,
    charge: Option<Id>,
) -> Result<()> {
    intent.last_payment_error = Doc::Null;
    if charge.is_some() {
        intent.latest_charge = charge;
    }
    if intent.rest.present("transfer_data").is_some() && intent.rest.present("transfer_group").is_none() {
        intent.rest.set("transfer_group", transfers::default_group(&intent.id));
    }
    let Instrument::PaymentMethod(method) = instrument else { return Ok(()) };
    let wanted = intent.saves(instrument.kind());
    payment_methods::used(tx, &method.id, wanted.is_some());
    if let (Some(customer), Some(usage)) = (&intent.customer, wanted) {
        payment_methods::attach(tx, ctx, &method.id, customer)?;
        if usage == FutureUsage::OffSession {
            tx.update::<PaymentMethod>(&method.id, |method| method.set_up = true);
        }
    }
    Ok(())
}

/// The intent needs another payment method; the error contains the intent (intents-and-checkout 1.9).
fn decline(
    tx: &mut Tx,
    intent: &mut PaymentIntent,
    instrument: &Instrument,
    charge: Option<Id>,
    mut error: ApiError,
) -> ApiError {
    if let Instrument::PaymentMethod(method) = instrument {
        payment_methods::used(tx, &method.id, false);
    }
    let method = Ref { kind: PaymentMethod::KIND, id: Id::clone(instrument.id()) };
    let shown = contract::resolve(tx, method.kind, &method.id)
        .and_then(|record| contract::show(record, method.kind))
        .unwrap_or_default();
    if let Some(charge) = charge {
        error = error.with("charge", charge.to_string());
        intent.latest_charge = Some(charge);
    }
    let mut last: Map = error.fields().clone();
    last.set("payment_method", shown);
    last.set("payment_method_type", instrument.kind().to_owned());
    intent.status = IntentStatus::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.last_payment_error = Doc::Map(last);
    error.embed("payment_intent", reference(&intent.id)).embed("payment_method", method)
}
