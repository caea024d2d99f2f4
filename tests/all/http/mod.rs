//! The HTTP edge.

mod abuse;
mod edge;
mod older_clients;
mod reactor;
mod visitors;
