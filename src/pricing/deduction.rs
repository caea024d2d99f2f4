//! Discounts of lines (billing-2 8.2).
//!
//! May use: money. Invariant: no line goes below zero, and the shares of an amount off add up to it.

use super::Name;
use crate::money::{self, Decimal, Rounding};

/// A discount, as far as it changes amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// The discount's name.
    pub discount: Name,
    /// The size of the discount.
    pub off: Off,
    /// The products to which it applies (`applies_to`); `None` for all.
    pub products: Option<Vec<Name>>,
}

/// The size of a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// A percentage of each line.
    Percent(Decimal),
    /// An amount over all lines together, in the currency's smallest unit. If the lines are worth less, the rest is
    /// lost.
    Amount {
        /// At least zero.
        amount: i64,
        /// How the lines' shares are rounded.
        shares: Rounding,
    },
}

impl Deduction {
    /// Whether it applies to a product.
    pub(super) fn is_for(&self, product: Option<&Name>) -> bool {
        self.products.as_ref().is_none_or(|products| product.is_some_and(|product| products.contains(product)))
    }

    /// The amounts that it takes from lines with these rests, each at least zero; a line to which it does not apply has
    /// the rest 0.
    pub(super) fn of(&self, left: &[i64]) -> Vec<i64> {
        match self.off {
            Off::Percent(percent) => {
                let part = |left: &i64| percent.share_of(Decimal::HUNDRED, *left, Rounding::HalfUp).min(*left);
                left.iter().map(part).collect()
            }
            Off::Amount { amount, shares } => money::spread(amount, left, shares),
        }
    }
}
