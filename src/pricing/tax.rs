//! Taxes of an amount (billing-2 9.1).
//!
//! May use: money. Invariant: the tax of a credit is exactly the negative of the tax of the same charge.

use super::{Name, sum};
use crate::money::{Decimal, Rounding};

/// A tax rate, as far as it changes amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxPercentage {
    /// The tax rate's name.
    pub tax_rate: Name,
    /// At least zero.
    pub percentage: Decimal,
    /// Whether the tax is included in the amounts; otherwise it is added.
    pub inclusive: bool,
}

/// The tax of one rate, on a line or on all lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxed {
    /// The tax rate's name.
    pub tax_rate: Name,
    /// Whether the tax is included in the amounts.
    pub inclusive: bool,
    /// The taxed amount without the tax, in the currency's smallest unit.
    pub taxable_amount: i64,
    /// The tax.
    pub amount: i64,
}

/// The taxes of an amount, in the order of the rates. Inclusive taxes are taken out together; the rest is the base of
/// all rates. An `exempt` amount stays as it is, and every tax is zero.
pub(super) fn taxes(amount: i64, rates: &[TaxPercentage], exempt: bool) -> Vec<Taxed> {
    let inclusive = rates.iter().filter(|rate| rate.inclusive).map(|rate| rate.percentage);
    let gross = inclusive.fold(Decimal::HUNDRED, |whole, percentage| whole + percentage);
    let tax = |rate: &TaxPercentage, of, amount| match exempt {
        true => 0,
        false => rate.percentage.share_of(of, amount, Rounding::HalfAwayFromZero),
    };
    let within = sum(rates.iter().filter(|rate| rate.inclusive).map(|rate| tax(rate, gross, amount)));
    let base = amount.saturating_sub(within);
    let taxed = |rate: &TaxPercentage| Taxed {
        tax_rate: Name::clone(&rate.tax_rate),
        inclusive: rate.inclusive,
        taxable_amount: base,
        amount: if rate.inclusive { tax(rate, gross, amount) } else { tax(rate, Decimal::HUNDRED, base) },
    };
    rates.iter().map(taxed).collect()
}

/// The sum of the included taxes, or of the added ones.
pub(super) fn part(taxes: &[Taxed], inclusive: bool) -> i64 {
    sum(taxes.iter().filter(|tax| tax.inclusive == inclusive).map(|tax| tax.amount))
}
