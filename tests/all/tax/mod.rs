//! Tax: settings, registrations, codes, rates.

mod codes;
mod registrations;
mod settings;
mod table;

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
