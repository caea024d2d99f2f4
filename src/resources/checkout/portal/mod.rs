//! The customer portal: what customers may do there, and the sessions that lead them there (billing 5.6, billing-2 11.5).
//!
//! May use: products and prices, customers, subscriptions. Invariant: a session exists only with an active configuration, and its
//! flow is one that the configuration allows.

pub mod act;
pub mod configurations;
mod features;
mod flow;
mod later;
pub mod sessions;
