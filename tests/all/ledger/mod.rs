//! The balance and what moves it.

mod balance;
mod conservation;
mod payouts;
mod topups;
