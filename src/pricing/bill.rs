//! Lines and totals (billing 3.6, billing-2 8.2, 9.1).
//!
//! May use: money. Invariant: `total` is `subtotal` minus the discounts of the bill and the credits plus the exclusive taxes; all three
//! are sums over the lines.

use super::deduction::Deduction;
use super::tax::{self, TaxPercentage, Taxed};
use super::{Name, sum};

/// Lines that are billed together, in one currency.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// The lines, in the order in which they are shown.
    pub lines: Vec<BillLine>,
    /// The discounts on all lines; each applies to what the one before leaves.
    pub deductions: Vec<Deduction>,
    /// The tax rates of lines without rates of their own.
    pub default_rates: Vec<TaxPercentage>,
    /// Whether no tax is due: the customer's `tax_exempt` is `exempt` or `reverse`.
    pub tax_exempt: bool,
}

/// Shipping with its taxes: no discount applies to it.
#[must_use]
pub fn shipped(amount: i64, rates: &[TaxPercentage]) -> LineTotals {
    let taxes = tax::taxes(amount, rates, false);
    let (subtotal_tax, added) = (tax::part(&taxes, true), tax::part(&taxes, false));
    let total = amount.saturating_add(added);
    LineTotals { amount, subtotal: amount, discount_amounts: Vec::new(), taxes, total, subtotal_tax }
}

/// The input of one line.
#[derive(Clone, Debug)]
pub struct BillLine {
    /// The amount in the currency's smallest unit: a price's amount, a proration, or another; below zero it is a
    /// credit.
    pub amount: i64,
    /// The product, for discounts of certain products.
    pub product: Option<Name>,
    /// Whether the bill's discounts apply to it; prorations already contain them. They never apply to a credit.
    pub discountable: bool,
    /// The discounts of this line, which apply before those of the bill.
    pub deductions: Vec<Deduction>,
    /// Its own tax rates, which replace the bill's.
    pub rates: Option<Vec<TaxPercentage>>,
    /// What credits pay of it, after the discounts and before the taxes; at most what is left.
    pub credit: i64,
    /// Its taxes, if they were computed elsewhere; they replace all rates.
    pub taxes: Option<Vec<Taxed>>,
}

/// A line with its discounts and taxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineTotals {
    /// Before discounts and exclusive taxes.
    pub amount: i64,
    /// After the line's own discounts.
    pub subtotal: i64,
    /// The amount of each discount, the line's own first; zero if a discount does not apply to the line.
    pub discount_amounts: Vec<(Name, i64)>,
    /// The amount of each tax rate.
    pub taxes: Vec<Taxed>,
    /// After all discounts and credits, with the exclusive taxes.
    pub total: i64,
    /// The inclusive tax in `subtotal`.
    subtotal_tax: i64,
}

/// The result of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The lines, in their order.
    pub lines: Vec<LineTotals>,
    /// After the lines' own discounts, before those of the bill and exclusive taxes.
    pub subtotal: i64,
    /// The same without inclusive taxes.
    pub subtotal_excluding_tax: i64,
    /// The amount to pay.
    pub total: i64,
    /// The same without any tax.
    pub total_excluding_tax: i64,
    /// The amount of each discount over all lines.
    pub total_discount_amounts: Vec<(Name, i64)>,
    /// The amount of each tax rate over all lines.
    pub total_taxes: Vec<Taxed>,
}

