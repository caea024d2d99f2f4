//! The types of payment methods: their required parameters and their hashes (core-payments 4.2).
//!
//! May use: the catalogue, the bank test data. Invariant: a type's hash has every field that the catalogue requires. A
//! field that was sent under its own name is shown; the values of other fields are in one table.

use crate::catalogue::{self, Field, Type};
use crate::issuers;
use crate::object::template;
use crate::state::document::{Doc, Map};

/// The name of every bank in test mode.
const TEST_BANK: &str = "STRIPE TEST BANK";

/// The required parts of a type's hash; every other hash may be left out.
static REQUIRED: &[(&str, &[&str])] = &[
    ("acss_debit", &["account_number", "institution_number", "transit_number"]),
    ("au_becs_debit", &["account_number", "bsb_number"]),
    ("bacs_debit", &["account_number", "sort_code"]),
    ("boleto", &["tax_id"]),
    ("custom", &["type"]),
    ("fpx", &["bank"]),
    ("nz_bank_account", &["account_number", "bank_code", "branch_code", "suffix"]),
    ("sepa_debit", &["iban"]),
    ("sofort", &["country"]),
    ("us_bank_account", &["account_number", "routing_number"]),
];

/// The types that can be used once and cannot be attached (core-payments 4.4.13).
static SINGLE_USE: &[&str] = &[
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "alma",
    "bancontact",
    "billie",
    "bizum",
    "blik",
    "boleto",
    "crypto",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "ideal",
    "konbini",
    "mb_way",
    "mobilepay",
    "multibanco",
    "oxxo",
    "p24",
    "pay_by_bank",
    "payco",
    "paynow",
    "paypay",
    "pix",
    "promptpay",
    "samsung_pay",
    "satispay",
    "scalapay",
    "sequra",
    "sofort",
    "sunbit",
    "swish",
    "twint",
    "wechat_pay",
    "zip",
];

/// The BICs of Dutch banks.
static BIC: &[(&str, &str)] = &[
    ("abn_amro", "ABNANL2A"),
    ("adyen", "ADYBNL2A"),
    ("asn_bank", "ASNBNL21"),
    ("bunq", "BUNQNL2A"),
    ("buut", "BUUTNL2A"),
    ("finom", "FNOMNL22"),
    ("handelsbanken", "HANDNL2A"),
    ("ing", "INGBNL2A"),
    ("knab", "KNABNL2H"),
    ("mollie", "MLLENL2A"),
    ("moneyou", "MOYONL21"),
    ("n26", "NTSBDEB1"),
    ("nn", "NNBANL2G"),
    ("rabobank", "RABONL2U"),
    ("regiobank", "RBRBNL21"),
    ("revolut", "REVOLT21"),
    ("sns_bank", "SNSBNL2A"),
    ("triodos_bank", "TRIONL2U"),
    ("van_lanschot", "FVLBNL22"),
    ("yoursafe", "BITSNL2A"),
];

/// The input of a hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct HashInput<'a> {
    /// The hash of the type as it was sent.
    pub(super) hash: Option<&'a Map>,
    /// The billing details' e-mail address.
    pub(super) email: Option<&'a str>,
    /// The id of the current account.
    pub(super) account: &'a str,
}

impl<'a> HashInput<'a> {
    /// The input for an existing legacy object: its values are copied.
    pub(super) fn legacy(hash: &'a Map) -> Self {
        HashInput { hash: Some(hash), email: None, account: "" }
    }

    fn str(&self, key: &str) -> Option<&'a str> {
        self.hash.and_then(|hash| hash.str(key))
    }

    fn last4(&self, key: &str) -> Doc {
        let number = self.str(key).map(|number| number.trim());
        let start = number.and_then(|number| number.char_indices().rev().nth(3)).map_or(0, |(at, _)| at);
        number.map(|number| number[start..].to_owned()).into()
    }

    /// The same for the same account, whatever the payment method is for.
    fn fingerprint(&self, keys: &[&str]) -> Doc {
        let parts: Option<Vec<&str>> = keys.iter().map(|key| self.str(key)).collect();
        parts.map(|parts| issuers::fingerprint(&parts.join("-"), self.account)).into()
    }

    fn iban_codes(&self) -> Option<(String, String)> {
        self.str("iban").map(issuers::iban_codes)
    }

    fn text_or(&self, key: &str, default: &'static str) -> Doc {
        self.str(key).map_or(default.into(), |text| text.to_owned().into())
    }
}

