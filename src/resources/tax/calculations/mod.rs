//! Tax calculations (billing-2 9.3, 9.6).
//!
//! May use: the rates of a sale, tax settings, locations, customers, products, shipping rates, pricing. Invariant: a
//! calculation never changes; its totals are the sums of its lines and its shipping.

mod breakdown;
mod buyer;
mod create;
mod lines;

use std::sync::Arc;

use crate::contract::{Behaviour, Ctx, Entry, Expand, Include, Join, Shown};
use crate::error::Result;
use crate::object::body;
use crate::state::document::Doc;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Kind, Record, Tx};
use crate::time::calendar::DAY;

pub use lines::{CalculationLine, ENTRY as LINES};

crate::resource! {
    /// A tax calculation.
    Calculation = "tax.calculation" {
        /// With the exclusive taxes, in the currency's smallest unit.
        amount_total: i64,
        /// Three letters, lower case.
        currency: String,
        /// The customer, if one was named.
        customer: Option<Id>,
        /// When it can no longer be used, in Unix seconds.
        expires_at: Option<i64>,
        /// The shipping with its tax; null without.
        shipping_cost: Doc,
        /// The time whose registrations count, in Unix seconds.
        tax_date: i64,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The taxes of the shipping; shown with `expand[]=shipping_cost.tax_breakdown`.
        shipping_breakdown: Doc,
    }
}

/// The kind, for references.
pub const KIND: Kind = Calculation::KIND;

/// How long a calculation can be used.
const DAYS: i64 = 90;

/// The lines of a calculation, in the order in which they were sent.
pub fn lines_of(tx: &Tx, calculation: &str) -> Vec<Arc<CalculationLine>> {
    tx.having::<CalculationLine>(lines::OWNER, calculation)
}

fn rows(tx: &Tx, calculation: &str) -> Vec<Arc<Record>> {
    tx.records_having(CalculationLine::KIND, lines::OWNER, calculation)
}

/// A calculation expires: there is nothing left of it.
fn expire(tx: &mut Tx, _: &Ctx<'_>, calculation: &Arc<Calculation>) -> Result<()> {
    for line in lines_of(tx, &calculation.id) {
        tx.delete::<CalculationLine>(&line.id);
    }
    tx.delete::<Calculation>(&calculation.id);
    Ok(())
}

/// The registry's entry; the API has no events of calculations.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Calculation::FIELDS,
    noun: "tax calculation",
    id: IdForm::of("taxcalc_"),
    path_param: "calculation",
    operations: &[
        ("tax.calculations.create", Behaviour::Write(create::create)),
        ("tax.calculations.retrieve", Behaviour::Retrieve),
    ],
    includes: &[Include {
        field: "line_items",
        shown: Shown::Expanded,
        total_count: true,
        rows,
        url: |calculation| format!("/v1/tax/calculations/{calculation}/line_items"),
    }],
    joins: &[Join {
        field: "shipping_cost.tax_breakdown",
        doc: |tx, id| tx.get::<Calculation>(id).map(|calculation| calculation.shipping_breakdown.clone()),
    }],
    expands: &[Expand::field("shipping_cost.tax_breakdown")],
    named_by: &["calculation"],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Calculation>,
    dues: &[crate::due!(Calculation, "expire", |calculation| calculation.expires_at, expire)],
    ..Entry::PLAIN
};

/// When a calculation of now expires, in Unix seconds.
fn expiry(now: i64) -> i64 {
    now.saturating_add(DAYS * DAY)
}
