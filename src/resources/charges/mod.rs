//! Charges (core-payments 6).
//!
//! May use: instruments, refunds, balance transactions, the money rules. Invariant: a charge's
//! `amount_refunded` never exceeds its amount, and a failed charge never changes again.

pub mod flow;

use super::Entry;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::object::Resource;

crate::resource! {
    /// A charge.
    Charge = "charge" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// What was captured.
        amount_captured: i64,
        /// What was refunded.
        amount_refunded: i64,
        /// The ledger row, once there is one.
        balance_transaction: Option<Id>,
        /// Whether the money was taken, not only held.
        captured: bool,
        /// Three letters, lower case.
        currency: String,
        /// The customer that it is attributed to.
        customer: Option<Id>,
        /// Shown to the user.
        description: Option<String>,
        /// Whether a dispute was opened.
        disputed: bool,
        /// What the user keeps with it.
        metadata: Map,
        /// Whether the money was taken or is held.
        paid: bool,
        /// The intent that made it.
        payment_intent: Option<Id>,
        /// The id of what was charged.
        payment_method: Option<Id>,
        /// Whether all of it was refunded.
        refunded: bool,
        /// `succeeded`, `pending` or `failed`.
        status: String,
        /// Groups charges and transfers.
        transfer_group: Option<String>,
    }
    hidden {
        /// The digits of the card, for how refunds and disputes of it go.
        card_number: Option<String>,
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Charge::KIND,
    noun: "charge",
    path_param: "id",
    operations: &[],
    filters: &[
        crate::filter!(
            "payment_intent",
            Charge,
            |charge| charge.payment_intent.as_deref(),
            Some(crate::state::Kind("payment_intent"))
        ),
        crate::filter!("customer", Charge, |charge| charge.customer.as_deref(), Some(super::customers::KIND)),
        crate::filter!("transfer_group", Charge, |charge| charge.transfer_group.as_deref()),
    ],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<Charge>,
    imported: None,
    due: None,
};
