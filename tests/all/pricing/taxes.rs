//! Taxes (billing 3.6, billing-2 9.1).

use pinstripe::pricing::{Bill, BillLine, TaxPercentage, Taxed, Totals};

use super::{amount_off, line, lines, percent, rate};

fn totals(amounts: &[i64], rates: Vec<TaxPercentage>) -> Totals {
    Bill { lines: lines(amounts), default_rates: rates, ..Bill::default() }.totals()
}

fn taxes(taxes: &[Taxed]) -> Vec<(&str, i64, i64)> {
    taxes.iter().map(|tax| (&*tax.tax_rate, tax.taxable_amount, tax.amount)).collect()
}

#[test]
fn an_exclusive_tax_comes_on_top_rounded_half_up() {
    for (amount, percentage, tax) in [(999, "8.875", 89), (1000, "8.25", 83), (3000, "5", 150), (-500, "20", -100)] {
        let made = totals(&[amount], vec![rate("txr", percentage, false)]);
        assert_eq!((made.subtotal, made.total, made.tax()), (amount, amount + tax, tax), "{percentage} % of {amount}");
        assert_eq!((made.subtotal_excluding_tax, made.total_excluding_tax), (amount, amount));
        assert_eq!(taxes(&made.total_taxes), [("txr", amount, tax)]);
    }
}

#[test]
fn an_inclusive_tax_lies_within_the_amount() {
    for (amount, percentage, tax) in [(1824, "19", 291), (6000, "20", 1000), (999, "20", 167), (-6000, "20", -1000)] {
        let made = totals(&[amount], vec![rate("txr", percentage, true)]);
        assert_eq!((made.subtotal, made.total, made.tax()), (amount, amount, tax), "{percentage} % in {amount}");
        assert_eq!((made.subtotal_excluding_tax, made.total_excluding_tax), (amount - tax, amount - tax));
        assert_eq!(taxes(&made.total_taxes), [("txr", amount - tax, tax)]);
    }
}

#[test]
fn what_is_taxed_is_what_discounts_leave() {
    let bill = |amount, deduction, rate| {
        Bill { lines: vec![line(amount)], deductions: vec![deduction], default_rates: vec![rate], ..Bill::default() }
            .totals()
    };
    let within = bill(2323, amount_off("di", 499), rate("txr", "19", true));
    assert_eq!((within.subtotal, within.total, within.tax(), within.total_excluding_tax), (2323, 1824, 291, 1533));
    assert_eq!(within.subtotal_excluding_tax, 2323 - 371);
    let on_top = bill(2000, percent("di", "10"), rate("txr", "5", false));
    assert_eq!((on_top.subtotal, on_top.total, on_top.total_excluding_tax), (2000, 1890, 1800));
}

#[test]
fn each_line_is_taxed_alone_and_the_rates_are_added_up() {
    let made = totals(&[333, 333, 333], vec![rate("txr", "7", false)]);
    assert_eq!((made.tax(), made.total), (69, 1068));
    assert_eq!(taxes(&made.total_taxes), [("txr", 999, 69)]);
    assert!(made.lines.iter().all(|line| taxes(&line.taxes) == [("txr", 333, 23)] && line.total == 356));
    assert!(totals(&[333], Vec::new()).total_taxes.is_empty());
}

#[test]
fn inclusive_rates_are_taken_out_together_and_the_rest_is_the_base_of_all() {
    let rates = vec![rate("a", "10", true), rate("b", "20", false), rate("c", "15", true)];
    let made = totals(&[1250], rates);
    assert_eq!(taxes(&made.total_taxes), [("a", 1000, 100), ("b", 1000, 200), ("c", 1000, 150)]);
    assert_eq!((made.total, made.tax(), made.total_excluding_tax), (1450, 450, 1000));
}

#[test]
fn a_lines_rates_replace_the_defaults() {
    let own = |rates| BillLine { rates: Some(rates), ..line(1000) };
    let lines = vec![line(1000), own(vec![rate("own", "5", false)]), own(Vec::new())];
    let made = Bill { lines, default_rates: vec![rate("txr", "20", false)], ..Bill::default() }.totals();
    assert_eq!(taxes(&made.total_taxes), [("txr", 1000, 200), ("own", 1000, 50)]);
    assert_eq!(made.lines.iter().map(|line| line.total).collect::<Vec<_>>(), [1200, 1050, 1000]);
}

#[test]
fn an_exempt_customer_owes_nothing_by_any_rate() {
    let default_rates = vec![rate("a", "20", false), rate("b", "10", true)];
    let made = Bill { lines: lines(&[1000]), default_rates, tax_exempt: true, ..Bill::default() }.totals();
    assert_eq!(taxes(&made.total_taxes), [("a", 1000, 0), ("b", 1000, 0)]);
    assert_eq!((made.total, made.total_excluding_tax, made.subtotal_excluding_tax), (1000, 1000, 1000));
}
