//! How each type of payment method is set up (intents-and-checkout 2.2, 2.5).
//!
//! May use: the catalogue. Invariant: a type without a row is said not to be implemented, or cannot be set up at all.

use super::SetupIntent;
use crate::object::template;
use crate::resources::instruments::bank_accounts::BankAccountStatus;
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::payments::setup_attempts::SetupAttempt;
use crate::state::object::Resource;

/// What setting a type up takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetupRail {
    /// What the card's issuer says, be it 3D Secure.
    Card,
    /// Nothing more.
    AtOnce,
    /// The customer's consent to debits.
    Debit,
    /// That, and a bank account that is verified.
    VerifiedDebit,
    /// The customer agrees on the page of a bank or a wallet.
    Redirect,
    /// That, and consent: a SEPA debit is what is kept (it is generated from the account that paid).
    RedirectToDebit,
}

impl SetupRail {
    /// Whether the customer is sent to another page.
    pub(super) fn redirects(self) -> bool {
        matches!(self, SetupRail::Redirect | SetupRail::RedirectToDebit)
    }
}

/// The account behind a generated SEPA debit (core-payments 7.6: it succeeds).
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

/// Whether the API can set a type up: an attempt has details of it.
pub(super) fn can_be_set_up(kind: &str) -> bool {
    let types = template::fields_at(SetupAttempt::KIND, &["payment_method_details"]);
    kind != "type" && types.iter().any(|field| field.name == kind)
}

/// The type of what is set up, as the intent's types name it.
pub(super) fn kind_of(instrument: &Instrument) -> &str {
    match instrument.kind() {
        "ach_debit" => "us_bank_account",
        kind => kind,
    }
}

/// Whether a bank account needs no verification: it had one before.
pub(super) fn is_verified(instrument: &Instrument) -> bool {
    match instrument {
        Instrument::PaymentMethod(method) => method.set_up,
        Instrument::BankAccount(account) => account.status == BankAccountStatus::Verified,
        Instrument::Card(_) | Instrument::Source(_) => false,
    }
}

/// The types that an intent takes, and whether this one is among them.
pub(super) fn is_allowed(intent: &SetupIntent, kind: &str) -> bool {
    let automatic = intent.rest.map("automatic_payment_methods").and_then(|automatic| automatic.bool("enabled"));
    let taken = automatic == Some(true) || intent.texts("payment_method_types").contains(&kind);
    taken && !intent.texts("excluded_payment_method_types").contains(&kind)
}
