//! Billing credits (billing-2 11.2): what customers were granted for what they use, and how it is used up.
//!
//! | module | what it does |
//! |---|---|
//! | [`grants`] | credit grants, from their effect to their end |
//! | [`transactions`] | the ledger: every change of what is left of a grant |
//! | [`apply`] | which grants pay for the metered lines of an invoice, and in which order |
//! | [`summary`] | what a customer has left |
//!
//! May use: customers, prices. Invariant: what is left of a grant is the sum of its transactions, and never below zero.

pub mod apply;
pub mod grants;
pub mod summary;
pub mod transactions;

#[cfg(test)]
mod tests;

pub use self::apply::{Applied, MeteredLine, Share, burn, plan, restore};
