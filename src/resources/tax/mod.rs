//! Tax: what is collected where (billing-2 9). `docs/tax.md` shows the rates.
//!
//! | module | what it does |
//! |---|---|
//! | `settings` | where the seller is, and what is assumed of prices |
//! | `registrations` | where the seller collects tax, and since when |
//! | `codes` | what products are |
//! | `assess` | the rates of a sale, and the reason for them |
//!
//! May use: customers, the catalog, the places and their rates. Invariant: nothing is collected without a registration
//! that covers the place.

pub mod assess;
pub mod codes;
pub mod registrations;
pub mod settings;

pub use crate::jurisdictions::{TaxPlace, TaxabilityReason};
pub use assess::{Assessed, Exemption, TaxQuestion, assess, exemption_of_customer, place_of_customer};
pub use settings::{TaxBehavior, check_active, default_behavior, default_code};
