//! A place, as far as its taxes depend on it.
//!
//! May use: the rates, postal codes, documents. Invariant: a place is only made of an address that is precise enough.

use super::levies::Levy;
use super::postal;
use super::table::{self, LOCALITIES, Locality};
use crate::state::document::Map;

/// A place, as far as its taxes depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxPlace {
    country: String,
    state: Option<&'static str>,
    locality: Option<&'static Locality>,
}

/// Whose tax it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region<'p> {
    /// Two letters of the state or province; `None` for a country.
    pub state: Option<&'static str>,
    /// Its name.
    pub name: &'p str,
    /// `country` or `state`.
    pub level: &'static str,
}

impl TaxPlace {
    /// The place of an address; `None` if it is not enough to tell the rate. A country is enough, except in the United
    /// States, which need a ZIP code, and in Canada, which needs the province or a postal code (billing-2 9.4).
    pub fn of(address: Option<&Map>) -> Option<Self> {
        let address = address?;
        let country = address.str("country")?.trim().to_ascii_uppercase();
        let [sent, code] = ["state", "postal_code"].map(|part| address.str(part).unwrap_or_default().trim());
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        match country.as_str() {
            "US" => {
                let zip = postal::zip(code)?;
                let state = table::state(sent).map(|row| row.code).or_else(|| postal::state_of_zip(zip))?;
                let here = postal::state_of_zip(zip) == Some(state);
                let fits = |row: &&Locality| row.zips.iter().any(|begin| zip.starts_with(begin));
                let locality = LOCALITIES.iter().filter(|_| here).find(fits);
                Some(TaxPlace { country, state: Some(state), locality })
            }
            "CA" => {
                let province = table::province(sent).map(|row| row.code);
                let state = province.or_else(|| postal::province_of_code(code))?;
                Some(TaxPlace { country, state: Some(state), locality: None })
            }
            _ => Some(TaxPlace { country, state: None, locality: None }),
        }
    }

    /// Two letters, upper case.
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The state or province, where the rate depends on it: two letters.
    pub fn state(&self) -> Option<&'static str> {
        self.state
    }

    /// The name of the place with a rate of its own, if it is one.
    pub fn locality(&self) -> Option<&'static Locality> {
        self.locality
    }

    /// A text that is the same for the same place alone.
    pub fn key(&self) -> String {
        let parts = [Some(self.country.as_str()), self.state, self.locality.map(|locality| locality.name)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }

    /// Whether a sale to this place from another is taxed where it comes from: within a state that has that rule.
    pub fn is_taxed_at(&self, from: &TaxPlace) -> bool {
        let state = self.state.filter(|_| self.country == "US").and_then(table::state);
        from.country == self.country && from.state == self.state && state.is_some_and(|state| state.by_origin)
    }

    /// The country, state or province that has a tax.
    pub fn region(&self, levy: &Levy) -> Region<'_> {
        let is_federal = self.country == "CA" && levy.tax_type == Some("gst");
        match self.state.filter(|_| !is_federal) {
            Some(state) => Region { state: Some(state), name: self.name(), level: "state" },
            None => {
                let name = if is_federal { "Canada" } else { self.name() };
                Region { state: None, name, level: "country" }
            }
        }
    }

    /// The name of the country, state or province.
    pub fn name(&self) -> &str {
        let state = self.state.and_then(|code| match self.country.as_str() {
            "CA" => table::province(code).map(|row| row.name),
            _ => table::state(code).map(|row| row.name),
        });
        state.or_else(|| table::country(&self.country).map(|row| row.name)).unwrap_or(&self.country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(parts: &[(&'static str, &'static str)]) -> Option<String> {
        let address = Map::from_entries(parts.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect());
        TaxPlace::of(Some(&address)).map(|place| place.key())
    }

    #[test]
    fn a_place_is_as_precise_as_its_rate() {
        for (parts, key) in [
            (&[("country", "de"), ("state", "BE")][..], Some("DE")),
            (&[("country", "US"), ("postal_code", "98104")], Some("US/WA/Seattle, WA")),
            (&[("country", "US"), ("postal_code", "99201"), ("state", "washington")], Some("US/WA")),
            (&[("country", "US"), ("state", "WA")], None),
            (&[("country", "US"), ("postal_code", "98104"), ("state", "OR")], Some("US/OR")),
            (&[("country", "US"), ("postal_code", "00901")], None),
            (&[("country", "CA"), ("state", "Quebec")], Some("CA/QC")),
            (&[("country", "CA"), ("postal_code", "M5V 2T6")], Some("CA/ON")),
            (&[("country", "CA")], None),
            (&[("country", "text")], None),
            (&[("city", "Berlin")], None),
        ] {
            assert_eq!(place(parts).as_deref(), key, "{parts:?}");
        }
        assert_eq!(TaxPlace::of(None), None);
    }
}
