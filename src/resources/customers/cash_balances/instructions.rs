//! Funding instructions: the virtual bank account of a customer's cash balance, by country (core-payments 3.8).
//!
//! May use: the catalogue, the test banks. Invariant: the same customer always has the same account, and it is
//! computed, not stored.

use crate::catalogue::{self, Field, Type};
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::object::template;
use crate::resources::customers::customer;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The name of every bank in test mode.
const TEST_BANK: &str = "STRIPE TEST BANK";

/// The name of the account holder.
const HOLDER: &str = "Stripe";

/// The countries with virtual bank accounts in euros.
const EURO_COUNTRIES: &[&str] = &["BE", "DE", "ES", "FR", "IE", "NL"];

/// A type of bank transfer, with the country of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferType {
    name: &'static str,
    country: String,
}

/// Each type with its currency, the country of its account, and its types of address with their networks.
type TransferRow = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static [&'static str])]);

static KINDS: &[TransferRow] = &[
    ("us_bank_transfer", "usd", "US", &[("aba", &["ach", "domestic_wire_us"]), ("swift", &["swift"])]),
    ("eu_bank_transfer", "eur", "", &[("iban", &["sepa"])]),
    ("gb_bank_transfer", "gbp", "GB", &[("sort_code", &["bacs", "fps"])]),
    ("jp_bank_transfer", "jpy", "JP", &[("zengin", &["zengin"])]),
    ("mx_bank_transfer", "mxn", "MX", &[("spei", &["spei"])]),
];

impl TransferType {
    /// The type for a currency, or the type in a `bank_transfer` hash.
    ///
    /// # Errors
    /// The type has another currency, or there are no accounts in the country.
    pub fn of(currency: &str, sent: Option<&Map>) -> Result<Self> {
        let asked = sent.and_then(|sent| sent.str("type"));
        let row = KINDS.iter().find(|row| asked.map_or(row.1 == currency, |asked| row.0 == asked));
        let (name, own, country, _) = row.ok_or_else(ApiError::internal)?;
        if *own != currency {
            return Err(ApiError::transfer_kind_of_other_currency(name, currency));
        }
        if !country.is_empty() {
            return Ok(TransferType { name, country: (*country).to_owned() });
        }
        let country = sent.and_then(|sent| sent.map("eu_bank_transfer")).and_then(|euro| euro.str("country"));
        match (country, asked) {
            (Some(country), _) if EURO_COUNTRIES.contains(&country) => {
                Ok(TransferType { name, country: country.to_owned() })
            }
            (Some(country), _) => Err(ApiError::transfer_country_unsupported(country, EURO_COUNTRIES)),
            (None, Some(_)) => Err(ApiError::param_missing("bank_transfer[eu_bank_transfer]")),
            // No transfer is needed, so any country will do.
            (None, None) => Ok(TransferType { name, country: "DE".to_owned() }),
        }
    }

    /// `us_bank_transfer`, …
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The addresses of this customer's account.
    pub fn addresses(&self, customer: &str, account: &str) -> Vec<Map> {
        let row = KINDS.iter().find(|row| row.0 == self.name);
        let digits = issuers::digits(&format!("{customer}/{}/{}", self.name, self.country), account);
        let addresses = row.map_or(&[][..], |row| row.3).iter();
        addresses.map(|(address, networks)| self.address(address, networks, &digits)).collect()
    }

    fn address(&self, kind: &'static str, networks: &[&'static str], digits: &str) -> Map {
        let mut record = self.record(kind, digits);
        record.set("account_holder_name", HOLDER);
        for place in ["account_holder_address", "bank_address"] {
            record.set(place, Map::from([("country", self.country.clone())]));
        }
        template::complete(&mut record, fields_of(kind));
        let networks: Vec<Doc> = networks.iter().map(|network| Doc::from(*network)).collect();
        Map::from([("supported_networks", Doc::from(networks)), ("type", kind.into()), (kind, record.into())])
    }

    /// The fields of one type of address; `digits` are sixteen digits.
    fn record(&self, kind: &str, digits: &str) -> Map {
        let text = |entries: &[(&'static str, &str)]| {
            let entries = entries.iter().map(|(key, value)| ((*key).into(), Doc::from((*value).to_owned())));
            Map::from_entries(entries.collect())
        };
        match kind {
            "aba" => text(&[
                ("account_number", &digits[..12]),
                ("account_type", "checking"),
                ("bank_name", TEST_BANK),
                ("routing_number", issuers::TEST_ROUTING_NUMBER),
            ]),
            "swift" => text(&[
                ("account_number", &digits[..12]),
                ("account_type", "checking"),
                ("bank_name", TEST_BANK),
                ("swift_code", "TSTEZ122"),
            ]),
            "iban" => text(&[("bic", "TESTDEFF"), ("country", &self.country), ("iban", &iban(&self.country, digits))]),
            "sort_code" => text(&[("account_number", &digits[..8]), ("sort_code", "200000")]),
            "zengin" => text(&[
                ("account_number", &digits[..7]),
                ("account_type", "futsu"),
                ("bank_code", "0009"),
                ("bank_name", TEST_BANK),
                ("branch_code", "950"),
                ("branch_name", "Test"),
            ]),
            _ => text(&[("bank_code", "002"), ("bank_name", TEST_BANK), ("clabe", &format!("00{digits}"))]),
        }
    }
}

/// An IBAN with valid check digits.
fn iban(country: &str, digits: &str) -> String {
    let numbers = (2..=98).map(|check| format!("{country}{check:02}{digits}"));
    numbers.into_iter().find(|iban| issuers::is_valid_iban(iban)).unwrap_or_default()
}

/// The fields of a type of address, by the catalogue.
fn fields_of(kind: &str) -> &'static [Field] {
    let mut fields = catalogue::object("funding_instructions").map_or(&[][..], |object| object.fields);
    for key in ["bank_transfer", "financial_addresses", kind] {
        fields = match catalogue::field(fields, key).map(|field| field.kind) {
            Some(Type::Object(fields)) => fields,
            Some(Type::Array(Type::Object(fields))) => fields,
            _ => &[],
        };
    }
    fields
}

