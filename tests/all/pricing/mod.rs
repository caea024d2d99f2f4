//! Pricing as a value: the worked examples of the reference as tables, and what holds for every bill.

mod discounts;
mod properties;
mod prorations;
mod tariffs;
mod taxes;

use pinstripe::money::{Decimal, Rounding};
use pinstripe::pricing::{BillLine, Deduction, Off, TaxPercentage};

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

/// A line that discounts are for.
fn line(amount: i64) -> BillLine {
    BillLine { amount, product: None, discountable: true, deductions: Vec::new(), rates: None, credit: 0, taxes: None }
}

fn lines(amounts: &[i64]) -> Vec<BillLine> {
    amounts.iter().copied().map(line).collect()
}

fn percent(discount: &str, percent: &str) -> Deduction {
    Deduction { discount: discount.into(), off: Off::Percent(decimal(percent)), products: None }
}

fn amount_off(discount: &str, amount: i64) -> Deduction {
    let off = Off::Amount { amount, shares: Rounding::Down };
    Deduction { discount: discount.into(), off, products: None }
}

fn rate(tax_rate: &str, percentage: &str, inclusive: bool) -> TaxPercentage {
    TaxPercentage { tax_rate: tax_rate.into(), percentage: decimal(percentage), inclusive }
}
