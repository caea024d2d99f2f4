//! Who may use a payment method, and how often (core-payments 4.7, intents-and-checkout 1.5).
//!
//! May use: instruments. Invariant: without a customer, a payment method is used once.

use super::PaymentMethod;
use crate::error::{ApiError, Result};
use crate::resources::instruments::instrument::Instrument;
use crate::state::{Id, Tx};

/// Whether something may be used for a payment of this customer, or of nobody.
///
/// # Errors
/// It belongs to somebody else (core-payments 4.7.5, 4.7.6), or was used up (core-payments 4.7.2). Where a
/// payment intent is at hand, the error shows it whole.
pub fn check_use(tx: &Tx, method: &Instrument, customer: Option<&Id>) -> Result<()> {
    let id = method.id();
    match (method.customer(), customer) {
        (Some(owner), None) => Err(ApiError::payment_method_needs_customer(id, owner)),
        (Some(owner), Some(customer)) if owner != customer => Err(ApiError::payment_method_not_owned(id, customer)),
        (Some(_), Some(_)) => Ok(()),
        // The value at hand may be older than what the transaction did to the object.
        (None, _) if tx.get::<PaymentMethod>(id).is_some_and(|method| method.consumed) => {
            Err(ApiError::payment_method_consumed())
        }
        (None, _) => Ok(()),
    }
}

/// Notes an attempt to charge a payment method, whatever came of it (core-payments 4.1.1, 4.7.9): its checks
/// are made, and without a customer it is consumed, unless it is to be kept for one
/// (`setup_future_usage`, intents-and-checkout 1.6). Legacy sources are not touched.
pub fn used(tx: &mut Tx, id: &str, keep: bool) {
    let Some(method) = tx.get::<PaymentMethod>(id) else { return };
    let mut after = (*method).clone();
    if let Some(card) = &mut after.card.0 {
        card.make_checks();
    }
    // One that its own intent tries again may have been consumed by the attempt before.
    after.consumed = after.customer.is_none() && !keep;
    // A step that changes nothing would still be in the journal.
    if after.consumed != method.consumed || after.card != method.card {
        tx.save(&method, after);
    }
}

/// Takes all payment methods away from a customer that is deleted: they show none and cannot be used again
/// (core-payments 3.7.5).
pub fn release_all(tx: &mut Tx, customer: &str) {
    for method in tx.having::<PaymentMethod>("customer", customer) {
        let release = |method: &mut PaymentMethod| {
            method.customer = None;
            method.consumed = true;
        };
        // Of a customer that goes, its sources alone are told of (core-payments 10.2.9).
        tx.quietly(|tx| tx.update(&method.id, release));
    }
}
