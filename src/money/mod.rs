//! Amounts: which currencies exist, how they are written, how little and how much can be charged,
//! and what Stripe keeps. Amounts are integers in the smallest unit and currencies are lower case,
//! as everywhere behind the edge.

mod currencies;

pub use currencies::CURRENCIES;

use std::collections::HashSet;
use std::sync::LazyLock;

use currencies::{FIXED_FEES, FOREIGN_CARD_SURCHARGES, MINIMA, RAIL_FEES, SIGNS, Side, THREE_DECIMAL, ZERO_DECIMAL};

/// The most that can be charged at once, in every currency (core-payments 6.4.8).
pub const MAX_AMOUNT: i64 = 99_999_999;

/// The share of a card payment that Stripe keeps, in hundredths of a percent (core-payments 6.10.1).
const FEE_BASIS_POINTS: i64 = 290;

/// The fixed part of the fee where no other is listed, in minor units.
const DEFAULT_FIXED_FEE: i64 = 30;

static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| CURRENCIES.iter().copied().collect());

/// Whether Stripe knows this currency; the code has to be in lower case.
#[must_use]
pub fn is_currency(currency: &str) -> bool {
    KNOWN.contains(currency)
}

/// How many digits follow the point: 2 for most, 0 or 3 for some.
#[must_use]
pub fn decimals(currency: &str) -> u32 {
    if ZERO_DECIMAL.contains(&currency) {
        0
    } else if THREE_DECIMAL.contains(&currency) {
        3
    } else {
        2
    }
}

/// Whether the amount respects the rule for currencies of three decimals: a multiple of ten.
#[must_use]
pub fn is_three_decimal_multiple_ok(amount: i64, currency: &str) -> bool {
    decimals(currency) != 3 || amount % 10 == 0
}

/// The least that can be charged, where Stripe documents it.
#[must_use]
pub fn minimum(currency: &str) -> Option<i64> {
    look_up(MINIMA, currency)
}

/// The currency's sign, or its code where it has none; empty for what is no currency.
#[must_use]
pub fn symbol(currency: &str) -> &'static str {
    sign(currency).map_or_else(
        || CURRENCIES.iter().find(|known| **known == currency).copied().unwrap_or_default(),
        |(symbol, _)| symbol,
    )
}

fn sign(currency: &str) -> Option<(&'static str, Side)> {
    SIGNS.iter().find(|(code, ..)| *code == currency).map(|(_, symbol, side)| (*symbol, *side))
}

