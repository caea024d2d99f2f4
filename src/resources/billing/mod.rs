//! Billing over time (billing 2 to 5): invoices with their items, payments and credit notes, what lives on test clocks, and the clocks.
//!
//! May use: the areas after it in the list of areas. Invariant: times here are those of an object's own clock.

pub mod credit_notes;
pub mod credits;
pub mod entitlements;
pub mod feedback_options;
pub mod invoice_items;
pub mod invoice_payments;
pub mod invoices;
pub mod quotes;
pub mod rendering_templates;
pub mod schedules;
pub mod subscription_items;
pub mod subscriptions;
pub mod test_clocks;
pub mod usage;
