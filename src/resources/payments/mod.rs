//! Payments: intents, setups, charges, refunds, disputes.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: every charge is created by
//! `charges`, whatever asks for the payment.

pub(in crate::resources) mod automatic_methods;
mod bank_sessions;
pub mod charges;
pub(in crate::resources) mod client_context;
pub mod disputes;
pub mod early_fraud_warnings;
pub mod elements_sessions;
pub mod microdeposits;
pub(in crate::resources) mod options;
pub mod paying;
pub mod payment_intents;
pub mod payment_method_configurations;
pub mod rails;
pub mod refunds;
pub mod setup_attempts;
pub mod setup_intents;
pub mod tax_associations;
mod three_d_secure;
