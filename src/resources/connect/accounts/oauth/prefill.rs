//! `stripe_user[…]` and `suggested_capabilities[]` of an OAuth link, as the parameters of a new account (connect-accounts 10).
//!
//! May use: the countries, the shape of accounts. Invariant: a value that cannot be right is passed over.

use super::super::capabilities;
use super::OAuthScope;
use crate::countries;
use crate::money;
use crate::state::document::{Doc, Map};

/// Where a detail of a link belongs in an account, whatever its type.
const DETAILS: &[(&str, &str)] = &[
    ("email", "email"),
    ("url", "business_profile.url"),
    ("business_name", "business_profile.name"),
    ("product_description", "business_profile.product_description"),
    ("phone_number", "business_profile.support_phone"),
];

/// Where it belongs in a company.
const OF_COMPANY: &[(&str, &str)] = &[
    ("business_name", "company.name"),
    ("phone_number", "company.phone"),
    ("street_address", "company.address.line1"),
    ("city", "company.address.city"),
    ("state", "company.address.state"),
    ("zip", "company.address.postal_code"),
];

/// Where it belongs in somebody who works alone.
const OF_INDIVIDUAL: &[(&str, &str)] = &[
    ("first_name", "individual.first_name"),
    ("last_name", "individual.last_name"),
    ("first_name_kana", "individual.first_name_kana"),
    ("first_name_kanji", "individual.first_name_kanji"),
    ("last_name_kana", "individual.last_name_kana"),
    ("last_name_kanji", "individual.last_name_kanji"),
    ("gender", "individual.gender"),
    ("street_address", "individual.address.line1"),
    ("city", "individual.address.city"),
    ("state", "individual.address.state"),
    ("zip", "individual.address.postal_code"),
];

/// The kinds of businesses in a link, and in an account.
const BUSINESS_TYPES: [(&str, &str); 5] = [
    ("corporation", "company"),
    ("llc", "company"),
    ("non_profit", "non_profit"),
    ("partnership", "company"),
    ("sole_prop", "individual"),
];

/// The parameters of `POST /v1/accounts` for what a link says.
pub(super) fn parameters(scope: OAuthScope, query: &[(String, String)]) -> Map {
    let user = |key: &str| {
        let name = format!("stripe_user[{key}]");
        let sent = query.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        sent.filter(|value| !value.is_empty() && value.chars().count() <= DETAIL_CHARACTERS_MAX)
    };
    let mut told = Map::from([("type", if scope == OAuthScope::Express { "express" } else { "standard" })]);
    let country = user("country").map(str::to_ascii_uppercase).filter(|country| countries::find(country).is_some());
    if let Some(currency) = user("currency").filter(|currency| country.is_some() && money::is_currency(currency)) {
        told.set("default_currency", currency.to_owned());
    }
    if let Some(country) = country {
        told.set("country", country);
    }
    let business = user("business_type");
    let business = BUSINESS_TYPES.iter().find(|(sent, _)| business == Some(sent)).map(|(_, business)| *business);
    if let Some(business) = business {
        told.set("business_type", business);
    }
    let of_type = match business {
        Some("individual") => OF_INDIVIDUAL,
        Some(_) => OF_COMPANY,
        None => &[],
    };
    for (key, path) in DETAILS.iter().chain(of_type) {
        if let Some(value) = user(key) {
            told.merge(&nested(path, value.to_owned().into()));
        }
    }
    let born = ["day", "month", "year"].map(|part| Some((part, user(&format!("dob_{part}"))?.parse::<i64>().ok()?)));
    if let ([Some(day), Some(month), Some(year)], Some("individual")) = (born, business) {
        told.merge(&nested("individual.dob", Map::from([day, month, year]).into()));
    }
    let suggested = query.iter().filter(|(name, _)| name.starts_with("suggested_capabilities["));
    let suggested = suggested.map(|(_, name)| name).filter(|name| capabilities::is_known(name));
    for name in suggested.filter(|_| scope == OAuthScope::Express) {
        told.merge(&nested(&format!("capabilities.{name}.requested"), true.into()));
    }
    told
}

/// The longest detail that is taken.
const DETAIL_CHARACTERS_MAX: usize = 500;

/// A value at a path of keys joined by dots, and nothing else.
fn nested(path: &str, value: Doc) -> Map {
    let mut keys = path.rsplit('.');
    let last = keys.next().unwrap_or_default();
    keys.fold(Map::from([(last.to_owned(), value)]), |inner, key| Map::from([(key.to_owned(), Doc::from(inner))]))
}
