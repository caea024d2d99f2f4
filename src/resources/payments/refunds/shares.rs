//! The parts of a refund that others return: the transfer's destination its part, the platform its fee (billing 6.4).
//!
//! May use: transfers, application fees. Invariant: the parts are proportional, and the last refund returns the rest.

use super::Refund;
use crate::contract::Ctx;
use crate::money::{self, Rounding};
use crate::resources::ledger::application_fees;
use crate::resources::ledger::transfers::{self, Reversal, Transfer};
use crate::resources::payments::charges::Charge;
use crate::state::document::Map;
use crate::state::{AccountKey, Id, Tx};

/// Reverses the part of the charge's transfer that belongs to a refund.
pub(super) fn reverse_transfer(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, refund: &Refund) -> Option<Id> {
    let transfer = tx.get::<Transfer>(charge.rest.str("transfer")?)?;
    let amount = part(charge, refund.amount, transfer.amount, transfer.amount - transfer.amount_reversed);
    let source_refund = Some(Id::clone(&refund.id));
    let reversal = Reversal { amount, source_refund, description: None, metadata: Map::new() };
    (amount > 0).then(|| transfers::reverse(tx, ctx, &transfer, reversal))
}

/// A refund of a payment from a transfer reverses the transfer.
pub(super) fn reverse_source(tx: &mut Tx, ctx: &Ctx<'_>, payment: &Charge, refund: &Refund) -> Option<Id> {
    let sender = payment.rest.map("source").and_then(|source| tx.state().account(source.str("id")?));
    let sender = sender.unwrap_or(AccountKey::PLATFORM);
    transfers::follow_refund(tx, ctx, sender, payment.rest.str("source_transfer")?, &refund.id, refund.amount)
}

/// Refunds the part of the charge's fee that belongs to a refund.
pub(super) fn refund_fee(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, refunded: i64) {
    let Some(fee) = charge.rest.str("application_fee").and_then(|id| application_fees::by_id(tx, id)) else { return };
    let amount = part(charge, refunded, fee.amount, fee.amount - fee.amount_refunded);
    if amount > 0 {
        application_fees::give_back(tx, ctx, &fee, amount, Map::new());
    }
}

/// The part of `whole`, of which `left` is left, that belongs to `refunded` of the charge.
fn part(charge: &Charge, refunded: i64, whole: i64, left: i64) -> i64 {
    let is_last = refunded == charge.refundable();
    if is_last { left } else { money::proportion(whole, refunded, charge.amount_captured, Rounding::HalfUp).min(left) }
}
