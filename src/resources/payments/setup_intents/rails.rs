//! How each type of payment method is set up (intents-and-checkout 2.2, 2.5).
//!
//! May use: the catalogue. Invariant: a type without a row answers 501, or cannot be set up at all.

use super::SetupIntent;
use crate::object::template;
use crate::resources::instruments::bank_accounts::BankAccountStatus;
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::payments::automatic_methods;
use crate::resources::payments::setup_attempts::SetupAttempt;
use crate::state::Tx;
use crate::state::object::Resource;

/// What the setup of a type needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetupRail {
    /// The verdict of the card's issuer, with 3D Secure if it asks for it.
    Card,
    /// Nothing more.
    AtOnce,
    /// The customer's consent to debits.
    Debit,
    /// The customer's consent, and a verified bank account.
    VerifiedDebit,
    /// The customer agrees on the page of a bank or a wallet.
    Redirect,
    /// A redirect, and consent: a SEPA debit is saved (generated from the account that paid).
    RedirectToDebit,
}

impl SetupRail {
    /// Whether the customer is sent to another page.
    pub(super) fn redirects(self) -> bool {
        matches!(self, SetupRail::Redirect | SetupRail::RedirectToDebit)
    }
}

/// The account of a generated SEPA debit (core-payments 7.6: it succeeds).
pub(super) const GENERATED_IBAN: &str = "DE89370400440532013000";

static RAILS: &[(&str, SetupRail)] = &[
    ("acss_debit", SetupRail::VerifiedDebit),
    ("amazon_pay", SetupRail::Redirect),
    ("au_becs_debit", SetupRail::Debit),
    ("bacs_debit", SetupRail::Debit),
    ("bancontact", SetupRail::RedirectToDebit),
    ("card", SetupRail::Card),
    ("cashapp", SetupRail::Redirect),
    ("ideal", SetupRail::RedirectToDebit),
    ("kakao_pay", SetupRail::Redirect),
    ("klarna", SetupRail::Redirect),
    ("kr_card", SetupRail::Redirect),
    ("link", SetupRail::AtOnce),
    ("naver_pay", SetupRail::Redirect),
    ("nz_bank_account", SetupRail::Debit),
    ("paypal", SetupRail::Redirect),
    ("revolut_pay", SetupRail::Redirect),
    ("satispay", SetupRail::Redirect),
    ("sepa_debit", SetupRail::Debit),
    ("sofort", SetupRail::RedirectToDebit),
    ("twint", SetupRail::Redirect),
    ("us_bank_account", SetupRail::VerifiedDebit),
];

/// How a type is set up here.
pub(super) fn rail(kind: &str) -> Option<SetupRail> {
    RAILS.iter().find(|(known, _)| *known == kind).map(|(_, rail)| *rail)
}

/// Whether the API can set up a type: an attempt has details of it.
pub(in crate::resources) fn can_be_set_up(kind: &str) -> bool {
    let types = template::fields_at(SetupAttempt::KIND, &["payment_method_details"]);
    kind != "type" && types.iter().any(|field| field.name == kind)
}

/// The type of an instrument, in the names of an intent's types.
pub(super) fn kind_of(instrument: &Instrument) -> &str {
    match instrument.kind() {
        "ach_debit" => "us_bank_account",
        kind => kind,
    }
}

/// Whether a bank account needs no verification, because it is verified.
pub(super) fn is_verified(instrument: &Instrument) -> bool {
    match instrument {
        Instrument::PaymentMethod(method) => method.set_up || method.is_linked(),
        Instrument::BankAccount(account) => account.status == BankAccountStatus::Verified,
        Instrument::Card(_) | Instrument::Source(_) => false,
    }
}

/// Whether an intent allows this type.
pub(super) fn is_allowed(tx: &Tx, intent: &SetupIntent, kind: &str) -> bool {
    let taken = match automatic_methods::is_on(&intent.rest) {
        true => automatic_methods::takes(tx, &intent.rest, kind),
        false => intent.texts("payment_method_types").contains(&kind),
    };
    taken && !intent.texts("excluded_payment_method_types").contains(&kind)
}
