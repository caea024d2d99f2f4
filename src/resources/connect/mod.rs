//! Connected accounts: accounts with their capabilities, and their bank accounts.
//!
//! May use: the state, the operations' signatures, the errors, other resources.
//! Invariant: only these modules add an account to a sandbox or delete one, besides fixtures and state files.

pub mod accounts;
pub mod country_specs;
pub mod directory;
pub mod external_accounts;
pub mod parties;
pub mod standing;
