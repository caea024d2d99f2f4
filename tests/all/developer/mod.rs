//! Keys of clients, webhook endpoints and event destinations.

mod ephemeral_keys;
mod event_destinations;
mod file_links;
mod webhook_endpoints;
