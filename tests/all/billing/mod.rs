//! Billing over time.

mod credit_notes;
mod invoice_items;
mod invoices;
mod subscriptions;
mod test_clocks;
mod usage;
