//! Automatic payouts: everything that is available in a currency, with the balance transactions that it is made of
//! (core-payments 9.3.2, billing 6.7). What an account owes is debited from its bank account by a payout of a negative amount
//! (connect-accounts 2.3).
//!
//! May use: external accounts, the balance. Invariant: the balance transactions of an automatic payout, other than its own,
//! add up to its amount.

use super::create::begin;
use super::{Payout, PayoutMethod, PayoutStatus, flow};
use crate::contract::{Ctx, In, missing};
use crate::error::Result;
use crate::resources::connect::directory;
use crate::resources::connect::external_accounts;
use crate::resources::connect::standing;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind, RowStatus};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// What a schedule does with a currency.
#[derive(Clone, Copy, Debug)]
pub(in crate::resources::ledger) struct PayoutRun<'a> {
    /// Three letters, lower case.
    pub currency: &'a str,
    /// What stays in the balance, in the currency's smallest unit.
    pub minimum: i64,
    /// Whether a negative balance is debited.
    pub debits: bool,
    /// The words on the bank's statement.
    pub statement_descriptor: Option<&'a str>,
}

/// Pays out what is available in a currency above the minimum, if the account's payouts are enabled, or debits what is owed; if
/// the account has an external account for that.
pub(in crate::resources::ledger) fn pay_out(tx: &mut Tx, ctx: &Ctx<'_>, run: &PayoutRun<'_>) {
    let PayoutRun { currency, statement_descriptor, .. } = *run;
    // What is debited comes when it arrives; until then it is owed, and nothing is paid out.
    let coming = coming(tx, currency);
    let owed = balance::available(tx, currency) + coming;
    let (amount, minimum) = if owed < 0 { (owed, 0) } else { (owed - run.minimum, run.minimum) };
    let is_debit = amount < 0 && owed < 0;
    if (is_debit && !run.debits) || (!is_debit && (amount <= 0 || coming > 0 || standing::check_payouts(tx).is_err())) {
        return;
    }
    let external = match is_debit {
        true => external_accounts::debited_for(tx, ctx, currency),
        false => external_accounts::default_for(tx, ctx, currency),
    };
    let Some(external) = external.filter(|external| !external.is_errored()) else { return };
    let mut payout = begin(ctx, amount, currency.to_owned(), &external, PayoutMethod::Standard);
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

/// What automatic payouts of a currency have debited and is still on its way, in its smallest unit.
fn coming(tx: &Tx, currency: &str) -> i64 {
    let under_way = [PayoutStatus::Pending, PayoutStatus::InTransit].map(PayoutStatus::as_str);
    let payouts = under_way.into_iter().flat_map(|status| tx.having::<Payout>("status", status));
    let debits = payouts.filter(|payout| payout.automatic && payout.amount < 0 && payout.currency == currency);
    debits.map(|payout| -payout.amount).sum()
}

/// Pays out what is available in a connected account, in each currency.
///
/// # Errors
/// There is no such account.
pub(super) fn pay_out_everything(tx: &mut Tx, ctx: &Ctx<'_>, account: &str) -> Result<()> {
    let place = directory::find(tx, account).ok_or_else(|| missing(directory::KIND, account, In::Path))?;
    tx.within(place, |tx| {
        for currency in balance::currencies(tx) {
            let run = PayoutRun { currency: &currency, minimum: 0, statement_descriptor: None, debits: false };
            pay_out(tx, ctx, &run);
        }
    });
    Ok(())
}

/// Sends a payout, and returns its balance transaction.
fn payout_row(tx: &mut Tx, ctx: &Ctx<'_>, payout: Payout) -> Option<Id> {
    let sent = flow::send(tx, ctx, payout);
    tx.get::<Payout>(&sent.id).and_then(|payout| payout.balance_transaction.clone())
}
