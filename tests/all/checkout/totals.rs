//! What a session comes to (intents-and-checkout 3.1).

use serde_json::json;

use super::{PAYMENT, create, open, price, try_open};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, invalid, rows, text, with};

fn coupon(api: &Client, params: &[(&str, &str)]) -> String {
    id(&api.post("/v1/coupons", &with(params, &[("duration", "once")])).ok())
}

fn details(session: &serde_json::Value) -> (i64, i64, i64, i64) {
    let details = &session["total_details"];
    (
        int(details, "amount_discount"),
        int(details, "amount_tax"),
        int(details, "amount_shipping"),
        int(session, "amount_total"),
    )
}

#[test]
fn a_percentage_is_taken_off_each_line() {
    let api = sandbox("cs-percent");
    let coupon = coupon(&api, &[("percent_off", "12.5")]);
    let made = open(&api, &[("discounts[0][coupon]", &coupon)]);
    assert_eq!((int(&made, "amount_subtotal"), details(&made)), (2000, (250, 0, 0, 1750)));
    assert_eq!(made["discounts"], json!([{"coupon": coupon, "promotion_code": null}]));
}

#[test]
fn an_amount_off_is_shared_by_the_lines_and_adds_up() {
    let api = sandbox("cs-amount-off");
    let coupon = coupon(&api, &[("amount_off", "1000"), ("currency", "usd")]);
    let other = [
        ("line_items[1][price_data][currency]", "usd"),
        ("line_items[1][price_data][unit_amount]", "999"),
        ("line_items[1][price_data][product_data][name]", "Cup"),
        ("line_items[1][quantity]", "1"),
        ("discounts[0][coupon]", &coupon),
    ];
    let made = open(&api, &other);
    assert_eq!((int(&made, "amount_subtotal"), details(&made)), (2999, (1000, 0, 0, 1999)));
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made)), &[]).ok();
    let off: Vec<i64> = rows(&lines).iter().map(|line| int(line, "amount_discount")).collect();
    assert_eq!(off, [666, 334]);
}

#[test]
fn a_promotion_code_stands_for_its_coupon() {
    let api = sandbox("cs-code");
    let coupon = coupon(&api, &[("percent_off", "50")]);
    let params = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "HALF")];
    let code = id(&api.post("/v1/promotion_codes", &params).ok());
    assert_eq!(details(&open(&api, &[("discounts[0][promotion_code]", &code)])), (1000, 0, 0, 1000));
}

#[test]
fn taxes_are_added_or_within_as_their_rates_say() {
    let api = sandbox("cs-taxes");
    let rate = |inclusive| {
        let params = [("display_name", "VAT"), ("percentage", "25"), ("inclusive", inclusive)];
        id(&api.post("/v1/tax_rates", &params).ok())
    };
    let added = open(&api, &[("line_items[0][tax_rates][]", &rate("false"))]);
    assert_eq!((int(&added, "amount_subtotal"), details(&added)), (2000, (0, 500, 0, 2500)));
    let within = open(&api, &[("line_items[0][tax_rates][]", &rate("true"))]);
    assert_eq!((int(&within, "amount_subtotal"), details(&within)), (2000, (0, 400, 0, 2000)));
}

#[test]
fn the_first_way_of_shipping_is_paid() {
    let api = sandbox("cs-shipping");
    let made = open(
        &api,
        &[
            ("shipping_options[0][shipping_rate_data][display_name]", "Ground"),
            ("shipping_options[0][shipping_rate_data][type]", "fixed_amount"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][amount]", "700"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][currency]", "usd"),
        ],
    );
    assert_eq!((int(&made, "amount_subtotal"), details(&made)), (2000, (0, 0, 700, 2700)));
    let cost = &made["shipping_cost"];
    assert_eq!(
        (int(cost, "amount_total"), &cost["shipping_rate"]),
        (700, &made["shipping_options"][0]["shipping_rate"])
    );
}

#[test]
fn all_lines_have_one_currency() {
    let api = sandbox("cs-currencies");
    let euros = [
        ("line_items[1][price_data][currency]", "eur"),
        ("line_items[1][price_data][unit_amount]", "900"),
        ("line_items[1][price_data][product_data][name]", "Cup"),
        ("line_items[1][quantity]", "1"),
    ];
    invalid(try_open(&api, &euros), 400, None, Some("line_items"));
}

#[test]
fn the_total_is_worth_a_charge_or_nothing() {
    let api = sandbox("cs-minimum");
    let line = |price: &str| {
        create(&api, &with(PAYMENT, &[("line_items[0][price]", price), ("line_items[0][quantity]", "1")]))
    };
    let refused = invalid(line(&price(&api, "49", &[])), 400, Some("amount_too_small"), None);
    assert_eq!(text(&refused, "message"), "The Checkout Session's total amount due must add up to at least $0.50 usd");
    let free = line(&price(&api, "0", &[])).ok();
    assert_eq!((int(&free, "amount_total"), text(&free, "payment_status")), (0, "no_payment_required"));
}

