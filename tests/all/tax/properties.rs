//! Random sales and reversals add up (billing-2 9.6).

use proptest::prelude::*;
use serde_json::Value;

use super::{SEATTLE, activate, calculate, register};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, with};
use crate::support::property::hold;

/// A line: its amount, whether the tax is in it, and its code.
type Line = (i64, bool, &'static str);

fn line() -> impl Strategy<Value = Line> {
    let code = prop::sample::select(vec!["txcd_10000000", "txcd_99999999", "txcd_40010000", "txcd_20030000"]);
    (0..50_000_i64, any::<bool>(), code)
}

fn calculated(api: &Client, lines: &[Line], shipping: i64) -> Value {
    let mut sent = vec![("shipping_cost[amount]".to_owned(), shipping.to_string())];
    sent.push(("shipping_cost[tax_code]".to_owned(), "txcd_99999999".to_owned()));
    for (i, (amount, inclusive, code)) in lines.iter().enumerate() {
        let behavior = if *inclusive { "inclusive" } else { "exclusive" };
        sent.push((format!("line_items[{i}][amount]"), amount.to_string()));
        sent.push((format!("line_items[{i}][tax_behavior]"), behavior.to_owned()));
        sent.push((format!("line_items[{i}][tax_code]"), (*code).to_owned()));
    }
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    calculate(api, &with(&with(SEATTLE, &sent), &[("expand[]", "line_items")]))
}

fn rows(list: &Value) -> &Vec<Value> {
    list["data"].as_array().unwrap()
}

/// What a line or the shipping comes to after tax.
fn total(of: &Value) -> i64 {
    let tax = if of["tax_behavior"] == "exclusive" { int(of, "amount_tax") } else { 0 };
    int(of, "amount") + tax
}

fn seller() -> Client {
    let api = sandbox("tax-properties");
    activate(&api);
    register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "WA")]);
    api
}

#[test]
fn a_sale_adds_up_and_its_reversals_give_back_all_of_it() {
    hold(
        10,
        &(prop::collection::vec(line(), 1..6), 0..5_000_i64, prop::collection::vec(1..10_000_i64, 0..4)),
        |(lines, shipping, parts)| {
            let api = seller();
            let made = calculated(&api, &lines, shipping);
            let shown = rows(&made["line_items"]);
            let whole: i64 = shown.iter().map(total).sum::<i64>() + total(&made["shipping_cost"]);
            prop_assert_eq!(int(&made, "amount_total"), whole);
            let taxes = |list: &Value| list.as_array().unwrap().iter().map(|tax| int(tax, "amount")).sum::<i64>();
            let of_lines = shown.iter().map(|line| int(line, "amount_tax")).sum::<i64>();
            let tax = of_lines + int(&made["shipping_cost"], "amount_tax");
            prop_assert_eq!(taxes(&made["tax_breakdown"]), tax);
            prop_assert_eq!(int(&made, "tax_amount_exclusive") + int(&made, "tax_amount_inclusive"), tax);

            let (calculation, expand) = (id(&made), ("expand[]", "line_items"));
            let sale = [("calculation", &*calculation), ("reference", &*calculation), expand];
            let sale = api.post("/v1/tax/transactions/create_from_calculation", &sale).ok();
            let mut left = whole;
            let mut given: Vec<(i64, i64)> = vec![(0, 0); shown.len()];
            for (i, part) in parts.iter().chain([&i64::MAX]).enumerate() {
                let (own, reference) = (id(&sale), format!("{calculation}-{i}"));
                let amount = format!("-{}", left.min(*part));
                if left == 0 {
                    break;
                }
                let reversal = [
                    ("mode", "partial"),
                    ("original_transaction", &own),
                    ("reference", &reference),
                    ("flat_amount", &amount),
                    expand,
                ];
                let reversal = api.post("/v1/tax/transactions/create_reversal", &reversal).ok();
                for line in rows(&reversal["line_items"]) {
                    let of = |original: &Value| original["id"] == line["reversal"]["original_line_item"];
                    let at = rows(&sale["line_items"]).iter().position(of).unwrap();
                    given[at] = (given[at].0 + int(line, "amount"), given[at].1 + int(line, "amount_tax"));
                }
                left -= left.min(*part);
            }
            for (original, (amount, tax)) in rows(&sale["line_items"]).iter().zip(given) {
                prop_assert_eq!((int(original, "amount"), int(original, "amount_tax")), (-amount, -tax));
            }
            Ok(())
        },
    );
}
