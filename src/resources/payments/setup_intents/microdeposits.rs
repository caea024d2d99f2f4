//! Verifying a bank account for a setup (intents-and-checkout 2.2, 2.3; core-payments 7.6).

use super::SetupIntent;
use super::confirm::instrument;
use super::create::{method_reference, reference};
use super::outcome::{fail, succeed};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::issuers::BankOutcome;
use crate::resources::instruments::instrument::Instrument;
use crate::resources::payments::microdeposits::{self, ACTION, Judgement};
use crate::resources::payments::setup_attempts::SetupAttempt;
use crate::state::{Due, Edit, Id, Tx};

/// The class name in an error's sentence.
const CLASS: &str = "SetupIntent";

/// What becomes due for an intent that waits for a verification: the deposits come back, or the time is over.
const LOST: &str = "microdeposits lost";
const LATE: &str = "microdeposits late";

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
    if intent.status != "requires_action" {
        return Err(ApiError::intent_not_actionable(CLASS, &intent.status));
    }
    if !waits(intent) { Err(ApiError::intent_without_microdeposits(CLASS)) } else { Ok(()) }
}

/// Whether an intent waits for a verification.
pub(super) fn waits(intent: &SetupIntent) -> bool {
    intent.next_action.as_map().and_then(|action| action.str("type")) == Some(ACTION)
}

/// Sees to it that the wait for a verification ends.
pub(super) fn schedule(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id, instrument: &Instrument) {
    let bank = match instrument {
        Instrument::PaymentMethod(method) => method.test_bank(),
        _ => None,
    };
    if bank.is_some_and(|bank| bank.outcome == BankOutcome::LoseMicrodeposits) {
        tx.schedule(ctx.now, reference(intent), LOST);
    }
    tx.schedule(ctx.now + microdeposits::TIME_SECONDS, reference(intent), LATE);
}

/// When the present wait began, in Unix seconds.
fn began(tx: &Tx, intent: &SetupIntent) -> Option<i64> {
    let attempt = tx.get::<SetupAttempt>(intent.latest_attempt.as_ref()?)?;
    Some(attempt.created)
}

/// The deposits came back, or the time is over. A later wait of the same intent has its own end.
pub(super) fn due(tx: &mut Tx, ctx: &Ctx<'_>, due: &Due) -> Result<()> {
    let Some(intent) = tx.get::<SetupIntent>(&due.about.id).filter(|intent| waits(intent)) else { return Ok(()) };
    let error = match &*due.what {
        LOST => ApiError::microdeposit_failed(),
        LATE if began(tx, &intent).is_none_or(|began| began + microdeposits::TIME_SECONDS <= ctx.now) => {
            ApiError::microdeposit_timeout()
        }
        _ => return Ok(()),
    };
    let intent = Edit::of(intent);
    let instrument = instrument(tx, ctx, &intent)?;
    fail(tx, ctx, intent, &instrument, error, None);
    Ok(())
}
