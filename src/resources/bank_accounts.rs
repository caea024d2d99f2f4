//! Legacy bank accounts: what a customer's `sources` hold besides cards (core-payments 5.3).
//!
//! May use: the bank test data. Invariant: a stored bank account belongs to a customer.

use super::Entry;
use crate::events::Events;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::object::{Absent, Resource};

crate::resource! {
    /// A bank account of a customer.
    BankAccount = "bank_account" {
        /// The customer that it belongs to; on a token's bank account there is none.
        customer: Absent<Id>,
        /// `new`, `verified`, `verification_failed`, … (core-payments 5.3.18).
        status: String,
        /// What the user keeps with it.
        metadata: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The whole account number; a dump of the real API does not have it.
        account_number: Option<String>,
    }
}

/// The registry's entry; its operations are those of a customer's sources.
pub static ENTRY: Entry = Entry {
    kind: BankAccount::KIND,
    fields: BankAccount::FIELDS,
    noun: "source",
    path_param: "id",
    operations: &[],
    filters: &[crate::filter!(
        "customer",
        BankAccount,
        |bank| bank.customer.0.as_deref(),
        Some(super::customers::KIND)
    )],
    import: super::import::<BankAccount>,
    events: Events {
        created: Some("customer.source.created"),
        updated: &["customer.source.updated"],
        deleted: Some("customer.source.deleted"),
        ..Events::NONE
    },
    ..Entry::PLAIN
};
