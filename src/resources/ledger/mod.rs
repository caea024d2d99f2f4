//! The ledger: the balance, payouts, top-ups, transfers, application fees and exchange rates.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: an amount of the balance
//! changes only by a balance transaction.

pub mod application_fees;
pub mod balance;
pub mod balance_settings;
pub mod exchange_rates;
pub mod payouts;
pub mod topups;
pub mod transfers;
