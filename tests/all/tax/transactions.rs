//! Tax transactions, reversals and associations (billing-2 9.6).

use serde_json::{Value, json};

use super::{SEATTLE, activate, calculate, register};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, text, with};

const LINES: Params<'_> = &[
    ("line_items[0][amount]", "4999"),
    ("line_items[0][reference]", "L1"),
    ("line_items[1][amount]", "1103"),
    ("line_items[1][reference]", "L2"),
    ("line_items[1][tax_behavior]", "inclusive"),
    ("shipping_cost[amount]", "500"),
    ("shipping_cost[tax_code]", "txcd_99999999"),
];

fn seller(name: &str) -> Client {
    let api = sandbox(name);
    activate(&api);
    register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "WA")]);
    api
}

fn record(api: &Client, calculation: &str, reference: &str) -> Answer {
    let params = [("calculation", calculation), ("reference", reference), ("expand[]", "line_items")];
    api.post("/v1/tax/transactions/create_from_calculation", &params)
}

fn sale(api: &Client, reference: &str) -> Value {
    let calculation = calculate(api, &with(SEATTLE, LINES));
    record(api, &id(&calculation), reference).ok()
}

fn reverse(api: &Client, sale: &Value, reference: &str, params: Params<'_>) -> Answer {
    let base = [("original_transaction", text(sale, "id")), ("reference", reference), ("expand[]", "line_items")];
    api.post("/v1/tax/transactions/create_reversal", &with(&base, params))
}

/// The lines as references, amounts and taxes.
fn lines(transaction: &Value) -> Vec<(&str, i64, i64)> {
    let rows = transaction["line_items"]["data"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "reference"), int(row, "amount"), int(row, "amount_tax"))).collect()
}

#[test]
fn a_transaction_has_what_its_calculation_has() {
    let api = seller("tax-tx-create");
    let calculation = calculate(&api, &with(SEATTLE, LINES));
    let params = [("calculation", text(&calculation, "id")), ("reference", "order_1"), ("metadata[a]", "1")];
    let made = api.post("/v1/tax/transactions/create_from_calculation", &params).ok();
    assert!(id(&made).starts_with("tax_1"), "{made}");
    for name in ["currency", "customer", "customer_details", "ship_from_details", "shipping_cost", "tax_date"] {
        assert_eq!(made[name], calculation[name], "{name}");
    }
    assert_eq!(
        (text(&made, "type"), text(&made, "reference"), &made["reversal"]),
        ("transaction", "order_1", &Value::Null)
    );
    assert_eq!((&made["metadata"], &made["posted_at"]), (&json!({"a": "1"}), &made["created"]));
    assert_eq!(made.get("line_items"), None);
    let path = format!("/v1/tax/transactions/{}", id(&made));
    let shown = api.get(&path, &[("expand[]", "line_items")]).ok();
    assert_eq!(lines(&shown), [("L1", 4999, 512), ("L2", 1103, 103)]);
    let line = &shown["line_items"]["data"][0];
    let fields = (text(line, "type"), text(line, "tax_code"), &line["reversal"], &line["quantity"]);
    assert_eq!(fields, ("transaction", "txcd_10000000", &Value::Null, &json!(1)));
    let listed = api.get(&format!("{path}/line_items"), &[("limit", "1")]).ok();
    assert_eq!((ids(&listed), &listed["has_more"]), (vec![id(line)], &json!(true)));
    missing(api.get("/v1/tax/transactions/tax_x", &[]), 404, "tax transaction", "tax_x", "transaction");
}

#[test]
fn a_reference_is_used_once() {
    let api = seller("tax-tx-reference");
    let first = sale(&api, "order_1");
    let calculation = id(&calculate(&api, &with(SEATTLE, LINES)));
    invalid(record(&api, &calculation, "order_1"), 400, None, Some("reference"));
    record(&api, &calculation, "order_2").ok();
    invalid(reverse(&api, &first, "order_2", &[("mode", "full")]), 400, None, Some("reference"));
    invalid(record(&api, "taxcalc_x", "order_3"), 400, Some("resource_missing"), Some("calculation"));
}

#[test]
fn tax_is_posted_between_its_date_and_now() {
    let api = seller("tax-tx-posted");
    let calculation = calculate(&api, &with(SEATTLE, LINES));
    let date = int(&calculation, "tax_date");
    api.advance(100);
    let post = |at: i64, reference: &str| {
        let params =
            [("calculation", text(&calculation, "id")), ("reference", reference), ("posted_at", &at.to_string())];
        api.post("/v1/tax/transactions/create_from_calculation", &params)
    };
    invalid(post(date - 1, "a"), 400, None, Some("posted_at"));
    invalid(post(date + 200, "a"), 400, None, Some("posted_at"));
    assert_eq!(int(&post(date + 50, "a").ok(), "posted_at"), date + 50);
}

