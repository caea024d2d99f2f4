//! Balance transactions and the balance (core-payments 6.10, 8.4, 9.3).
//!
//! May use: the money rules. Invariant: `net` is `amount` less `fee` in every row, and the balance is the sum
//! of the rows' `net` by currency and status.

use super::Entry;
use crate::state::Id;
use crate::state::object::Resource;

crate::resource! {
    /// A row of the ledger.
    BalanceTransaction = "balance_transaction" {
        /// Unix seconds.
        created: i64,
        /// Gross, in the currency's smallest unit; negative when money leaves.
        amount: i64,
        /// Unix seconds from which on the money can be paid out.
        available_on: i64,
        /// Three letters, lower case.
        currency: String,
        /// What Stripe keeps.
        fee: i64,
        /// What remains.
        net: i64,
        /// What the row is about.
        source: Option<Id>,
        /// `pending` or `available`.
        status: String,
        /// `charge`, `refund`, …
        kind as "type": String,
    }
    hidden {
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: BalanceTransaction::KIND,
    noun: "balance transaction",
    path_param: "id",
    operations: &[],
    filters: &[
        crate::filter!("source", BalanceTransaction, |row| row.source.as_deref()),
        crate::filter!("type", BalanceTransaction, |row| Some(row.kind.as_str())),
        crate::filter!("currency", BalanceTransaction, |row| Some(row.currency.as_str())),
    ],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<BalanceTransaction>,
    imported: None,
    due: None,
};
