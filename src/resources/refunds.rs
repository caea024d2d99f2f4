//! Refunds (core-payments 8).
//!
//! May use: charges, balance transactions. Invariant: the refunds of a charge that are not failed or canceled
//! sum to its `amount_refunded`.

use super::Entry;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::object::Resource;

crate::resource! {
    /// A refund.
    Refund = "refund" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The ledger row.
        balance_transaction: Option<Id>,
        /// The charge.
        charge: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// What the user keeps with it.
        metadata: Map,
        /// The intent of the charge.
        payment_intent: Option<Id>,
        /// `pending`, `succeeded`, `failed`, `canceled` or `requires_action`.
        status: Option<String>,
    }
    hidden {
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Refund::KIND,
    noun: "refund",
    path_param: "refund",
    operations: &[],
    filters: &[
        crate::filter!("charge", Refund, |refund| refund.charge.as_deref(), Some(crate::state::Kind("charge"))),
        crate::filter!(
            "payment_intent",
            Refund,
            |refund| refund.payment_intent.as_deref(),
            Some(crate::state::Kind("payment_intent"))
        ),
    ],
    counts: true,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<Refund>,
    imported: None,
    due: None,
};
