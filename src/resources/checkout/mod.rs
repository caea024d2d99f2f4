//! Checkout Sessions, payment links and the customer portal: what a customer sees and pays on a hosted page.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: a session moves money only
//! through the intents that it creates.

pub mod payment_links;
pub mod portal;
pub mod sessions;
