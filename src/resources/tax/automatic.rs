//! `automatic_tax` of what is sold: of an invoice, of a Checkout Session (billing-2 9.2).
//!
//! May use: documents. Invariant: its status says whether the place is known where the sale is taxed.

use crate::state::document::{Doc, Map};

crate::values! {
    /// Whether the taxes of a sale could be computed.
    pub enum AutomaticTaxStatus {
        Complete = "complete",
        Failed = "failed",
        /// The customer's place is not known.
        RequiresLocationInputs = "requires_location_inputs",
    }
}

fn of(sale: &Map) -> Option<&Map> {
    sale.map("automatic_tax")
}

/// Whether the taxes of a sale are computed.
pub fn is_on(sale: &Map) -> bool {
    of(sale).is_some_and(|tax| tax.bool("enabled") == Some(true))
}

/// Whether the customer's place is not known, and has to be.
pub fn lacks_place(sale: &Map) -> bool {
    let status = of(sale).and_then(|tax| AutomaticTaxStatus::parse(tax.str("status")?));
    is_on(sale) && status == Some(AutomaticTaxStatus::RequiresLocationInputs)
}

/// Notes whether the customer's place is known.
pub fn note_place(sale: &mut Map, is_known: bool) {
    let status = if is_known { AutomaticTaxStatus::Complete } else { AutomaticTaxStatus::RequiresLocationInputs };
    if let Some(Doc::Map(tax)) = sale.get_mut("automatic_tax") {
        tax.set("status", status.as_str());
    }
}
