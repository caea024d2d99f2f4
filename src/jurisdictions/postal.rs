//! The state of a ZIP code, and the province of a Canadian postal code.
//!
//! May use: nothing of the project. Invariant: a code belongs to at most one state or province.

/// The first three digits of the ZIP codes of each state: the first and the last of a range, the state.
#[rustfmt::skip]
const ZIPS: &[(u16, u16, &str)] = &[
    (5, 5, "NY"), (10, 27, "MA"), (28, 29, "RI"), (30, 38, "NH"), (39, 49, "ME"), (50, 54, "VT"), (55, 55, "MA"),
    (56, 59, "VT"), (60, 69, "CT"), (70, 89, "NJ"), (100, 149, "NY"), (150, 196, "PA"), (197, 199, "DE"),
    (200, 200, "DC"), (201, 201, "VA"), (202, 205, "DC"), (206, 219, "MD"), (220, 246, "VA"), (247, 268, "WV"),
    (270, 289, "NC"), (290, 299, "SC"), (300, 319, "GA"), (320, 339, "FL"), (341, 342, "FL"), (344, 344, "FL"),
    (346, 347, "FL"), (349, 349, "FL"), (350, 369, "AL"), (370, 385, "TN"), (386, 397, "MS"), (398, 399, "GA"),
    (400, 427, "KY"), (430, 459, "OH"), (460, 479, "IN"), (480, 499, "MI"), (500, 528, "IA"), (530, 549, "WI"),
    (550, 567, "MN"), (569, 569, "DC"), (570, 577, "SD"), (580, 588, "ND"), (590, 599, "MT"), (600, 629, "IL"),
    (630, 658, "MO"), (660, 679, "KS"), (680, 693, "NE"), (700, 714, "LA"), (716, 729, "AR"), (730, 732, "OK"),
    (733, 733, "TX"), (734, 749, "OK"), (750, 799, "TX"), (800, 816, "CO"), (820, 831, "WY"), (832, 838, "ID"),
    (840, 847, "UT"), (850, 865, "AZ"), (870, 884, "NM"), (885, 885, "TX"), (889, 898, "NV"), (900, 961, "CA"),
    (967, 968, "HI"), (970, 979, "OR"), (980, 994, "WA"), (995, 999, "AK"),
];

/// The five digits of a ZIP code, if a text begins with one.
pub(super) fn zip(text: &str) -> Option<&str> {
    text.trim().get(..5).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The state of the five digits of a ZIP code.
pub(super) fn state_of_zip(zip: &str) -> Option<&'static str> {
    let section: u16 = zip.get(..3)?.parse().ok()?;
    ZIPS.iter().find(|(first, last, _)| (*first..=*last).contains(&section)).map(|(_, _, state)| *state)
}

/// The province of a Canadian postal code, by its first letter.
pub(super) fn province_of_code(code: &str) -> Option<&'static str> {
    let mut letters = code.trim().bytes().map(|byte| byte.to_ascii_uppercase());
    let first = letters.next()?;
    if !letters.next()?.is_ascii_digit() {
        return None;
    }
    Some(match first {
        b'A' => "NL",
        b'B' => "NS",
        b'C' => "PE",
        b'E' => "NB",
        b'G' | b'H' | b'J' => "QC",
        b'K' | b'L' | b'M' | b'N' | b'P' => "ON",
        b'R' => "MB",
        b'S' => "SK",
        b'T' => "AB",
        b'V' => "BC",
        b'X' => "NT",
        b'Y' => "YT",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jurisdictions::{LOCALITIES, state};

    #[test]
    fn the_ranges_are_in_order_and_name_known_states() {
        for pair in ZIPS.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{pair:?}");
        }
        assert!(ZIPS.iter().all(|(first, last, code)| first <= last && state(code).is_some()));
    }

    #[test]
    fn a_locality_lies_in_the_state_of_its_name() {
        for locality in LOCALITIES {
            let (_, code) = locality.name.rsplit_once(", ").unwrap();
            assert!(locality.zips.iter().all(|zip| state_of_zip(zip) == Some(code)), "{locality:?}");
        }
    }

    #[test]
    fn only_whole_codes_have_a_place() {
        assert_eq!(zip("98104-1234").and_then(state_of_zip), Some("WA"));
        assert_eq!((zip("9810"), zip("text"), zip("ab123")), (None, None, None));
        assert_eq!((province_of_code("h2x 1y4"), province_of_code("text")), (Some("QC"), None));
    }
}