/// The amount in whole units: `0.50`, `999,999.99`, `5,000` for yen.
#[must_use]
pub fn major(amount: i64, currency: &str) -> String {
    let decimals = decimals(currency) as usize;
    let mut digits = amount.unsigned_abs().to_string();
    if digits.len() <= decimals {
        digits.insert_str(0, &"0".repeat(decimals + 1 - digits.len()));
    }
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut text = String::with_capacity(digits.len() + 8);
    if amount < 0 {
        text.push('-');
    }
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// The amount with its sign, as Stripe's sentences have it: `$45.00`, `175.00 Ft`, `¥5`. A currency
/// without a sign has its code behind the amount.
#[must_use]
pub fn display(amount: i64, currency: &str) -> String {
    let major = major(amount, currency);
    match sign(currency) {
        Some((symbol, Side::Before)) => match major.strip_prefix('-') {
            Some(major) => format!("-{symbol}{major}"),
            None => format!("{symbol}{major}"),
        },
        Some((symbol, Side::After)) => format!("{major} {symbol}"),
        None => format!("{major} {currency}"),
    }
}

/// What Stripe keeps of a card payment: 2.9 % and a fixed part, rounded half up. `CA` accounts pay
/// 0.8 % more for foreign cards, as recorded; surcharges of other countries are not known here.
#[must_use]
pub fn fee(amount: i64, currency: &str, card_country: &str, account_country: &str) -> i64 {
    let surcharge = if card_country == account_country {
        0
    } else {
        look_up(FOREIGN_CARD_SURCHARGES, account_country).unwrap_or(0)
    };
    proportion(amount, FEE_BASIS_POINTS + surcharge, 10_000)
        + look_up(FIXED_FEES, currency).unwrap_or(DEFAULT_FIXED_FEE)
}

/// What Stripe keeps of a payment by another rail than a card: its share, at most its cap; a rail that is
/// not listed costs what a card does.
#[must_use]
pub fn rail_fee(rail: &str, amount: i64, currency: &str) -> i64 {
    let Some((_, basis_points, fixed, cap)) = RAIL_FEES.iter().find(|(known, ..)| *known == rail) else {
        return fee(amount, currency, "", "");
    };
    (proportion(amount, *basis_points, 10_000) + fixed).min(*cap)
}

fn look_up(table: &[(&str, i64)], key: &str) -> Option<i64> {
    table.iter().find(|(code, _)| *code == key).map(|(_, value)| *value)
}

/// What `part` of `of` comes to of `whole`, rounded to the nearest, an exact half to the higher number, also below zero:
/// the one rounding of the program. `whole` is in a currency's smallest unit, `of` above zero.
#[must_use]
pub fn proportion(whole: i64, part: i64, of: i64) -> i64 {
    let (whole, part, of) = (i128::from(whole), i128::from(part), i128::from(of.max(1)));
    i64::try_from((whole * part * 2 + of).div_euclid(of * 2)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_stripes() {
        assert_eq!(CURRENCIES.len(), 151);
        assert_eq!((CURRENCIES[0], CURRENCIES[1]), ("usd", "aed"));
        assert_eq!(CURRENCIES.last(), Some(&"mro"));
        assert_eq!(KNOWN.len(), CURRENCIES.len(), "one is listed twice");
        assert!(is_currency("usd") && is_currency("usdc"));
        assert!(!is_currency("USD") && !is_currency("") && !is_currency("xyz"));
    }

    #[test]
    fn tables_name_known_currencies_once() {
        let unique = |codes: Vec<&str>| {
            assert!(codes.iter().all(|code| is_currency(code)));
            assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        };
        unique(ZERO_DECIMAL.iter().chain(THREE_DECIMAL).copied().collect());
        unique(MINIMA.iter().map(|row| row.0).collect());
        unique(SIGNS.iter().map(|row| row.0).collect());
        unique(FIXED_FEES.iter().map(|row| row.0).collect());
    }

    #[test]
    fn amounts_are_written_as_stripe_does() {
        for (amount, currency, text) in [
            (50, "usd", "$0.50"),
            (4500, "usd", "$45.00"),
            (5, "usd", "$0.05"),
            (0, "usd", "$0.00"),
            (-4500, "usd", "-$45.00"),
            (MAX_AMOUNT, "usd", "$999,999.99"),
            (MAX_AMOUNT, "jpy", "¥99,999,999"),
            (5, "jpy", "¥5"),
            (50, "sgd", "$0.50"),
            (1000, "mxn", "$10.00"),
            (17500, "huf", "175.00 Ft"),
            (66, "aed", "د.إ0.66"),
            (1230, "kwd", "1.230 kwd"),
            (7, "kwd", "0.007 kwd"),
            (100, "xaf", "100 xaf"),
            (4300, "eur", "€43.00"),
        ] {
            assert_eq!(display(amount, currency), text);
        }
        assert_eq!(major(100_000, "usd"), "1,000.00");
        assert_eq!(major(i64::MIN, "jpy"), "-9,223,372,036,854,775,808");
        assert_eq!((symbol("gbp"), symbol("kwd"), symbol("no")), ("£", "kwd", ""));
    }

    #[test]
    fn limits() {
        assert_eq!((minimum("usd"), minimum("gbp"), minimum("kwd")), (Some(50), Some(30), None));
        assert_eq!((decimals("usd"), decimals("jpy"), decimals("bhd")), (2, 0, 3));
        assert!(is_three_decimal_multiple_ok(1230, "kwd"));
        assert!(!is_three_decimal_multiple_ok(1234, "kwd"));
        assert!(is_three_decimal_multiple_ok(1234, "usd"));
    }

    #[test]
    fn a_proportion_is_the_nearest_whole_number_on_both_sides_of_zero() {
        assert_eq!((proportion(1500, 10, 31), proportion(-1500, 10, 31)), (484, -484));
        assert_eq!((proportion(1, 1, 2), proportion(-1, 1, 2), proportion(-3, 1, 2)), (1, 0, -1));
        assert_eq!((proportion(-2000, 1, 3), proportion(1000, 1, 3)), (-667, 333));
    }

    proptest::proptest! {
        #[test]
        fn a_proportion_is_within_half_a_unit(whole in -1_000_000_000_i64..1_000_000_000, part in 0_i64..100_000, of in 1_i64..100_000) {
            let exact = i128::from(whole) * i128::from(part);
            let off = 2 * (i128::from(proportion(whole, part, of)) * i128::from(of) - exact);
            proptest::prop_assert!(-i128::from(of) < off && off <= i128::from(of), "{off}");
        }
    }

    #[test]
    fn fees() {
        assert_eq!(fee(2000, "usd", "US", "US"), 88);
        assert_eq!(fee(50, "usd", "US", "US"), 31); // 1.45 down
        assert_eq!(fee(500, "usd", "US", "US"), 45); // 14.5 up
        assert_eq!(fee(4400, "cad", "US", "CA"), 193); // recorded
        assert_eq!(fee(4400, "cad", "CA", "CA"), 158);
        assert_eq!(fee(2000, "eur", "DE", "US"), 83);
        assert_eq!(fee(MAX_AMOUNT, "usd", "US", "US"), 2_900_030);
        assert_eq!(rail_fee("us_bank_account", 2000, "usd"), 16);
        assert_eq!(rail_fee("us_bank_account", 100_000, "usd"), 500);
        assert_eq!(rail_fee("ideal", 2000, "eur"), 80);
        assert_eq!(rail_fee("alipay", 2000, "usd"), fee(2000, "usd", "US", "US"));
    }
}
