//! The currencies: Stripe's list, their decimals, minimum charges, signs and fixed fees.
//!
//! May use: nothing. Invariant: codes are in lower case, and a table contains a currency once.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Every currency, in the order of Stripe's own error message (core-payments 6.6).
#[rustfmt::skip]
pub const CURRENCIES: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt",
    "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf",
    "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd",
    "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl", "hrk", "htg", "huf", "idr",
    "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf", "krw", "kwd", "kyd", "kzt",
    "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk", "mnt", "mop", "mur", "mvr",
    "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "omr", "pab", "pen", "pgk",
    "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub", "rwf", "sar", "sbd", "scr", "sek", "sgd",
    "shp", "sle", "sos", "srd", "std", "szl", "thb", "tjs", "tnd", "top", "try", "ttd", "twd", "tzs",
    "uah", "ugx", "uyu", "uzs", "vnd", "vuv", "wst", "xaf", "xcd", "xcg", "xof", "xpf", "yer", "zar",
    "zmw", "usdc", "btn", "ghs", "eek", "lvl", "svc", "vef", "ltl", "sll", "mro",
];

static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| CURRENCIES.iter().copied().collect());

/// Whether this is one of Stripe's currencies; the code must be in lower case.
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

/// Currencies without decimals.
const ZERO_DECIMAL: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];

/// Currencies that have lost their decimals: amounts are still sent with two, which must be zero (core-payments 6.6).
pub(super) const WHOLE_ONLY: &[&str] = &["isk", "ugx"];

/// Currencies with three decimals, whose amounts must be multiples of ten.
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// The smallest amounts of a charge (core-payments 6.5).
#[rustfmt::skip]
pub(super) const MINIMA: &[(&str, i64)] = &[
    ("usd", 50), ("aed", 200), ("aud", 50), ("bgn", 100), ("brl", 50), ("cad", 50), ("chf", 50),
    ("czk", 1500), ("dkk", 250), ("eur", 50), ("gbp", 30), ("hkd", 400), ("huf", 17500), ("inr", 50),
    ("jpy", 50), ("mxn", 1000), ("myr", 200), ("nok", 300), ("nzd", 50), ("pln", 200), ("ron", 200),
    ("sek", 300), ("sgd", 50), ("thb", 1000),
];

/// The side on which a sign is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignSide {
    Before,
    After,
}
use SignSide::{After, Before};

/// Signs, as in Stripe's sentences: `$0.50`, `175.00 Ft`, `د.إ0.66`.
#[rustfmt::skip]
pub(super) const SIGNS: &[(&str, &str, SignSide)] = &[
    ("usd", "$", Before), ("aud", "$", Before), ("bmd", "$", Before), ("bnd", "$", Before),
    ("bsd", "$", Before), ("bzd", "$", Before), ("cad", "$", Before), ("clp", "$", Before),
    ("cop", "$", Before), ("ars", "$", Before), ("dop", "$", Before), ("fjd", "$", Before),
    ("hkd", "$", Before), ("jmd", "$", Before), ("kyd", "$", Before), ("lrd", "$", Before),
    ("mxn", "$", Before), ("nad", "$", Before), ("nzd", "$", Before), ("sgd", "$", Before),
    ("ttd", "$", Before), ("twd", "$", Before), ("uyu", "$", Before), ("xcd", "$", Before),
    ("eur", "€", Before), ("gbp", "£", Before), ("gip", "£", Before), ("egp", "£", Before),
    ("jpy", "¥", Before), ("cny", "¥", Before), ("krw", "₩", Before), ("inr", "₹", Before),
    ("pkr", "₨", Before), ("lkr", "₨", Before), ("npr", "₨", Before), ("mur", "₨", Before),
    ("aed", "د.إ", Before), ("sar", "ر.س", Before), ("brl", "R$", Before), ("chf", "CHF", Before),
    ("crc", "₡", Before), ("ghs", "₵", Before), ("idr", "Rp", Before), ("ils", "₪", Before),
    ("kes", "KSh", Before), ("myr", "RM", Before), ("ngn", "₦", Before), ("pen", "S/", Before),
    ("php", "₱", Before), ("ron", "Lei", Before), ("thb", "฿", Before), ("try", "₺", Before),
    ("vnd", "₫", After), ("uah", "₴", After), ("zar", "R", Before), ("bgn", "лв.", After),
    ("czk", "Kč", After), ("dkk", "kr.", After), ("huf", "Ft", After), ("isk", "kr.", After),
    ("nok", "kr", After), ("pln", "zł", After), ("rub", "₽", After), ("sek", "kr", After),
];

/// The fixed parts of the card fee other than 30 minor units: Stripe's published prices in the country of the currency.
#[rustfmt::skip]
pub(super) const FIXED_FEES: &[(&str, i64)] = &[
    ("aed", 100), ("bgn", 50), ("brl", 39), ("czk", 650), ("dkk", 180), ("eur", 25), ("gbp", 20),
    ("hkd", 235), ("huf", 8500), ("mxn", 300), ("myr", 100), ("nok", 200), ("pln", 100),
    ("ron", 100), ("sek", 180), ("sgd", 50), ("thb", 1000),
];

/// The percentages of a card payment other than 2.9 %, in hundredths of a percent, by the account's country
/// (connect-accounts 7.4).
pub(super) const CARD_FEES: &[(&str, i64)] = &[("SG", 340)];

/// The additional percentage for a foreign card, in hundredths of a percent, by the account's country. Only those of
/// Canada (core-payments 6.10.1) and Singapore (connect-accounts 7.4) are recorded.
pub(super) const FOREIGN_CARD_SURCHARGES: &[(&str, i64)] = &[("CA", 80), ("SG", 50)];

/// The fees of other methods than cards: percentage (in hundredths of a percent), fixed part and maximum, in minor
/// units. They are the published prices in the method's own currency.
#[rustfmt::skip]
pub(super) const RAIL_FEES: &[(&str, i64, i64, i64)] = &[
    ("ach_debit", 80, 0, 500), ("acss_debit", 100, 40, 500), ("affirm", 600, 30, i64::MAX),
    ("afterpay_clearpay", 600, 30, i64::MAX), ("au_becs_debit", 100, 30, 350), ("bacs_debit", 100, 20, 400),
    ("bancontact", 140, 30, i64::MAX), ("customer_balance", 50, 0, 500), ("eps", 160, 30, i64::MAX),
    ("giropay", 140, 30, i64::MAX), ("ideal", 0, 80, i64::MAX), ("klarna", 599, 30, i64::MAX),
    ("konbini", 360, 0, i64::MAX), ("multibanco", 80, 30, 600), ("p24", 220, 30, i64::MAX),
    ("sepa_debit", 80, 30, 600), ("sofort", 140, 30, i64::MAX), ("us_bank_account", 80, 0, 500),
];

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
        unique(ZERO_DECIMAL.iter().chain(THREE_DECIMAL).chain(WHOLE_ONLY).copied().collect());
        unique(MINIMA.iter().map(|row| row.0).collect());
        unique(SIGNS.iter().map(|row| row.0).collect());
        unique(FIXED_FEES.iter().map(|row| row.0).collect());
    }

    #[test]
    fn some_currencies_have_no_decimals_or_three() {
        assert_eq!((decimals("usd"), decimals("jpy"), decimals("bhd")), (2, 0, 3));
    }
}
