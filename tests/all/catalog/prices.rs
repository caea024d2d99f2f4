//! Prices (billing 1.2).

use serde_json::{Value, json};

use crate::catalog::products::{last, told};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, says, text, with};

fn product(api: &Client) -> String {
    id(&api.post("/v1/products", &[("name", "Mug")]).ok())
}

/// Asks for a price in dollars of a new product.
fn price(api: &Client, params: Params<'_>) -> Answer {
    let product = product(api);
    api.post("/v1/prices", &with(&[("currency", "usd"), ("product", product.as_str())], params))
}

const TIERS: [(&str, &str); 6] = [
    ("billing_scheme", "tiered"),
    ("tiers_mode", "graduated"),
    ("tiers[0][up_to]", "5"),
    ("tiers[0][unit_amount]", "500"),
    ("tiers[1][up_to]", "inf"),
    ("tiers[1][unit_amount_decimal]", "400.5"),
];

#[test]
fn a_one_time_price_has_its_defaults() {
    let api = sandbox("px-once");
    let made = price(&api, &[("unit_amount", "500")]).ok();
    assert!(id(&made).starts_with("price_1"), "{made}");
    assert_eq!((text(&made, "type"), &made["recurring"], &made["active"]), ("one_time", &Value::Null, &json!(true)));
    assert_eq!((text(&made, "tax_behavior"), text(&made, "billing_scheme")), ("unspecified", "per_unit"));
    assert_eq!((int(&made, "unit_amount"), text(&made, "unit_amount_decimal")), (500, "500"));
    assert!(made.get("tiers").is_none() && made.get("currency_options").is_none(), "{made}");
    assert_eq!(told(&api), ["product.created", "price.created"]);
    let error = api.delete(&format!("/v1/prices/{}", id(&made))).refused(404);
    assert!(text(&error, "message").starts_with("Unrecognized request URL (DELETE: /v1/prices/"), "{error}");
    invalid(price(&api, &[("type", "one_time"), ("unit_amount", "5")]), 400, Some("parameter_unknown"), Some("type"));
}

#[test]
fn a_recurring_price_is_a_plan_and_told_of_as_both() {
    let api = sandbox("px-recurring");
    let made = price(&api, &[("unit_amount", "500"), ("recurring[interval]", "month")]).ok();
    let recurring = json!({
        "interval": "month", "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": "licensed"
    });
    assert_eq!((text(&made, "type"), &made["recurring"]), ("recurring", &recurring));
    let plan = api.get(&format!("/v1/plans/{}", id(&made)), &[]).ok();
    assert_eq!((int(&plan, "amount"), text(&plan, "interval"), text(&plan, "object")), (500, "month", "plan"));
    let own = format!("/v1/prices/{}", id(&made));
    api.post(&own, &[("nickname", "Gold")]).ok();
    assert_eq!(told(&api), ["product.created", "plan.created", "price.created", "plan.updated", "price.updated"]);
    assert_eq!(text(&last(&api, "plan.created")["object"], "object"), "plan");
    assert_eq!(last(&api, "price.updated")["previous_attributes"], json!({"nickname": null}));
}