/// The reference of a bank transfer for an intent.
pub fn reference(intent: &str) -> String {
    issuers::fingerprint(intent, "transfer").to_uppercase().chars().take(12).collect()
}

/// The details of a received bank transfer.
pub(super) fn received(currency: &str, reference: Option<String>) -> Map {
    let name = KINDS.iter().find(|row| row.1 == currency).map_or("us_bank_transfer", |row| row.0);
    let nulls = |keys: &[&'static str]| {
        Doc::from(Map::from_entries(keys.iter().map(|key| ((*key).into(), Doc::Null)).collect()))
    };
    let sender = match name {
        "us_bank_transfer" => Doc::from(Map::from([("network", Doc::from("ach")), ("sender_name", Doc::Null)])),
        "eu_bank_transfer" => nulls(&["bic", "iban_last4", "sender_name"]),
        "gb_bank_transfer" => nulls(&["account_number_last4", "sender_name", "sort_code"]),
        "jp_bank_transfer" => nulls(&["sender_bank", "sender_branch", "sender_name"]),
        _ => Doc::Null,
    };
    let mut received = Map::from([("reference", Doc::from(reference)), ("type", name.into())]);
    if !sender.is_null() {
        received.set(name, sender);
    }
    received
}

/// `POST /v1/customers/:customer/funding_instructions`.
pub(super) fn create(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let currency = call.params.str("currency").unwrap_or_default().to_lowercase();
    let kind = TransferType::of(&currency, call.params.map("bank_transfer"))?;
    let mut addresses = kind.addresses(&customer.id, &tx.account_id());
    // Without a request for types, all are shown (core-payments 3.8).
    let asked = call.params.map("bank_transfer").and_then(|transfer| transfer.list("requested_address_types"));
    if let Some(asked) = asked {
        addresses.retain(|address| address.get("type").is_some_and(|address| asked.contains(address)));
    }
    let transfer = Map::from([
        ("country", Doc::from(kind.country.clone())),
        ("financial_addresses", addresses.into()),
        ("type", kind.name.into()),
    ]);
    let shown = Map::from([
        ("object", Doc::from("funding_instructions")),
        ("bank_transfer", transfer.into()),
        ("currency", currency.into()),
        ("funding_type", "bank_transfer".into()),
        ("livemode", false.into()),
    ]);
    Ok(Outcome::Value(shown.into()))
}
