//! What a customer is (core-payments 3); what the API does with it stands in
//! [`operations`](crate::resources::customers::operations).
//!
//! May use: the state. Invariant: `default_source` is the id of one of the customer's sources, or null when there is none.

use std::sync::Arc;

use crate::contract::{In, require};
use crate::error::Result;
use crate::state::document::Map;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Kind, Tx};

crate::resource! {
    /// A customer.
    Customer = "customer" {
        /// Unix seconds.
        created: i64,
        /// The source that is charged when none is named.
        default_source: Option<Id>,
        /// The e-mail address, a filter of the list.
        email: Option<String>,
        /// What the user keeps with it.
        metadata: Map,
    }
    hidden {
        /// Its sources in the order in which they were attached; a dump of the real API does not say it.
        attached: Vec<Id>,
        /// Where it was seen to be, for tax; shown with `expand[]=tax`.
        tax_ip_address: Absent<String>,
    }
}

crate::resource! {
    /// An invoice prefix that a customer chose; it stays reserved when the customer is deleted
    /// (core-payments 3.1). The API does not show it.
    InvoicePrefix = "invoice_prefix" {
        /// Unix seconds.
        created: i64,
        /// Whose it is.
        customer: Id,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = Customer::KIND;

/// The customer that a path names before what belongs to it.
///
/// # Errors
/// There is none; the error's `param` is `customer` (core-payments 1.7).
pub fn in_path(tx: &Tx, id: &str) -> Result<Arc<Customer>> {
    require(tx, id, In::PathAs("customer"))
}
