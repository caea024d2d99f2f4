//! What is taxed in a calculation, and its taxes as the API shows them.
//!
//! May use: places and their rates, pricing. Invariant: the taxes of a line add up to its tax, and those of the lines and
//! the shipping to the taxes of the calculation.

use crate::jurisdictions::{Levy, TaxPlace, Taxation, percentage_text};
use crate::money::Decimal;
use crate::pricing::{Bill, BillLine, Name, TaxPercentage, Taxed};
use crate::resources::tax::settings::TaxBehavior;
use crate::state::document::{Doc, Map};

/// A line or the shipping, with the rates that apply to it.
#[derive(Clone, Debug)]
pub(super) struct Taxable {
    /// In the currency's smallest unit.
    pub(super) amount: i64,
    /// Whether the amount contains the tax.
    pub(super) behavior: TaxBehavior,
    /// What is sold.
    pub(super) code: String,
    /// Where it is taxed.
    pub(super) place: TaxPlace,
    /// Why it is taxed there.
    pub(super) sourcing: &'static str,
    /// The rates, and the reason.
    pub(super) taxation: Taxation,
    /// The amount of each rate, once [`compute`] has run.
    pub(super) taxes: Vec<Taxed>,
}

/// Computes the taxes of all.
pub(super) fn compute(all: &mut [Taxable]) {
    let lines = all.iter().map(|taxable| BillLine {
        amount: taxable.amount,
        product: None,
        discountable: false,
        deductions: Vec::new(),
        rates: Some(taxable.rates()),
        credit: 0,
        taxes: None,
    });
    let totals = Bill { lines: lines.collect(), ..Bill::default() }.totals();
    for (taxable, line) in all.iter_mut().zip(totals.lines) {
        taxable.taxes = line.taxes;
    }
}

/// The sum of the taxes that are added to the amounts, or of those in them.
pub(super) fn sum(all: &[Taxable], behavior: TaxBehavior) -> i64 {
    all.iter().filter(|taxable| taxable.behavior == behavior).map(Taxable::tax).fold(0, i64::saturating_add)
}

/// The taxes of a calculation: one for each rate and reason.
pub(super) fn of_all(all: &[Taxable]) -> Doc {
    let mut groups: Vec<(Map, i64, i64)> = Vec::new();
    for taxable in all {
        for (levy, tax) in taxable.taxation.rates.iter().zip(&taxable.taxes) {
            let key = taxable.key(levy);
            let taxable_amount = taxable.taxation.reason.taxable(tax.taxable_amount);
            match groups.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, amount, base)) => (*amount, *base) = (*amount + tax.amount, *base + taxable_amount),
                None => groups.push((key, tax.amount, taxable_amount)),
            }
        }
    }
    let rows = groups.into_iter().map(|(key, amount, base)| key.with("amount", amount).with("taxable_amount", base));
    rows.collect::<Vec<_>>().into()
}

impl Taxable {
    fn is_inclusive(&self) -> bool {
        self.behavior == TaxBehavior::Inclusive
    }

    /// The rates for pricing; each is named by its position.
    fn rates(&self) -> Vec<TaxPercentage> {
        let rate = |(position, levy): (usize, &Levy)| TaxPercentage {
            tax_rate: Name::from(position.to_string()),
            percentage: levy.percentage,
            inclusive: self.is_inclusive(),
        };
        self.taxation.rates.iter().enumerate().map(rate).collect()
    }

    /// Its tax.
    pub(super) fn tax(&self) -> i64 {
        self.taxes.iter().map(|tax| tax.amount).fold(0, i64::saturating_add)
    }

    /// What distinguishes a tax of the calculation.
    fn key(&self, levy: &Levy) -> Map {
        let rate_type = levy.tax_type.map(|_| "percentage");
        let details = Map::from([
            ("country", Doc::from(self.place.country().to_owned())),
            ("flat_amount", Doc::Null),
            ("percentage_decimal", text(levy.percentage)),
            ("rate_type", rate_type.into()),
            ("state", self.place.region(levy).state.into()),
            ("tax_type", levy.tax_type.into()),
        ]);
        Map::from([
            ("inclusive", Doc::from(self.is_inclusive())),
            ("tax_rate_details", details.into()),
            ("taxability_reason", self.taxation.reason.into()),
        ])
    }

    /// Its taxes, as they are shown in it.
    pub(super) fn breakdown(&self) -> Doc {
        let row = |(levy, tax): (&Levy, &Taxed)| {
            let region = self.place.region(levy);
            let jurisdiction = Map::from([
                ("country", Doc::from(self.place.country().to_owned())),
                ("display_name", region.name.to_owned().into()),
                ("level", region.level.into()),
                ("state", region.state.into()),
            ]);
            let details = levy.tax_type.map(|tax_type| {
                Map::from([
                    ("display_name", Doc::from(levy.name())),
                    ("percentage_decimal", text(levy.percentage)),
                    ("tax_type", tax_type.into()),
                ])
            });
            Map::from([
                ("amount", Doc::from(tax.amount)),
                ("jurisdiction", jurisdiction.into()),
                ("sourcing", self.sourcing.into()),
                ("tax_rate_details", details.map_or(Doc::Null, Doc::Map)),
                ("taxability_reason", self.taxation.reason.into()),
                ("taxable_amount", self.taxation.reason.taxable(tax.taxable_amount).into()),
            ])
        };
        self.taxation.rates.iter().zip(&self.taxes).map(row).collect::<Vec<_>>().into()
    }
}

fn text(percentage: Decimal) -> Doc {
    percentage_text(percentage).into()
}
