//! Which registration covers which tax of a place (billing-2 9.5).
//!
//! May use: places, documents. Invariant: a registration covers taxes of the kind that it was made for alone.

use super::levies::Levy;
use super::place::TaxPlace;
use super::table;
use crate::state::document::Map;

/// The tax ids of businesses in the European Union.
const EU_ID: &str = "eu_vat";

/// Whether a country belongs to the European Union.
pub fn is_in_eu(country: &str) -> bool {
    table::country(country).is_some_and(|row| row.business_id == EU_ID)
}

/// Whether a tax of Canada is one of a province alone, with registrations of its own.
pub fn is_provincial(tax_type: &str) -> bool {
    matches!(tax_type, "pst" | "qst" | "rst")
}

/// Whether a registration in a country, with the options for that country, covers a tax of a place.
pub fn covers(country: &str, options: &Map, place: &TaxPlace, levy: &Levy) -> bool {
    let kind = options.str("type").unwrap_or_default();
    let is_provincial = levy.tax_type.is_some_and(is_provincial);
    let is_here = country == place.country();
    match (country, kind) {
        ("US", "state_sales_tax") => is_here && options.str("state") == place.state(),
        ("US", _) => false,
        ("CA", "province_standard") => {
            let province = options.map("province_standard").and_then(|options| options.str("province"));
            is_here && is_provincial && province == place.state()
        }
        ("CA", _) => is_here && !is_provincial,
        (_, "ioss" | "oss_non_union" | "oss_union") => is_in_eu(place.country()),
        _ => is_here,
    }
}

/// Whether a registration in a country is enough for sales in another one whose customers account for the tax
/// themselves: the countries of the European Union share that rule.
pub fn shares_reverse_charge(country: &str, place: &TaxPlace) -> bool {
    country == place.country() || is_in_eu(country) && is_in_eu(place.country())
}
