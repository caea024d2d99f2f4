//! Shipping rates (billing 1.9), and their use in Checkout Sessions (intents-and-checkout 3.1).

use serde_json::{Value, json};

use crate::catalog::products::told;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, text, with};

const GROUND: Params<'_> = &[
    ("display_name", "Ground"),
    ("type", "fixed_amount"),
    ("fixed_amount[amount]", "700"),
    ("fixed_amount[currency]", "usd"),
];

const SESSION: Params<'_> = &[
    ("mode", "payment"),
    ("success_url", "https://shop.test/thanks"),
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "2000"),
    ("line_items[0][price_data][product_data][name]", "Cup"),
    ("line_items[0][quantity]", "1"),
];

fn rate(api: &Client, params: Params<'_>) -> Value {
    api.post("/v1/shipping_rates", &with(GROUND, params)).ok()
}

fn shown_whole(api: &Client, rate: &str) -> Value {
    api.get(&format!("/v1/shipping_rates/{rate}"), &[("expand[]", "fixed_amount.currency_options")]).ok()
}

#[test]
fn a_rate_has_its_defaults() {
    let api = sandbox("shr-defaults");
    let made = rate(&api, &[("delivery_estimate[minimum][unit]", "day"), ("delivery_estimate[minimum][value]", "2")]);
    assert!(id(&made).starts_with("shr_1"), "{made}");
    assert_eq!(made["fixed_amount"], json!({"amount": 700, "currency": "usd"}));
    assert_eq!((&made["active"], text(&made, "type")), (&json!(true), "fixed_amount"));
    assert_eq!((text(&made, "tax_behavior"), &made["tax_code"]), ("unspecified", &Value::Null));
    assert_eq!(made["delivery_estimate"], json!({"maximum": null, "minimum": {"unit": "day", "value": 2}}));
    assert_eq!(api.get(&format!("/v1/shipping_rates/{}", id(&made)), &[]).ok(), made);
    assert_eq!(told(&api), [""; 0]);
    missing(api.get("/v1/shipping_rates/shr_x", &[]), 404, "shipping rate", "shr_x", "shipping_rate_token");
}

#[test]
fn a_rate_has_a_name_and_an_amount() {
    let api = sandbox("shr-refused");
    let refused = |params: Params<'_>, code: Option<&str>, param: &str| {
        invalid(api.post("/v1/shipping_rates", params), 400, code, Some(param));
    };
    refused(&GROUND[1..], Some("parameter_missing"), "display_name");
    refused(&GROUND[..2], Some("parameter_missing"), "fixed_amount");
    refused(&GROUND[..3], Some("parameter_missing"), "fixed_amount[currency]");
    refused(
        &with(&GROUND[..2], &[("fixed_amount[currency]", "usd")]),
        Some("parameter_missing"),
        "fixed_amount[amount]",
    );
    let changed = |params: Params<'_>, code: Option<&str>, param: &str| refused(&with(GROUND, params), code, param);
    changed(&[("fixed_amount[amount]", "-1")], None, "fixed_amount[amount]");
    changed(&[("fixed_amount[amount]", "100000000")], Some("amount_too_large"), "fixed_amount[amount]");
    changed(&[("fixed_amount[currency]", "xxx")], None, "fixed_amount[currency]");
    changed(&[("fixed_amount[currency_options][xxx][amount]", "1")], None, "fixed_amount[currency_options]");
    let euros = "fixed_amount[currency_options][eur][amount]";
    changed(&[(euros, "-1")], None, euros);
    let days = [("delivery_estimate[maximum][unit]", "day"), ("delivery_estimate[maximum][value]", "0")];
    changed(&days, Some("parameter_invalid_integer"), "delivery_estimate[maximum][value]");
    assert_eq!(ids(&api.get("/v1/shipping_rates", &[]).ok()), [""; 0]);
}

#[test]
fn other_currencies_are_shown_when_expanded() {
    let api = sandbox("shr-currencies");
    let made = rate(&api, &[("fixed_amount[currency_options][eur][amount]", "650")]);
    assert_eq!(made["fixed_amount"], json!({"amount": 700, "currency": "usd"}));
    let dollars = json!({"amount": 700, "tax_behavior": "unspecified"});
    let euros = json!({"amount": 650, "tax_behavior": "unspecified"});
    let whole = shown_whole(&api, &id(&made));
    assert_eq!(whole["fixed_amount"]["currency_options"], json!({"eur": euros, "usd": dollars}));
}

#[test]
fn a_rate_is_archived_and_offered_in_more_currencies() {
    let api = sandbox("shr-update");
    let made = rate(&api, &[("metadata[a]", "1"), ("fixed_amount[currency_options][eur][amount]", "650")]);
    let own = format!("/v1/shipping_rates/{}", id(&made));
    let params = [
        ("active", "false"),
        ("metadata[b]", "2"),
        ("tax_behavior", "inclusive"),
        ("fixed_amount[currency_options][gbp][amount]", "600"),
        ("fixed_amount[currency_options][eur][tax_behavior]", "exclusive"),
    ];
    let changed = api.post(&own, &params).ok();
    assert_eq!((&changed["active"], &changed["metadata"]), (&json!(false), &json!({"a": "1", "b": "2"})));
    assert_eq!(text(&changed, "tax_behavior"), "inclusive");
    let options = &shown_whole(&api, &id(&made))["fixed_amount"]["currency_options"];
    assert_eq!((int(&options["gbp"], "amount"), int(&options["eur"], "amount")), (600, 650));
    assert_eq!(text(&options["eur"], "tax_behavior"), "exclusive");
    let yen = [("fixed_amount[currency_options][jpy][tax_behavior]", "exclusive")];
    let param = "fixed_amount[currency_options][jpy][amount]";
    invalid(api.post(&own, &yen), 400, Some("parameter_missing"), Some(param));
    invalid(api.post(&own, &[("display_name", "Air")]), 400, Some("parameter_unknown"), Some("display_name"));
    missing(api.post("/v1/shipping_rates/shr_x", &[]), 404, "shipping rate", "shr_x", "shipping_rate_token");
}

