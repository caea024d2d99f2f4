//! Tax transactions: the tax that was collected, and what was given back (billing-2 9.6).
//!
//! May use: calculations. Invariant: a transaction never changes, no two have the same reference, and the reversals of
//! one never give back more than it collected.

mod create;
mod lines;
mod reverse;

use std::sync::Arc;

use crate::contract::{Behaviour, Entry, Include, Shown};
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Kind, Record, Tx};

pub use create::record;
pub use lines::{ENTRY as LINES, TransactionLine};
pub use reverse::give_back;

crate::values! {
    /// Whether tax was collected or given back.
    pub enum TaxTransactionType {
        Reversal = "reversal",
        Transaction = "transaction",
    }
}

crate::resource! {
    /// A tax transaction.
    TaxTransaction = "tax.transaction" {
        /// Unix seconds.
        created: i64,
        /// When the tax was owed, in Unix seconds.
        posted_at: i64,
        /// The user's own name of it.
        reference: String,
        /// What it reverses; null for a sale.
        reversal: Option<Map>,
        /// The shipping with its tax; null without.
        shipping_cost: Doc,
        /// Unix seconds.
        tax_date: i64,
        /// Whether tax was collected or given back.
        kind as "type": TaxTransactionType,
    }
    hidden {
        /// Whether it reverses the whole of another.
        is_full: crate::state::object::Flag,
    }
}

/// The kind, for references.
pub const KIND: Kind = TaxTransaction::KIND;

impl TaxTransaction {
    /// The transaction that it reverses.
    fn original(&self) -> Option<&str> {
        self.reversal.as_ref()?.str("original_transaction")
    }
}

/// The lines of a transaction, in order.
fn lines_of(tx: &Tx, transaction: &str) -> Vec<Arc<TransactionLine>> {
    tx.having::<TransactionLine>(lines::OWNER, transaction)
}

fn rows(tx: &Tx, transaction: &str) -> Vec<Arc<Record>> {
    tx.records_having(TransactionLine::KIND, lines::OWNER, transaction)
}

/// The id of a transaction with a reference.
pub fn by_reference(tx: &Tx, reference: &str) -> Option<Id> {
    tx.having::<TaxTransaction>("reference", reference).first().map(|transaction| Id::clone(&transaction.id))
}

/// The registry's entry; the API has no events of tax transactions.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: TaxTransaction::FIELDS,
    noun: "tax transaction",
    id: IdForm::of("tax_"),
    path_param: "transaction",
    operations: &[
        ("tax.transactions.create_from_calculation", Behaviour::Write(create::create_from_calculation)),
        ("tax.transactions.create_reversal", Behaviour::Write(reverse::create_reversal)),
        ("tax.transactions.retrieve", Behaviour::Retrieve),
    ],
    filters: &[
        // Not parameters of a list: they find the transaction with a reference, and the reversals of one.
        crate::filter!("reference", TaxTransaction, |transaction| Some(transaction.reference.as_str())),
        crate::filter!("original_transaction", TaxTransaction, TaxTransaction::original, Some(KIND)),
    ],
    includes: &[Include {
        field: "line_items",
        shown: Shown::Expanded,
        total_count: true,
        rows,
        url: |transaction| format!("/v1/tax/transactions/{transaction}/line_items"),
    }],
    named_by: &["original_transaction"],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<TaxTransaction>,
    ..Entry::PLAIN
};