#[test]
fn before_basil_usage_says_how_it_adds_up() {
    let api = sandbox("px-basil");
    let before = api.version("2024-06-20");
    let metered = [("recurring[interval]", "month"), ("recurring[usage_type]", "metered"), ("unit_amount", "5")];
    let made = price(&before, &metered).ok();
    assert_eq!(made["recurring"]["aggregate_usage"], "sum");
    let plan = before.get(&format!("/v1/plans/{}", id(&made)), &[]).ok();
    assert_eq!(plan["aggregate_usage"], "sum");
    let licensed = price(&before, &[("recurring[interval]", "month"), ("unit_amount", "5")]).ok();
    assert_eq!(licensed["recurring"].get("aggregate_usage"), Some(&Value::Null));
    let newest = api.get(&format!("/v1/prices/{}", id(&made)), &[]).ok();
    assert_eq!(newest["recurring"].get("aggregate_usage"), None);
    let error = invalid(price(&api, &metered), 400, None, None);
    assert_eq!(
        error["message"],
        "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters."
    );
    let params = [("display_name", "Calls"), ("event_name", "calls"), ("default_aggregation[formula]", "sum")];
    let meter = id(&api.post("/v1/billing/meters", &params).ok());
    let backed = price(&api, &with(&metered, &[("recurring[meter]", &meter)])).ok();
    assert_eq!(backed["recurring"]["meter"], meter);
    invalid(
        price(&api, &with(&metered, &[("recurring[meter]", "mtr_x")])),
        400,
        Some("resource_missing"),
        Some("recurring[meter]"),
    );
    let maximum = with(&metered, &[("recurring[aggregate_usage]", "max")]);
    price(&before, &maximum).refused(501);
}

#[test]
fn a_price_is_of_one_product() {
    let api = sandbox("px-product");
    let base = [("currency", "usd"), ("unit_amount", "5")];
    let error = invalid(api.post("/v1/prices", &base), 400, None, None);
    assert_eq!(error["message"], "You must specify either `product` or `product_data` when creating a price.");
    let error =
        invalid(price(&api, &[("unit_amount", "5"), ("product_data[name]", "Cup")]), 400, None, Some("product"));
    assert_eq!(error["message"], "You may only specify one of these parameters: product, product_data.");
    let unknown = with(&base, &[("product", "prod_nope")]);
    missing(api.post("/v1/prices", &unknown), 400, "product", "prod_nope", "product");
    let made = api.post("/v1/prices", &with(&base, &[("product_data[name]", "Cup"), ("expand[]", "product")])).ok();
    assert_eq!(text(&made["product"], "name"), "Cup");
    let wrong = with(&base, &[("product_data[name]", "Cup"), ("product_data[id]", "a b")]);
    invalid(api.post("/v1/prices", &wrong), 400, None, Some("product_data[id]"));
}

#[test]
fn an_amount_and_its_decimal_say_the_same() {
    let api = sandbox("px-amounts");
    let whole = price(&api, &[("unit_amount_decimal", "1250.00")]).ok();
    assert_eq!((&whole["unit_amount"], text(&whole, "unit_amount_decimal")), (&json!(1250), "1250"));
    let part = price(&api, &[("unit_amount_decimal", "0.05")]).ok();
    assert_eq!((&part["unit_amount"], text(&part, "unit_amount_decimal")), (&Value::Null, "0.05"));
    let error = invalid(price(&api, &[]), 400, None, None);
    assert_eq!(error["message"], "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.");
    let both = [("unit_amount", "5"), ("unit_amount_decimal", "5")];
    let error = invalid(price(&api, &both), 400, None, Some("unit_amount"));
    assert_eq!(error["message"], "You may only specify one of these parameters: unit_amount, unit_amount_decimal.");
    let error = invalid(price(&api, &[("unit_amount", "-5")]), 400, None, Some("unit_amount"));
    assert_eq!(error["message"], "Invalid non-negative integer");
    invalid(price(&api, &[("unit_amount_decimal", "-0.5")]), 400, None, Some("unit_amount_decimal"));
    invalid(price(&api, &[("unit_amount_decimal", "0.0000000000001")]), 400, None, Some("unit_amount_decimal"));
    let custom = [("custom_unit_amount[enabled]", "true"), ("custom_unit_amount[minimum]", "100")];
    let made = price(&api, &custom).ok();
    assert_eq!(made["custom_unit_amount"], json!({"maximum": null, "minimum": 100, "preset": null}));
    invalid(price(&api, &[("custom_unit_amount[enabled]", "false")]), 400, None, None);
    invalid(price(&api, &with(&custom, &[("unit_amount", "5")])), 400, None, Some("unit_amount"));
    let error = invalid(
        api.post("/v1/prices", &[("currency", "souls"), ("unit_amount", "5"), ("product_data[name]", "Cup")]),
        400,
        None,
        Some("currency"),
    );
    assert!(text(&error, "message").starts_with("Invalid currency: souls. Stripe currently supports"), "{error}");
}

