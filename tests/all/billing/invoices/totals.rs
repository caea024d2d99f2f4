//! Discounts, taxes and the customer's balance (billing 3.6, billing-2 3.7, 8, 9).

use serde_json::json;

use super::{act, draft, item, payer, the_invoice, with_line};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, missing, rows, says, text};

fn coupon(api: &Client, params: Params<'_>) -> String {
    id(&api.post("/v1/coupons", params).ok())
}

fn rate(api: &Client, percentage: &str, inclusive: &str) -> String {
    let params = [("display_name", "VAT"), ("percentage", percentage), ("inclusive", inclusive)];
    id(&api.post("/v1/tax_rates", &params).ok())
}

fn totals(invoice: &serde_json::Value) -> [i64; 4] {
    ["subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"].map(|key| int(invoice, key))
}

#[test]
fn the_recorded_examples_of_discounts_and_taxes() {
    let api = sandbox("inv-examples");
    let customer = payer(&api);
    let ten = coupon(&api, &[("percent_off", "10"), ("duration", "forever")]);
    let five = rate(&api, "5", "false");
    let billed = |amount: &str, params: Params<'_>| the_invoice(&api, &with_line(&api, &customer, amount, params));
    assert_eq!(totals(&billed("3000", &[("discounts[0][coupon]", &ten)])), [3000, 3000, 2700, 2700]);
    let taxed = billed("3000", &[("default_tax_rates[0]", &five)]);
    assert_eq!((totals(&taxed), int(&rows(&taxed["lines"])[0]["taxes"][0], "amount")), ([3000, 3000, 3150, 3000], 150));
    let both = billed("2000", &[("discounts[0][coupon]", &ten), ("default_tax_rates[0]", &five)]);
    assert_eq!(totals(&both), [2000, 2000, 1890, 1800]);
    let tax = &both["total_taxes"][0];
    assert_eq!((int(tax, "amount"), int(tax, "taxable_amount"), text(tax, "tax_behavior")), (90, 1800, "exclusive"));
    assert_eq!(tax["tax_rate_details"]["tax_rate"], five);
    // Inclusive: 2323 - 499 = 1824, of which 291 is the tax of 19 %.
    let (nineteen, off) = (rate(&api, "19", "true"), coupon(&api, &[("amount_off", "499"), ("currency", "usd")]));
    let included = billed("2323", &[("discounts[0][coupon]", &off), ("default_tax_rates[0]", &nineteen)]);
    assert_eq!((int(&included, "subtotal"), int(&included, "total")), (2323, 1824));
    assert_eq!(int(&included["total_taxes"][0], "amount"), 291);
}

#[test]
fn discounts_apply_in_their_order_and_are_listed() {
    let api = sandbox("inv-order");
    let customer = payer(&api);
    let [ten, twenty] = ["10", "20"].map(|percent| coupon(&api, &[("percent_off", percent), ("duration", "forever")]));
    let params = [("discounts[0][coupon]", ten.as_str()), ("discounts[1][coupon]", &twenty)];
    let made = the_invoice(&api, &with_line(&api, &customer, "10000", &params));
    let taken: Vec<i64> =
        made["total_discount_amounts"].as_array().unwrap().iter().map(|one| int(one, "amount")).collect();
    assert_eq!((taken, int(&made, "total")), (vec![1000, 1800], 7200));
    assert_eq!(made["total_pretax_credit_amounts"][0]["type"], "discount");
    let discounts = made["discounts"].as_array().unwrap().clone();
    let expanded = api.get(&format!("/v1/invoices/{}", id(&made)), &[("expand[]", "discounts")]).ok();
    let first = &expanded["discounts"][0];
    assert_eq!((&first["id"], &first["source"]), (&discounts[0], &json!({"coupon": ten, "type": "coupon"})));
    assert_eq!((&first["invoice"], &first["customer"]), (&made["id"], &json!(customer)));
    assert_eq!(int(&api.get(&format!("/v1/coupons/{ten}"), &[]).ok(), "times_redeemed"), 1);
    // The same coupon again is the same discount; what is left out is gone.
    let path = format!("/v1/invoices/{}", id(&made));
    let kept = api.post(&path, &[("discounts[0][coupon]", &twenty)]).ok();
    assert_eq!((&kept["discounts"], int(&kept, "total")), (&json!([discounts[1]]), 8000));
    assert_eq!(int(&api.get(&format!("/v1/coupons/{twenty}"), &[]).ok(), "times_redeemed"), 1);
    assert_eq!(int(&api.post(&path, &[("discounts", "")]).ok(), "total"), 10000);
}

#[test]
fn an_amount_off_is_divided_among_the_lines() {
    let api = sandbox("inv-shares");
    let customer = payer(&api);
    let off = coupon(&api, &[("amount_off", "500"), ("currency", "usd"), ("duration", "forever")]);
    item(&api, &customer, "2000");
    let invoice = with_line(&api, &customer, "1000", &[("discounts[0][coupon]", &off)]);
    let shown = the_invoice(&api, &invoice);
    let shares: Vec<i64> =
        rows(&shown["lines"]).iter().map(|line| int(&line["discount_amounts"][0], "amount")).collect();
    assert_eq!((shares, int(&shown, "total")), (vec![166, 334], 2500));
}

