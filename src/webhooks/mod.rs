//! Webhooks: where events are sent, and how they are signed (platform 2).
//!
//! May use: the `http` crate's types, hmac. Invariant: what is signed is what is sent.

pub mod signature;
pub mod url;
