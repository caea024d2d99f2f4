//! Verifying the bank account of an intent by its microdeposits (intents-and-checkout 1.3, 1.7).
//!
//! May use: microdeposits, the outcome. Invariant: a wrong verification changes nothing but its count.

use super::confirm::reference;
use super::rails::{self, Progress};
use super::{IntentStatus, PaymentIntent, outcome};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::payments::microdeposits::{self, ACTION, Judgement};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// The class name in an error's sentence.
const CLASS: &str = "PaymentIntent";

/// `POST /v1/payment_intents/:id/verify_microdeposits`.
pub(super) fn verify_microdeposits(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    let id = Id::clone(&intent.id);
    let wrong_before = intent.wrong_verifications.0.unwrap_or_default();
    let judgement = check(&intent)
        .and_then(|()| microdeposits::judge(&call.params, wrong_before))
        .map_err(|error| error.embed("payment_intent", reference(&id)))?;
    let trial = outcome::pending(tx, ctx, &id)?.ok_or_else(ApiError::internal)?;
    match judgement {
        Judgement::Verified => {
            let progress = rails::resume(tx, ctx, &trial, true)?;
            outcome::conclude(tx, ctx, trial, progress)
        }
        Judgement::Wrong(error) => {
            tx.update::<PaymentIntent>(&id, |intent| intent.wrong_verifications = Absent(Some(wrong_before + 1)));
            Ok(Outcome::Refused(error.embed("payment_intent", reference(&id))))
        }
        Judgement::Over(error) => outcome::conclude(tx, ctx, trial, Progress::Declined { charge: None, error }),
    }
}

fn check(intent: &PaymentIntent) -> Result<()> {
    if intent.status != IntentStatus::RequiresAction {
        return Err(ApiError::intent_not_actionable(CLASS, intent.status.as_str()));
    }
    match intent.rest.map("next_action").and_then(|action| action.str("type")) {
        Some(ACTION) => Ok(()),
        _ => Err(ApiError::intent_without_microdeposits(CLASS)),
    }
}