#[test]
fn a_full_reversal_gives_everything_back_once() {
    let api = seller("tax-tx-full");
    let first = sale(&api, "order_1");
    let made = reverse(&api, &first, "refund_1", &[("mode", "full")]).ok();
    assert_eq!((text(&made, "type"), &made["reversal"]), ("reversal", &json!({"original_transaction": id(&first)})));
    assert_eq!(lines(&made), [("L1", -4999, -512), ("L2", -1103, -103)]);
    let (line, original) = (&made["line_items"]["data"][0], &first["line_items"]["data"][0]);
    assert_eq!((text(line, "type"), &line["reversal"]), ("reversal", &json!({"original_line_item": id(original)})));
    let shipping = &made["shipping_cost"];
    assert_eq!((int(shipping, "amount"), int(shipping, "amount_tax")), (-500, -51));
    assert_eq!((&made["tax_date"], &made["customer_details"]), (&first["tax_date"], &first["customer_details"]));
    for mode in [&[("mode", "full")][..], &[("mode", "partial"), ("flat_amount", "-1")]] {
        invalid(reverse(&api, &first, "refund_2", mode), 400, None, Some("original_transaction"));
    }
    invalid(reverse(&api, &made, "refund_2", &[("mode", "full")]), 400, None, Some("original_transaction"));
    let other = sale(&api, "order_2");
    let mixed = reverse(&api, &other, "refund_2", &[("mode", "full"), ("flat_amount", "-1")]);
    invalid(mixed, 400, None, Some("flat_amount"));
}

#[test]
fn a_partial_reversal_gives_back_at_most_what_is_left() {
    let api = seller("tax-tx-partial");
    let first = sale(&api, "order_1");
    let line = id(&first["line_items"]["data"][0]);
    let part = |reference: &str, amount: &str, tax: &str| {
        let params = [
            ("mode", "partial"),
            ("line_items[0][original_line_item]", &*line),
            ("line_items[0][reference]", "L1-refund"),
            ("line_items[0][amount]", amount),
            ("line_items[0][amount_tax]", tax),
        ];
        reverse(&api, &first, reference, &params)
    };
    assert_eq!(lines(&part("r1", "-2000", "-200").ok()), [("L1-refund", -2000, -200)]);
    invalid(part("r2", "-3000", "-300"), 400, None, Some("line_items[0][amount]"));
    invalid(part("r2", "-2999", "-313"), 400, None, Some("line_items[0][amount_tax]"));
    invalid(part("r2", "1", "0"), 400, None, Some("line_items[0][amount]"));
    let rest = part("r2", "-2999", "-312").ok();
    assert_eq!(rest["shipping_cost"], Value::Null);
    let shipping =
        |amount, tax| [("mode", "partial"), ("shipping_cost[amount]", amount), ("shipping_cost[amount_tax]", tax)];
    assert_eq!(reverse(&api, &first, "r3", &shipping("-500", "-51")).ok()["shipping_cost"]["amount"], -500);
    invalid(reverse(&api, &first, "r4", &shipping("-1", "0")), 400, None, Some("shipping_cost[amount]"));
    let foreign = id(&sale(&api, "order_2")["line_items"]["data"][0]);
    let foreign = [
        ("mode", "partial"),
        ("line_items[0][original_line_item]", &*foreign),
        ("line_items[0][reference]", "L1"),
        ("line_items[0][amount]", "-1"),
        ("line_items[0][amount_tax]", "0"),
    ];
    let foreign = reverse(&api, &first, "r4", &foreign);
    invalid(foreign, 400, Some("resource_missing"), Some("line_items[0][original_line_item]"));
    invalid(reverse(&api, &first, "r4", &[("mode", "partial")]), 400, Some("parameter_missing"), None);
}

