//! Sessions in which people link their accounts at other banks (connect-accounts 12).
//!
//! May use: the state, the operations' signatures, the errors, customers, accounts, tokens, linked accounts. Invariant: nothing is
//! linked but what somebody chooses on a session's page, or by the call that stands for it.

pub mod sessions;
