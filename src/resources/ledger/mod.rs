//! The ledger: the balance, payouts, top-ups, transfers and application fees.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: an amount of the balance
//! changes only by a balance transaction.

pub mod application_fees;
pub mod balance;
pub mod payouts;
pub mod topups;
pub mod transfers;
