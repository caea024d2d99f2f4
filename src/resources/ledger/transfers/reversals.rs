//! Reversals of transfers (billing 6.5).
//!
//! May use: the balances of both accounts. Invariant: the reversals of a transfer add up to its
//! `amount_reversed`, and so do the refunds of the destination's payment.

use std::sync::Arc;

use super::Transfer;
use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, Marked, Outcome, Under, require};
use crate::error::{ApiError, Result};
use crate::money::{self, RateSide, Rounding};
use crate::object::metadata;
use crate::resources::ledger::application_fees;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind, SettlementCurrency};
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Ref, Tx};

crate::resource! {
    /// A reversal.
    TransferReversal = "transfer_reversal" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The balance transaction of the platform.
        balance_transaction: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// The refund of the destination's payment.
        destination_payment_refund: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// The refund of the platform's charge that caused it, if any.
        source_refund: Option<Id>,
        /// The transfer.
        transfer: Id,
    }
    hidden {
    }
}

/// A reversal to make.
#[derive(Debug)]
pub struct Reversal {
    /// In the currency's smallest unit; at most what is left of the transfer.
    pub amount: i64,
    /// The refund of the platform's charge that causes it, if any.
    pub source_refund: Option<Id>,
    /// Shown to the user.
    pub description: Option<String>,
    /// The user's own keys and values.
    pub metadata: Map,
}

/// Reverses a transfer. Its payment at the destination is refunded.
pub fn reverse(tx: &mut Tx, ctx: &Ctx<'_>, transfer: &Transfer, reversal: Reversal) -> Id {
    let amount = reversal.amount;
    let there = transfer.destination.as_ref().and_then(|id| tx.state().account(id));
    let payment = transfer.destination_payment.0.as_deref();
    let has_payment = there.zip(payment).is_some_and(|(there, payment)| {
        tx.read_within(there, |tx| tx.record(crate::kind!("charge"), payment).is_some())
    });
    let refund = || has_payment.then(|| super::PAYMENT_REFUND_ID.draw(&ctx.ids).into());
    let id = bring_back(tx, ctx, transfer, reversal, refund);
    // The refund is emitted before what becomes of the transfer.
    contract::settle(tx, ctx);
    count(tx, transfer, amount);
    id
}

/// Reverses a transfer after a refund by the destination: `refund` is the destination's refund of `amount` (in the
/// currency's smallest unit) of its payment, and `sender` the account that sent the transfer.
pub fn follow_refund(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    sender: AccountKey,
    transfer: &str,
    refund: &Id,
    amount: i64,
) -> Option<Id> {
    tx.within(sender, |tx| {
        let transfer = tx.get::<Transfer>(transfer)?;
        let reversal = Reversal { amount, source_refund: None, description: None, metadata: Map::new() };
        let id = bring_back(tx, ctx, &transfer, reversal, || Some(Id::clone(refund)));
        count(tx, &transfer, amount);
        Some(id)
    })
}

/// The platform's side of a reversal; `refund` returns the id of the destination's refund, which may still be to come.
fn bring_back(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    transfer: &Transfer,
    reversal: Reversal,
    refund: impl FnOnce() -> Option<Id>,
) -> Id {
    let Reversal { amount, source_refund, description, metadata } = reversal;
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let description = description.unwrap_or_else(|| "REFUND FOR TRANSFER".to_owned());
    let available_on = available_on(tx, ctx, transfer);
    let settlement = match row_of(tx, transfer) {
        Some(row) => SettlementCurrency::like(&row, &transfer.currency, RateSide::Buying),
        None => SettlementCurrency::of(tx, &transfer.currency, RateSide::Buying),
    };
    let posting = Posting {
        description: Some(description),
        // The row names the transfer, not its reversal (connect-accounts 7.3).
        ..Posting::settled(RowKind::TransferRefund, amount, &settlement, &transfer.id, available_on)
    };
    let row = balance::post(tx, ctx, &posting);
    tx.insert(TransferReversal {
        id: Id::clone(&id),
        created: ctx.now,
        amount,
        balance_transaction: Some(row),
        currency: transfer.currency.clone(),
        destination_payment_refund: refund(),
        metadata,
        source_refund,
        transfer: Id::clone(&transfer.id),
        rest: Map::new(),
    });
    id
}

