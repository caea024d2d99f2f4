//! Settlement: the currency in which an account keeps what is paid in another (connect-accounts 7.4).
//!
//! May use: connected accounts and their external accounts, the rates. Invariant: the platform keeps every currency, and a
//! connected account keeps its own and those of its external accounts.

use super::BalanceTransaction;
use crate::money::{Rate, RateSide};
use crate::resources::connect::accounts::Account;
use crate::resources::connect::directory;
use crate::resources::connect::external_accounts;
use crate::state::document::Text;
use crate::state::{AccountKey, Tx};

/// How an amount in one currency is kept in the ledger.
#[derive(Clone, Debug)]
pub struct SettlementCurrency {
    /// The currency of the ledger, in lower case.
    pub currency: Text,
    /// The rate to that currency; `None` if it is the same.
    pub rate: Option<Rate>,
}

impl SettlementCurrency {
    /// The settlement of a currency in the current account.
    pub fn of(tx: &Tx, currency: &str, side: RateSide) -> Self {
        let home = home(tx).filter(|home| home != currency && !is_paid_out(tx, currency));
        SettlementCurrency::into(currency, home.as_deref().unwrap_or(currency), side)
    }

    /// The settlement of a currency for the account on whose behalf the platform takes a payment: always its own currency,
    /// whatever its bank accounts.
    pub fn on_behalf_of(tx: &Tx, account: &str, currency: &str, side: RateSide) -> Self {
        let home = merchant(tx, account).and_then(|(_, home)| home);
        SettlementCurrency::into(currency, home.as_deref().unwrap_or(currency), side)
    }

    /// The settlement of a currency as in an earlier row of the same payment.
    pub fn like(row: &BalanceTransaction, currency: &str, side: RateSide) -> Self {
        SettlementCurrency::into(currency, &row.currency, side)
    }

    /// Keeps the currency where the table has no rate.
    fn into(from: &str, to: &str, side: RateSide) -> Self {
        let rate = Rate::of(from, to, side);
        let currency = if rate.is_some() { to } else { from };
        SettlementCurrency { currency: Text::copy_of(currency), rate }
    }

    /// An amount as it is kept, in the smallest unit of the ledger's currency.
    pub fn amount(&self, amount: i64) -> i64 {
        self.rate.map_or(amount, |rate| rate.convert(amount))
    }
}

/// The currency of the current account; `None` for the platform, which keeps every currency.
pub fn home(tx: &Tx) -> Option<String> {
    match tx.account() {
        AccountKey::PLATFORM => None,
        _ => merchant(tx, &tx.account_id()).and_then(|(_, currency)| currency),
    }
}

/// The country and the currency of a connected account, as far as they are known.
pub fn merchant(tx: &Tx, account: &str) -> Option<(Option<String>, Option<String>)> {
    let record = tx.state().record(AccountKey::PLATFORM, directory::KIND, account)?;
    let account = record.get::<Account>()?;
    let text = |key: &str| account.rest.str(key).map(str::to_owned);
    Some((text("country"), text("default_currency")))
}

/// Whether the current account is paid out in a currency.
fn is_paid_out(tx: &Tx, currency: &str) -> bool {
    external_accounts::all(tx).iter().any(|external| external.currency() == Some(currency))
}
