//! The countries of test cards, by the digits in their numbers.
//!
//! May use: nothing. Invariant: a number without a country counts as American.

/// The country in a number that Stripe published: the seventh to ninth digits of `40000…` are the ISO 3166 number.
/// Every other number counts as American.
pub(super) const fn country_of(digits: &[u8]) -> &'static str {
    if let [b'4', b'0', b'0', b'0', b'0', _, _, _, _, ..] = digits {
        let code = number_at(digits, 6, 9);
        let mut i = 0;
        while i < COUNTRIES.len() {
            if COUNTRIES[i].0 == code {
                return COUNTRIES[i].1;
            }
            i += 1;
        }
    }
    "US"
}

/// The number in some of the digits; missing digits are skipped.
pub(super) const fn number_at(digits: &[u8], from: usize, to: usize) -> u16 {
    let mut value = 0;
    let mut i = from;
    while i < to && i < digits.len() {
        value = value * 10 + (digits[i] - b'0') as u16;
        i += 1;
    }
    value
}

/// ISO 3166 numbers of the countries of core-payments 7.2.
#[rustfmt::skip]
const COUNTRIES: &[(u16, &str)] = &[
    (32, "AR"), (36, "AU"), (40, "AT"), (56, "BE"), (76, "BR"), (100, "BG"), (112, "BY"), (124, "CA"),
    (152, "CL"), (156, "CN"), (158, "TW"), (170, "CO"), (188, "CR"), (191, "HR"), (196, "CY"),
    (203, "CZ"), (208, "DK"), (218, "EC"), (233, "EE"), (246, "FI"), (250, "FR"), (276, "DE"),
    (292, "GI"), (300, "GR"), (344, "HK"), (348, "HU"), (356, "IN"), (372, "IE"), (380, "IT"),
    (392, "JP"), (428, "LV"), (438, "LI"), (440, "LT"), (442, "LU"), (458, "MY"), (470, "MT"),
    (484, "MX"), (528, "NL"), (554, "NZ"), (578, "NO"), (591, "PA"), (600, "PY"), (604, "PE"),
    (616, "PL"), (620, "PT"), (642, "RO"), (682, "SA"), (702, "SG"), (703, "SK"), (705, "SI"),
    (724, "ES"), (752, "SE"), (756, "CH"), (764, "TH"), (784, "AE"), (826, "GB"), (840, "US"),
    (858, "UY"),
];
