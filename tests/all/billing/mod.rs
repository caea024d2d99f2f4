//! Billing over time.

mod invoice_items;
mod invoices;
mod test_clocks;
