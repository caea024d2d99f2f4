//! Integration tests: everything through the public surface, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod abuse;
mod accounts;
mod balance;
mod bank_debits;
mod browsers;
mod charges;
mod charging_sources;
mod client;
mod confirmation_tokens;
mod customer_sources;
mod customers;
mod decisions;
mod disputes;
mod docs;
mod edge;
mod events;
mod events_flows;
mod expanding;
mod fixtures;
mod flows;
mod form;
mod idempotency;
mod ledger;
mod lists;
mod payment_intents;
mod payment_methods;
mod payouts;
mod receiver;
mod refunds;
mod requests;
mod sandboxes;
mod search;
mod setup_intents;
mod shape;
mod sources;
mod state;
mod test_cards;
mod tidy;
mod topups;
mod versions;
mod webhook_endpoints;
mod webhook_failures;
mod webhook_tls;
mod webhooks;
