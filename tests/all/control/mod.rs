//! The control API.

mod activity;
mod called;
mod calls;
mod config_paths;
mod decisions;
mod diff;
mod faults;
mod fixtures;
mod marketplace;
mod objects;
mod requests;
mod saas;
mod sandboxes;
mod settings;
mod state;
mod timelines;
mod triggers;
