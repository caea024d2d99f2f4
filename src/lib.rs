//! Pinstripe: a local server that answers like the Stripe API and remembers what it was told.

pub mod api;
pub mod app;
pub mod catalogue;
pub mod config;
pub mod control;
pub mod fixtures;
pub mod http;
pub mod limits;
pub mod money;
pub mod resources;
pub mod server;
pub mod state;
pub mod testdata;

pub use crate::config::Config;
pub use crate::server::Server;
