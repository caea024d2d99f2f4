//! Billing over time (billing 2 to 5): what lives on test clocks, and the clocks.
//!
//! May use: the areas after it in the list of areas. Invariant: times here are those of an object's own clock.

pub mod test_clocks;