/// Counts what came back of a transfer.
fn count(tx: &mut Tx, transfer: &Transfer, amount: i64) {
    tx.update::<Transfer>(&transfer.id, |transfer| {
        transfer.amount_reversed += amount;
        transfer.reversed = transfer.amount_reversed == transfer.amount;
    });
}

/// Pending money comes back as pending.
fn available_on(tx: &Tx, ctx: &Ctx<'_>, transfer: &Transfer) -> i64 {
    row_of(tx, transfer).map_or(ctx.now, |row| row.available_on.max(ctx.now))
}

/// The balance transaction of a transfer.
fn row_of(tx: &Tx, transfer: &Transfer) -> Option<Arc<BalanceTransaction>> {
    tx.get::<BalanceTransaction>(transfer.balance_transaction.as_ref()?)
}

/// `POST /v1/transfers/:id/reversals`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let transfer = require::<Transfer>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let left = transfer.amount - transfer.amount_reversed;
    if left == 0 {
        return Err(ApiError::transfer_already_reversed(&transfer.id));
    }
    let amount = match params.int("amount") {
        Some(..=0) => return Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > left => return Err(ApiError::reversal_too_large(amount, left, &transfer.currency)),
        amount => amount.unwrap_or(left),
    };
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    if params.bool("refund_application_fee") == Some(true) {
        give_fee_back(tx, ctx, &transfer, amount);
    }
    let description = params.str("description").map(str::to_owned);
    let id = reverse(tx, ctx, &transfer, Reversal { amount, source_refund: None, description, metadata });
    Ok(Outcome::Done(Ref { kind: TransferReversal::KIND, id }))
}

/// Refunds the part of the platform's fee that belongs to a part of the transfer; without a fee there is nothing to do
/// (connect-accounts 7.1).
fn give_fee_back(tx: &mut Tx, ctx: &Ctx<'_>, transfer: &Transfer, amount: i64) {
    let payment = transfer.destination_payment.0.as_deref().unwrap_or_default();
    let Some(fee) = application_fees::of_charge(tx, payment) else { return };
    let left = fee.amount - fee.amount_refunded;
    let is_last = transfer.amount_reversed + amount == transfer.amount;
    let share =
        if is_last { left } else { money::proportion(fee.amount, amount, transfer.amount, Rounding::HalfUp).min(left) };
    if share > 0 {
        application_fees::give_back(tx, ctx, &fee, share, Map::new());
    }
}

/// The transfer in a path.
const UNDER: Under = Under { filter: "transfer", param: "transfer" };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: TransferReversal::KIND,
    marks: &[
        Marked::acts(&["refund_application_fee"], "connect::funds::a_transfer_is_reversed_in_parts"),
        Marked::neutral(&["description"], "only the dashboard shows it"),
    ],
    fields: TransferReversal::FIELDS,
    noun: "transfer reversal",
    id: IdForm::of("trr_"),
    path_param: "id",
    operations: &[
        ("transfers.reversals.create", Behaviour::Write(create)),
        ("transfers.reversals.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("transfers.reversals.update", Behaviour::UpdateMetadata { under: Some(UNDER), kept: &[] }),
        ("transfers.reversals.list", Behaviour::ListUnder(UNDER)),
    ],
    filters: &[crate::filter!(
        "transfer",
        TransferReversal,
        |reversal| Some(&*reversal.transfer),
        Some(Transfer::KIND)
    )],
    import: contract::import::<TransferReversal>,
    ..Entry::PLAIN
};
