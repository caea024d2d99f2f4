//! Charging as a value: what direct charges and payment intents share.
//!
//! May use: instruments, balance transactions, the test cards. Invariant: a decline is an
//! [`Attempt::Declined`], never an `Err`; it leaves a failed charge behind when the issuer was asked.

use crate::api::error::{ApiError, Result};
use crate::api::operation::{Attempt, Ctx};
use crate::resources::instrument::Instrument;
use crate::state::document::Map;
use crate::state::{Id, Tx};
use crate::testdata::Verdict;

/// A charge about to be made; everything that can be refused as a parameter has been checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the currency's smallest unit; at least the minimum.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: String,
    /// Whether to take the money at once, or to hold it.
    pub capture: bool,
    /// What to charge.
    pub instrument: Instrument,
    /// The customer that it is attributed to.
    pub customer: Option<Id>,
    /// The intent that makes the charge; without one it is a direct charge.
    pub payment_intent: Option<Id>,
    /// What the card's issuer says (for a card; anything else is approved).
    pub verdict: Verdict,
    /// `description`, `metadata`, `receipt_email`, `shipping`, `statement_descriptor`,
    /// `statement_descriptor_suffix`, `transfer_data`, `transfer_group`, `on_behalf_of`,
    /// `application_fee_amount` as they go onto the charge.
    pub details: Map,
    /// Whether the ledger row comes a moment after the answer, as it does for intents with
    /// `automatic_async` (core-payments 6.10.5).
    pub ledger_later: bool,
}

/// Makes the charge (core-payments 6.3, 6.7, 6.10).
pub fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, plan: Plan) -> Attempt {
    let _ = (tx, ctx, plan);
    Attempt::NeedsAction
}

/// Captures a held charge; `amount` is at most what is held, all of it when not given. The ledger row
/// is made, and what is not captured is released (core-payments 6.8).
pub fn capture(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id, amount: Option<i64>) {
    let _ = (tx, ctx, charge, amount);
}

/// Releases a held charge: it counts as refunded, without a ledger row (core-payments 8.3.15).
pub fn release(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) {
    let _ = (tx, ctx, charge);
}

/// Checks the amount and the currency of a payment (core-payments 6.4.6 to 6.4.8, 6.5, 6.6) and returns the
/// currency in lower case.
///
/// # Errors
/// Not a currency, too small, too large, not a multiple of ten in a three-decimal currency.
pub fn check_amount(amount: i64, currency: &str) -> Result<String> {
    let _ = amount;
    Err(ApiError::param_missing(currency))
}
