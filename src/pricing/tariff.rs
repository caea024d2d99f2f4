//! What a quantity of a price comes to (billing 1.2, billing-2 3.6).
//!
//! May use: money. Invariant: nothing is rounded before the end.

use crate::money::{Decimal, Rounding};

/// How a price is made up of its quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// What a unit costs.
    pub scheme: Scheme,
    /// What counts as a unit, where it is not one of what is sold.
    pub package: Option<Package>,
}

/// What a unit costs (`billing_scheme`, `tiers_mode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Always the same, in the currency's smallest unit.
    PerUnit(Decimal),
    /// Each tier prices the units that lie in it. The last tier has no end.
    Graduated(Vec<Tier>),
    /// One tier prices all units: the one in which the last of them lies. The last tier has no end.
    Volume(Vec<Tier>),
}

/// Units that are sold together (`transform_quantity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// How many units are in one; above zero.
    pub size: i64,
    /// Whether a package that is begun counts.
    pub is_rounded_up: bool,
}

/// A range of quantities with a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The last quantity in it; `None` is `inf`.
    pub up_to: Option<i64>,
    /// For each unit, in the currency's smallest unit.
    pub unit_amount: Decimal,
    /// Once, as soon as the tier is entered; the first always is.
    pub flat_amount: Option<Decimal>,
}

/// A part of a quantity that has one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// How many units.
    pub quantity: i64,
    /// For each of them, in the currency's smallest unit.
    pub unit_amount: Decimal,
    /// Beside them, once.
    pub flat_amount: Option<Decimal>,
}

impl Tariff {
    /// What a quantity comes to, in the currency's smallest unit; an exact half goes away from zero.
    #[must_use]
    pub fn amount(&self, quantity: i64) -> i64 {
        self.exact(quantity).rounded(Rounding::HalfAwayFromZero)
    }

    /// What a quantity comes to, before it is rounded: what prorations are parts of.
    #[must_use]
    pub fn exact(&self, quantity: i64) -> Decimal {
        self.slices(quantity).iter().map(Slice::exact).fold(Decimal::ZERO, |sum, slice| sum + slice)
    }

    /// The parts of a quantity that are priced alike, from the first unit on: one for each tier that is entered.
    #[must_use]
    pub fn slices(&self, quantity: i64) -> Vec<Slice> {
        let quantity = self.package.map_or(quantity, |package| package.count(quantity));
        match &self.scheme {
            Scheme::PerUnit(amount) => vec![Slice { quantity, unit_amount: *amount, flat_amount: None }],
            Scheme::Graduated(tiers) => graduated(tiers, quantity),
            Scheme::Volume(tiers) => {
                let holds = |tier: &&Tier| tier.up_to.is_none_or(|last| quantity <= last);
                tiers.iter().find(holds).map(|tier| tier.slice(quantity)).into_iter().collect()
            }
        }
    }
}

fn graduated(tiers: &[Tier], quantity: i64) -> Vec<Slice> {
    let mut slices = Vec::new();
    let mut below = 0;
    for tier in tiers {
        let part = quantity.min(tier.up_to.unwrap_or(i64::MAX)) - below;
        if part <= 0 && !slices.is_empty() {
            break;
        }
        slices.push(tier.slice(part.max(0)));
        below += part;
    }
    slices
}

impl Package {
    /// How many packages a quantity is.
    fn count(self, quantity: i64) -> i64 {
        let size = self.size.max(1);
        quantity.div_euclid(size) + i64::from(self.is_rounded_up && quantity.rem_euclid(size) > 0)
    }
}

impl Tier {
    fn slice(&self, quantity: i64) -> Slice {
        Slice { quantity, unit_amount: self.unit_amount, flat_amount: self.flat_amount }
    }
}

impl Slice {
    /// What it comes to, before it is rounded.
    #[must_use]
    pub fn exact(&self) -> Decimal {
        self.unit_amount.times(self.quantity) + self.flat_amount.unwrap_or_default()
    }
}
