//! What an address needs in its country (stripe-js 1.1).
//!
//! May use: nothing of the program. Invariant: a country is in each list once; of one that is in none, the first line and the city are
//! needed.

use crate::state::document::Map;

/// Countries whose addresses have a postal code.
const WITH_POSTAL_CODE: &str = "AS AT AU AX BE BR CA CH CN CY CZ DE DK EE ES FI FK FO FR GB GF GG GL GP GR GS GU HR HU IM IN IO IT JE JP \
     KR LI LT LU LV MC MH MP MQ MT MX MY NC NF NL NO NZ PH PL PM PN PR PT RE RO RU SE SG SH SI SJ SK SM TC TR TW UA UM US VA VI YT ZA";

/// Countries whose addresses have a state, a province or an area.
const WITH_AREA: &str = "AE AU BR CA CN HK IN JP KR MX US";

/// Countries that are a city, or whose addresses name none.
const WITHOUT_CITY: &str = "GI HK MO SG VA";

/// Whether a country is in a list of codes of two letters.
fn is_in(list: &str, country: &str) -> bool {
    country.len() == 2 && list.contains(country)
}

/// Whether a part of an address, by its name in the API, is needed in a country.
pub fn needs(country: &str, part: &str) -> bool {
    match part {
        "city" => !is_in(WITHOUT_CITY, country),
        "country" | "line1" => true,
        "postal_code" => is_in(WITH_POSTAL_CODE, country),
        "state" => is_in(WITH_AREA, country),
        _ => false,
    }
}

/// The parts of an address that may be needed, in the order of the page.
const PARTS: [&str; 5] = ["country", "line1", "city", "state", "postal_code"];

/// Whether an address has all that its country needs.
pub fn is_whole(address: &Map) -> bool {
    lacking(address).is_none()
}

/// The first part that an address lacks.
pub(super) fn lacking(address: &Map) -> Option<&'static str> {
    let country = address.str("country").unwrap_or_default();
    let is_empty = |part: &&str| address.str(part).is_none_or(|text| text.trim().is_empty());
    PARTS.into_iter().filter(|part| needs(country, part)).find(is_empty)
}
