//! Automatic payouts: everything that is available in a currency, with the balance transactions that it is made of
//! (core-payments 9.3.2, billing 6.7).
//!
//! May use: external accounts, the balance. Invariant: the balance transactions of an automatic payout, other than its own,
//! add up to its amount.

use super::create::begin;
use super::{Payout, PayoutMethod, flow};
use crate::contract::{Ctx, In, missing};
use crate::error::Result;
use crate::resources::connect::directory;
use crate::resources::connect::external_accounts;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind, RowStatus};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// Pays out what is available in a currency above `minimum` (in its smallest unit), if there is any and the account has a
/// bank account in the currency.
pub(in crate::resources::ledger) fn pay_out(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    currency: &str,
    minimum: i64,
    statement_descriptor: Option<&str>,
) {
    let amount = balance::available(tx, currency) - minimum;
    if amount <= 0 {
        return;
    }
    let Some(bank) = external_accounts::default_for(tx, ctx, currency) else { return };
    let mut payout = begin(ctx, amount, currency.to_owned(), Some(Id::clone(&bank.id)), PayoutMethod::Standard);
    payout.automatic = true;
    payout.rest.set("reconciliation_status", "in_progress");
    payout.rest.set("statement_descriptor", statement_descriptor.map(str::to_owned));
    let id = Id::clone(&payout.id);
    if minimum > 0 {
        let held = Posting::new(RowKind::PayoutMinimumBalanceHold, -minimum, currency, &id, ctx.now);
        balance::post(tx, ctx, &held);
    }
    let made_of: Vec<Id> = tx
        .having::<BalanceTransaction>("currency", currency)
        .iter()
        .filter(|row| row.status == RowStatus::Available && row.payout.0.is_none())
        .map(|row| Id::clone(&row.id))
        .collect();
    if minimum > 0 {
        let released = Posting::new(RowKind::PayoutMinimumBalanceRelease, minimum, currency, &id, ctx.now);
        balance::post(tx, ctx, &released);
    }
    let own = payout_row(tx, ctx, payout);
    for row in made_of.iter().chain(&own) {
        tx.update::<BalanceTransaction>(row, |row| row.payout = Absent(Some(Id::clone(&id))));
    }
}

/// Pays out what is available in a connected account, in each currency.
///
/// # Errors
/// There is no such account.
pub(super) fn pay_out_everything(tx: &mut Tx, ctx: &Ctx<'_>, account: &str) -> Result<()> {
    let place = directory::find(tx, account).ok_or_else(|| missing(directory::KIND, account, In::Path))?;
    tx.within(place, |tx| {
        for currency in balance::currencies(tx) {
            pay_out(tx, ctx, &currency, 0, None);
        }
    });
    Ok(())
}

/// Sends a payout, and returns its balance transaction.
fn payout_row(tx: &mut Tx, ctx: &Ctx<'_>, payout: Payout) -> Option<Id> {
    let sent = flow::send(tx, ctx, payout);
    tx.get::<Payout>(&sent.id).and_then(|payout| payout.balance_transaction.clone())
}
