//! Source objects (core-payments 5.4 to 5.6).
//!
//! May use: card details, tokens. Invariant: a consumed, failed or canceled source stays so.

use super::Entry;
use super::card_details::CardDetails;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::object::{Absent, Resource};

crate::resource! {
    /// A source.
    Source = "source" {
        /// Unix seconds.
        created: i64,
        /// `card`, `sepa_debit`, `ideal`, …
        kind as "type": String,
        /// `pending`, `chargeable`, `consumed`, `canceled` or `failed`.
        status: String,
        /// `reusable` or `single_use`.
        usage: Option<String>,
        /// The customer that it is attached to.
        customer: Absent<Id>,
        /// What it may be charged for, in the currency's smallest unit.
        amount: Option<i64>,
        /// Three letters, lower case.
        currency: Option<String>,
        /// Lets a publishable key see it.
        client_secret: String,
        /// What the user keeps with it.
        metadata: Map,
    }
    hidden {
        /// The card of a card source.
        card_details: Option<CardDetails>,
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Source::KIND,
    noun: "source",
    path_param: "source",
    operations: &[],
    filters: &[crate::filter!("customer", Source, |source| source.customer.0.as_deref(), Some(super::customers::KIND))],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<Source>,
    imported: None,
    due: None,
};
