//! Integration tests: everything through the public surface, in one binary.

mod client;
mod edge;
mod shape;
