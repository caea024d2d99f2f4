//! Verifying a bank account for a setup (intents-and-checkout 2.2, 2.3; core-payments 7.6).
//!
//! May use: microdeposits, the outcome. Invariant: a wrong verification changes nothing but its count.

use super::confirm::instrument;
use super::create::{method_reference, reference};
use super::outcome::{fail, succeed};
use super::{SetupIntent, SetupStatus};
use crate::contract::{Call, Ctx, DueOf, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::issuers::BankOutcome;
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::payments::microdeposits::{self, ACTION, Judgement};
use crate::state::object::Absent;
use crate::state::{Edit, Tx};
use std::sync::Arc;

/// The class name in an error's sentence.
const CLASS: &str = "SetupIntent";

/// The wait for a verification ends: the deposits come back, or the time is over.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(
        SetupIntent,
        "microdeposits lost",
        |intent| intent.deposits_lost_at.0.filter(|_| waits(intent)),
        |tx, ctx, intent| end(tx, ctx, intent, ApiError::microdeposit_failed())
    ),
    crate::due!(
        SetupIntent,
        "microdeposits late",
        |intent| intent.verify_until.0.filter(|_| waits(intent)),
        |tx, ctx, intent| end(tx, ctx, intent, ApiError::microdeposit_timeout())
    ),
];

/// `POST /v1/setup_intents/:id/verify_microdeposits`.
pub(super) fn verify(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = Edit::of(require::<SetupIntent>(tx, call.arg(0), In::Path)?);
    let shown = reference(&intent.id);
    let judgement = check(&intent)
        .and_then(|()| microdeposits::judge(&call.params, intent.wrong_verifications.unwrap_or_default()))
        .map_err(|error| error.embed("setup_intent", shown.clone()))?;
    let instrument = instrument(tx, ctx, &intent)?;
    let refused = match judgement {
        Judgement::Verified => {
            succeed(tx, ctx, intent, &instrument, None)?;
            return Ok(Outcome::Done(shown));
        }
        Judgement::Wrong(error) => {
            tx.update::<SetupIntent>(&intent.id, |intent| {
                intent.wrong_verifications = Some(intent.wrong_verifications.unwrap_or_default() + 1);
            });
            error
        }
        Judgement::Over(error) => {
            let error = fail(tx, ctx, intent, &instrument, error, None);
            error.embed("payment_method", method_reference(&instrument))
        }
    };
    Ok(Outcome::Refused(refused.embed("setup_intent", shown)))
}

fn check(intent: &SetupIntent) -> Result<()> {
    if intent.status != SetupStatus::RequiresAction {
        return Err(ApiError::intent_not_actionable(CLASS, intent.status.as_str()));
    }
    if !waits(intent) { Err(ApiError::intent_without_microdeposits(CLASS)) } else { Ok(()) }
}

/// Whether an intent waits for a verification.
pub(super) fn waits(intent: &SetupIntent) -> bool {
    intent.next_action.as_map().and_then(|action| action.str("type")) == Some(ACTION)
}

/// Notes when the wait for a verification, which begins now, ends.
pub(super) fn plan(ctx: &Ctx<'_>, intent: &mut SetupIntent, instrument: &Instrument) {
    let bank = match instrument {
        Instrument::PaymentMethod(method) => method.test_bank(),
        _ => None,
    };
    let is_lost = bank.is_some_and(|bank| bank.outcome == BankOutcome::LoseMicrodeposits);
    intent.deposits_lost_at = Absent(is_lost.then_some(ctx.now));
    intent.verify_until = Absent(Some(ctx.now + microdeposits::TIME_SECONDS));
}

fn end(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Arc<SetupIntent>, error: ApiError) -> Result<()> {
    let instrument = instrument(tx, ctx, intent)?;
    fail(tx, ctx, Edit::of(Arc::clone(intent)), &instrument, error, None);
    Ok(())
}