#[test]
fn tiers_are_shown_when_they_are_expanded() {
    let api = sandbox("px-tiers");
    let made = price(&api, &with(&TIERS, &[("recurring[interval]", "month")])).ok();
    assert_eq!((&made["unit_amount"], &made["unit_amount_decimal"]), (&Value::Null, &Value::Null));
    assert_eq!((text(&made, "tiers_mode"), made.get("tiers")), ("graduated", None));
    let own = format!("/v1/prices/{}", id(&made));
    let tiers = json!([
        {"flat_amount": null, "flat_amount_decimal": null, "unit_amount": 500, "unit_amount_decimal": "500", "up_to": 5},
        {"flat_amount": null, "flat_amount_decimal": null, "unit_amount": null, "unit_amount_decimal": "400.5", "up_to": null},
    ]);
    assert_eq!(api.get(&own, &[("expand[]", "tiers")]).ok()["tiers"], tiers);
    api.post(&own, &[("nickname", "Many")]).ok();
    assert_eq!(api.get(&own.replace("prices", "plans"), &[("expand[]", "tiers")]).ok()["tiers"], tiers);
}

#[test]
fn tiers_need_a_recurring_price_and_an_order() {
    let api = sandbox("px-tier-errors");
    let monthly = with(&TIERS, &[("recurring[interval]", "month")]);
    let error = invalid(price(&api, &TIERS), 400, None, Some("interval"));
    assert_eq!(error["message"], "Prices with `type=one_time` are not supported with tiered billing.");
    let without = |name: &str| monthly.iter().filter(|(key, _)| !key.starts_with(name)).copied().collect::<Vec<_>>();
    invalid(price(&api, &without("tiers[")), 400, Some("parameter_missing"), Some("tiers"));
    invalid(price(&api, &without("tiers_mode")), 400, Some("parameter_missing"), Some("tiers_mode"));
    invalid(price(&api, &without("tiers[1]")), 400, None, Some("tiers"));
    invalid(price(&api, &without("billing_scheme")), 400, None, Some("tiers"));
    let tripled = with(&monthly, &[("tiers[2][up_to]", "inf"), ("tiers[2][unit_amount]", "1")]);
    invalid(price(&api, &tripled), 400, None, Some("tiers"));
    let first = without("tiers[1]");
    let negative = with(&first, &[("tiers[1][up_to]", "inf"), ("tiers[1][flat_amount]", "-1")]);
    invalid(price(&api, &negative), 400, None, Some("tiers[1][flat_amount]"));
    invalid(price(&api, &with(&monthly, &[("unit_amount", "5")])), 400, None, Some("unit_amount"));
}

#[test]
fn a_price_recurs_within_three_years() {
    let api = sandbox("px-interval");
    for (unit, adverb, longest) in
        [("day", "daily", 1095), ("week", "weekly", 156), ("month", "monthly", 36), ("year", "yearly", 3)]
    {
        let of = |count: i64| {
            let count = count.to_string();
            let params = [("unit_amount", "5"), ("recurring[interval]", unit), ("recurring[interval_count]", &*count)];
            price(&api, &params)
        };
        of(longest).ok();
        let error = invalid(of(longest + 1), 400, None, Some("recurring[interval_count]"));
        let message = format!("The interval_count for {adverb} prices can't be greater than {longest}");
        assert_eq!(text(&error, "message"), message);
        invalid(of(0), 400, Some("parameter_invalid_integer"), Some("recurring[interval_count]"));
    }
}

