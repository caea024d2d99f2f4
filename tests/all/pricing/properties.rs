//! What holds for every bill.

use pinstripe::money::Rounding;
use pinstripe::pricing::{Bill, BillLine, Deduction, Off, Remaining, TaxPercentage, Totals};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::decimal;

const PRODUCTS: [&str; 2] = ["prod_a", "prod_b"];

fn percentages() -> impl Strategy<Value = pinstripe::money::Decimal> {
    (0_i64..=100, 0_i64..10_000).prop_map(|(whole, part)| match whole {
        100 => decimal("100"),
        _ => decimal(&format!("{whole}.{part:04}")),
    })
}

fn offs() -> impl Strategy<Value = Off> {
    prop_oneof![
        percentages().prop_map(Off::Percent),
        (0_i64..20_000, any::<bool>()).prop_map(|(amount, down)| Off::Amount {
            amount,
            shares: if down { Rounding::Down } else { Rounding::HalfUp },
        }),
    ]
}

/// Discounts with names that differ.
fn deductions(name: &'static str) -> impl Strategy<Value = Vec<Deduction>> {
    let products = option::of((0..PRODUCTS.len()).prop_map(|place| vec![PRODUCTS[place].into()]));
    vec((offs(), products), 0..4).prop_map(move |made| {
        let named = |(place, (off, products)): (usize, _)| Deduction {
            discount: format!("{name}{place}").into(),
            off,
            products,
        };
        made.into_iter().enumerate().map(named).collect()
    })
}

fn rates(name: &'static str) -> impl Strategy<Value = Vec<TaxPercentage>> {
    vec((percentages(), any::<bool>()), 0..4).prop_map(move |made| {
        let named = |(place, (percentage, inclusive)): (usize, _)| TaxPercentage {
            tax_rate: format!("{name}{place}").into(),
            percentage,
            inclusive,
        };
        made.into_iter().enumerate().map(named).collect()
    })
}

fn bill_lines() -> impl Strategy<Value = BillLine> {
    let amount = prop_oneof![4 => 0_i64..5_000, 1 => -5_000_i64..0];
    let product = option::of((0..PRODUCTS.len()).prop_map(|place| PRODUCTS[place].into()));
    (amount, product, any::<bool>(), deductions("own"), option::of(rates("own"))).prop_map(
        |(amount, product, discountable, deductions, rates)| BillLine {
            amount,
            product,
            discountable,
            deductions,
            rates,
            credit: 0,
            taxes: None,
        },
    )
}

fn bills() -> impl Strategy<Value = Bill> {
    (vec(bill_lines(), 0..6), deductions("all"), rates("all"), any::<bool>()).prop_map(
        |(lines, deductions, default_rates, tax_exempt)| Bill { lines, deductions, default_rates, tax_exempt },
    )
}

fn tax(totals: &Totals, inclusive: bool) -> i64 {
    totals.total_taxes.iter().filter(|tax| tax.inclusive == inclusive).map(|tax| tax.amount).sum()
}

/// What the bill's discounts take off; the lines' own are within the subtotal.
fn off(totals: &Totals) -> i64 {
    let of_bill = |(discount, _): &&(pinstripe::pricing::Name, i64)| discount.starts_with("all");
    totals.total_discount_amounts.iter().filter(of_bill).map(|(_, amount)| amount).sum()
}

proptest! {
    #[test]
    fn lines_add_up_to_the_totals(mut bill in bills()) {
        // One rate has one behaviour wherever it is named.
        for (place, line) in bill.lines.iter_mut().enumerate() {
            line.rates.iter_mut().flatten().for_each(|rate| rate.tax_rate = format!("{}-{place}", rate.tax_rate).into());
        }
        let totals = bill.totals();
        let sum = |part: &dyn Fn(usize) -> i64| (0..totals.lines.len()).map(part).sum::<i64>();
        prop_assert_eq!(totals.subtotal, sum(&|line| totals.lines[line].subtotal));
        prop_assert_eq!(totals.total, sum(&|line| totals.lines[line].total));
        prop_assert_eq!(totals.discount(), sum(&|line| totals.lines[line].discount()));
        prop_assert_eq!(totals.tax(), tax(&totals, true) + tax(&totals, false));
        prop_assert_eq!(totals.total, totals.subtotal - off(&totals) + tax(&totals, false));
        prop_assert_eq!(totals.total_excluding_tax, totals.total - totals.tax());
    }

    #[test]
    fn discounts_never_turn_a_line(bill in bills()) {
        let totals = bill.totals();
        for (line, shown) in bill.lines.iter().zip(&totals.lines) {
            prop_assert!(shown.discount_amounts.iter().all(|(_, amount)| *amount >= 0));
            prop_assert!(shown.discount() <= line.amount.max(0), "{:?}", shown);
            prop_assert_eq!(shown.discount_amounts.len(), line.deductions.len() + bill.deductions.len());
        }
    }

    #[test]
    fn an_amount_off_is_given_whole_as_far_as_there_is_room(amounts in vec(0_i64..5_000, 1..8), amount in 0_i64..40_000) {
        let deduction = super::amount_off("di", amount);
        let totals = Bill { lines: super::lines(&amounts), deductions: vec![deduction], ..Bill::default() }.totals();
        prop_assert_eq!(totals.discount(), amount.min(amounts.iter().sum()));
    }

    #[test]
    fn taxes_have_the_sign_of_what_they_are_of(bill in bills()) {
        for line in bill.totals().lines {
            let left = line.amount - line.discount();
            prop_assert!(line.taxes.iter().all(|tax| tax.amount.signum() * left.signum() >= 0), "{:?}", line);
        }
    }

    #[test]
    fn a_credit_takes_back_what_the_same_charge_has_borne(amount in 0_i64..1_000_000, rates in rates("all")) {
        let of = |amount| {
            Bill { lines: super::lines(&[amount]), default_rates: rates.clone(), ..Bill::default() }.totals()
        };
        prop_assert_eq!(of(amount).total, -of(-amount).total);
        prop_assert_eq!(of(amount).tax(), -of(-amount).tax());
        prop_assert_eq!(of(amount).subtotal_excluding_tax, -of(-amount).subtotal_excluding_tax);
    }

    #[test]
    fn a_proration_is_a_part_with_its_sign(amount in 1_i64..1_000_000_000, length in 1_i64..40_000_000, moment in -10_i64..40_000_010) {
        let remaining = Remaining::of(0, length, moment);
        let whole = pinstripe::money::Decimal::whole(amount);
        let (credit, debit) = (remaining.credit(whole), remaining.debit(whole));
        prop_assert_eq!((credit.is_some(), debit.is_some()), (moment < length, moment < length));
        if let (Some(credit), Some(debit)) = (credit, debit) {
            prop_assert!(-amount <= credit && credit <= 0 && 0 <= debit && debit <= amount);
            // Only an exact half, which goes down on both sides, keeps the two from being each other's opposite.
            let is_half = 2 * amount * (length - moment.max(0)) % (2 * length) == length;
            prop_assert_eq!(credit + debit, -i64::from(is_half));
        }
    }
}
