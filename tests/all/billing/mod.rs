//! Billing over time.

mod credit_notes;
mod entitlements;
mod invoice_items;
mod invoices;
mod quotes;
mod schedules;
mod subscriptions;
mod test_clocks;
mod usage;
