//! Exact decimals: unit amounts and percentages with up to twelve digits behind the point.
//!
//! May use: the rounding. Invariant: a decimal keeps every digit that was sent; only results are rounded.

use std::ops::Add;

use super::ratio::{Rounding, divided};

/// How many digits may follow the point.
const DIGITS: usize = 12;

const ONE: i128 = 10_i128.pow(12);

/// A number with up to twelve decimals: an amount in a currency's smallest unit, or a percentage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Decimal(0);
    /// 100, the whole of a percentage.
    pub const HUNDRED: Self = Decimal(100 * ONE);

    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Decimal(i128::from(number) * ONE)
    }

    /// Reads a decimal; `None` for another text, or for too many digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !digits.is_empty();
        if !is_number || fraction.len() > DIGITS || whole.len() > DIGITS {
            return None;
        }
        let parse = |digits: &str| if digits.is_empty() { Ok(0) } else { digits.parse::<i128>() };
        let fraction = parse(&format!("{fraction:0<DIGITS$}")).ok()?;
        Some(Decimal(sign * (parse(whole).ok()? * ONE + fraction)))
    }

    /// The decimal in a JSON number; digits after the twelfth are rounded. `None` if it is not finite, or too large.
    #[must_use]
    pub fn of_number(number: f64) -> Option<Self> {
        Decimal::parse(&format!("{number:.DIGITS$}"))
    }

    /// The product with a quantity.
    #[must_use]
    pub fn times(self, quantity: i64) -> Self {
        Decimal(self.0.saturating_mul(i128::from(quantity)))
    }

    /// The quotient to the twelfth digit behind the point; `of` is above zero.
    #[must_use]
    pub fn over(self, of: Decimal) -> Self {
        let of = of.0.max(1);
        let doubled = self.0.saturating_mul(ONE).saturating_mul(2);
        Decimal(doubled.saturating_add(of).div_euclid(of.saturating_mul(2)))
    }

    /// The number to so many digits; one zero before the point counts, those right behind it do not.
    #[must_use]
    pub fn to_digits(self, digits: u32) -> Self {
        let mut unit = 1_i128;
        let limit = 10_i128.pow(digits);
        // A number below 1 keeps a digit less.
        let least = if self.0.abs() < ONE && self.0.abs() >= ONE / 10 { limit / 10 } else { limit };
        while self.0.abs() / unit >= least {
            unit *= 10;
        }
        Decimal((2 * self.0 + unit).div_euclid(2 * unit) * unit)
    }

    /// The nearest whole number, by this rounding.
    #[must_use]
    pub fn rounded(self, rounding: Rounding) -> i64 {
        divided(self.0, ONE, rounding)
    }

    /// `part` of `of` parts of this number; `of` is above zero.
    #[must_use]
    pub fn part(self, part: i64, of: i64, rounding: Rounding) -> i64 {
        divided(self.0.saturating_mul(i128::from(part)), ONE * i128::from(of), rounding)
    }

    /// This share of `of`, applied to an amount: `percentage.share_of(Decimal::HUNDRED, amount, …)`. `of` is above
    /// zero.
    #[must_use]
    pub fn share_of(self, of: Decimal, amount: i64, rounding: Rounding) -> i64 {
        divided(self.0.saturating_mul(i128::from(amount)), of.0, rounding)
    }

    /// The number, if it is whole.
    #[must_use]
    pub fn exact(self) -> Option<i64> {
        (self.0 % ONE == 0).then(|| i64::try_from(self.0 / ONE).ok()).flatten()
    }

    /// The text, as the API writes it.
    #[must_use]
    pub fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        let text = format!("{sign}{whole}.{fraction:0DIGITS$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl Add for Decimal {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Decimal(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_written_as_it_is_read() {
        for (text, shown, rounded) in [
            ("2000", "2000", 2000),
            ("0.5", "0.5", 1),
            ("12.50", "12.5", 13),
            ("-0.4", "-0.4", 0),
            ("-0.5", "-0.5", -1),
            (".000000000001", "0.000000000001", 0),
        ] {
            let read = Decimal::parse(text).unwrap();
            assert_eq!((read.text().as_str(), read.rounded(Rounding::HalfAwayFromZero)), (shown, rounded));
        }
        for text in ["0.0000000000001", "1234567890123", "x", "1.x", "--1", "1.2.3", ""] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_the_decimal_that_it_was_written_as() {
        for (number, text) in
            [(8.875, "8.875"), (12.5, "12.5"), (0.1, "0.1"), (33.33, "33.33"), (100.0 / 3.0, "33.333333333333")]
        {
            assert_eq!(Decimal::of_number(number).map(Decimal::text).as_deref(), Some(text));
        }
        assert_eq!((Decimal::of_number(f64::NAN), Decimal::of_number(1e13)), (None, None));
    }

    #[test]
    fn only_what_comes_of_a_decimal_is_rounded() {
        let unit = Decimal::parse("0.0005").unwrap();
        assert_eq!((unit.times(900).rounded(Rounding::HalfUp), unit.times(900).exact()), (0, None));
        assert_eq!((unit.times(1000) + unit.times(1000)).exact(), Some(1));
        assert_eq!(Decimal::parse("2.5").unwrap().part(1, 5, Rounding::HalfDown), 0);
        assert_eq!(Decimal::parse("8.25").unwrap().share_of(Decimal::HUNDRED, 1000, Rounding::HalfUp), 83);
    }
}
