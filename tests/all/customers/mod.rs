//! Customers and what belongs to them.

mod customer;
mod customer_balances;
mod customer_discounts;
mod customer_sources;
mod tax_ids;
