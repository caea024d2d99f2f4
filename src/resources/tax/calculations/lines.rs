//! The line items of tax calculations.
//!
//! May use: calculations. Invariant: a line belongs to one calculation and never changes.

use super::Calculation;
use crate::contract::{Behaviour, Entry, Expand, Join, Under};
use crate::resources::tax::settings::TaxBehavior;
use crate::state::Id;
use crate::state::document::Doc;
use crate::state::ids::IdForm;
use crate::state::object::Resource;

crate::resource! {
    /// A line item of a tax calculation.
    CalculationLine = "tax.calculation_line_item" {
        /// In the currency's smallest unit; with the tax if that is included.
        amount: i64,
        /// The tax.
        amount_tax: i64,
        /// How many.
        quantity: i64,
        /// The user's own name of it.
        reference: String,
        /// Whether the amount contains the tax.
        tax_behavior: TaxBehavior,
        /// What is sold.
        tax_code: String,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The calculation; absent in lines from before there were rules.
        calculation: Option<Id>,
        /// Its taxes; shown when expanded.
        breakdown: Doc,
    }
}

/// The filter for the calculation.
pub(super) const OWNER: &str = "calculation";

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: CalculationLine::KIND,
    fields: CalculationLine::FIELDS,
    noun: "line item",
    id: IdForm::short("tax_li_"),
    operations: &[(
        "tax.calculations.line_items.list",
        Behaviour::ListUnder(Under { filter: OWNER, param: "calculation" }),
    )],
    filters: &[crate::filter!(
        "calculation",
        CalculationLine,
        |line| line.calculation.as_deref(),
        Some(Calculation::KIND)
    )],
    joins: &[Join {
        field: "tax_breakdown",
        doc: |tx, id| tx.get::<CalculationLine>(id).map(|line| line.breakdown.clone()),
    }],
    expands: &[Expand::field("tax_breakdown")],
    import: crate::contract::import::<CalculationLine>,
    ..Entry::PLAIN
};
