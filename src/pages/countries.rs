//! The countries that a person can choose, by their English names.
//!
//! May use: nothing of the program. Invariant: every country of the API's address forms is there once, in the order of the names.

/// Two letters and the name, in the order of the names.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("countries.tsv").lines().filter_map(|line| line.split_once('\t'))
}

/// The countries whose states are chosen from a list.
pub(super) const WITH_AREAS: [&str; 3] = ["US", "CA", "AU"];

/// The states of a country: code and English name.
pub(super) fn areas(country: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("areas.tsv").lines().filter_map(|line| line.split_once('\t'));
    rows.filter(move |(of, _)| *of == country).filter_map(|(_, row)| row.split_once('\t'))
}

/// The name of a state, a province or whatever a country is divided into.
pub(super) fn area_label(country: &str) -> &'static str {
    match country {
        "AE" => "Emirate",
        "CA" | "CN" | "ES" | "IT" | "KR" => "Province",
        "HK" => "Area",
        "JP" => "Prefecture",
        _ => "State",
    }
}

/// The name of a postal code, in the countries where a card is paid with one (stripe-js 1.1).
pub(super) fn postal_label(country: &str) -> Option<&'static str> {
    match country {
        "US" => Some("ZIP"),
        "CA" | "GB" => Some("Postal code"),
        _ => None,
    }
}
