//! Cards: they are charged or held at once, some of them after 3D Secure (intents-and-checkout 1.7, 1.8).
//!
//! May use: charges, the test cards. Invariant: the issuer's verdict comes from the card's row.

use super::{PaymentRail, Progress, Trial, charge};
use crate::contract::{Asked, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers::{Circumstances, Verdict};
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::payments::payment_intents::action;
use crate::state::Tx;

/// The rail of cards.
pub(super) static RAIL: PaymentRail = PaymentRail { attempt, resume, asked: Asked::Authentication };

fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Result<Progress> {
    if trial.intent.rest.present("statement_descriptor").is_some() {
        return Err(ApiError::intent_card_descriptor());
    }
    match verdict(ctx, trial) {
        Verdict::Authenticate if trial.terms.authenticated_elsewhere => resume(tx, ctx, trial, true),
        Verdict::Authenticate => Ok(Progress::RequiresAction(action::authentication(tx, ctx, trial))),
        verdict => Ok(charge(tx, ctx, trial.plan(verdict, false))),
    }
}

fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    if !agreed {
        return Ok(Progress::Declined { charge: None, error: ApiError::intent_authentication_failed() });
    }
    let verdict = trial.instrument.card().map_or(Verdict::Approve, |card| card.test_card().after_authentication);
    Ok(charge(tx, ctx, trial.plan(verdict, true)))
}

/// The issuer's verdict for this payment.
fn verdict(ctx: &Ctx<'_>, trial: &Trial) -> Verdict {
    let Some(card) = trial.instrument.card() else { return Verdict::Approve };
    if let Some(decline) = ctx.decline {
        return Verdict::Decline(decline);
    }
    let asked = trial.intent.options("card").and_then(|card| card.str("request_three_d_secure"));
    let verdict = card.answer(card.test_card().payment(Circumstances {
        off_session: trial.terms.off_session,
        set_up: matches!(&trial.instrument, Instrument::PaymentMethod(method) if method.set_up),
        asks_for_3ds: matches!(asked, Some("any" | "challenge")),
    }));
    match verdict {
        Verdict::Decline(decline) if trial.terms.waits_for_customer && decline.code == "authentication_required" => {
            Verdict::Authenticate
        }
        verdict => verdict,
    }
}
