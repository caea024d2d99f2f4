//! The other objects of an integration: events, webhook endpoints, keys and sessions of clients.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: nothing here moves money.

pub mod core_events;
pub mod customer_sessions;
pub mod ephemeral_keys;
pub mod event_destinations;
pub mod events;
pub mod file_links;
pub mod radar_sessions;
pub mod receivers;
pub mod webhook_endpoints;
