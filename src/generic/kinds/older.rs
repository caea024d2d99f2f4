//! What older versions show of subscriptions, which is not built (shapes 6).
//!
//! May use: the versions. Invariant: each difference is named in the header of an answer.

use crate::contract::Change;
use crate::contract::version::Gate;

const BASIL: Gate = Gate::since("2025-03-31.basil");

/// A difference that is not built.
const fn named(since: Gate, what: &'static str) -> Change {
    Change { since, older: None, what }
}

/// Of subscriptions.
pub(super) const SUBSCRIPTION: &[Change] = &[
    named(BASIL, "subscription.current_period_start, subscription.current_period_end, subscription.discount"),
    named(Gate::since("2020-08-27"), "subscription.tax_percent"),
    named(
        Gate::since("2019-10-17"),
        "subscription.billing, since then subscription.collection_method; subscription.start",
    ),
];
