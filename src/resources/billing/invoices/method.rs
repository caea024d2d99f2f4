//! Which payment method pays an invoice (billing 2.8).
//!
//! May use: customers and their sources, subscriptions as documents. Invariant: the first that is set wins; a method that is
//! only attached is never used.

use super::Invoice;
use crate::contract;
use crate::resources::customers::customer::Customer;
use crate::state::document::Map;
use crate::state::{Id, Tx};

/// The payment method or source that pays.
pub fn of(tx: &Tx, invoice: &Invoice) -> Option<Id> {
    let customer = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let subscription = invoice.subscription().and_then(|id| contract::resolve(tx, crate::kind!("subscription"), id));
    let subscription = subscription.map(|record| record.object.to_doc());
    let either = |map: &Map| {
        let method = map.str("default_payment_method").or_else(|| map.str("default_source"));
        method.map(Id::from)
    };
    let of_customer = || {
        let customer = customer.as_ref()?;
        let settings = customer.rest.map("invoice_settings").and_then(|all| all.str("default_payment_method"));
        settings.map(Id::from).or_else(|| customer.default_source.clone())
    };
    either(&invoice.rest).or_else(|| subscription.as_ref().and_then(either)).or_else(of_customer)
}