impl Bill {
    /// Computes lines and totals.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut discounts: Vec<Vec<(Name, i64)>> = self.lines.iter().map(BillLine::own_discounts).collect();
        let subtotals: Vec<i64> = self.lines.iter().zip(&discounts).map(|(line, own)| line.amount - off(own)).collect();
        let mut left = subtotals.clone();
        for deduction in &self.deductions {
            let open: Vec<i64> =
                self.lines.iter().zip(&left).map(|(line, left)| line.open_to(deduction, *left)).collect();
            for (place, amount) in deduction.of(&open).into_iter().enumerate() {
                left[place] -= amount;
                discounts[place].push((Name::clone(&deduction.discount), amount));
            }
        }
        let taxed = |(((line, discount_amounts), subtotal), left): (((&BillLine, Vec<_>), i64), i64)| {
            let rates = line.rates.as_ref().unwrap_or(&self.default_rates);
            let of = |amount| line.taxes.clone().unwrap_or_else(|| tax::taxes(amount, rates, self.tax_exempt));
            let left = left.saturating_sub(line.credit);
            let taxes = of(left);
            let subtotal_tax = tax::part(&of(subtotal), true);
            let total = left.saturating_add(tax::part(&taxes, false));
            LineTotals { amount: line.amount, subtotal, discount_amounts, taxes, total, subtotal_tax }
        };
        let lines = self.lines.iter().zip(discounts).zip(subtotals).zip(left);
        Totals::of(lines.map(taxed).collect())
    }
}

impl BillLine {
    /// The amounts of the line's own discounts.
    fn own_discounts(&self) -> Vec<(Name, i64)> {
        let mut left = self.amount;
        let take = |deduction: &Deduction| {
            let amount = sum(deduction.of(&[left.max(0)]));
            left -= amount;
            (Name::clone(&deduction.discount), amount)
        };
        self.deductions.iter().map(take).collect()
    }

    /// How much of the rest of the line a discount of the bill may take.
    fn open_to(&self, deduction: &Deduction, left: i64) -> i64 {
        if self.discountable && deduction.is_for(self.product.as_ref()) { left.max(0) } else { 0 }
    }
}

impl LineTotals {
    /// The sum of all discounts on it.
    #[must_use]
    pub fn discount(&self) -> i64 {
        off(&self.discount_amounts)
    }

    /// All its taxes, inclusive and exclusive.
    #[must_use]
    pub fn tax(&self) -> i64 {
        sum(self.taxes.iter().map(|tax| tax.amount))
    }
}

impl Totals {
    fn of(lines: Vec<LineTotals>) -> Self {
        let of_lines = |part: fn(&LineTotals) -> i64| sum(lines.iter().map(part));
        let (subtotal, total) = (of_lines(|line| line.subtotal), of_lines(|line| line.total));
        let (mut total_discount_amounts, mut total_taxes): (Vec<(Name, i64)>, Vec<Taxed>) = (Vec::new(), Vec::new());
        for (discount, amount) in lines.iter().flat_map(|line| &line.discount_amounts) {
            match total_discount_amounts.iter_mut().find(|(known, _)| known == discount) {
                Some((_, all)) => *all = all.saturating_add(*amount),
                None => total_discount_amounts.push((Name::clone(discount), *amount)),
            }
        }
        for tax in lines.iter().flat_map(|line| &line.taxes) {
            match total_taxes.iter_mut().find(|known| known.tax_rate == tax.tax_rate) {
                Some(all) => {
                    all.amount = all.amount.saturating_add(tax.amount);
                    all.taxable_amount = all.taxable_amount.saturating_add(tax.taxable_amount);
                }
                None => total_taxes.push(tax.clone()),
            }
        }
        Totals {
            subtotal,
            subtotal_excluding_tax: subtotal.saturating_sub(of_lines(|line| line.subtotal_tax)),
            total,
            total_excluding_tax: total.saturating_sub(of_lines(LineTotals::tax)),
            total_discount_amounts,
            total_taxes,
            lines,
        }
    }

    /// The sum of all discounts.
    #[must_use]
    pub fn discount(&self) -> i64 {
        off(&self.total_discount_amounts)
    }

    /// All taxes, inclusive and exclusive.
    #[must_use]
    pub fn tax(&self) -> i64 {
        sum(self.lines.iter().map(LineTotals::tax))
    }
}

fn off(discount_amounts: &[(Name, i64)]) -> i64 {
    sum(discount_amounts.iter().map(|(_, amount)| *amount))
}
