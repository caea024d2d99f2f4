//! Places and their taxes: what is sold where, which tax that place has on it, and which registration covers the place.
//!
//! The rates are those of [`COUNTRIES`], [`STATES`], [`PROVINCES`] and [`LOCALITIES`]: test data in the manner of the
//! real rates, which never change by themselves. `docs/tax.md` shows them, and a test compares the two.
//!
//! May use: money, documents. Invariant: everything here follows from its arguments; nothing knows an object of the API.

mod codes;
mod levies;
mod place;
mod postal;
mod registered;
mod table;

pub use codes::{ProductClass, TAX_CODES, TaxCodeRow, is_tax_code, tax_code};
pub use levies::{Levy, ProductTreatment, TaxabilityReason, Taxation, percentage_text};
pub use place::{Region, TaxPlace};
pub use registered::{covers, is_in_eu, is_provincial, shares_reverse_charge};
pub use table::{
    COUNTRIES, CountryTax, LOCALITIES, Locality, PROVINCES, Province, STATES, UsState, country, province, state,
};
