//! The line items of tax transactions.
//!
//! May use: tax transactions. Invariant: a line belongs to one transaction and never changes.

use super::{TaxTransaction, TaxTransactionType};
use crate::contract::{Behaviour, Entry, Under};
use crate::resources::tax::settings::TaxBehavior;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;

crate::resource! {
    /// A line item of a tax transaction.
    TransactionLine = "tax.transaction_line_item" {
        /// In the currency's smallest unit; with the tax if that is included. Below zero in a reversal.
        amount: i64,
        /// The tax.
        amount_tax: i64,
        /// How many.
        quantity: i64,
        /// The user's own name of it.
        reference: String,
        /// What it reverses; null in a sale.
        reversal: Option<Map>,
        /// Whether the amount contains the tax.
        tax_behavior: TaxBehavior,
        /// What was sold.
        tax_code: String,
        /// Whether tax was collected or given back.
        kind as "type": TaxTransactionType,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The transaction; absent in lines from before there were rules.
        transaction: Option<Id>,
    }
}

impl TransactionLine {
    /// The line that it reverses.
    pub(super) fn original(&self) -> Option<&str> {
        self.reversal.as_ref()?.str("original_line_item")
    }
}

/// The filter for the transaction.
pub(super) const OWNER: &str = "transaction";

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: TransactionLine::KIND,
    fields: TransactionLine::FIELDS,
    noun: "line item",
    id: IdForm::short("tax_li_"),
    operations: &[(
        "tax.transactions.line_items.list",
        Behaviour::ListUnder(Under { filter: OWNER, param: "transaction" }),
    )],
    filters: &[
        crate::filter!("transaction", TransactionLine, |line| line.transaction.as_deref(), Some(TaxTransaction::KIND)),
        // Not a parameter of the list: it finds the reversals of a line.
        crate::filter!("original_line_item", TransactionLine, TransactionLine::original),
    ],
    import: crate::contract::import::<TransactionLine>,
    ..Entry::PLAIN
};
