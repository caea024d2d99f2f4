//! Integration tests: everything through the public surface, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod billing;
mod catalog;
mod checkout;
mod cli;
mod connect;
mod control;
mod customers;
mod developer;
mod engine;
mod events;
mod financial_connections;
mod generic;
mod http;
mod identity;
mod instruments;
mod ledger;
mod old_state;
mod pages;
mod payments;
mod pricing;
mod program;
mod support;
mod tax;
mod tidy;
mod transcript;
mod webhooks;