#[test]
fn a_lookup_key_names_one_price_and_can_be_taken_over() {
    let api = sandbox("px-lookup");
    let first = price(&api, &[("unit_amount", "5"), ("lookup_key", "gold"), ("active", "false")]).ok();
    let error = invalid(price(&api, &[("unit_amount", "6"), ("lookup_key", "gold")]), 400, None, Some("lookup_key"));
    assert_eq!(text(&error, "message"), format!("A price (`{}`) already uses that lookup key.", id(&first)));
    let second = price(&api, &[("unit_amount", "6"), ("lookup_key", "gold"), ("transfer_lookup_key", "true")]).ok();
    let shown = api.get(&format!("/v1/prices/{}", id(&first)), &[]).ok();
    assert_eq!(shown["lookup_key"], Value::Null);
    assert_eq!(last(&api, "price.updated")["previous_attributes"], json!({"lookup_key": "gold"}));
    assert_eq!(told(&api)[3..], ["product.created", "price.updated", "price.created"]);
    assert_eq!(ids(&api.get("/v1/prices", &[("lookup_keys[]", "gold")]).ok()), [id(&second)]);
    let own = format!("/v1/prices/{}", id(&second));
    api.post(&own, &[("lookup_key", "gold")]).ok();
    let back = [("lookup_key", "gold"), ("transfer_lookup_key", "true")];
    assert_eq!(text(&api.post(&format!("/v1/prices/{}", id(&first)), &back).ok(), "lookup_key"), "gold");
}

#[test]
fn other_currencies_are_shown_with_the_prices_own() {
    let api = sandbox("px-currencies");
    let made = price(&api, &[("unit_amount", "500"), ("currency_options[eur][unit_amount]", "450")]).ok();
    let own = format!("/v1/prices/{}", id(&made));
    let expand = ("expand[]", "currency_options");
    let options = api.get(&own, &[expand]).ok()["currency_options"].clone();
    assert_eq!((int(&options["usd"], "unit_amount"), int(&options["eur"], "unit_amount")), (500, 450));
    assert_eq!(text(&options["eur"], "unit_amount_decimal"), "450");
    let changed = api.post(&own, &[("currency_options[gbp][unit_amount_decimal]", "399.5"), expand]).ok();
    assert_eq!(text(&changed["currency_options"]["gbp"], "unit_amount_decimal"), "399.5");
    assert_eq!(int(&changed["currency_options"]["eur"], "unit_amount"), 450);
    let wrong = [("unit_amount", "5"), ("currency_options[souls][unit_amount]", "5")];
    invalid(price(&api, &wrong), 400, None, Some("currency_options"));
}

#[test]
fn what_a_price_costs_does_not_change() {
    let api = sandbox("px-update");
    let made = price(&api, &[("unit_amount", "500"), ("tax_behavior", "exclusive")]).ok();
    let own = format!("/v1/prices/{}", id(&made));
    invalid(api.post(&own, &[("unit_amount", "1")]), 400, Some("parameter_unknown"), Some("unit_amount"));
    invalid(api.post(&own, &[("tax_behavior", "inclusive")]), 400, None, Some("tax_behavior"));
    api.post(&own, &[("tax_behavior", "exclusive"), ("active", "true")]).ok();
    assert_eq!(told(&api), ["product.created", "price.created"]);
    assert_eq!(api.post(&own, &[("active", "false")]).ok()["active"], false);
    assert_eq!(last(&api, "price.updated")["previous_attributes"], json!({"active": true}));
    missing(api.post("/v1/prices/price_x", &[]), 404, "price", "price_x", "price");
    missing(api.get("/v1/prices/price_x", &[]), 404, "price", "price_x", "price");
}

#[test]
fn the_default_price_of_a_product_is_not_archived() {
    let api = sandbox("px-archive");
    let params = [("name", "Mug"), ("default_price_data[currency]", "usd"), ("default_price_data[unit_amount]", "5")];
    let product = api.post("/v1/products", &params).ok();
    let own = format!("/v1/prices/{}", text(&product, "default_price"));
    let error = invalid(api.post(&own, &[("active", "false")]), 400, None, None);
    assert_eq!(error["message"], "This price cannot be archived because it is the default price of its product.");
}