#[test]
fn the_list_knows_its_filters() {
    let api = sandbox("shr-list");
    let (first, second) = (rate(&api, &[]), rate(&api, &[("fixed_amount[currency]", "eur")]));
    api.post(&format!("/v1/shipping_rates/{}", id(&first)), &[("active", "false")]).ok();
    let listed = |params: Params<'_>| ids(&api.get("/v1/shipping_rates", params).ok());
    assert_eq!(listed(&[]), [id(&second), id(&first)]);
    assert_eq!(listed(&[("active", "true")]), [id(&second)]);
    assert_eq!(listed(&[("active", "false")]), [id(&first)]);
    assert_eq!(listed(&[("currency", "usd")]), [id(&first)]);
    let created = int(&first, "created").to_string();
    assert_eq!(listed(&[("created[lt]", &created)]), [""; 0]);
    assert_eq!(listed(&[("created[gte]", &created)]), [id(&second), id(&first)]);
}

#[test]
fn a_session_ships_by_a_rate_in_its_own_currency() {
    let api = sandbox("shr-session");
    let made = id(&rate(&api, &[("fixed_amount[currency_options][eur][amount]", "650")]));
    let open = |params: Params<'_>| {
        let named = [("shipping_options[0][shipping_rate]", made.as_str())];
        api.post("/v1/checkout/sessions", &with(&with(SESSION, &named), params))
    };
    let dollars = open(&[]).ok();
    assert_eq!(
        (int(&dollars, "amount_total"), text(&dollars["shipping_cost"], "shipping_rate")),
        (2700, made.as_str())
    );
    assert_eq!(dollars["shipping_options"], json!([{"shipping_amount": 700, "shipping_rate": made}]));
    let euros = open(&[("line_items[0][price_data][currency]", "eur")]).ok();
    assert_eq!((int(&euros, "amount_total"), int(&euros["shipping_options"][0], "shipping_amount")), (2650, 650));
    let refused = open(&[("line_items[0][price_data][currency]", "gbp")]);
    let refused = invalid(refused, 400, None, Some("shipping_options[0][shipping_rate]"));
    let message = format!(
        "The shipping rate '{made}' has no amount in gbp, the currency of this Checkout Session. Add one with \
         `fixed_amount[currency_options]`."
    );
    assert_eq!(text(&refused, "message"), message);
    let unknown = with(SESSION, &[("shipping_options[0][shipping_rate]", "shr_x")]);
    let param = "shipping_options[0][shipping_rate]";
    missing(api.post("/v1/checkout/sessions", &unknown), 400, "shipping rate", "shr_x", param);
}

#[test]
fn a_described_rate_follows_the_rules_of_rates() {
    let api = sandbox("shr-described");
    let open = |amount: &str| {
        let params = [
            ("shipping_options[0][shipping_rate_data][display_name]", "Ground"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][amount]", amount),
            ("shipping_options[0][shipping_rate_data][fixed_amount][currency]", "usd"),
        ];
        api.post("/v1/checkout/sessions", &with(SESSION, &params))
    };
    let param = "shipping_options[0][shipping_rate_data][fixed_amount][amount]";
    invalid(open("-1"), 400, None, Some(param));
    let opened = open("500").ok();
    let made = text(&opened["shipping_options"][0], "shipping_rate");
    assert_eq!(int(&api.get(&format!("/v1/shipping_rates/{made}"), &[]).ok()["fixed_amount"], "amount"), 500);
}

#[test]
fn an_archived_rate_is_refused_wherever_it_is_named() {
    let api = sandbox("shr-archived");
    let made = id(&rate(&api, &[]));
    let opened =
        api.post("/v1/checkout/sessions", &with(SESSION, &[("shipping_options[0][shipping_rate]", &made)])).ok();
    api.post(&format!("/v1/shipping_rates/{made}"), &[("active", "false")]).ok();
    let param = "shipping_options[0][shipping_rate]";
    let refused = |path: &str, params: Params<'_>| {
        let error = invalid(api.post(path, &with(params, &[(param, &made)])), 400, None, Some(param));
        let message = "The shipping rate specified is inactive. This field only accepts active shipping rates.";
        assert_eq!(text(&error, "message"), message);
    };
    refused("/v1/checkout/sessions", SESSION);
    refused(&format!("/v1/checkout/sessions/{}", id(&opened)), &[]);
    let product = [("currency", "usd"), ("unit_amount", "2000"), ("product_data[name]", "Cup")];
    let price = id(&api.post("/v1/prices", &product).ok());
    refused("/v1/payment_links", &[("line_items[0][price]", &price), ("line_items[0][quantity]", "1")]);
    // Who had chosen it before pays it still.
    let shown = api.get(&format!("/v1/checkout/sessions/{}", id(&opened)), &[]).ok();
    assert_eq!(int(&shown, "amount_total"), 2700);
}