#[test]
fn a_discount_of_an_item_is_in_the_subtotal() {
    let api = sandbox("inv-item-discount");
    let customer = payer(&api);
    let half = coupon(&api, &[("percent_off", "50"), ("duration", "forever")]);
    let params =
        [("customer", customer.as_str()), ("amount", "1900"), ("currency", "usd"), ("discounts[0][coupon]", &half)];
    let discounted = api.post("/v1/invoiceitems", &params).ok();
    let made = draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]);
    let line = &rows(&made["lines"])[0];
    assert_eq!((int(line, "amount"), int(&line["discount_amounts"][0], "amount")), (1900, 950));
    assert_eq!((int(&made, "subtotal"), int(&made, "total"), &made["discounts"]), (950, 950, &json!([])));
    assert_eq!(
        (&line["discounts"], int(&made["total_discount_amounts"][0], "amount")),
        (&discounted["discounts"], 950)
    );
    let months = coupon(&api, &[("percent_off", "50"), ("duration", "repeating"), ("duration_in_months", "3")]);
    let params = [("customer", customer.as_str()), ("amount", "1"), ("discounts[0][coupon]", &months)];
    says(
        api.post("/v1/invoiceitems", &params),
        400,
        &format!("Coupon {months} has `duration=repeating` and cannot be applied to one-time objects."),
    );
}

#[test]
fn an_invoice_inherits_its_customers_discount() {
    let api = sandbox("inv-inherit");
    let customer = payer(&api);
    let ten = coupon(&api, &[("percent_off", "10"), ("duration", "forever")]);
    let earlier = with_line(&api, &customer, "1000", &[]);
    let path = format!("/v1/customers/{customer}");
    let shown = api.version(super::BASIL_BEFORE).post(&path, &[("coupon", &ten)]).ok();
    assert_eq!((text(&shown["discount"], "object"), &shown["discount"]["coupon"]["id"]), ("discount", &json!(ten)));
    let own = api.get(&path, &[]).ok()["discount"].clone();
    assert_eq!(int(&the_invoice(&api, &earlier), "total"), 1000);
    let invoice = with_line(&api, &customer, "1000", &[]);
    let made = the_invoice(&api, &invoice);
    assert_eq!((int(&made, "total"), &made["discounts"]), (900, &json!([own["id"]])));
    // Cleared on the draft, it goes on for the customer.
    assert_eq!(int(&api.post(&format!("/v1/invoices/{invoice}"), &[("discounts", "")]).ok(), "total"), 1000);
    assert_eq!(api.get(&format!("{path}/discount"), &[]).ok()["id"], own["id"]);
}

#[test]
fn coupons_and_codes_that_cannot_be_redeemed_are_refused() {
    let api = sandbox("inv-refused-codes");
    let customer = payer(&api);
    let refused = |name: &str, value: &str| api.post("/v1/invoices", &[("customer", customer.as_str()), (name, value)]);
    missing(refused("discounts[0][coupon]", "NONE"), 400, "coupon", "NONE", "discounts[0][coupon]");
    missing(refused("discounts[0][discount]", "di_none"), 400, "discount", "di_none", "discounts[0][discount]");
    let once = coupon(&api, &[("percent_off", "10"), ("duration", "forever"), ("max_redemptions", "1")]);
    draft(&api, &customer, &[("discounts[0][coupon]", &once)]);
    let spent = says(refused("discounts[0][coupon]", &once), 400, &format!("Coupon expired: {once}"));
    assert_eq!((&spent["code"], &spent["param"]), (&json!("coupon_expired"), &json!("discounts[0][coupon]")));
    let euros = coupon(&api, &[("amount_off", "100"), ("currency", "eur"), ("duration", "forever")]);
    invalid(refused("discounts[0][coupon]", &euros), 400, None, Some("discounts[0][coupon]"));
    let free = coupon(&api, &[("percent_off", "10"), ("duration", "forever")]);
    let code = |params: Params<'_>| {
        let base = [("promotion[type]", "coupon"), ("promotion[coupon]", free.as_str())];
        id(&api.post("/v1/promotion_codes", &crate::support::flows::with(&base, params)).ok())
    };
    let first = code(&[("restrictions[first_time_transaction]", "true")]);
    assert_eq!(refused("discounts[0][promotion_code]", &first).status, 200);
    let paid = with_line(&api, &customer, "700", &[]);
    act(&api, &paid, "pay", &[]).ok();
    says(
        refused("discounts[0][promotion_code]", &first),
        400,
        "This promotion code cannot be redeemed because the associated customer has prior transactions.",
    );
    let twice =
        [("customer", customer.as_str()), ("discounts[0][coupon]", &free), ("discounts[0][promotion_code]", &first)];
    invalid(api.post("/v1/invoices", &twice), 400, None, Some("discounts[0][coupon]"));
    let others = code(&[("customer", &payer(&api))]);
    invalid(refused("discounts[0][promotion_code]", &others), 400, None, Some("discounts[0][promotion_code]"));
    let large = code(&[("restrictions[minimum_amount]", "5000"), ("restrictions[minimum_amount_currency]", "usd")]);
    item(&api, &customer, "4999");
    let params = [
        ("customer", customer.as_str()),
        ("pending_invoice_items_behavior", "include"),
        ("discounts[0][promotion_code]", &large),
    ];
    invalid(api.post("/v1/invoices", &params), 400, None, Some("discounts[0][promotion_code]"));
    item(&api, &customer, "1");
    assert_eq!(api.post("/v1/invoices", &params).status, 200);
}

