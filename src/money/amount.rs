//! Amounts: their texts, the smallest and largest that can be charged, and the fees of a payment.
//!
//! May use: the currencies, the rounding. Invariant: an amount is an integer in its currency's smallest unit.

use super::currencies::{
    CARD_FEES, CURRENCIES, FIXED_FEES, FOREIGN_CARD_SURCHARGES, MINIMA, RAIL_FEES, SIGNS, SignSide, WHOLE_ONLY,
    decimals,
};
use super::ratio::{Rounding, proportion};

/// The largest amount of a charge, in every currency (core-payments 6.4.8).
pub const MAX_AMOUNT: i64 = 99_999_999;

/// Stripe's percentage of a card payment, in hundredths of a percent (core-payments 6.10.1).
const FEE_BASIS_POINTS: i64 = 290;

/// 100 %, in hundredths of a percent.
const BASIS_POINTS: i64 = 10_000;

/// The fixed part of the fee if no other is listed, in minor units.
const DEFAULT_FIXED_FEE: i64 = 30;

/// Whether the amount fits the rule for currencies of three decimals: a multiple of ten.
#[must_use]
pub fn is_three_decimal_multiple_ok(amount: i64, currency: &str) -> bool {
    decimals(currency) != 3 || amount % 10 == 0
}

/// Whether the amount fits the rule for currencies that have lost their decimals: a multiple of a hundred.
#[must_use]
pub fn is_whole_where_needed(amount: i64, currency: &str) -> bool {
    !WHOLE_ONLY.contains(&currency) || amount % 100 == 0
}

/// The smallest amount of a charge, in minor units; `None` where Stripe documents none.
#[must_use]
pub fn minimum(currency: &str) -> Option<i64> {
    look_up(MINIMA, currency)
}

/// The currency's sign, or its code if it has none; empty for a text that is no currency.
#[must_use]
pub fn symbol(currency: &str) -> &'static str {
    sign(currency).map_or_else(
        || CURRENCIES.iter().find(|known| **known == currency).copied().unwrap_or_default(),
        |(symbol, _)| symbol,
    )
}

fn sign(currency: &str) -> Option<(&'static str, SignSide)> {
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

/// The amount with its sign, as in Stripe's sentences: `$45.00`, `175.00 Ft`, `¥5`. A currency without a sign has its
/// code behind the amount.
#[must_use]
pub fn display(amount: i64, currency: &str) -> String {
    let major = major(amount, currency);
    match sign(currency) {
        Some((symbol, SignSide::Before)) => match major.strip_prefix('-') {
            Some(major) => format!("-{symbol}{major}"),
            None => format!("{symbol}{major}"),
        },
        Some((symbol, SignSide::After)) => format!("{major} {symbol}"),
        None => format!("{major} {currency}"),
    }
}

/// As [`display`], for a decimal of smallest units such as a unit amount: `$0.125` for `12.5`.
#[must_use]
pub fn display_decimal(decimal: &str, currency: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let fraction = fraction.trim_end_matches('0');
    let Ok(amount) = whole.parse::<i64>() else { return decimal.to_owned() };
    let shown = display(amount, currency);
    if fraction.is_empty() {
        return shown;
    }
    let major = major(amount, currency);
    let point = if decimals(currency) == 0 { "." } else { "" };
    shown.replacen(&*major, &format!("{major}{point}{fraction}"), 1)
}

/// Stripe's fee for a card payment: 2.9 % and a fixed part, rounded half up. Accounts in `CA` and `SG` pay more for foreign
/// cards, as recorded; what other countries' accounts pay is not known.
#[must_use]
pub fn fee(amount: i64, currency: &str, card_country: &str, account_country: &str) -> i64 {
    let surcharge = if card_country == account_country {
        0
    } else {
        look_up(FOREIGN_CARD_SURCHARGES, account_country).unwrap_or(0)
    };
    let percentage = look_up(CARD_FEES, account_country).unwrap_or(FEE_BASIS_POINTS);
    proportion(amount, percentage + surcharge, BASIS_POINTS, Rounding::HalfUp)
        + look_up(FIXED_FEES, currency).unwrap_or(DEFAULT_FIXED_FEE)
}

/// Stripe's fee for a payment with another method than a card: a percentage, with a maximum. A method that is not
/// listed costs as much as a card.
#[must_use]
pub fn rail_fee(rail: &str, amount: i64, currency: &str) -> i64 {
    let Some((_, basis_points, fixed, cap)) = RAIL_FEES.iter().find(|(known, ..)| *known == rail) else {
        return fee(amount, currency, "", "");
    };
    (proportion(amount, *basis_points, BASIS_POINTS, Rounding::HalfUp) + fixed).min(*cap)
}

fn look_up(table: &[(&str, i64)], key: &str) -> Option<i64> {
    table.iter().find(|(code, _)| *code == key).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(is_three_decimal_multiple_ok(1230, "kwd"));
        assert!(!is_three_decimal_multiple_ok(1234, "kwd"));
        assert!(is_three_decimal_multiple_ok(1234, "usd"));
        assert!(is_whole_where_needed(1200, "ugx") && is_whole_where_needed(1234, "usd"));
        assert!(!is_whole_where_needed(1234, "isk"));
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
