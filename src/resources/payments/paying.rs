//! What the pages where a customer pays have in common: the payment methods to choose from, the terms of the payment, its result.
//!
//! May use: payment methods as documents. Invariant: every offer has a type that the payment allows.

use crate::contract::{Ctx, show};
use crate::error::ApiError;
use crate::resources::decision;
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

/// The page where the customer does what an intent's `next_action` asks for, and comes back from to `return_url`: that of a bank, or the one
/// that stands for the app with which a code is scanned. `None` if there is nothing to do for now.
pub(in crate::resources) fn page_of(
    ctx: &Ctx<'_>,
    next_action: &Map,
    intent: (&str, &str),
    return_url: &str,
) -> Option<String> {
    let redirect = ["redirect_to_url", "alipay_handle_redirect"].iter().find_map(|form| next_action.map(form));
    if let Some(url) = redirect.and_then(|redirect| redirect.str("url")) {
        return Some(url.to_owned());
    }
    // What is paid in a shop or at a bank, and deposits that are looked up in an account, take days; BLIK asks in the bank's app.
    let takes_days = |form: &str| {
        form == "blik_authorize"
            || form.ends_with("_display_details")
            || form.starts_with("display_")
            || form == "verify_with_microdeposits"
    };
    let is_money_to_come = next_action.str("type").is_none_or(takes_days);
    let (id, secret) = intent;
    (!is_money_to_come).then(|| decision::with_query(&decision::link(ctx, id, secret), &[("return_url", return_url)]))
}

/// What a customer says of an account of a type: the parameter, its label, and the value of a test.
pub type AccountDetail = (&'static str, &'static str, &'static str);

/// The types that need something of the account, and have no test ids.
const DETAILS: &[(&str, &[AccountDetail])] = &[
    (
        "acss_debit",
        &[
            ("institution_number", "Institution number", "000"),
            ("transit_number", "Transit number", "11000"),
            ("account_number", "Account number", "000123456789"),
        ],
    ),
    ("boleto", &[("tax_id", "Tax ID", "00000000000")]),
    ("fpx", &[("bank", "Bank", "maybank2u")]),
    (
        "nz_bank_account",
        &[
            ("bank_code", "Bank code", "11"),
            ("branch_code", "Branch code", "0000"),
            ("account_number", "Account number", "0000010"),
            ("suffix", "Suffix", "00"),
        ],
    ),
    ("sofort", &[("country", "Country", "DE")]),
];

/// What a customer says of an account of a type; nothing if it needs nothing.
pub fn details(kind: &str) -> &'static [AccountDetail] {
    DETAILS.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, details)| details)
}

impl Offer {
    /// The parameters of a payment with this value.
    pub fn params(value: &str) -> Map {
        // A value that is not an id is a type: its successful test payment method, or a new one.
        if let Some(test) = tests(value).into_iter().next() {
            return Map::from([("payment_method", test.value)]);
        }
        if value.contains('_') && ["pm_", "card_", "src_"].iter().any(|prefix| value.starts_with(prefix)) {
            return Map::from([("payment_method", value.to_owned())]);
        }
        let said = details(value).iter().map(|(key, _, test)| ((*key).into(), (*test).into()));
        Self::described(value, Map::from_entries(said.collect()))
    }

    /// The parameters of a payment with a new payment method of a type, of which this is said.
    pub fn described(kind: &str, said: Map) -> Map {
        let mut data = Map::from([("type", kind.to_owned())]);
        if !said.is_empty() {
            data.set(kind.to_owned(), said);
        }
        Map::from([("payment_method_data", data)])
    }
}
