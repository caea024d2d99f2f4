//! The balance and what moves it.

mod automatic_payouts;
mod balance;
mod conservation;
mod payouts;
mod topups;