#[test]
fn a_flat_amount_is_spread_over_what_is_left() {
    let api = seller("tax-tx-flat");
    let first = sale(&api, "order_1");
    let flat = |reference: &str, amount: &str| {
        reverse(&api, &first, reference, &[("mode", "partial"), ("flat_amount", amount)])
    };
    // 5511, 1103 and 551 are left after tax.
    let made = flat("r1", "-3000").ok();
    assert_eq!(lines(&made), [("L1", -2093, -214), ("L2", -462, -43)]);
    assert_eq!((&made["shipping_cost"]["amount"], &made["shipping_cost"]["amount_tax"]), (&json!(-210), &json!(-21)));
    invalid(flat("r2", "-4166"), 400, None, Some("flat_amount"));
    invalid(flat("r2", "1"), 400, None, Some("flat_amount"));
    let rest = flat("r2", "-4165").ok();
    assert_eq!(lines(&rest), [("L1", -2906, -298), ("L2", -641, -60)]);
    invalid(flat("r3", "-1"), 400, None, Some("flat_amount"));
}

#[test]
fn a_sale_has_at_most_thirty_partial_reversals() {
    let api = seller("tax-tx-thirty");
    let first = sale(&api, "order_1");
    let flat = |n: usize| reverse(&api, &first, &format!("r{n}"), &[("mode", "partial"), ("flat_amount", "-10")]);
    for n in 0..30 {
        flat(n).ok();
    }
    let error = invalid(flat(30), 400, None, Some("original_transaction"));
    assert_eq!(error["message"], "A tax transaction has at most 30 partial reversals.");
}

#[test]
fn a_paid_intent_with_a_calculation_makes_its_transaction_and_its_refunds_the_reversals() {
    let api = seller("tax-tx-intent");
    let calculation = id(&calculate(&api, &with(SEATTLE, LINES)));
    let intent = [
        ("amount", "7165"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("payment_method_types[]", "card"),
        ("hooks[inputs][tax][calculation]", &*calculation),
    ];
    let made = id(&api.post("/v1/payment_intents", &intent).ok());
    let find = |intent: &str| api.get("/v1/tax/associations/find", &[("payment_intent", intent)]);
    let found = find(&made).ok();
    assert!(id(&found).starts_with("taxa_"), "{found}");
    assert_eq!((text(&found, "calculation"), &found["tax_transaction_attempts"]), (&*calculation, &Value::Null));
    api.post(&format!("/v1/payment_intents/{made}/confirm"), &[]).ok();
    let attempts = find(&made).ok()["tax_transaction_attempts"].clone();
    let transaction = text(&attempts[0]["committed"], "transaction").to_owned();
    assert_eq!(attempts, json!([{"committed": {"transaction": transaction}, "source": made, "status": "committed"}]));
    assert_eq!(text(&api.get(&format!("/v1/tax/transactions/{transaction}"), &[]).ok(), "reference"), made);
    let paid = |params: Params<'_>| {
        let made = id(&api.post("/v1/payment_intents", &with(&with(&intent, &[("confirm", "true")]), params)).ok());
        (find(&made).ok()["tax_transaction_attempts"][0].clone(), made)
    };
    let (euro, source) = paid(&[("currency", "eur")]);
    assert_eq!(euro, json!({"errored": {"reason": "currency_mismatch"}, "source": source, "status": "errored"}));
    // The refunds give back their part of it, and no more than there is.
    let refund = |amount: &str| id(&api.post("/v1/refunds", &[("payment_intent", &*made), ("amount", amount)]).ok());
    let (part, rest) = (refund("3000"), refund("4165"));
    let attempts = find(&made).ok()["tax_transaction_attempts"].clone();
    assert_eq!((text(&attempts[1], "source"), text(&attempts[2], "source")), (&*part, &*rest));
    let reversal = |attempt: &Value| {
        let path = format!("/v1/tax/transactions/{}", text(&attempt["committed"], "transaction"));
        api.get(&path, &[("expand[]", "line_items")]).ok()
    };
    let (first, second) = (reversal(&attempts[1]), reversal(&attempts[2]));
    assert_eq!((text(&first, "reference"), text(&first, "type")), (&*part, "reversal"));
    assert_eq!(lines(&first), [("L1", -2093, -214), ("L2", -462, -43)]);
    assert_eq!(lines(&second), [("L1", -2906, -298), ("L2", -641, -60)]);
    invalid(find("pi_x"), 400, Some("resource_missing"), Some("payment_intent"));
    let plain = id(&api.post("/v1/payment_intents", &intent[..2]).ok());
    invalid(find(&plain), 400, Some("resource_missing"), Some("payment_intent"));
    let unknown = [("amount", "100"), ("currency", "usd"), ("hooks[inputs][tax][calculation]", "taxcalc_x")];
    let unknown = api.post("/v1/payment_intents", &unknown);
    invalid(unknown, 400, Some("resource_missing"), Some("hooks[inputs][tax][calculation]"));
}
