//! Customers and what belongs to one: balances, tax ids, stored sources.
//!
//! May use: the state, the operations' signatures, the errors, other resources.
//! Invariant: what belongs to a customer is found by the customer's id, never by a list in the customer.

pub mod cash_balances;
pub mod customer;
pub mod customer_balances;
pub mod customer_discounts;
pub mod customer_sources;
pub mod operations;
pub mod tax_ids;
