//! Tax: settings, registrations, codes, rates.

mod calculations;
mod codes;
mod properties;
mod registrations;
mod settings;
mod table;
mod transactions;

use serde_json::Value;

use crate::support::client::Client;
use crate::support::flows::with;

/// A head office in Seattle.
const OFFICE: &[(&str, &str)] = &[
    ("head_office[address][country]", "US"),
    ("head_office[address][state]", "WA"),
    ("head_office[address][postal_code]", "98104"),
];

/// Makes the settings active.
fn activate(api: &Client) -> Value {
    api.post("/v1/tax/settings", OFFICE).ok()
}

/// Registers in a country with options, each the last part of its name.
fn register(api: &Client, country: &str, options: &[(&str, &str)]) -> Value {
    let key = country.to_lowercase();
    let options: Vec<(String, &str)> =
        options.iter().map(|(name, value)| (format!("country_options[{key}]{name}"), *value)).collect();
    let options: Vec<(&str, &str)> = options.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    api.post("/v1/tax/registrations", &with(&[("active_from", "now"), ("country", country)], &options)).ok()
}

/// A buyer in Seattle.
const SEATTLE: &[(&str, &str)] = &[
    ("customer_details[address][country]", "US"),
    ("customer_details[address][state]", "WA"),
    ("customer_details[address][city]", "Seattle"),
    ("customer_details[address][postal_code]", "98104"),
    ("customer_details[address_source]", "shipping"),
];

/// A calculation in dollars.
#[track_caller]
fn calculate(api: &Client, params: &[(&str, &str)]) -> Value {
    api.post("/v1/tax/calculations", &with(&[("currency", "usd")], params)).ok()
}
