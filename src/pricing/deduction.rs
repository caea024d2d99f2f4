//! What coupons take off lines (billing-2 8.2).
//!
//! May use: money. Invariant: no line goes below zero, and the shares of an amount off add up to it.

use super::Name;
use crate::money::{self, Decimal, Rounding};

/// A discount as it bears on amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// The discount's name.
    pub discount: Name,
    /// How much.
    pub off: Off,
    /// The products that it is for (`applies_to`); `None` for all.
    pub products: Option<Vec<Name>>,
}

/// How much is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// A percentage of each line.
    Percent(Decimal),
    /// An amount of all lines together, in the currency's smallest unit. What they have no room for is not carried on.
    Amount {
        /// At least zero.
        amount: i64,
        /// How the lines' shares are rounded.
        shares: Rounding,
    },
}

impl Deduction {
    /// Whether it is for a product.
    pub(super) fn is_for(&self, product: Option<&Name>) -> bool {
        self.products.as_ref().is_none_or(|products| product.is_some_and(|product| products.contains(product)))
    }

    /// What it takes off lines of which so much is left, each at least zero; a line that takes no part has nothing left.
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
