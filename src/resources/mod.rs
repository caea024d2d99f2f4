//! The registry: one line for each resource with rules.
//!
//! May use: the resources' modules. Invariant: everything that other layers know of a resource is in its [`Entry`];
//! adding a resource adds a module and a line here.

// A rule that fails is never passed over.
#![deny(clippy::let_underscore_must_use)]

pub mod billing;
pub mod catalog;
pub mod checkout;
pub mod connect;
pub mod customers;
pub mod decision;
pub mod developer;
pub mod financial_connections;
pub mod identity;
pub mod instruments;
pub mod ledger;
pub mod payments;
pub mod tax;

use std::sync::LazyLock;

use crate::catalogue::{self, Returns};
use crate::contract::{self, Behaviour, Entry, Personal, Public, Registry};
use crate::state::Kind;

/// Every resource with rules; the rest of the API is served by [`generic`](crate::generic).
static ENTRIES: &[&Entry] = &[
    &connect::accounts::ENTRY,
    &connect::accounts::APPLICATION,
    &connect::accounts::CAPABILITIES,
    &connect::accounts::links::ENTRY,
    &connect::accounts::login_links::ENTRY,
    &connect::accounts::persons::ENTRY,
    &connect::accounts::sessions::ENTRY,
    &connect::accounts::v2::ENTRY,
    &connect::accounts::v2::links::ENTRY,
    &connect::accounts::v2::persons::ENTRY,
    &connect::accounts::v2::tokens::ACCOUNTS,
    &connect::accounts::v2::tokens::PERSONS,
    &connect::country_specs::ENTRY,
    &ledger::application_fees::ENTRY,
    &ledger::application_fees::REFUNDS,
    &ledger::balance::ENTRY,
    &ledger::balance::TOTALS,
    &ledger::balance_settings::ENTRY,
    &ledger::exchange_rates::ENTRY,
    &instruments::bank_accounts::ENTRY,
    &instruments::cards::ENTRY,
    &customers::cash_balances::ENTRY,
    &customers::cash_balances::TRANSACTIONS,
    &payments::charges::ENTRY,
    &checkout::payment_links::ENTRY,
    &checkout::portal::configurations::ENTRY,
    &checkout::portal::sessions::ENTRY,
    &checkout::sessions::ENTRY,
    &instruments::confirmation_tokens::ENTRY,
    &billing::credit_notes::ENTRY,
    &billing::credit_notes::LINES,
    &billing::entitlements::active::ENTRY,
    &billing::entitlements::active::SUMMARIES,
    &billing::entitlements::features::ENTRY,
    &billing::entitlements::product_features::ENTRY,
    &billing::feedback_options::ENTRY,
    &billing::invoice_items::ENTRY,
    &billing::invoice_payments::ENTRY,
    // A subscription hears of its invoices before a customer does.
    &billing::subscriptions::ENTRY,
    &billing::subscription_items::ENTRY,
    &billing::schedules::ENTRY,
    &billing::invoices::ENTRY,
    &billing::invoices::LINES,
    &billing::quotes::ENTRY,
    &billing::rendering_templates::ENTRY,
    &billing::test_clocks::ENTRY,
    &billing::credits::grants::ENTRY,
    &billing::credits::transactions::ENTRY,
    &billing::credits::summary::ENTRY,
    &billing::usage::alerts::ENTRY,
    &billing::usage::alerts::PROGRESS,
    &billing::usage::meters::ENTRY,
    &billing::usage::meter_events::ENTRY,
    &billing::usage::meter_events::ADJUSTMENTS,
    &billing::usage::hours::ENTRY,
    &billing::usage::usage_records::ENTRY,
    &billing::usage::usage_records::SUMMARIES,
    &billing::usage::streams::EVENTS,
    &billing::usage::streams::ADJUSTMENTS,
    &billing::usage::streams::SESSIONS,
    &catalog::coupons::ENTRY,
    &catalog::discounts::ENTRY,
    &customers::customer_balances::ENTRY,
    &developer::core_events::ENTRY,
    &developer::customer_sessions::ENTRY,
    &customers::operations::ENTRY,
    &developer::ephemeral_keys::ENTRY,
    &developer::event_destinations::ENTRY,
    &developer::file_links::ENTRY,
    &developer::events::ENTRY,
    &instruments::financial_accounts::ENTRY,
    &instruments::financial_accounts::ownership::ENTRY,
    &instruments::financial_accounts::ownership::OWNERS_ENTRY,
    &instruments::financial_accounts::transactions::ENTRY,
    &financial_connections::sessions::ENTRY,
    &identity::reports::ENTRY,
    &identity::sessions::ENTRY,
    &instruments::mandates::ENTRY,
    &payments::disputes::ENTRY,
    &payments::early_fraud_warnings::ENTRY,
    &payments::elements_sessions::ENTRY,
    &payments::payment_intents::ENTRY,
    &payments::payment_intents::line_items::ENTRY,
    &payments::payment_method_configurations::ENTRY,
    &instruments::payment_methods::ENTRY,
    &ledger::payouts::ENTRY,
    &catalog::prices::ENTRY,
    &catalog::prices::plans::ENTRY,
    &catalog::products::ENTRY,
    &catalog::promotion_codes::ENTRY,
    &payments::refunds::ENTRY,
    &payments::setup_attempts::ENTRY,
    &payments::setup_intents::ENTRY,
    &instruments::sources::ENTRY,
    &payments::tax_associations::ENTRY,
    &tax::calculations::ENTRY,
    &tax::calculations::LINES,
    &tax::codes::ENTRY,
    &customers::tax_ids::ENTRY,
    &tax::locations::ENTRY,
    &tax::registrations::ENTRY,
    &tax::settings::ENTRY,
    &tax::transactions::ENTRY,
    &tax::transactions::LINES,
    &catalog::shipping_rates::ENTRY,
    &catalog::tax_rates::ENTRY,
    &instruments::tokens::ENTRY,
    &ledger::topups::ENTRY,
    &ledger::transfers::ENTRY,
    &ledger::transfers::REVERSALS,
    &developer::webhook_endpoints::ENTRY,
];