#[test]
fn the_list_knows_its_filters_and_leaves_out_what_was_described_in_place() {
    let api = sandbox("px-list");
    let once = price(&api, &[("unit_amount", "5"), ("active", "false")]).ok();
    let monthly = price(&api, &[("unit_amount", "5"), ("recurring[interval]", "month")]).ok();
    let customer = id(&api.post("/v1/customers", &[]).ok());
    let params = [
        ("customer", customer.as_str()),
        ("items[0][price_data][currency]", "usd"),
        ("items[0][price_data][product]", text(&once, "product")),
        ("items[0][price_data][recurring][interval]", "week"),
        ("items[0][price_data][unit_amount]", "7"),
    ];
    let subscription = api.post("/v1/subscriptions", &params).ok();
    let inline = &subscription["items"]["data"][0]["price"];
    assert_eq!((&inline["active"], int(inline, "unit_amount")), (&json!(false), 7));
    let listed = |params: Params<'_>| ids(&api.get("/v1/prices", params).ok());
    assert_eq!(listed(&[]), [id(&monthly), id(&once)]);
    assert_eq!(listed(&[("active", "true")]), [id(&monthly)]);
    assert_eq!(listed(&[("type", "one_time")]), [id(&once)]);
    assert_eq!(listed(&[("currency", "eur")]), [""; 0]);
    assert_eq!(listed(&[("product", text(&once, "product"))]), [id(&once)]);
    assert_eq!(listed(&[("recurring[interval]", "month")]), [id(&monthly)]);
    assert_eq!(listed(&[("recurring[interval]", "week")]), [""; 0]);
    missing(api.get("/v1/prices", &[("product", "prod_x")]), 400, "product", "prod_x", "product");
    let keys: Vec<(&str, &str)> = vec![("lookup_keys[]", "a"); 11];
    invalid(api.get("/v1/prices", &keys), 400, None, Some("lookup_keys"));
}

#[test]
fn currencies_that_are_keys_are_in_lower_case() {
    let api = sandbox("px-lower-case");
    let params = [("unit_amount", "500"), ("currency_options[EUR][unit_amount]", "400")];
    let sentence = "Currencies must be lowercase when used as keys in a map. Use `eur` instead of `EUR`.";
    says(price(&api, &params), 400, sentence);
}

#[test]
fn every_tier_has_an_amount() {
    let api = sandbox("px-tier-amount");
    let monthly = with(&TIERS, &[("recurring[interval]", "month")]);
    let sentence = "An entry in the tiers array is missing an amount.";
    for name in ["tiers[0][unit_amount]", "tiers[1][unit_amount_decimal]"] {
        let without: Vec<_> = monthly.iter().filter(|(key, _)| *key != name).copied().collect();
        says(price(&api, &without), 400, sentence);
        price(&api, &with(&without, &[(&name.replace("unit_amount", "flat_amount"), "5")])).ok();
    }
    let euros = with(&monthly, &[("currency_options[eur][tiers][0][up_to]", "inf")]);
    let error = invalid(price(&api, &euros), 400, None, Some("currency_options[eur][tiers]"));
    assert_eq!(error["message"], sentence);
    let negative = [("unit_amount", "5"), ("currency_options[eur][unit_amount]", "-5")];
    invalid(price(&api, &negative), 400, None, Some("currency_options[eur][unit_amount]"));
}

#[test]
fn a_price_that_does_not_recur_gets_no_part_of_an_interval() {
    let api = sandbox("px-part");
    let trial = [("recurring[trial_period_days]", "5")];
    let path = |price: &Value| format!("/v1/prices/{}", id(price));
    let once = price(&api, &[("unit_amount", "5")]).ok();
    invalid(api.post(&path(&once), &trial), 400, Some("parameter_missing"), Some("recurring[interval]"));
    let monthly = price(&api, &[("unit_amount", "5"), ("recurring[interval]", "month")]).ok();
    assert_eq!(api.post(&path(&monthly), &trial).ok()["recurring"]["trial_period_days"], 5);
}
