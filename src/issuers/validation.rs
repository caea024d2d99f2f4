//! What is checked about a card before the issuer is asked, and what is computed from its number.
//!
//! May use: the vocabulary of cards. Invariant: no clock; the caller passes the date.

use super::cards::{Brand, brand_of};

/// The card data that Stripe refuses at once (core-payments 7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFault {
    /// The check digit is wrong.
    IncorrectNumber,
    /// It is not a card number.
    InvalidNumber,
    /// No such month, or a past month of this year.
    InvalidExpiryMonth,
    /// A past year, or no year.
    InvalidExpiryYear,
    /// Not as many digits as the brand has.
    InvalidCvc,
}

impl CardFault {
    /// The error's `code`; the sentence in `error/` is found by it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::IncorrectNumber => "incorrect_number",
            Self::InvalidNumber => "invalid_number",
            Self::InvalidExpiryMonth => "invalid_expiry_month",
            Self::InvalidExpiryYear => "invalid_expiry_year",
            Self::InvalidCvc => "invalid_cvc",
        }
    }

    /// The error's `param`: the bare field name, also for `card[number]`.
    #[must_use]
    pub const fn param(self) -> &'static str {
        match self {
            Self::IncorrectNumber | Self::InvalidNumber => "number",
            Self::InvalidExpiryMonth => "exp_month",
            Self::InvalidExpiryYear => "exp_year",
            Self::InvalidCvc => "cvc",
        }
    }
}

/// Card data that passed the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedCard {
    /// The number without spaces and dashes.
    pub digits: String,
    /// 1 to 12.
    pub exp_month: i64,
    /// Four digits.
    pub exp_year: i64,
}

impl CheckedCard {
    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &str {
        &self.digits[self.digits.len() - 4..]
    }
}

/// How many years ahead a card may expire, and how far in the past a year of two digits may be: 95 is 1995.
const EXPIRY_YEARS: i64 = 50;

/// Checks card data in Stripe's order (number, month, year, security code) and stops at the first fault. `cvc: None` is
/// a card without a code, which is allowed.
///
/// # Errors
/// The first fault.
pub fn check_card(
    number: &str,
    exp_month: i64,
    exp_year: i64,
    cvc: Option<&str>,
    now_year: i64,
    now_month: i64,
) -> Result<CheckedCard, CardFault> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !(12..=19).contains(&digits.len()) || !is_digits(&digits) {
        return Err(CardFault::InvalidNumber);
    }
    if !is_luhn_valid(&digits) {
        return Err(CardFault::IncorrectNumber);
    }
    if !(1..=12).contains(&exp_month) {
        return Err(CardFault::InvalidExpiryMonth);
    }
    let exp_year = four_digit_year(exp_year, now_year);
    if !(now_year..=now_year + EXPIRY_YEARS).contains(&exp_year) {
        return Err(CardFault::InvalidExpiryYear);
    }
    if exp_year == now_year && exp_month < now_month {
        return Err(CardFault::InvalidExpiryMonth);
    }
    // An American Express card has four digits, and three are taken too (shapes 3.12).
    let most = if brand_of(digits.as_bytes()) == Brand::Amex { 4 } else { 3 };
    if cvc.is_some_and(|cvc| !(3..=most).contains(&cvc.len()) || !is_digits(cvc)) {
        return Err(CardFault::InvalidCvc);
    }
    Ok(CheckedCard { digits, exp_month, exp_year })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Two digits mean this century, unless that is too far ahead.
const fn four_digit_year(year: i64, now_year: i64) -> i64 {
    if year < 0 || year > 99 {
        return year;
    }
    let century = now_year - now_year % 100;
    if century + year > now_year + EXPIRY_YEARS { century - 100 + year } else { century + year }
}

/// Whether the check digit of a string of digits is right.
#[must_use]
pub fn is_luhn_valid(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The expiry of a card made from a test token: this month, next year (core-payments 4.1.5).
#[must_use]
pub const fn default_expiry(now_year: i64, now_month: i64) -> (i64, i64) {
    (now_month, now_year + 1)
}

/// The card's `fingerprint`: the same for the same number in the same account, whether the number or a token was sent.
/// It is an identifier and protects nothing: test numbers are public.
#[must_use]
pub fn fingerprint(number: &str, account: &str) -> String {
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    spell(number, account, BASE62)
}

/// Sixteen digits for something in an account, such as the virtual bank account of a customer: always the same for the
/// same input.
#[must_use]
pub fn digits(thing: &str, account: &str) -> String {
    spell(thing, account, b"0123456789")
}

fn spell(number: &str, account: &str, alphabet: &[u8]) -> String {
    const LENGTH: usize = 16;
    // 128-bit FNV-1a. The zeros at the end spread the last digits, in which test numbers differ, over the whole value.
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let input = account.bytes().chain([b'/']).chain(number.bytes()).chain([0; LENGTH]);
    let mut hash = input.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    // The low bits of a product depend only on low bits, so the high half is mixed in.
    hash ^= hash >> 64;
    let mut text = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        let base = alphabet.len() as u128;
        text.push(char::from(alphabet[(hash % base) as usize]));
        hash /= base;
    }
    text
}
