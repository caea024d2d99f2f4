//! Customers (core-payments 3).
//!
//! May use: the parts of `api` and `state`, other resources' flows. Invariant: `default_source` is the id of
//! one of the customer's sources, or null when there is none.

use super::Entry;
use crate::state::document::Map;
use crate::state::object::Resource;
use crate::state::{Id, Kind};

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
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Customer::KIND,
    noun: "customer",
    path_param: "id",
    operations: &[],
    filters: &[],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<Customer>,
    imported: None,
    due: None,
};

/// The kind, for references.
pub const KIND: Kind = Customer::KIND;
