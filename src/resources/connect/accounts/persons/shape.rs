//! The members of a person, which differ from country to country (connect-accounts 4), and what is changed on the way in
//! (connect-accounts 1.2).
//!
//! May use: the table of countries. Invariant: a member that the country shows is there, with null for what is unknown.

use super::super::Account;
use super::super::requirements::{Facts, Rules};
use crate::countries;
use crate::state::document::{Doc, Map};

/// The account's part in the form of its people.
#[derive(Clone, Copy, Debug)]
pub(in crate::resources::connect::accounts) struct Place<'a> {
    /// The country of the account.
    country: &'a str,
    /// Whether members that are not known are shown as null (connect-accounts 2.4).
    pub(in crate::resources::connect::accounts) is_wide: bool,
}

impl<'a> Place<'a> {
    /// The form of the people behind an account.
    pub(in crate::resources::connect::accounts) fn of(account: &'a Account) -> Self {
        let facts = Facts::of(account);
        let row = countries::find(facts.country());
        let is_wide = match facts.rules() {
            Rules::Recipient => row.is_some_and(countries::Country::is_wide_for_recipients),
            Rules::Full | Rules::Collected => facts.country() == "AE" && !facts.is_individual(),
        };
        Place { country: facts.country(), is_wide }
    }
}

/// The phone number of a person: the country code of the platform stands for one that is missing.
pub(super) fn phone(sent: &str) -> String {
    if sent.is_empty() || sent.starts_with('+') { sent.to_owned() } else { format!("+1{sent}") }
}

/// What persons show as null in a wide form.
const WIDE: [&str; 7] = [
    "first_name_kana",
    "first_name_kanji",
    "gender",
    "last_name_kana",
    "last_name_kanji",
    "maiden_name",
    "nationality",
];

/// Adds the members that a person has in a place.
pub(super) fn complete(person: &mut Map, place: Place<'_>) {
    const ROLES: [&str; 6] = ["authorizer", "director", "executive", "legal_guardian", "owner", "representative"];
    let mut relationship = person.map("relationship").cloned().unwrap_or_default();
    for role in ROLES {
        if relationship.present(role).is_none() {
            relationship.set(role, false);
        }
    }
    for key in ["percent_ownership", "title"] {
        if !relationship.has(key) {
            relationship.set(key, Doc::Null);
        }
    }
    if let Some(Doc::Int(percent)) = relationship.get("percent_ownership") {
        let percent = i32::try_from(*percent).map_or(f64::MAX, f64::from);
        relationship.set("percent_ownership", percent);
    }
    person.set("relationship", relationship);
    for key in ["email", "first_name", "last_name"] {
        null(person, key);
    }
    let nulls = |keys: &[&'static str]| Map::from_entries(keys.iter().map(|key| ((*key).into(), Doc::Null)).collect());
    lay_under(person, "dob", nulls(&["day", "month", "year"]));
    let tos = Map::from([("account", nulls(&["date", "ip", "user_agent"]))]);
    lay_under(person, "additional_tos_acceptances", tos);
    let side = || nulls(&["back", "details", "details_code", "front"]);
    let verification = nulls(&["details", "details_code"])
        .with("additional_document", side())
        .with("document", side())
        .with("status", "unverified");
    lay_under(person, "verification", verification);
    address(person, place);
    secrets(person, place);
    if place.is_wide {
        WIDE.into_iter().for_each(|key| null(person, key));
    } else if place.country == "JP" {
        null(person, "gender");
    }
}

fn null(person: &mut Map, key: &'static str) {
    if !person.has(key) {
        person.set(key, Doc::Null);
    }
}

/// Sets a hash, over the members that it has anyway.
fn lay_under(person: &mut Map, key: &'static str, mut under: Map) {
    if let Some(known) = person.map(key) {
        under.merge(known);
    }
    person.set(key, under);
}

/// The addresses in Japan.
const JAPANESE: [&str; 2] = ["address_kana", "address_kanji"];

/// Writes the postal codes of Japanese addresses in the digits of their script, and adds what follows from them.
pub(in crate::resources::connect::accounts) fn write_japanese(holder: &mut Map) {
    for key in JAPANESE {
        let Some(Doc::Map(address)) = holder.get_mut(key) else { continue };
        fill(address, "country", "JP");
        let Some(code) = address.str("postal_code") else { continue };
        // Wide digits are none of `to_digit`.
        let value =
            |c: char| c.to_digit(10).or_else(|| u32::from(c).checked_sub(u32::from('０')).filter(|digit| *digit < 10));
        let digits: Vec<u32> = code.chars().filter_map(value).collect();
        if digits.is_empty() {
            continue;
        }
        let is_kana = key == "address_kana";
        // In kanji the digits are wide.
        let first = if is_kana { '0' } else { '０' };
        let written = digits.iter().filter_map(|digit| char::from_u32(u32::from(first) + digit)).collect::<String>();
        address.set("postal_code", written);
        let plain = digits.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect::<String>();
        let Some(place) = countries::japanese_place(&plain) else { continue };
        let [state, city] = match is_kana {
            true => [place.state_kana, place.city_kana],
            false => [place.state_kanji, place.city_kanji],
        };
        fill(address, "state", state);
        fill(address, "city", city);
    }
}

/// Sets a member that nobody has sent.
fn fill(address: &mut Map, key: &'static str, value: &'static str) {
    if address.present(key).is_none() {
        address.set(key, value);
    }
}

/// A Japanese person has two addresses and no third.
fn address(person: &mut Map, place: Place<'_>) {
    const MEMBERS: [&str; 6] = ["city", "country", "line1", "line2", "postal_code", "state"];
    let blank = |more: Option<&'static str>| {
        let members = MEMBERS.into_iter().chain(more).map(|key| (key.into(), Doc::Null));
        Map::from_entries(members.collect()).with("country", place.country.to_owned())
    };
    if place.country != "JP" {
        lay_under(person, "address", blank(None));
        return;
    }
    for key in JAPANESE {
        lay_under(person, key, blank(Some("town")));
    }
    write_japanese(person);
    if person.map("address").is_none_or(|address| address.present("line1").is_none()) {
        let _ = person.remove("address");
    }
}

/// Of what is secret only whether it was sent, and that not everywhere.
fn secrets(person: &mut Map, place: Place<'_>) {
    let is_sent = |person: &Map, key: &str| person.bool(key) == Some(true);
    let has_number = is_sent(person, "id_number_provided");
    let has_four = has_number || is_sent(person, "ssn_last_4_provided");
    let shows = [
        ("id_number_provided", has_number, ["US", "CA"].contains(&place.country)),
        ("ssn_last_4_provided", has_four, place.country == "US"),
        ("id_number_secondary_provided", is_sent(person, "id_number_secondary_provided"), place.country == "TH"),
    ];
    for (key, sent, shown) in shows {
        match sent || shown || (place.is_wide && key != "id_number_secondary_provided") {
            true => person.set(key, sent),
            false => {
                let _ = person.remove(key);
            }
        }
    }
}
