//! Pricing: the amounts of lines, discounts, taxes and totals.
//!
//! May use: money. Invariant: everything here is a value. The caller (a Checkout Session, an invoice, a preview)
//! translates its objects into a [`Bill`], and stores the result of [`Bill::totals`].
//!
//! | module | what it computes |
//! |---|---|
//! | `tariff` | the amount of a quantity: per unit, by packages, by tiers |
//! | `proration` | the part of a period's amount that is credited or charged when something changes within the period |
//! | `deduction` | coupons: percentages and amounts off, one after the other, divided among the lines |
//! | `tax` | tax rates: included in the amounts or added to them |
//! | `bill` | lines and totals |
//!
//! Amounts are in the smallest unit of one currency. Products, discounts and tax rates are names that are returned
//! unchanged.

mod bill;
mod deduction;
mod proration;
mod tariff;
mod tax;

use std::sync::Arc;

pub use bill::{Bill, BillLine, LineTotals, Totals, shipped};
pub use deduction::{Deduction, Off};
pub use proration::Remaining;
pub use tariff::{Package, Scheme, Slice, Tariff, Tier};
pub use tax::{TaxPercentage, Taxed};

/// The name of one of the caller's objects.
pub type Name = Arc<str>;

/// The sum of amounts; the largest or smallest `i64` if it does not fit.
fn sum(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().fold(0, i64::saturating_add)
}
