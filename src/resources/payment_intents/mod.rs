//! Payment intents (intents-and-checkout 1).
//!
//! May use: payment methods, instruments, charging as a value. Invariant: `amount_received` is what its
//! charges captured, and a terminal intent never changes its status.

use super::Entry;
use crate::state::Id;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

crate::resource! {
    /// A payment intent.
    PaymentIntent = "payment_intent" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// What a capture may take.
        amount_capturable: i64,
        /// What was captured.
        amount_received: i64,
        /// Unix seconds.
        canceled_at: Option<i64>,
        /// Why it was canceled.
        cancellation_reason: Option<String>,
        /// `automatic`, `automatic_async` or `manual`.
        capture_method: String,
        /// Lets a publishable key confirm it.
        client_secret: Option<String>,
        /// Three letters, lower case.
        currency: String,
        /// Whom the payment belongs to.
        customer: Option<Id>,
        /// What went wrong last.
        last_payment_error: Doc,
        /// The last charge.
        latest_charge: Option<Id>,
        /// What the user keeps with it.
        metadata: Map,
        /// What is charged.
        payment_method: Option<Id>,
        /// `on_session` or `off_session`: the payment method is to be attached.
        setup_future_usage: Option<String>,
        /// Where it stands (intents-and-checkout 1.2).
        status: String,
    }
    hidden {
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: PaymentIntent::KIND,
    noun: "payment_intent",
    path_param: "intent",
    operations: &[],
    filters: &[crate::filter!(
        "customer",
        PaymentIntent,
        |intent| intent.customer.as_deref(),
        Some(super::customers::KIND)
    )],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<PaymentIntent>,
    imported: None,
    due: None,
};
