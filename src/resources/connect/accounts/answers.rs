//! The test values with which an account answers what it is asked: the documented ones where there are any
//! (connect-accounts 3.6, 4).
//!
//! May use: the table of countries. Invariant: every answer is one that its check accepts.

use super::persons::files;
use crate::countries;
use crate::state::document::{Doc, Map};

/// When the service knows a person, by the day of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Birth {
    /// At once.
    AtOnce,
    /// After its checks.
    Later,
}

/// A look at a person's face.
const LIVENESS: &str = "verification.proof_of_liveness";

/// A phone number, an id number and a tax id that are accepted everywhere.
const PHONE: &str = "0000000000";
const NUMBER: &str = "000000000";

/// Sets the answer to a requirement in parameters. `path` is that of the requirement: of a person without the person.
/// `about` is the account's country and the time, in Unix seconds. What has no test value is left out.
pub(super) fn answer(params: &mut Map, path: &str, about: (&str, i64), birth: Birth) {
    if path == LIVENESS && birth == Birth::AtOnce {
        // Nobody can send a look at a face, and who is known at once is spared it.
        return ["dob.day", "dob.month", "dob.year"].into_iter().for_each(|path| answer(params, path, about, birth));
    }
    if let Some((path, value)) = value(path, about, birth) {
        let path: Vec<&str> = path.split('.').collect();
        set(params, &path, value);
    }
}

/// Sets a value at a path, with the objects on the way.
fn set(params: &mut Map, path: &[&str], value: Doc) {
    match path {
        [] => {}
        [last] => params.set((*last).to_owned(), value),
        [first, rest @ ..] => {
            let mut inner = params.map(first).cloned().unwrap_or_default();
            set(&mut inner, rest, value);
            params.set((*first).to_owned(), inner);
        }
    }
}

/// The parameter that answers a requirement, and its value.
fn value(path: &str, (country, now): (&str, i64), birth: Birth) -> Option<(String, Doc)> {
    let place = PLACES.iter().find(|place| place.0 == country).unwrap_or(&PLACES[0]);
    let file = || Doc::from(files::SUCCESS);
    let same = |value: Doc| Some((path.to_owned(), value));
    let own = path.strip_prefix("company.").unwrap_or(path);
    match own {
        "address.city" => same(place.1.into()),
        "address.postal_code" => same(place.2.into()),
        "address.state" => same(place.3.into()),
        "address.line1" => same("address_full_match".into()),
        "business_profile.mcc" => same("5734".into()),
        "business_profile.product_description" => same("Things made by hand".into()),
        "business_profile.support_phone" | "phone" => same(PHONE.into()),
        "business_profile.url" => same("https://shop.example.com".into()),
        "business_type" => same("individual".into()),
        "dob.day" | "dob.month" => same(1.into()),
        "dob.year" => same(if birth == Birth::AtOnce { 1902 } else { 1901 }.into()),
        "email" => same("jenny.rosen@example.com".into()),
        "external_account" => same(bank_account(country)?.into()),
        "first_name" => same("Jenny".into()),
        "last_name" => same("Rosen".into()),
        "full_name_aliases" => same(Doc::List(vec!["Jen Rosen".into()])),
        "id_number" | "tax_id" | "vat_id" => same(NUMBER.into()),
        "name" => same("Example Company".into()),
        "nationality" => same(country.to_owned().into()),
        "ownership_declaration.date" | "tos_acceptance.date" => same(now.into()),
        "ownership_declaration.ip" | "tos_acceptance.ip" => same("127.0.0.1".into()),
        "relationship.executive" | "relationship.owner" | "relationship.representative" => same(true.into()),
        "relationship.title" => same("CEO".into()),
        "ssn_last_4" => same("0000".into()),
        "verification.additional_document" | "verification.document" => Some((format!("{path}.front"), file())),
        _ if own.starts_with("documents.") => {
            let name = path.trim_end_matches(".files");
            Some((format!("{name}.files"), Doc::List(vec![file()])))
        }
        _ => None,
    }
}

/// The first test bank account of a country, as it is sent.
pub(super) fn bank_account(country: &str) -> Option<Map> {
    let row = countries::find(country)?;
    let account = Map::from([
        ("object", Doc::from("bank_account")),
        ("account_holder_name", "Jenny Rosen".into()),
        ("account_number", row.bank.number.into()),
        ("country", row.code.into()),
        ("currency", row.currency.into()),
    ]);
    let routing = (!row.bank.routing.is_empty()).then_some(row.bank.routing);
    Some(routing.into_iter().fold(account, |account, routing| account.with("routing_number", routing)))
}

/// A country, with a city, a postal code and a state of it; the first row is that of all others.
const PLACES: [(&str, &str, &str, &str); 11] = [
    ("", "Capital City", "10000", "Capital Region"),
    ("AE", "Dubai", "00000", "Dubai"),
    ("AU", "Sydney", "2000", "NSW"),
    ("CA", "Toronto", "M5H 2N2", "ON"),
    ("DE", "Berlin", "10115", "Berlin"),
    ("FR", "Paris", "75001", "Paris"),
    ("GB", "London", "EC1A 1BB", "London"),
    ("JP", "Chiyoda", "1000001", "Tokyo"),
    ("NZ", "Auckland", "1010", "Auckland"),
    ("SG", "Singapore", "049315", "Singapore"),
    ("US", "Columbus", "43214", "OH"),
];
