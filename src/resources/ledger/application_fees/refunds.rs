//! Refunds of fees to the connected accounts that paid them (billing 6.6).
//!
//! May use: the balances of both accounts. Invariant: the refunds of a fee are at most the fee.

use super::ApplicationFee;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, In, Outcome, Under, require};
use crate::error::{ApiError, RefundedThing, Result};
use crate::money::{Rate, RateSide};
use crate::object::metadata;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind};
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Ref, Tx};

crate::resource! {
    /// A refund of a fee.
    FeeRefund = "fee_refund" {
        /// Unix seconds.
        created: i64,
        /// What the account gets, in the smallest unit of the currency in which it paid.
        amount: i64,
        /// The balance transaction of the platform.
        balance_transaction: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// The fee.
        fee: Id,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
    }
}

/// What the account gets back for a part of a fee, in the currency in which it paid: the part at the fee's own rate, and
/// with the last part the rest (connect-accounts 7.4).
struct Returned {
    amount: i64,
    currency: String,
    /// The rate in the platform's row, which is that of a refund.
    rate: Option<Rate>,
}

impl Returned {
    fn of(tx: &mut Tx, fee: &ApplicationFee, amount: i64) -> Self {
        let paid = super::rate(tx, fee).and_then(|rate| Some((rate, tx.state().account(&fee.account)?)));
        let source = fee.paid_with();
        let rows =
            paid.map(|(rate, payer)| (rate, tx.within(payer, |tx| tx.having::<BalanceTransaction>("source", source))));
        let Some((rate, row)) = rows.as_ref().and_then(|(rate, rows)| Some((*rate, rows.first()?))) else {
            return Returned { amount, currency: fee.currency.clone(), rate: None };
        };
        let whole: i64 = rows.iter().flat_map(|(_, rows)| rows).map(|row| row.application_fee()).sum();
        let before: i64 = tx.having::<FeeRefund>("fee", &fee.id).iter().map(|refund| refund.amount).sum();
        let is_last = fee.amount_refunded + amount == fee.amount;
        let left = whole - before;
        Returned {
            amount: if is_last { left } else { rate.convert(amount).min(left) },
            currency: row.currency.to_string(),
            rate: Rate::of(&fee.currency, &row.currency, RateSide::Selling),
        }
    }
}

/// Refunds `amount` of a fee, at most what is left of it.
pub fn give_back(tx: &mut Tx, ctx: &Ctx<'_>, fee: &ApplicationFee, amount: i64, metadata: Map) -> Id {
    tx.within(AccountKey::PLATFORM, |tx| {
        let returned = Returned::of(tx, fee, amount);
        let id: Id = ENTRY.id.draw(&ctx.ids).into();
        let row = fee.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
        let available_on = row.map_or(ctx.now, |row| row.available_on.max(ctx.now));
        // The row names the fee, not its refund (connect-accounts 7.3).
        let posting = Posting {
            rate: returned.rate,
            description: Some("REFUND FOR APPLICATION FEE".to_owned()),
            ..Posting::new(RowKind::ApplicationFeeRefund, -amount, &fee.currency, &fee.id, available_on)
        };
        let row = balance::post(tx, ctx, &posting);
        if let Some(payer) = tx.state().account(&fee.account) {
            let (amount, currency) = (returned.amount, &*returned.currency);
            tx.within(payer, |tx| balance::post(tx, ctx, &Posting { amount, currency, rate: None, ..posting.clone() }));
        }
        tx.insert(FeeRefund {
            id: Id::clone(&id),
            created: ctx.now,
            amount: returned.amount,
            balance_transaction: Some(row),
            currency: returned.currency,
            fee: Id::clone(&fee.id),
            metadata,
            rest: Map::new(),
        });
        tx.update::<ApplicationFee>(&fee.id, |fee| {
            fee.amount_refunded += amount;
            fee.refunded = fee.amount_refunded == fee.amount;
        });
        id
    })
}

fn amount_of(fee: &ApplicationFee, params: &Map) -> Result<i64> {
    let left = fee.amount - fee.amount_refunded;
    if left == 0 {
        return Err(ApiError::fee_already_refunded(&fee.id));
    }
    match params.int("amount") {
        Some(..=0) => Err(ApiError::param_below("amount", 1)),
        Some(amount) if amount > left => {
            Err(ApiError::refund_too_large(RefundedThing::Fee, amount, left, fee.amount, &fee.currency))
        }
        amount => Ok(amount.unwrap_or(left)),
    }
}

/// `POST /v1/application_fees/:id/refunds`: shows the refund.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let fee = require::<ApplicationFee>(tx, call.arg(0), In::Path)?;
    let amount = amount_of(&fee, &call.params)?;
    let metadata = metadata::merge(&Map::new(), call.params.get("metadata"))?;
    let id = give_back(tx, ctx, &fee, amount, metadata);
    Ok(Outcome::Done(Ref { kind: FeeRefund::KIND, id }))
}

/// `POST /v1/application_fees/:id/refund`: shows the fee.
pub(super) fn refund_fee(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let fee = require::<ApplicationFee>(tx, call.arg(0), In::Path)?;
    let amount = amount_of(&fee, &call.params)?;
    give_back(tx, ctx, &fee, amount, Map::new());
    Ok(Outcome::Done(Ref::to(&*fee)))
}

/// The fee in a path.
const UNDER: Under = Under { filter: "fee", param: "fee" };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: FeeRefund::KIND,
    fields: FeeRefund::FIELDS,
    noun: "fee refund",
    id: IdForm::of("fr_"),
    path_param: "id",
    operations: &[
        ("application_fees.refunds.create", Behaviour::Write(create)),
        ("application_fees.refunds.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("application_fees.refunds.update", Behaviour::UpdateMetadata { under: Some(UNDER), kept: &[] }),
        ("application_fees.refunds.list", Behaviour::ListUnder(Under { param: "id", ..UNDER })),
    ],
    filters: &[crate::filter!("fee", FeeRefund, |refund| Some(&*refund.fee), Some(ApplicationFee::KIND))],
    import: crate::contract::import::<FeeRefund>,
    events: Events { updated: &["application_fee.refund.updated"], ..Events::NONE },
    ..Entry::PLAIN
};
