//! Pricing: what lines come to, what is taken off them, which taxes they bear, and the totals.
//!
//! May use: money. Invariant: everything here is a value; whoever bills (a Checkout Session, an invoice, a preview)
//! translates its objects into a [`Bill`], and writes down what [`Bill::totals`] gives.
//!
//! | module | what it computes |
//! |---|---|
//! | `tariff` | a quantity of a price: per unit, by packages, by tiers |
//! | `proration` | the part of a period's amount that is credited or charged when something changes within it |
//! | `deduction` | coupons: percentages and amounts off, one after the other, spread over the lines |
//! | `tax` | tax rates: within the amounts or on top of them |
//! | `bill` | lines and totals |
//!
//! Amounts are in the smallest unit of one currency. What is referred to (products, discounts, tax rates) is a name that
//! is handed back as it came.

mod bill;
mod deduction;
mod proration;
mod tariff;
mod tax;

use std::sync::Arc;

pub use bill::{Bill, BillLine, LineTotals, Totals};
pub use deduction::{Deduction, Off};
pub use proration::Remaining;
pub use tariff::{Package, Scheme, Slice, Tariff, Tier};
pub use tax::{TaxPercentage, Taxed};

/// The name of an object of the caller's.
pub type Name = Arc<str>;

/// The sum of amounts; the most or the least there is where it does not fit.
fn sum(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().fold(0, i64::saturating_add)
}
