//! Payment methods (core-payments 4).
//!
//! May use: card details, tokens, customers. Invariant: a payment method that was used without a customer or
//! was detached is `consumed`, and is never attached or used again.

use super::Entry;
use super::card_details::CardDetails;
use super::instrument::Instrument;
use crate::api::error::{ApiError, Result};
use crate::api::operation::Ctx;
use crate::state::document::Map;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Tx};

crate::resource! {
    /// A payment method.
    PaymentMethod = "payment_method" {
        /// Unix seconds.
        created: i64,
        /// `card`, `us_bank_account`, …
        kind as "type": String,
        /// The customer that it is attached to.
        customer: Option<Id>,
        /// The card of a card payment method.
        card: Absent<CardDetails>,
        /// What the user keeps with it.
        metadata: Map,
    }
    hidden {
        /// Used without a customer, or detached.
        consumed: bool,
        /// Set up for payments while the customer is away.
        set_up: bool,
    }
}

/// Creates an unattached payment method from the parameters of `POST /v1/payment_methods` or a
/// `payment_method_data` (core-payments 4.2). `prefix` is empty or `payment_method_data`, for errors.
///
/// # Errors
/// Card faults, token errors, missing parts.
pub fn create_from(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map, prefix: &str) -> Result<Id> {
    let _ = (tx, ctx, data, prefix);
    Err(ApiError::not_implemented_feature("payment methods"))
}

/// What a `payment_method` parameter names: a stored payment method, a new one from a `pm_card_…` test id
/// (core-payments 4.3), or a legacy `card_…`, `ba_…` or `src_…` (core-payments 4.10).
///
/// # Errors
/// There is none: `resource_missing` with `param`.
pub fn obtain(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, param: &'static str) -> Result<Instrument> {
    let _ = (tx, ctx);
    Err(ApiError::missing_in_param("PaymentMethod", id, param))
}

/// Attaches a payment method to a customer that exists (core-payments 4.4): the card is checked and may be
/// refused; being attached to this customer already is fine.
///
/// # Errors
/// Attached elsewhere, consumed, or refused by the card (core-payments 3.5).
pub fn attach(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: &Id) -> Result<()> {
    let _ = (tx, ctx, id, customer);
    Err(ApiError::not_implemented_feature("attaching payment methods"))
}

/// Whether an instrument may be used for this customer's payment.
///
/// # Errors
/// It belongs to another customer, or was used up.
pub fn check_use(tx: &Tx, method: &Instrument, customer: Option<&Id>) -> Result<()> {
    let _ = (tx, method, customer);
    Ok(())
}

/// Marks a payment method as used.
pub fn used(tx: &mut Tx, id: &str, keep: bool) {
    let _ = (tx, id, keep);
}

/// Whether a customer has a payment method attached.
pub fn customer_has_any(tx: &Tx, customer: &str) -> bool {
    !tx.records_having(PaymentMethod::KIND, "customer", customer).is_empty()
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: PaymentMethod::KIND,
    noun: "PaymentMethod",
    path_param: "payment_method",
    operations: &[],
    filters: &[crate::filter!(
        "customer",
        PaymentMethod,
        |method| method.customer.as_deref(),
        Some(super::customers::KIND)
    )],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<PaymentMethod>,
    imported: None,
    due: None,
};
