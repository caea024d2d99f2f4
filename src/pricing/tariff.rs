//! The amount of a quantity at a price (billing 1.2, billing-2 3.6).
//!
//! May use: money. Invariant: only the result is rounded.

use crate::money::{Decimal, Rounding};

/// How a price depends on the quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// The price of a unit.
    pub scheme: Scheme,
    /// The size of a unit, if it is not one piece.
    pub package: Option<Package>,
}

/// The price of a unit (`billing_scheme`, `tiers_mode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The same for every unit, in the currency's smallest unit.
    PerUnit(Decimal),
    /// Each tier prices the units within it. The last tier has no end.
    Graduated(Vec<Tier>),
    /// One tier prices all units: the one that contains the last unit. The last tier has no end.
    Volume(Vec<Tier>),
}

/// Pieces that are sold together (`transform_quantity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The number of pieces in a package; above zero.
    pub size: i64,
    /// Whether an incomplete package counts.
    pub is_rounded_up: bool,
}

/// A range of quantities with a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The last quantity in it; `None` is `inf`.
    pub up_to: Option<i64>,
    /// The price of each unit, in the currency's smallest unit.
    pub unit_amount: Decimal,
    /// An amount that is added once, as soon as the tier is entered; the first always is.
    pub flat_amount: Option<Decimal>,
}

/// A part of a quantity with one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// How many units.
    pub quantity: i64,
    /// The price of each of them, in the currency's smallest unit.
    pub unit_amount: Decimal,
    /// An amount that is added once.
    pub flat_amount: Option<Decimal>,
}

impl Tariff {
    /// The amount of a quantity, in the currency's smallest unit; an exact half is rounded away from zero.
    #[must_use]
    pub fn amount(&self, quantity: i64) -> i64 {
        self.exact(quantity).rounded(Rounding::HalfAwayFromZero)
    }

    /// The largest quantity whose amount is within one in the currency's smallest unit, whether it is paid or given back.
    #[must_use]
    pub fn quantity_for(&self, amount: i64) -> i64 {
        let (mut fits, mut exceeds) = (0, i64::MAX);
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2;
            if self.amount(middle).saturating_abs() > amount {
                exceeds = middle;
            } else {
                fits = middle;
            }
        }
        fits
    }

    /// The amount of a quantity before it is rounded, for prorations.
    #[must_use]
    pub fn exact(&self, quantity: i64) -> Decimal {
        self.slices(quantity).iter().map(Slice::exact).fold(Decimal::ZERO, |sum, slice| sum + slice)
    }

    /// The parts of a quantity beyond what of it is billed already: the units that came, at the tiers where they are. An amount of a
    /// tier that was entered before is not added again.
    #[must_use]
    pub fn slices_beyond(&self, billed: i64, quantity: i64) -> Vec<Slice> {
        let all = self.slices(quantity.max(billed));
        let before = if billed > 0 { self.slices(billed) } else { Vec::new() };
        let units = |slices: &[Slice]| slices.iter().map(|slice| slice.quantity).sum::<i64>();
        if let (Scheme::Volume(_), [slice]) = (&self.scheme, &all[..]) {
            let flat_amount = slice.flat_amount.filter(|_| before.is_empty());
            return vec![Slice { quantity: slice.quantity - units(&before), flat_amount, ..*slice }];
        }
        let rest = |(place, slice): (usize, &Slice)| match before.get(place) {
            Some(known) => Slice { quantity: slice.quantity - known.quantity, flat_amount: None, ..*slice },
            None => *slice,
        };
        all.iter().enumerate().map(rest).collect()
    }

    /// The parts of a quantity with one price each, from the first unit on: one for each tier that is entered.
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
    /// The number of packages for a quantity.
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
    /// The amount before it is rounded.
    #[must_use]
    pub fn exact(&self) -> Decimal {
        self.unit_amount.times(self.quantity) + self.flat_amount.unwrap_or_default()
    }
}
