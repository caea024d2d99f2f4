//! Verification of a bank account with microdeposits (core-payments 7.6, intents-and-checkout 1.7).
//!
//! May use: the bank test data. Invariant: it returns a verdict and its error; the intent decides what follows.

use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::issuers::{self, Microdeposits};
use crate::resources::decision;
use crate::state::document::{Doc, Map};
use crate::time::calendar::DAY;

/// How long the customer can verify, in seconds: ten days.
pub const TIME_SECONDS: i64 = 10 * DAY;

/// How long the deposits take to arrive, in seconds: two days.
const ARRIVAL_SECONDS: i64 = 2 * DAY;

/// How many wrong descriptor codes are allowed; below, how many wrong pairs of amounts.
const CODE_ATTEMPTS_MAX: i64 = 10;
const AMOUNT_ATTEMPTS_MAX: i64 = 3;

/// The type of an intent's `next_action`.
pub const ACTION: &str = "verify_with_microdeposits";

/// The `next_action` of an intent, with its id and secret, that waits for a verification. An American account receives one
/// deposit with a code, a Canadian one two.
pub fn next_action(ctx: &Ctx<'_>, kind: &str, (id, secret): (&str, &str)) -> Map {
    let by = if kind == "acss_debit" { "amounts" } else { "descriptor_code" };
    let verify = Map::from([
        ("arrival_date", Doc::from(ctx.now + ARRIVAL_SECONDS)),
        ("hosted_verification_url", decision::link_to(ctx, &format!("/microdeposit/{id}"), secret).into()),
        ("microdeposit_type", by.into()),
    ]);
    Map::from([("type", Doc::from(ACTION)), (ACTION, verify.into())])
}

/// The result of a verification.
#[derive(Debug)]
pub enum Judgement {
    /// The account is verified.
    Verified,
    /// Wrong, with attempts left.
    Wrong(ApiError),
    /// Too many wrong attempts, or too late: the account cannot be verified any more.
    Over(ApiError),
}

/// Checks the `amounts` or the `descriptor_code` of a verification, after `wrong_before` wrong attempts.
///
/// # Errors
/// Neither or both were sent, or not two amounts.
pub fn judge(params: &Map, wrong_before: i64) -> Result<Judgement> {
    let (verdict, by_amounts) = match (params.list("amounts"), params.str("descriptor_code")) {
        (Some(_), Some(_)) => return Err(ApiError::params_exclusive("amounts", "descriptor_code")),
        (None, None) => return Err(ApiError::one_param_of("amounts", "descriptor_code")),
        (None, Some(code)) => (issuers::microdeposits_by_code(code), false),
        (Some(amounts), None) => match amounts.iter().filter_map(Doc::as_int).collect::<Vec<_>>()[..] {
            [one, two] => (issuers::microdeposits_by_amounts((one, two)), true),
            _ => return Err(ApiError::microdeposit_amounts_invalid()),
        },
    };
    let attempts = if by_amounts { AMOUNT_ATTEMPTS_MAX } else { CODE_ATTEMPTS_MAX };
    let left = attempts - wrong_before - 1;
    Ok(match verdict {
        Microdeposits::Verified => Judgement::Verified,
        Microdeposits::TimedOut => Judgement::Over(ApiError::microdeposit_timeout()),
        Microdeposits::Mismatch if left > 0 => Judgement::Wrong(ApiError::microdeposit_mismatch(by_amounts, left)),
        Microdeposits::Mismatch | Microdeposits::AttemptsExceeded => {
            Judgement::Over(ApiError::microdeposit_attempts_exceeded())
        }
    })
}