#[test]
fn a_discount_for_one_bill_ends_when_it_is_final() {
    let api = sandbox("inv-once");
    let customer = payer(&api);
    let once = coupon(&api, &[("percent_off", "10"), ("duration", "once")]);
    let path = format!("/v1/customers/{customer}");
    api.version(super::BASIL_BEFORE).post(&path, &[("coupon", &once)]).ok();
    let invoice = with_line(&api, &customer, "1000", &[]);
    let made = act(&api, &invoice, "finalize", &[]).ok();
    assert_eq!((int(&made, "total"), made["discounts"].as_array().unwrap().len()), (900, 1));
    assert_eq!(api.get(&path, &[]).ok()["discount"], json!(null));
    assert_eq!(int(&the_invoice(&api, &with_line(&api, &customer, "1000", &[])), "total"), 1000);
}

#[test]
fn a_customer_who_is_exempt_pays_no_tax() {
    let api = sandbox("inv-exempt");
    let customer = payer(&api);
    let five = rate(&api, "5", "false");
    let path = format!("/v1/customers/{customer}");
    for (exempt, reason) in [("exempt", "customer_exempt"), ("reverse", "reverse_charge")] {
        api.post(&path, &[("tax_exempt", exempt)]).ok();
        let made = the_invoice(&api, &with_line(&api, &customer, "3000", &[("default_tax_rates[0]", &five)]));
        let tax = &made["total_taxes"][0];
        assert_eq!((int(&made, "total"), int(tax, "amount"), text(tax, "taxability_reason")), (3000, 0, reason));
    }
}

#[test]
fn the_customers_balance_pays_first() {
    let api = sandbox("inv-balance");
    let customer = payer(&api);
    let path = format!("/v1/customers/{customer}");
    for (balance, total, due, ending, status) in [
        ("-500", "1900", 1400, 0, "open"),
        ("-2500", "1900", 0, -600, "paid"),
        ("300", "1900", 2200, 0, "open"),
        ("0", "30", 0, 30, "paid"),
        ("40", "30", 70, 0, "open"),
        ("0", "-1341", 0, -1341, "paid"),
        ("40", "-100", 0, -60, "paid"),
    ] {
        api.post(&path, &[("balance", balance)]).ok();
        let invoice = with_line(&api, &customer, total, &[]);
        let made = act(&api, &invoice, "finalize", &[]).ok();
        let starting: i64 = balance.parse().unwrap();
        assert_eq!((int(&made, "starting_balance"), int(&made, "amount_due")), (starting, due), "{balance} {total}");
        assert_eq!((int(&made, "ending_balance"), text(&made, "status")), (ending, status), "{balance} {total}");
        assert_eq!(int(&api.get(&path, &[]).ok(), "balance"), ending);
        let row = &rows(&api.get(&format!("{path}/balance_transactions"), &[("invoice", &invoice)]).ok())[0].clone();
        let kind = if total == "30" && ending == 30 { "invoice_too_small" } else { "applied_to_invoice" };
        assert_eq!(
            (int(row, "amount"), text(row, "type"), &row["invoice"]),
            (ending - starting, kind, &json!(invoice))
        );
    }
}

#[test]
fn shipping_is_part_of_the_total() {
    let api = sandbox("inv-shipping");
    let customer = payer(&api);
    let cost = |key: &str| format!("shipping_cost[shipping_rate_data]{key}");
    let (name, kind, amount, currency) =
        (cost("[display_name]"), cost("[type]"), cost("[fixed_amount][amount]"), cost("[fixed_amount][currency]"));
    let params = [(name.as_str(), "Post"), (&kind, "fixed_amount"), (&amount, "450"), (&currency, "usd")];
    let made = the_invoice(&api, &with_line(&api, &customer, "1000", &params));
    assert_eq!((int(&made, "amount_shipping"), int(&made, "subtotal"), int(&made, "total")), (450, 1000, 1450));
    assert_eq!(int(&made["shipping_cost"], "amount_total"), 450);
    let rate = text(&made["shipping_cost"], "shipping_rate").to_owned();
    let euro = [("customer", customer.as_str()), ("currency", "eur"), ("shipping_cost[shipping_rate]", rate.as_str())];
    invalid(api.post("/v1/invoices", &euro), 400, None, Some("shipping_cost[shipping_rate]"));
}
