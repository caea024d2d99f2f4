//! Reuse: who may use a payment method, and how often (core-payments 4.7, intents-and-checkout 1.5).
//!
//! May use: instruments. Invariant: without a customer, a payment method is used once.

use super::Instrument;
use super::PaymentMethod;
use crate::error::{ApiError, Result};
use crate::state::{Id, Tx};

/// Checks that an instrument may be used for a payment of this customer, or without one.
///
/// # Errors
/// It belongs to another customer (core-payments 4.7.5, 4.7.6), or is consumed (core-payments 4.7.2). For a payment
/// intent, the error contains it in full.
pub fn check_use(tx: &Tx, method: &Instrument, customer: Option<&Id>) -> Result<()> {
    let id = method.id();
    match (method.customer(), customer) {
        (Some(owner), None) => Err(ApiError::payment_method_needs_customer(id, owner)),
        (Some(owner), Some(customer)) if owner != customer => Err(ApiError::payment_method_not_owned(id, customer)),
        (Some(_), Some(_)) => Ok(()),
        // The passed value may be older than the changes of this transaction.
        (None, _) if tx.get::<PaymentMethod>(id).is_some_and(|method| method.consumed) => {
            Err(ApiError::payment_method_consumed())
        }
        (None, _) => Ok(()),
    }
}

/// Records that the issuer of a payment method's card was asked, and that it checked the security code and the address
/// (core-payments 4.1.1). Legacy sources do not change.
pub fn checked(tx: &mut Tx, id: &str) {
    let Some(method) = tx.get::<PaymentMethod>(id) else { return };
    let mut after = (*method).clone();
    if let Some(card) = &mut after.card.0 {
        card.make_checks();
    }
    // A step without a change would still be in the journal.
    if after.card != method.card {
        tx.save(&method, after);
    }
}

/// Records an attempt to charge a payment method, whatever its result (core-payments 4.7.9): without a customer it is
/// consumed, unless it will be saved (`setup_future_usage`, intents-and-checkout 1.6). Legacy sources do not change.
pub fn used(tx: &mut Tx, id: &str, keep: bool) {
    let Some(method) = tx.get::<PaymentMethod>(id) else { return };
    let mut after = (*method).clone();
    // The same intent may try it again, after an earlier attempt consumed it.
    after.consumed = after.customer.is_none() && !keep;
    // A step without a change would still be in the journal.
    if after.consumed != method.consumed {
        tx.save(&method, after);
    }
}

/// Removes all payment methods of a deleted customer: they show no customer and cannot be used again (core-payments
/// 3.7.5).
pub fn release_all(tx: &mut Tx, customer: &str) {
    for method in tx.having::<PaymentMethod>("customer", customer) {
        let release = |method: &mut PaymentMethod| {
            method.customer = None;
            method.consumed = true;
        };
        // A deleted customer emits events for its sources alone (core-payments 10.2.9).
        tx.quietly(|tx| tx.update(&method.id, release));
    }
}
