//! The control API.

mod calls;
mod config_paths;
mod decisions;
mod diff;
mod faults;
mod fixtures;
mod marketplace;
mod requests;
mod saas;
mod sandboxes;
mod settings;
mod state;
mod timelines;
mod triggers;
