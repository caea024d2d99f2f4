//! Verification of people: sessions in which somebody shows who they are, and reports of what was checked (connect-accounts 11).
//!
//! May use: the state, the operations' signatures, the errors, customers, the people behind accounts. Invariant: nobody is
//! verified but by what somebody chooses on a session's page, or by the call that stands for it.

pub mod reports;
pub mod sessions;
