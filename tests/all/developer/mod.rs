//! Keys of clients, and webhook endpoints.

mod ephemeral_keys;
mod webhook_endpoints;
