//! The countries that a person can choose, by their English names.
//!
//! May use: nothing of the program. Invariant: every country of the API's address forms is there once, in the order of the names.

/// Two letters and the name, in the order of the names.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("countries.tsv").lines().filter_map(|line| line.split_once('\t'))
}

/// The name of a postal code, in the countries where a card is paid with one (stripe-js 1.1).
pub(super) fn postal_label(country: &str) -> Option<&'static str> {
    match country {
        "US" => Some("ZIP"),
        "CA" | "GB" => Some("Postal code"),
        _ => None,
    }
}