#[test]
fn lines_are_priced_by_decimals_packages_and_tiers() {
    let api = sandbox("cs-tariffs");
    let subtotal = |mode: &str, price: &[(&str, &str)], quantity: &str| {
        let described = [("currency", "usd"), ("product_data[name]", "Mug")];
        let price = id(&api.post("/v1/prices", &with(&described, price)).ok());
        let line = [("mode", mode), ("line_items[0][price]", price.as_str()), ("line_items[0][quantity]", quantity)];
        int(&create(&api, &with(&PAYMENT[1..], &line)).ok(), "amount_subtotal")
    };
    assert_eq!(subtotal("payment", &[("unit_amount_decimal", "12.345")], "7"), 86);
    for (round, amount) in [("up", 2000), ("down", 1000)] {
        let packages =
            [("unit_amount", "1000"), ("transform_quantity[divide_by]", "5"), ("transform_quantity[round]", round)];
        assert_eq!(subtotal("payment", &packages, "6"), amount, "{round}");
    }
    for (mode, amount) in [("graduated", 7300), ("volume", 5800)] {
        let tiers = [
            ("recurring[interval]", "month"),
            ("billing_scheme", "tiered"),
            ("tiers_mode", mode),
            ("tiers[0][up_to]", "5"),
            ("tiers[0][unit_amount]", "1000"),
            ("tiers[0][flat_amount]", "500"),
            ("tiers[1][up_to]", "inf"),
            ("tiers[1][unit_amount_decimal]", "800"),
            ("tiers[1][flat_amount]", "1000"),
        ];
        assert_eq!(subtotal("subscription", &tiers, "6"), amount, "{mode}");
    }
}

#[test]
fn a_unit_amount_of_more_digits_than_a_decimal_has_is_priced() {
    let api = sandbox("cs-large");
    let described = [
        ("currency", "usd"),
        ("product_data[name]", "Yacht"),
        ("unit_amount", "1234567890123"),
        ("recurring[interval]", "month"),
    ];
    let price = id(&api.post("/v1/prices", &described).ok());
    let line = [("mode", "subscription"), ("line_items[0][price]", price.as_str()), ("line_items[0][quantity]", "2")];
    assert_eq!(int(&create(&api, &with(&PAYMENT[1..], &line)).ok(), "amount_subtotal"), 2_469_135_780_246);
}

#[test]
fn a_coupon_is_for_its_products_and_currencies() {
    let api = sandbox("cs-applies");
    let product = id(&api.post("/v1/products", &[("name", "Cup")]).ok());
    let euros = |coupon: &str| {
        let lines = [
            ("line_items[0][price_data][currency]", "eur"),
            ("line_items[0][price_data][unit_amount]", "1000"),
            ("line_items[0][price_data][product_data][name]", "Mug"),
            ("line_items[0][quantity]", "1"),
            ("line_items[1][price_data][currency]", "eur"),
            ("line_items[1][price_data][unit_amount]", "3000"),
            ("line_items[1][price_data][product]", &product),
            ("line_items[1][quantity]", "1"),
            ("discounts[0][coupon]", coupon),
        ];
        create(&api, &with(PAYMENT, &lines))
    };
    let of_one = coupon(&api, &[("percent_off", "10"), ("applies_to[products][]", &product)]);
    assert_eq!(details(&euros(&of_one).ok()), (300, 0, 0, 3700));
    let dollars = [("amount_off", "500"), ("currency", "usd")];
    let option = coupon(&api, &with(&dollars, &[("currency_options[eur][amount_off]", "400")]));
    assert_eq!(details(&euros(&option).ok()), (400, 0, 0, 3600));
    invalid(euros(&coupon(&api, &dollars)), 400, None, Some("discounts[0][coupon]"));
}

#[test]
fn taxes_are_of_what_the_discount_leaves() {
    let api = sandbox("cs-net-taxes");
    let coupon = coupon(&api, &[("percent_off", "10")]);
    let params = [("display_name", "Sales tax"), ("percentage", "8.875"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &params).ok());
    let made = open(&api, &[("discounts[0][coupon]", &coupon), ("line_items[0][tax_rates][]", &rate)]);
    assert_eq!((int(&made, "amount_subtotal"), details(&made)), (2000, (200, 160, 0, 1960)));
}

#[test]
fn shipping_rates_had_a_list_of_their_own_before_2022_08_01() {
    let api = sandbox("cs-shipping-rates");
    let rate = [
        ("display_name", "Ground"),
        ("type", "fixed_amount"),
        ("fixed_amount[amount]", "500"),
        ("fixed_amount[currency]", "usd"),
    ];
    let rate = id(&api.post("/v1/shipping_rates", &rate).ok());
    let older = api.version("2020-08-27");
    for name in ["shipping_rates[]", "shipping_rates[0]"] {
        let made = open(&older, &[(name, &rate)]);
        assert_eq!((int(&made, "amount_total"), &made["shipping_options"][0]["shipping_rate"]), (2500, &json!(rate)));
        let unknown = try_open(&api, &[(name, &rate)]);
        invalid(unknown, 400, Some("parameter_unknown"), Some("shipping_rates"));
    }
    let both = [("shipping_rates[]", &*rate), ("shipping_options[0][shipping_rate]", &*rate)];
    invalid(try_open(&older, &both), 400, None, Some("shipping_rates"));
}

#[test]
fn rates_that_depend_on_an_address_are_not_built() {
    let api = sandbox("cs-dynamic-rates");
    let rate = [("display_name", "VAT"), ("inclusive", "false"), ("percentage", "10")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let error = try_open(&api, &[("line_items[0][dynamic_tax_rates][]", &rate)]).refused(501);
    assert_eq!(error["param"], "line_items[0][dynamic_tax_rates]");
    let sentence = "Pinstripe does not implement the parameter `line_items[0][dynamic_tax_rates]` of POST \
                    /v1/checkout/sessions yet. Nothing was done.";
    assert_eq!(error["message"], sentence);
}
