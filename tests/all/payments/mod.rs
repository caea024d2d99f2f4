//! Payments: charges, intents, refunds, disputes, and the rails below them.

mod bank_debits;
mod browsers;
mod charges;
mod charging_sources;
mod client_context;
mod disputes;
mod elements_sessions;
mod payment_intents;
mod payment_method_configurations;
mod rails;
mod refunds;
mod setup_intents;
mod shapes;
mod statements;
mod test_cards;
