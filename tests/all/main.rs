//! Integration tests: everything through the public surface, in one binary.

mod client;
mod docs;
mod edge;
mod shape;
mod tidy;
