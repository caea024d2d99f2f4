//! What is paid with: cards, bank accounts, payment methods, sources, confirmation tokens.

mod account_numbers;
mod confirmation_tokens;
mod payment_methods;
mod sources;
