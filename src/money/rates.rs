//! Exchange rates: one table, with a selling and a buying side (connect-accounts 7.4).
//!
//! May use: exact decimals, the rounding. Invariant: a rate is between smallest units, and is the same at every time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::currencies::decimals;
use super::decimal::Decimal;
use super::ratio::Rounding;

/// The rows; their form is described in the file.
static ROWS: &str = include_str!("rates.csv");

/// What a payment gets of the rate at which a refund is converted, in percent (connect-accounts 7.4).
const BUYING_PERCENT: i64 = 98;

/// The digits of a rate in a balance transaction: `1.35576`, `0.92594`, `13.2136`.
const DIGITS: u32 = 6;

/// The selling side of every currency, in smallest units for a US cent.
static SELLING: LazyLock<BTreeMap<&'static str, Decimal>> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| {
        let mut cells = row.splitn(3, ',');
        Some((cells.next()?, Decimal::parse(cells.next()?)?))
    })
    .collect()
});

/// Which way money goes through a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateSide {
    /// It comes to the account: a payment, at the buying rate.
    Buying,
    /// It leaves the account: a refund, at the selling rate.
    Selling,
}

/// How many smallest units of one currency a smallest unit of another is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(Decimal);

impl Rate {
    /// The rate from one currency to another, both in lower case; `None` for the same currency, or if the table lacks one.
    #[must_use]
    pub fn of(from: &str, to: &str, side: RateSide) -> Option<Self> {
        let (from_rate, to_rate) = (SELLING.get(from)?, SELLING.get(to)?);
        let selling = to_rate.over(*from_rate);
        let rate = match side {
            RateSide::Buying => selling.times(BUYING_PERCENT).over(Decimal::HUNDRED),
            RateSide::Selling => selling,
        };
        (from != to).then(|| Rate(rate.to_digits(DIGITS)))
    }

    /// The rate that a balance transaction shows; `None` for a number that is none.
    #[must_use]
    pub fn shown(number: f64) -> Option<Self> {
        Decimal::of_number(number).filter(|rate| *rate > Decimal::ZERO).map(Rate)
    }

    /// As [`shown`](Self::shown), of a whole number.
    #[must_use]
    pub fn whole(number: i64) -> Option<Self> {
        (number > 0).then(|| Rate(Decimal::whole(number)))
    }

    /// The number that a balance transaction shows.
    #[must_use]
    pub fn number(self) -> f64 {
        self.0.text().parse().unwrap_or_default()
    }

    /// The amount in the other currency.
    #[must_use]
    pub fn convert(self, amount: i64) -> i64 {
        self.0.times(amount).rounded(Rounding::HalfAwayFromZero)
    }

    /// The amount of which this is the converted one, but for rounding.
    #[must_use]
    pub fn undo(self, converted: i64) -> i64 {
        Decimal::whole(converted).over(self.0).rounded(Rounding::HalfAwayFromZero)
    }
}

/// The currencies that can be converted, in the table's order of their codes.
#[must_use]
pub fn convertible() -> Vec<&'static str> {
    SELLING.keys().copied().collect()
}

/// How many whole units (dollars, not cents) of another currency a payment in one is converted to.
#[must_use]
pub fn whole_rate(from: &str, to: &str) -> f64 {
    let rate = Rate::of(from, to, RateSide::Buying).map_or(Decimal::whole(1), |rate| rate.0);
    let ten = |digits: u32| Decimal::whole(10_i64.pow(digits));
    (rate.over(ten(decimals(to))).times(10_i64.pow(decimals(from))))
        .to_digits(DIGITS)
        .text()
        .parse()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::is_currency;

    #[test]
    fn every_row_is_a_known_currency_with_a_rate_and_a_source() {
        let rows: Vec<&str> = ROWS.lines().filter(|row| !row.starts_with('#')).collect();
        for row in &rows {
            let cells: Vec<&str> = row.splitn(3, ',').collect();
            assert!(is_currency(cells[0]), "{row}");
            assert!(Decimal::parse(cells[1]).is_some_and(|rate| rate > Decimal::ZERO), "{row}");
            assert!(cells[2].len() > 10, "{row}");
        }
        assert_eq!(rows.len(), SELLING.len(), "one is listed twice");
    }

    #[test]
    fn the_rates_are_the_recorded_ones() {
        let sides = |to| {
            let side = |side| Rate::of("usd", to, side).unwrap().number();
            (side(RateSide::Buying), side(RateSide::Selling))
        };
        assert_eq!(sides("cad"), (1.35576, 1.38343));
        assert_eq!(sides("eur"), (0.92594, 0.94484));
        assert_eq!(sides("krw"), (13.2136, 13.4833));
        assert_eq!(sides("sgd"), (1.3389, 1.36622));
        assert_eq!(sides("brl").0, 5.546);
        assert!(Rate::of("usd", "usd", RateSide::Buying).is_none());
        assert!(Rate::of("usd", "xyz", RateSide::Buying).is_none());
    }

    #[test]
    fn amounts_are_rounded_once_and_alike_below_zero() {
        let won = Rate::of("usd", "krw", RateSide::Buying).unwrap();
        assert_eq!((won.convert(200), won.convert(-200)), (2643, -2643));
        assert_eq!((won.undo(2643), won.undo(-2643)), (200, -200));
        let small = Rate::of("idr", "usd", RateSide::Buying).unwrap();
        assert_eq!(small.convert(15_700_000), 980, "a small rate keeps six digits: {}", small.number());
    }

    #[test]
    fn whole_units_are_shown_between_currencies_of_different_decimals() {
        assert_eq!(whole_rate("usd", "krw"), 1321.36);
        assert_eq!(whole_rate("usd", "usd"), 1.0);
        assert_eq!(whole_rate("krw", "usd"), 0.000_726_825);
    }
}
