//! Checkout Sessions: what a customer sees and pays on a hosted page.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: a session moves money only
//! through the intents that it creates.

pub mod portal;
pub mod sessions;
