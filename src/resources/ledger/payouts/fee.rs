//! What the platform takes of instant payouts of its connected accounts (connect-accounts 7.2).
//!
//! May use: application fees, the settings. Invariant: a payout whose money came back has cost no fee.

use super::{Payout, PayoutMethod};
use crate::contract::Ctx;
use crate::money::{self, Rounding};
use crate::resources::ledger::application_fees::{self, Fee, FeeSource};
use crate::settings::INSTANT_PAYOUT_FEE_PERCENT;
use crate::state::document::Map;
use crate::state::{AccountKey, Tx};

/// The fee of a payout of `amount` by the current account, in the currency's smallest unit; 0 for none.
pub(super) fn of(tx: &Tx, ctx: &Ctx<'_>, amount: i64, method: PayoutMethod) -> i64 {
    match method {
        PayoutMethod::Instant if tx.account() != AccountKey::PLATFORM => {
            let percent = ctx.settings.number(&INSTANT_PAYOUT_FEE_PERCENT);
            money::proportion(amount, percent, 100, Rounding::HalfUp)
        }
        PayoutMethod::Instant | PayoutMethod::Standard => 0,
    }
}

/// Collects a fee for a payout that is about to be sent, which takes it along with its amount.
pub(super) fn collect(tx: &mut Tx, ctx: &Ctx<'_>, payout: &mut Payout, amount: i64) {
    if amount == 0 {
        return;
    }
    let fee = Fee {
        amount,
        account: tx.account(),
        source: FeeSource::Payout(&payout.id),
        currency: &payout.currency,
        rate: None,
        originating: None,
        available_on: ctx.now,
    };
    let fee = application_fees::collect(tx, ctx, &fee);
    payout.rest.set("application_fee", fee.to_string());
    payout.rest.set("application_fee_amount", amount);
}

/// Gives back what is left of the fee of a payout that failed or was canceled.
pub(super) fn give_back(tx: &mut Tx, ctx: &Ctx<'_>, payout: &Payout) {
    let fee = payout.rest.str("application_fee").and_then(|id| application_fees::by_id(tx, id));
    let Some(fee) = fee.filter(|fee| !fee.refunded) else { return };
    application_fees::give_back(tx, ctx, &fee, fee.amount - fee.amount_refunded, Map::new());
}
