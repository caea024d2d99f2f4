//! Billing over time.

mod test_clocks;
