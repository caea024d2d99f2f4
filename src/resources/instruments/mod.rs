//! What is paid with: payment methods, cards, bank accounts, sources, tokens, mandates.
//!
//! May use: the state, the operations' signatures, the errors, other resources.
//! Invariant: what an instrument does when it is charged is decided by its number's row in `issuers`, not here.

pub mod bank_accounts;
pub mod card_details;
pub mod cards;
pub mod confirmation_tokens;
pub mod instrument;
pub mod mandates;
pub mod payment_methods;
pub mod sources;
pub mod tokens;