/// A type, a field of its hash, and the value of the field if it was not sent.
type HashRow = (&'static str, &'static str, fn(&HashInput<'_>) -> Doc);

static DERIVED: &[HashRow] = &[
    ("acss_debit", "bank_name", |_| TEST_BANK.into()),
    ("acss_debit", "fingerprint", |sent| sent.fingerprint(&["transit_number", "institution_number", "account_number"])),
    ("acss_debit", "last4", |sent| sent.last4("account_number")),
    ("au_becs_debit", "fingerprint", |sent| sent.fingerprint(&["bsb_number", "account_number"])),
    ("au_becs_debit", "last4", |sent| sent.last4("account_number")),
    ("bacs_debit", "fingerprint", |sent| sent.fingerprint(&["sort_code", "account_number"])),
    ("bacs_debit", "last4", |sent| sent.last4("account_number")),
    // shapes 2.2
    ("boleto", "fingerprint", |sent| sent.fingerprint(&["tax_id"])),
    ("fpx", "account_holder_type", |sent| sent.text_or("account_holder_type", "individual")),
    ("ideal", "bic", |sent| {
        let bank = sent.str("bank");
        BIC.iter().find(|(name, _)| bank == Some(name)).map(|(_, bic)| *bic).into()
    }),
    ("link", "email", |sent| sent.email.map(str::to_owned).into()),
    ("naver_pay", "funding", |sent| sent.text_or("funding", "card")),
    ("nz_bank_account", "bank_name", |_| TEST_BANK.into()),
    ("nz_bank_account", "last4", |sent| sent.last4("account_number")),
    ("payto", "last4", |sent| sent.last4("account_number")),
    ("sepa_debit", "bank_code", |sent| sent.iban_codes().map(|(bank, _)| bank).into()),
    ("sepa_debit", "branch_code", |sent| sent.iban_codes().map(|(_, branch)| branch).into()),
    ("sepa_debit", "country", |sent| {
        sent.str("iban").and_then(|iban| iban.trim().get(..2)).map(str::to_uppercase).into()
    }),
    ("sepa_debit", "fingerprint", |sent| sent.fingerprint(&["iban"])),
    ("sepa_debit", "generated_from", |_| Map::from(["charge", "setup_attempt"].map(|key| (key, Doc::Null))).into()),
    ("sepa_debit", "last4", |sent| sent.last4("iban")),
    ("us_bank_account", "account_type", |sent| sent.text_or("account_type", "checking")),
    ("us_bank_account", "bank_name", |_| TEST_BANK.into()),
    ("us_bank_account", "fingerprint", |sent| sent.fingerprint(&["routing_number", "account_number"])),
    ("us_bank_account", "last4", |sent| sent.last4("account_number")),
    ("us_bank_account", "networks", |_| {
        Map::from([("preferred", Doc::from("ach")), ("supported", vec!["ach"].into())]).into()
    }),
    ("us_bank_account", "status_details", |_| Map::new().into()),
];

/// The fields of a type's hash, by the catalogue; none for a type whose hash is always empty.
fn fields(kind: &str) -> &'static [Field] {
    let object = crate::kind!("payment_method").object().map_or(&[][..], |object| object.fields);
    match catalogue::field(object, kind).map(|field| field.kind) {
        Some(Type::Object(fields)) => fields,
        _ => &[],
    }
}

/// The hash that a payment method of this type shows.
pub(super) fn hash(kind: &str, sent: &HashInput<'_>) -> Map {
    let fields = fields(kind);
    let mut hash = template::of_fields(fields);
    for field in fields {
        if let Some(value) = sent.hash.and_then(|hash| hash.present(field.name)) {
            hash.set(field.name, value.clone());
        }
    }
    for (_, field, derive) in DERIVED.iter().filter(|(of, _, _)| *of == kind) {
        if hash.present(field).is_none() {
            hash.set(*field, derive(sent));
        }
    }
    template::complete(&mut hash, fields);
    hash
}

/// The parts that a type's hash must have.
pub(super) fn required(kind: &str) -> &'static [&'static str] {
    REQUIRED.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, parts)| parts)
}

/// Whether this is the name of a type.
pub fn is_type(name: &str) -> bool {
    let object = crate::kind!("payment_method").object().map_or(&[][..], |object| object.fields);
    let names = catalogue::field(object, "type").map(|field| field.kind);
    matches!(names, Some(Type::Enum(names)) if names.contains(&name))
}

/// Whether a payment method of this type can be kept with a customer.
pub fn is_reusable(kind: &str) -> bool {
    !SINGLE_USE.contains(&kind)
}

/// A list of types without repetitions: it says which types there are, and a type is there or is not
/// (intents-and-checkout 1.3).
pub fn distinct_types(types: &[Doc]) -> Vec<Doc> {
    let mut distinct: Vec<Doc> = Vec::with_capacity(types.len());
    for kind in types {
        if !distinct.contains(kind) {
            distinct.push(kind.clone());
        }
    }
    distinct
}

/// As [`distinct_types`], for a value that may be unset.
pub fn distinct(types: &Doc) -> Doc {
    types.as_list().map_or_else(|| types.clone(), |types| Doc::List(distinct_types(types)))
}
