//! The HTTP edge.

mod abuse;
mod addresses;
mod agents;
mod bounds;
mod connections;
mod edge;
mod https;
mod older_clients;
mod reactor;
mod visitors;
