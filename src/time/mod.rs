//! Clocks.
//!
//! May use: the machine's clock. Invariant: nothing above it reads the machine's clock for a rule.

pub mod clock;
