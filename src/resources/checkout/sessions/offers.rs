//! The payment methods on a session's page: those of the customer, and test payment methods.
//!
//! May use: payment methods as documents. Invariant: every one has a type that the session allows.

use super::Session;
use crate::contract::show;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::Map;
use crate::state::object::Resource;

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

/// The payment methods on a session's page, in order.
pub fn offers(tx: &Tx, session: &Session) -> Vec<Offer> {
    let mut offers = saved(tx, session);
    for kind in session.types() {
        let known = offers.len();
        let tests = TESTS.iter().filter(|(known, ..)| *known == kind);
        offers.extend(tests.map(|(_, value, label)| Offer { value: (*value).to_owned(), label: (*label).to_owned() }));
        if offers.len() == known {
            offers.push(Offer { value: kind.to_owned(), label: kind.replace('_', " ") });
        }
    }
    offers
}

/// The saved payment methods of the customer.
fn saved(tx: &Tx, session: &Session) -> Vec<Offer> {
    let Some(customer) = &session.customer else { return Vec::new() };
    let records = tx.records_having(PaymentMethod::KIND, "customer", customer);
    let shown = records.iter().filter_map(|record| show(record, PaymentMethod::KIND));
    let taken = |method: &Map| method.str("type").is_some_and(|kind| session.types().any(|taken| taken == kind));
    let offer = |method: Map| {
        let kind = method.str("type")?.to_owned();
        let last4 = method.map(&kind).and_then(|details| details.str("last4")).unwrap_or("????");
        let label = format!("Saved {} ending in {last4}", kind.replace('_', " "));
        Some(Offer { value: method.str("id")?.to_owned(), label })
    };
    shown.filter(taken).filter_map(offer).collect()
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
