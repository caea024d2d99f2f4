//! The HTTP edge.

mod abuse;
mod edge;
