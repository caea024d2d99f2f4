//! Instruments: payment methods, cards, bank accounts, sources, tokens, mandates.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: the result of charging an
//! instrument comes from its number's row in `issuers`, not from here.

pub mod bank_accounts;
pub mod card_details;
pub mod cards;
pub mod confirmation_tokens;
pub mod financial_accounts;
pub mod mandates;
pub mod payment_methods;
pub mod sources;
pub mod tokens;