/// How other layers look up the entries here and in [`generic`](crate::generic).
static REGISTRY: Registry =
    Registry { entries: || ENTRIES, without_rules: crate::generic::entry, shapes: crate::generic::entries, behaviour };

/// Installs this registry in the program.
pub fn install() {
    contract::install(&REGISTRY);
}

/// The behaviour of an operation, with the entry of its resource.
pub fn behaviour(operation: &catalogue::Operation) -> Option<(&'static Entry, Behaviour)> {
    BEHAVIOURS.get(usize::from(operation.index)).copied().flatten()
}

/// What a publishable key may do with an operation; `None` for nothing.
pub fn public(operation: &catalogue::Operation) -> Option<&'static Public> {
    let (entry, _) = behaviour(operation)?;
    entry.public.iter().find(|public| public.operation == operation.name)
}

/// What an ephemeral key may do with an operation; `None` for nothing.
pub fn personal(operation: &catalogue::Operation) -> Option<&'static Personal> {
    let (entry, _) = behaviour(operation)?;
    entry.personal.iter().find(|personal| personal.operation == operation.name)
}

/// By operation index.
static BEHAVIOURS: LazyLock<Vec<Option<(&'static Entry, Behaviour)>>> = LazyLock::new(|| {
    install();
    let mut table = vec![None; catalogue::operations().len()];
    for entry in ENTRIES.iter().copied() {
        for (name, behaviour) in entry.operations {
            let Some(operation) = catalogue::operation(name) else {
                // A test walks the registry; a name that is not in the catalogue fails there.
                continue;
            };
            table[usize::from(operation.index)] = Some((entry, *behaviour));
        }
    }
    for (slot, operation) in table.iter_mut().zip(catalogue::operations()) {
        *slot = slot.or_else(|| match &operation.returns {
            // Every stored kind can be searched, if the API has a search for it.
            Returns::SearchResult([kind]) => {
                Kind::named(kind).and_then(contract::entry).map(|entry| (entry, Behaviour::Search))
            }
            _ => crate::generic::bind(operation),
        });
    }
    table
});
