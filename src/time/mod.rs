//! Clocks and the calendar.
//!
//! May use: the machine's clock. Invariant: nothing above it reads the machine's clock for a rule.

pub mod calendar;
pub mod clock;
