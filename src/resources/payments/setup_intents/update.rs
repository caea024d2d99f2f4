//! Changing and canceling a setup intent (intents-and-checkout 2.3).
//!
//! May use: creating. Invariant: a final intent changes only what is always allowed.

use super::create::{choose_method, describe, reference};
use super::{SetupCancellationReason, SetupIntent, SetupStatus, options};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::payments::setup_attempts::{self, AttemptStatus};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// Parameters that can change after the end, too.
const ALWAYS: &[&str] = &["customer", "customer_account", "description", "metadata"];

/// `POST /v1/setup_intents/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = require::<SetupIntent>(tx, call.arg(0), In::Path)?;
    let shown = reference(&stored.id);
    let changed = change(tx, ctx, &stored, &call.params);
    let mut changed = changed.map_err(|error| error.embed("setup_intent", shown.clone()))?;
    if changed.status != stored.status {
        // The next action belongs to another payment method.
        changed.next_action = Doc::Null;
        leave(tx, &stored);
    }
    tx.save(&stored, changed);
    Ok(Outcome::Done(shown))
}

fn change(tx: &mut Tx, ctx: &Ctx<'_>, stored: &SetupIntent, params: &Map) -> Result<SetupIntent> {
    let mut intent = stored.clone();
    if !stored.is_open() {
        if params.iter().any(|(name, _)| !ALWAYS.contains(&name)) {
            return Err(ApiError::setup_cannot_update(stored.status.as_str()));
        }
        describe(tx, &mut intent, params)?;
        return Ok(intent);
    }
    describe(tx, &mut intent, params)?;
    options::change_types(tx, &mut intent.rest, params)?;
    options::set_options(&mut intent, params);
    choose_method(tx, ctx, &mut intent, params)?;
    Ok(intent)
}

/// `POST /v1/setup_intents/:id/cancel`.
pub(super) fn cancel(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    cancel_with(tx, call.arg(0), call.params.str("cancellation_reason").and_then(SetupCancellationReason::parse))
}

/// Cancels the intent of another resource that has ended, if it is still open.
///
/// # Errors
/// It does not exist.
pub(in crate::resources) fn abandon(tx: &mut Tx, _: &Ctx<'_>, id: &str) -> Result<()> {
    match require::<SetupIntent>(tx, id, In::Path)?.is_open() {
        true => cancel_with(tx, id, None).map(drop),
        false => Ok(()),
    }
}

fn cancel_with(tx: &mut Tx, id: &str, reason: Option<SetupCancellationReason>) -> Result<Outcome> {
    let stored = require::<SetupIntent>(tx, id, In::Path)?;
    let shown = reference(&stored.id);
    if !stored.is_open() {
        return Err(ApiError::setup_cannot_cancel(stored.status.as_str()).embed("setup_intent", shown));
    }
    leave(tx, &stored);
    tx.update::<SetupIntent>(&stored.id, |intent| {
        intent.status = SetupStatus::Canceled;
        intent.cancellation_reason = reason;
        intent.next_action = Doc::Null;
    });
    Ok(Outcome::Done(shown))
}

/// Ends the attempt that waits for the customer.
pub(super) fn leave(tx: &mut Tx, intent: &SetupIntent) {
    let open = intent.latest_attempt.as_ref().map(Id::clone);
    if let Some(open) = open {
        setup_attempts::end(tx, &open, AttemptStatus::Abandoned, Doc::Null, None);
    }
}
