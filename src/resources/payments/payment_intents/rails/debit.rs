//! Bank debits, with a mandate and a verified account (core-payments 7.6, intents-and-checkout 1.2).
//!
//! May use: charges, mandates, the bank test data. Invariant: nothing is debited without a mandate.

use super::{PaymentRail, Progress, Trial, check, consent, pay};
use crate::contract::{Asked, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers::BankOutcome;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::microdeposits::{self, TIME_SECONDS};
use crate::state::Tx;

/// The rail of bank debits.
pub(super) static RAIL: PaymentRail = PaymentRail { attempt, resume, asked: Asked::Authorization };

fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Result<Progress> {
    let facts = check(trial)?;
    consent(tx, ctx, trial, facts)?;
    let Some(method) = trial.method() else { return Ok(pay(tx, ctx, trial)) };
    if outcome(method) == Some(BankOutcome::Block) {
        return Ok(Progress::Declined { charge: None, error: ApiError::payment_attempt_failed() });
    }
    if !needs_verification(method) {
        return Ok(pay(tx, ctx, trial));
    }
    let next_action = microdeposits::next_action(
        ctx,
        &method.kind,
        (&trial.intent.id, trial.intent.client_secret.as_deref().unwrap_or_default()),
    );
    let time = if gets_lost(method) { 0 } else { TIME_SECONDS };
    Ok(Progress::ActsAlone { next_action, agrees: false, at: ctx.now + time })
}

/// The customer verified the account on the page, or the deposits were returned, or the time is over.
fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    if !agreed {
        let lost = trial.method().is_some_and(gets_lost);
        let error = if lost { ApiError::microdeposit_failed() } else { ApiError::microdeposit_timeout() };
        return Ok(Progress::Declined { charge: None, error });
    }
    if let Some(method) = trial.method() {
        tx.update::<PaymentMethod>(&method.id, |method| method.verified = true);
    }
    Ok(pay(tx, ctx, trial))
}

fn outcome(method: &PaymentMethod) -> Option<BankOutcome> {
    method.test_bank().map(|bank| bank.outcome)
}

fn gets_lost(method: &PaymentMethod) -> bool {
    outcome(method) == Some(BankOutcome::LoseMicrodeposits)
}

/// Whether an account must be verified before it is debited: one in the United States or Canada whose number was sent.
/// An account from a dump counts as verified.
fn needs_verification(method: &PaymentMethod) -> bool {
    let typed_in = method.account_number.is_some();
    let proven = method.verified || method.set_up || method.is_linked();
    matches!(method.kind.as_str(), "us_bank_account" | "acss_debit") && typed_in && !proven
}
