//! Integration tests: everything through the public surface, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod abuse;
mod client;
mod docs;
mod edge;
mod fixtures;
mod form;
mod payment_methods;
mod shape;
mod sources;
mod tidy;
