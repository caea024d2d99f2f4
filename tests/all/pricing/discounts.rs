//! Discounts (billing 3.6, billing-2 8.2).

use pinstripe::money::Rounding;
use pinstripe::pricing::{Bill, BillLine, Deduction, Off, Totals};

use super::{amount_off, line, lines, percent};

fn totals(amounts: &[i64], deductions: Vec<Deduction>) -> Totals {
    Bill { lines: lines(amounts), deductions, ..Bill::default() }.totals()
}

fn discounts(totals: &Totals) -> Vec<i64> {
    totals.total_discount_amounts.iter().map(|(_, amount)| *amount).collect()
}

fn by_line(totals: &Totals) -> Vec<i64> {
    totals.lines.iter().map(|line| line.discount()).collect()
}

#[test]
fn a_percentage_of_a_line_is_rounded_half_up() {
    for (off, amount, discount) in [
        ("50", 999, 500),
        ("10", 999, 100),
        ("10", 1499, 150),
        ("12.5", 2000, 250),
        ("10", 1005, 101),
        ("33.33", 3, 1),
        ("10", 2500, 250),
        ("100", 1234, 1234),
        ("0.01", 1, 0),
    ] {
        let made = totals(&[amount], vec![percent("di", off)]);
        assert_eq!((discounts(&made), made.total), (vec![discount], amount - discount), "{off} % of {amount}");
        assert_eq!(made.subtotal, amount);
    }
}

#[test]
fn several_discounts_come_off_what_the_one_before_has_left() {
    let made = totals(&[10_000], vec![percent("a", "10"), percent("b", "20")]);
    assert_eq!((discounts(&made), made.total), (vec![1000, 1800], 7200));
    let made = totals(&[10_000], vec![percent("a", "10"), amount_off("b", 9500)]);
    assert_eq!((discounts(&made), made.total), (vec![1000, 9000], 0));
}

#[test]
fn an_amount_off_is_shared_down_and_the_last_line_takes_the_rest() {
    for (amounts, off, shares) in [([1000, 2000], 500, [166, 334]), ([999, 1], 100, [99, 1])] {
        assert_eq!(by_line(&totals(&amounts, vec![amount_off("di", off)])), shares, "{off} off {amounts:?}");
    }
    assert_eq!(totals(&[2500], vec![amount_off("di", 1000)]).total, 1500);
    // The last line has no room for all of the rest.
    assert_eq!(by_line(&totals(&[2, 2, 2, 1], vec![amount_off("di", 6)])), [1, 2, 2, 1]);
}

#[test]
fn shares_can_be_rounded_to_the_nearest() {
    let off = Off::Amount { amount: 1000, shares: Rounding::HalfUp };
    let deduction = Deduction { discount: "di".into(), off, products: None };
    assert_eq!(by_line(&totals(&[2000, 999], vec![deduction])), [667, 333]);
}

#[test]
fn an_amount_above_the_lines_is_capped() {
    let made = totals(&[300, 400], vec![amount_off("di", 1000)]);
    assert_eq!((by_line(&made), made.total), (vec![300, 400], 0));
}

#[test]
fn prorations_credits_and_other_products_take_no_part_and_list_zero() {
    let of = |product: &str, amount| BillLine { product: Some(product.into()), ..line(amount) };
    let proration = BillLine { discountable: false, ..of("prod_a", 1000) };
    let lines = vec![of("prod_a", 1000), of("prod_b", 2000), proration, of("prod_a", -500), line(700)];
    for (deduction, first) in [(percent("di", "10"), 100), (amount_off("di", 300), 300)] {
        let deduction = Deduction { products: Some(vec!["prod_a".into()]), ..deduction };
        let made = Bill { lines: lines.clone(), deductions: vec![deduction], ..Bill::default() }.totals();
        assert_eq!(by_line(&made), [first, 0, 0, 0, 0]);
        assert!(made.lines.iter().all(|line| line.discount_amounts.len() == 1 && &*line.discount_amounts[0].0 == "di"));
        assert_eq!((made.subtotal, made.total), (4200, 4200 - first));
    }
    let made = Bill { lines, deductions: vec![percent("di", "10")], ..Bill::default() }.totals();
    assert_eq!(by_line(&made), [100, 200, 0, 0, 70]);
}

#[test]
fn a_lines_own_discount_lies_within_the_subtotal() {
    let own = BillLine { deductions: vec![percent("own", "50")], ..line(1900) };
    let made = Bill { lines: vec![own.clone()], ..Bill::default() }.totals();
    assert_eq!((made.lines[0].amount, made.lines[0].subtotal), (1900, 950));
    assert_eq!((made.subtotal, made.total, discounts(&made)), (950, 950, vec![950]));
    // The bill's own come after it.
    let made = Bill { lines: vec![own], deductions: vec![percent("all", "10")], ..Bill::default() }.totals();
    assert_eq!((made.subtotal, made.total), (950, 855));
    assert_eq!(made.lines[0].discount_amounts, [("own".into(), 950), ("all".into(), 95)]);
    let own = BillLine { deductions: vec![percent("a", "50"), amount_off("b", 600)], ..line(1000) };
    let made = Bill { lines: vec![own], ..Bill::default() }.totals();
    assert_eq!(made.lines[0].discount_amounts, [("a".into(), 500), ("b".into(), 500)]);
}
