//! The HTTP edge.

mod abuse;
mod bounds;
mod edge;
mod older_clients;
mod reactor;
mod visitors;
