//! What the pages where a customer pays have in common: the payment methods to choose from, the terms of the payment, its result.
//!
//! May use: payment methods as documents. Invariant: every offer has a type that the payment allows.

use crate::contract::show;
use crate::error::ApiError;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// The result of a payment on a page.
#[derive(Debug)]
pub enum Paid {
    /// The customer has nothing more to do.
    Complete,
    /// The customer must act first; the page for it, if there is one.
    Waiting(Option<String>),
    /// The payment method was declined: the customer may try another, and the failed attempt is stored.
    Declined(ApiError),
}

/// A payment method on the page.
#[derive(Debug)]
pub struct Offer {
    /// The id of a payment method, a test id such as `pm_card_visa`, or a type such as `ideal`.
    pub value: String,
    /// Its text on the page.
    pub label: String,
}

/// The test payment methods of a type, the successful one first.
const TESTS: &[(&str, &str, &str)] = &[
    ("card", "pm_card_visa", "Card 4242 4242 4242 4242: succeeds"),
    ("card", "pm_card_threeDSecureRequired", "Card 4000 0000 0000 3220: asks for 3D Secure"),
    ("card", "pm_card_chargeDeclined", "Card 4000 0000 0000 0002: is declined"),
    ("card", "pm_card_chargeDeclinedInsufficientFunds", "Card 4000 0000 0000 9995: lacks funds"),
    ("us_bank_account", "pm_usBankAccount_success", "US bank account: succeeds later"),
    ("us_bank_account", "pm_usBankAccount_insufficientFunds", "US bank account: fails later"),
    ("sepa_debit", "pm_sepaDebit_success_de", "SEPA account: succeeds later"),
    ("sepa_debit", "pm_sepaDebit_failed_de", "SEPA account: fails later"),
    ("bacs_debit", "pm_bacsDebit_success", "Bacs account: succeeds later"),
    ("bacs_debit", "pm_bacsDebit_insufficientFunds", "Bacs account: fails later"),
    ("au_becs_debit", "pm_auBecsDebit_success", "BECS account: succeeds later"),
    ("au_becs_debit", "pm_auBecsDebit_accountClosed", "BECS account: fails later"),
];

/// The payment methods of these types, in order: those that the customer saved come first.
pub(in crate::resources) fn offers(tx: &Tx, customer: Option<&str>, types: &[&str]) -> Vec<Offer> {
    let mut offers = customer.map(|customer| saved(tx, customer, types)).unwrap_or_default();
    for kind in types {
        let known = offers.len();
        offers.extend(tests(kind));
        if offers.len() == known {
            offers.push(Offer { value: (*kind).to_owned(), label: kind.replace('_', " ") });
        }
    }
    offers
}

/// The test payment methods of a type, the successful one first.
pub(in crate::resources) fn tests(kind: &str) -> Vec<Offer> {
    let tests = TESTS.iter().filter(|(known, ..)| *known == kind);
    tests.map(|(_, value, label)| Offer { value: (*value).to_owned(), label: (*label).to_owned() }).collect()
}

/// The saved payment methods of the customer.
pub(in crate::resources) fn saved(tx: &Tx, customer: &str, types: &[&str]) -> Vec<Offer> {
    let records = tx.records_having(PaymentMethod::KIND, "customer", customer);
    let shown = records.iter().filter_map(|record| show(record, PaymentMethod::KIND));
    let offer = |method: Map| {
        let kind = method.str("type").filter(|kind| types.contains(kind))?.to_owned();
        let last4 = method.map(&kind).and_then(|details| details.str("last4")).unwrap_or("????");
        let label = format!("Saved {} ending in {last4}", kind.replace('_', " "));
        Some(Offer { value: method.str("id")?.to_owned(), label })
    };
    shown.filter_map(offer).collect()
}

/// The parameters of a confirmation on a page, where the customer is: they come back to `return_url`, and accept what a mandate
/// is needed for.
pub(in crate::resources) fn terms(payment_method: &str, return_url: String) -> Map {
    let online = Map::from([("ip_address", "127.0.0.1"), ("user_agent", "Pinstripe")]);
    let acceptance = Map::from([("online", Doc::from(online)), ("type", "online".into())]);
    Map::from([
        ("payment_method", Doc::from(payment_method.to_owned())),
        ("return_url", return_url.into()),
        ("mandate_data", Map::from([("customer_acceptance", acceptance)]).into()),
    ])
}

/// The page to which an intent's `next_action` sends the customer, if there is one.
pub(in crate::resources) fn page_of(next_action: &Map) -> Option<String> {
    next_action.map("redirect_to_url").and_then(|redirect| redirect.str("url")).map(str::to_owned)
}

impl Offer {
    /// The parameters of a payment with this value.
    pub fn params(value: &str) -> Map {
        // A value that is not an id is a type, and a new payment method of it is created.
        if value.contains('_') && ["pm_", "card_", "src_"].iter().any(|prefix| value.starts_with(prefix)) {
            return Map::from([("payment_method", value.to_owned())]);
        }
        Map::from([("payment_method_data", Map::from([("type", value.to_owned())]))])
    }
}
