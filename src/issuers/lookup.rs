//! The ways to find a test card: by number, token, PaymentMethod or last digits.
//!
//! May use: the table. Invariant: every valid number has a profile.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::card_table::cards;
use super::cards::{Brand, Funding, TestCard, brand_of};
use super::countries::country_of;

/// A number with the behaviour of its row and the brand, networks, funding and country of its digits.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The row with its behaviour.
    pub card: &'static TestCard,
    /// The brand.
    pub brand: Brand,
    /// Every network of the card.
    pub networks: &'static [Brand],
    /// The funding.
    pub funding: Funding,
    /// The issuer's country.
    pub country: &'static str,
}

impl From<&'static TestCard> for Profile {
    fn from(card: &'static TestCard) -> Self {
        let TestCard { brand, networks, funding, country, .. } = *card;
        Self { card, brand, networks, funding, country }
    }
}

/// The row of the numbers that are not in the table.
pub(super) static PLAIN: TestCard = TestCard::plain("");

type CardIndex = HashMap<&'static str, &'static TestCard>;

static NUMBERS: LazyLock<CardIndex> = LazyLock::new(|| cards().map(|card| (card.number, card)).collect());
static TOKENS: LazyLock<CardIndex> = LazyLock::new(|| index_names(|card| card.token_names));
static PAYMENT_METHODS: LazyLock<CardIndex> = LazyLock::new(|| index_names(|_| &[]));

fn index_names(own: fn(&TestCard) -> &'static [&'static str]) -> CardIndex {
    cards().flat_map(|card| card.names.iter().chain(own(card)).map(move |name| (*name, card))).collect()
}

/// The row of a number (digits only).
#[must_use]
pub fn by_number(number: &str) -> Option<&'static TestCard> {
    NUMBERS.get(number).copied()
}

/// The row behind a test token, such as `tok_visa`.
#[must_use]
pub fn by_token(token: &str) -> Option<&'static TestCard> {
    TOKENS.get(token.strip_prefix("tok_")?).copied()
}

/// The row behind a test PaymentMethod, such as `pm_card_visa`.
#[must_use]
pub fn by_payment_method(id: &str) -> Option<&'static TestCard> {
    PAYMENT_METHODS.get(id.strip_prefix("pm_card_")?).copied()
}

/// The profile of any valid number (digits only): its row, or else success as a card of the brand and country in its
/// digits.
#[must_use]
pub fn for_number(number: &str) -> Profile {
    by_number(number).map_or_else(
        || {
            let brand = brand_of(number.as_bytes());
            let country = country_of(number.as_bytes());
            let networks = brand.alone();
            Profile { card: &PLAIN, brand, networks, funding: Funding::Credit, country }
        },
        Profile::from,
    )
}

/// Finds a card by what a fixture contains. Several test cards have the same last digits, so an American card wins: the
/// special cards are American, the others always succeed.
#[must_use]
pub fn by_last4(brand: Option<Brand>, last4: &str) -> Option<&'static TestCard> {
    recognise(brand, None, last4)
}

/// As [`by_last4`], for a fixture that contains the card's country too.
#[must_use]
pub fn recognise(brand: Option<Brand>, country: Option<&str>, last4: &str) -> Option<&'static TestCard> {
    let country = country.unwrap_or("US");
    let alike = || cards().filter(move |card| card.last4() == last4 && brand.is_none_or(|brand| card.brand == brand));
    alike().find(|card| card.country == country).or_else(|| alike().next())
}
