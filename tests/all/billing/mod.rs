//! Billing over time.

mod credit_notes;
mod entitlements;
mod feedback_options;
mod invoice_items;
pub(crate) mod invoices;
mod loaded;
mod properties;
mod quotes;
mod schedules;
pub(crate) mod subscriptions;
mod test_clocks;
mod usage;
