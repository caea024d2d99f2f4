//! Tax: what is collected where (billing-2 9). `docs/tax.md` shows the rates.
//!
//! | module | what it does |
//! |---|---|
//! | `settings` | where the seller is, and what is assumed of prices |
//! | `registrations` | where the seller collects tax, and since when |
//! | `codes` | what products are |
//! | `assess` | the rates of a sale, and the reason for them |
//! | `automatic` | whether the taxes of a sale are computed |
//! | `sales` | the rates of lines and their shipping |
//! | `locations` | where something is performed |
//! | `calculations` | the tax of a sale with its lines and shipping |
//! | `transactions` | what was collected, and given back |
//!
//! May use: customers, the catalog, the places and their rates. Invariant: nothing is collected without a registration
//! that covers the place.

pub mod assess;
pub mod automatic;
pub mod calculations;
pub mod codes;
pub mod locations;
pub mod registrations;
pub mod sales;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod transactions;

pub use crate::jurisdictions::{TaxPlace, TaxabilityReason};
pub use assess::{Assessed, Exemption, TaxQuestion, assess, exemption_of_customer, place_of_customer};
pub use settings::{TaxBehavior, check_active, default_behavior, default_code};
