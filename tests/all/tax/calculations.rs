//! Tax calculations (billing-2 9.3, 9.4, 9.6).

use serde_json::{Value, json};

use super::{SEATTLE, activate, calculate, register};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, text, with};

const LINE: (&str, &str) = ("line_items[0][amount]", "1000");

/// A sandbox that collects in Washington.
fn seller(name: &str) -> Client {
    let api = sandbox(name);
    activate(&api);
    register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "WA")]);
    api
}

/// A buyer with a country alone.
fn in_country(country: &str) -> [(&str, &str); 2] {
    [("customer_details[address][country]", country), ("customer_details[address_source]", "billing")]
}

/// The reason for the first tax of a calculation, its percentage and the whole tax.
fn first(calculation: &Value) -> (String, String, i64) {
    let tax = &calculation["tax_breakdown"][0];
    let percentage = text(&tax["tax_rate_details"], "percentage_decimal").to_owned();
    let amount = int(calculation, "tax_amount_exclusive") + int(calculation, "tax_amount_inclusive");
    (text(tax, "taxability_reason").to_owned(), percentage, amount)
}

#[test]
fn the_recorded_sample_comes_out_to_the_cent() {
    let api = seller("calc-sample");
    let made =
        calculate(&api, &with(SEATTLE, &[("line_items[0][amount]", "1499"), ("line_items[0][reference]", "Music")]));
    assert!(id(&made).starts_with("taxcalc_1"), "{made}");
    assert_eq!((int(&made, "amount_total"), int(&made, "tax_amount_exclusive")), (1653, 154));
    assert_eq!((int(&made, "tax_amount_inclusive"), &made["shipping_cost"]), (0, &Value::Null));
    assert_eq!(int(&made, "expires_at") - int(&made, "tax_date"), 7_776_000);
    let address = json!({
        "city": "Seattle", "country": "US", "line1": null, "line2": null, "postal_code": "98104", "state": "WA",
    });
    assert_eq!(
        made["customer_details"],
        json!({
            "address": address,
            "address_source": "shipping",
            "ip_address": null,
            "tax_ids": [],
            "taxability_override": "none",
        })
    );
    assert_eq!(
        made["tax_breakdown"],
        json!([{
            "amount": 154,
            "inclusive": false,
            "tax_rate_details": {
                "country": "US",
                "flat_amount": null,
                "percentage_decimal": "10.25",
                "rate_type": "percentage",
                "state": "WA",
                "tax_type": "sales_tax",
            },
            "taxability_reason": "standard_rated",
            "taxable_amount": 1499,
        }])
    );
    assert_eq!(made.get("line_items"), None);
    let path = format!("/v1/tax/calculations/{}", id(&made));
    let shown = api.get(&path, &[("expand[]", "line_items.data.tax_breakdown")]).ok();
    let line = &shown["line_items"]["data"][0];
    assert!(id(line).starts_with("tax_li_"), "{line}");
    assert_eq!((int(line, "amount"), int(line, "amount_tax"), int(line, "quantity")), (1499, 154, 1));
    assert_eq!((text(line, "tax_behavior"), text(line, "tax_code")), ("exclusive", "txcd_10000000"));
    let jurisdiction = json!({"country": "US", "display_name": "Washington", "level": "state", "state": "WA"});
    let details = json!({"display_name": "Sales Tax", "percentage_decimal": "10.25", "tax_type": "sales_tax"});
    assert_eq!(
        line["tax_breakdown"],
        json!([{
            "amount": 154,
            "jurisdiction": jurisdiction,
            "sourcing": "destination",
            "tax_rate_details": details,
            "taxability_reason": "standard_rated",
            "taxable_amount": 1499,
        }])
    );
    assert_eq!(shown["line_items"]["total_count"], 1);
}

#[test]
fn nothing_is_collected_without_a_registration_in_effect() {
    let api = sandbox("calc-unregistered");
    activate(&api);
    let made = calculate(&api, &with(SEATTLE, &[LINE]));
    assert_eq!(first(&made), ("not_collecting".to_owned(), "0.0".to_owned(), 0));
    let tax = &made["tax_breakdown"][0];
    assert_eq!((int(tax, "taxable_amount"), text(&tax["tax_rate_details"], "state")), (0, "WA"));
    let washington = register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "WA")]);
    assert_eq!(first(&calculate(&api, &with(SEATTLE, &[LINE]))).2, 103);
    let own = format!("/v1/tax/registrations/{}", id(&washington));
    let end = (int(&made, "tax_date") + 100).to_string();
    api.post(&own, &[("expires_at", &end)]).ok();
    assert_eq!(first(&calculate(&api, &with(SEATTLE, &[LINE, ("tax_date", &end)]))).0, "not_collecting");
    api.advance(200);
    assert_eq!(first(&calculate(&api, &with(SEATTLE, &[LINE]))).0, "not_collecting");
}

#[test]
fn settings_and_an_address_are_needed() {
    let api = sandbox("calc-needs");
    let refused = |params: Params<'_>| api.post("/v1/tax/calculations", &with(&[("currency", "usd"), LINE], params));
    let error = invalid(refused(SEATTLE), 400, None, None);
    assert_eq!(
        error["message"],
        "You must have a valid head office address to enable automatic tax calculation in test mode.  Visit \
         https://dashboard.stripe.com/test/settings/tax to update it."
    );
    activate(&api);
    let nowhere = Some("customer_tax_location_invalid");
    let address = Some("customer_details[address]");
    let error = invalid(refused(&in_country("US")), 400, nowhere, address);
    assert_eq!(
        error["message"],
        "We could not determine the customer's tax location based on the provided customer address."
    );
    invalid(refused(&in_country("text")), 400, nowhere, address);
    let customer = id(&api.post("/v1/customers", &[]).ok());
    invalid(refused(&[("customer", &customer)]), 400, nowhere, address);
    let unsourced = refused(&in_country("DE")[..1]);
    invalid(unsourced, 400, Some("parameter_missing"), Some("customer_details[address_source]"));
    invalid(refused(&[]), 400, None, None);
    let ip = [("customer_details[ip_address]", "10.0.0.1")];
    assert_eq!(refused(&ip).refused(501)["type"], "api_error");
    invalid(refused(&[("customer_details[ip_address]", "here")]), 400, None, Some("customer_details[ip_address]"));
}

#[test]
fn an_inclusive_price_contains_its_tax() {
    let api = seller("calc-inclusive");
    register(&api, "IE", &[("[type]", "standard")]);
    let ireland = in_country("IE");
    let irish =
        with(&ireland, &[("line_items[0][tax_behavior]", "inclusive"), ("line_items[0][tax_code]", "txcd_10103000")]);
    let made = calculate(&api, &with(&irish, &[("line_items[0][amount]", "10000")]));
    assert_eq!((int(&made, "amount_total"), int(&made, "tax_amount_inclusive")), (10000, 1870));
    let tax = &made["tax_breakdown"][0];
    assert_eq!((int(tax, "taxable_amount"), &tax["inclusive"]), (8130, &json!(true)));
    assert_eq!(
        (text(&tax["tax_rate_details"], "percentage_decimal"), &tax["tax_rate_details"]["state"]),
        ("23.0", &Value::Null)
    );
}

#[test]
fn the_rate_is_that_of_the_place() {
    let api = seller("calc-places");
    for (country, province) in [("CA", "QC"), ("CA", "BC")] {
        register(&api, country, &[("[type]", "province_standard"), ("[province_standard][province]", province)]);
    }
    register(&api, "CA", &[("[type]", "standard")]);
    register(&api, "DE", &[("[type]", "oss_union")]);
    for country in ["GB", "AU", "CH", "JP", "NO", "SG"] {
        register(&api, country, &[("[type]", "standard")]);
    }
    register(&api, "IN", &[("[type]", "simplified")]);
    for (country, rate) in [
        ("GB", "20.0"),
        ("DE", "19.0"),
        ("FR", "20.0"),
        ("ES", "21.0"),
        ("SE", "25.0"),
        ("AU", "10.0"),
        ("CH", "8.1"),
        ("JP", "10.0"),
        ("NO", "25.0"),
        ("SG", "9.0"),
        ("IN", "18.0"),
    ] {
        let made = calculate(&api, &with(&in_country(country), &[LINE]));
        assert_eq!(first(&made).1, rate, "{country}");
    }
    let province = |code: &str| {
        let made = calculate(&api, &with(&in_country("CA"), &[("customer_details[address][state]", code), LINE]));
        let rows = made["tax_breakdown"].as_array().unwrap().clone();
        let row = |row: &Value| {
            let details = &row["tax_rate_details"];
            format!("{} {} {}", text(details, "tax_type"), text(details, "percentage_decimal"), row["amount"])
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(province("ON"), ["hst 13.0 130"]);
    assert_eq!(province("QC"), ["gst 5.0 50", "qst 9.975 100"]);
    assert_eq!(province("BC"), ["gst 5.0 50", "pst 7.0 70"]);
    assert_eq!(province("SK"), ["gst 5.0 50"], "no registration for the province");
}

#[test]
fn a_place_without_the_tax_or_without_rates_has_its_reason() {
    let api = seller("calc-none");
    let oregon = [("customer_details[address][postal_code]", "97201"), LINE];
    let made = calculate(&api, &with(&in_country("US"), &oregon));
    assert_eq!(first(&made), ("not_subject_to_tax".to_owned(), "0.0".to_owned(), 0));
    assert_eq!(first(&calculate(&api, &with(&in_country("HK"), &[LINE]))).0, "not_subject_to_tax");
    let made = calculate(&api, &with(&in_country("AQ"), &[LINE]));
    assert_eq!(first(&made).0, "not_supported");
    let details = json!({
        "country": "AQ", "flat_amount": null, "percentage_decimal": "0.0", "rate_type": null, "state": null,
        "tax_type": null,
    });
    assert_eq!(made["tax_breakdown"][0]["tax_rate_details"], details);
}

#[test]
fn the_product_decides_the_treatment() {
    let api = seller("calc-products");
    for country in ["GB", "DE", "MX"] {
        let kind = if country == "MX" { "simplified" } else { "standard" };
        register(&api, country, &[("[type]", kind)]);
    }
    let of = |country: &str, code: &str| {
        let made = calculate(&api, &with(&in_country(country), &[LINE, ("line_items[0][tax_code]", code)]));
        let tax = first(&made);
        (tax.0, tax.1, int(&made["tax_breakdown"][0], "taxable_amount"))
    };
    let row = |reason: &str, rate: &str, taxable| (reason.to_owned(), rate.to_owned(), taxable);
    assert_eq!(of("DE", "txcd_35010000"), row("reduced_rated", "7.0", 1000));
    assert_eq!(of("GB", "txcd_40010000"), row("zero_rated", "0.0", 1000));
    assert_eq!(of("GB", "txcd_40060003"), row("standard_rated", "20.0", 1000));
    assert_eq!(of("MX", "txcd_35010000"), row("product_exempt", "0.0", 0));
    assert_eq!(of("GB", "txcd_00000000"), row("not_collecting", "0.0", 0));
    assert_eq!(of("GB", "txcd_92010001"), row("standard_rated", "20.0", 1000));
    let here = |code: &str| first(&calculate(&api, &with(SEATTLE, &[LINE, ("line_items[0][tax_code]", code)]))).0;
    assert_eq!((here("txcd_20030000"), here("txcd_40010000")), ("not_subject_to_tax".into(), "product_exempt".into()));
    let product = id(&api.post("/v1/products", &[("name", "Book"), ("tax_code", "txcd_35010000")]).ok());
    let made = calculate(&api, &with(&in_country("DE"), &[LINE, ("line_items[0][product]", &product)]));
    assert_eq!(first(&made).0, "reduced_rated");
    api.post("/v1/tax/settings", &[("defaults[tax_code]", "txcd_35010000")]).ok();
    assert_eq!(first(&calculate(&api, &with(&in_country("DE"), &[LINE]))).0, "reduced_rated");
}

#[test]
fn shipping_has_its_own_line_of_tax() {
    let api = seller("calc-shipping");
    let food = [
        ("line_items[0][amount]", "1499"),
        ("line_items[0][tax_code]", "txcd_40060003"),
        ("shipping_cost[amount]", "300"),
        ("customer_details[address][postal_code]", "94080"),
    ];
    register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "CA")]);
    let made = calculate(&api, &with(&in_country("US"), &food));
    assert_eq!((int(&made, "amount_total"), int(&made, "tax_amount_exclusive")), (1947, 148));
    let cost = json!({"amount": 300, "amount_tax": 0, "tax_behavior": "exclusive", "tax_code": "txcd_92010001"});
    assert_eq!(made["shipping_cost"], cost);
    assert_eq!(made["tax_breakdown"][1]["taxability_reason"], "product_exempt");
    register(&api, "GB", &[("[type]", "standard")]);
    let rate = [
        ("display_name", "Post"),
        ("fixed_amount[amount]", "600"),
        ("fixed_amount[currency]", "usd"),
        ("tax_behavior", "inclusive"),
    ];
    let rate = id(&api.post("/v1/shipping_rates", &rate).ok());
    let by_rate = [LINE, ("shipping_cost[shipping_rate]", &rate), ("expand[]", "shipping_cost.tax_breakdown")];
    let made = calculate(&api, &with(&in_country("GB"), &by_rate));
    assert_eq!(
        (int(&made["shipping_cost"], "amount_tax"), text(&made["shipping_cost"], "shipping_rate")),
        (100, &*rate)
    );
    assert_eq!(made["shipping_cost"]["tax_breakdown"][0]["taxable_amount"], 500);
    assert_eq!(
        (int(&made, "amount_total"), int(&made, "tax_amount_exclusive"), int(&made, "tax_amount_inclusive")),
        (1800, 200, 100)
    );
    let sent = |more: Params<'_>| api.post("/v1/tax/calculations", &with(&with(&by_rate[..2], SEATTLE), more));
    sent(&[("currency", "usd"), ("shipping_cost[amount]", "1")]).refused(400);
    invalid(sent(&[("currency", "eur")]), 400, None, Some("shipping_cost[shipping_rate]"));
    let nothing = with(SEATTLE, &[("currency", "usd"), LINE, ("shipping_cost[tax_behavior]", "inclusive")]);
    invalid(api.post("/v1/tax/calculations", &nothing), 400, None, None);
}

#[test]
fn a_state_may_tax_where_goods_come_from() {
    let api = seller("calc-origin");
    register(&api, "US", &[("[type]", "state_sales_tax"), ("[state]", "IL")]);
    let states = in_country("US");
    let springfield = with(&states, &[("customer_details[address][postal_code]", "62704"), LINE]);
    assert_eq!(first(&calculate(&api, &springfield)).1, "9.75");
    let from = |zip| [("ship_from_details[address][country]", "US"), ("ship_from_details[address][postal_code]", zip)];
    let made = calculate(&api, &with(&springfield, &from("60540")));
    assert_eq!((first(&made).1, int(&made, "tax_amount_exclusive")), ("7.75".to_owned(), 78));
    assert_eq!(made["ship_from_details"]["address"]["postal_code"], "60540");
    assert_eq!(first(&calculate(&api, &with(&springfield, &from("98104")))).1, "9.75");
}

#[test]
fn a_customer_brings_its_address_its_tax_ids_and_its_exemption() {
    let api = seller("calc-customer");
    register(&api, "DE", &[("[type]", "oss_union")]);
    let customer = |params: Params<'_>| id(&api.post("/v1/customers", params).ok());
    let of = |customer: &str, more: Params<'_>| calculate(&api, &with(&[("customer", customer), LINE], more));
    let german = [("address[country]", "DE")];
    let made = of(&customer(&with(&german, &[("shipping[name]", "J"), ("shipping[address][country]", "FR")])), &[]);
    assert_eq!((text(&made["customer_details"], "address_source"), &*first(&made).1), ("shipping", "20.0"));
    assert_eq!(first(&of(&customer(&with(&german, &[("tax_exempt", "exempt")])), &[])).0, "customer_exempt");
    let made = of(&customer(&with(&german, &[("tax_exempt", "reverse")])), &[]);
    assert_eq!(
        (&*first(&made).0, text(&made["customer_details"], "taxability_override")),
        ("reverse_charge", "reverse_charge")
    );
    let business = [("tax_id_data[0][type]", "eu_vat"), ("tax_id_data[0][value]", "DE123456789")];
    let business = customer(&with(&german, &business));
    let made = of(&business, &[]);
    assert_eq!(first(&made).0, "reverse_charge");
    assert_eq!(made["customer_details"]["tax_ids"], json!([{"type": "eu_vat", "value": "DE123456789"}]));
    assert_eq!(text(&made, "customer"), business);
    let british = ("customer_details[address][country]", "AQ");
    let moved = of(&business, &[british, ("customer_details[address_source]", "billing")]);
    assert_eq!(first(&moved).0, "not_supported");
    let at_home = &[("head_office[address][country]", "DE")];
    api.post("/v1/tax/settings", at_home).ok();
    assert_eq!(first(&of(&business, &[])).0, "standard_rated", "a sale at home");
    let wrong = [("customer_details[tax_ids][0][type]", "eu_vat"), ("customer_details[tax_ids][0][value]", "1")];
    let base = with(&[("currency", "usd"), LINE], SEATTLE);
    let wrong = with(&base, &wrong);
    let error = invalid(
        api.post("/v1/tax/calculations", &wrong),
        400,
        Some("tax_id_invalid"),
        Some("customer_details[tax_ids][0][value]"),
    );
    assert_eq!(error["message"], "Invalid value for eu_vat.");
}

#[test]
fn an_override_of_the_request_exempts() {
    let api = seller("calc-override");
    let of =
        |value| first(&calculate(&api, &with(SEATTLE, &[LINE, ("customer_details[taxability_override]", value)]))).0;
    assert_eq!(
        (of("customer_exempt"), of("reverse_charge"), of("none")),
        ("customer_exempt".into(), "reverse_charge".into(), "standard_rated".into())
    );
}

#[test]
fn lines_are_checked_and_listed_in_their_order() {
    let api = seller("calc-lines");
    let three = [
        LINE,
        ("line_items[1][amount]", "0"),
        ("line_items[1][quantity]", "3"),
        ("line_items[1][reference]", "free"),
        ("line_items[2][amount]", "5"),
        ("line_items[2][metadata][a]", "1"),
    ];
    let made = calculate(&api, &with(SEATTLE, &with(&three, &[("expand[]", "line_items")])));
    let lines = made["line_items"]["data"].as_array().unwrap();
    let references: Vec<_> = lines.iter().map(|line| text(line, "reference")).collect();
    assert_eq!(references, ["L1", "free", "L3"]);
    assert_eq!((&lines[1]["quantity"], &lines[2]["metadata"]), (&json!(3), &json!({"a": "1"})));
    let path = format!("/v1/tax/calculations/{}/line_items", id(&made));
    let listed = api.get(&path, &[("limit", "2")]).ok();
    assert_eq!((ids(&listed), &listed["has_more"]), (vec![id(&lines[0]), id(&lines[1])], &json!(true)));
    let refused = |params: Params<'_>, param: &str| {
        let answer = api.post("/v1/tax/calculations", &with(&with(SEATTLE, &[("currency", "usd")]), params));
        assert_eq!(answer.refused(400)["param"], param);
    };
    refused(&[("line_items[0][amount]", "-1")], "line_items[0][amount]");
    refused(&[LINE, ("line_items[0][quantity]", "0")], "line_items[0][quantity]");
    refused(&[LINE, ("line_items[0][product]", "prod_x")], "line_items[0][product]");
    refused(&[LINE, ("line_items[0][tax_code]", "text")], "line_items[0][tax_code]");
    refused(&[LINE, ("line_items[1][amount]", "1"), ("line_items[1][reference]", "L1")], "line_items[1][reference]");
    refused(&[LINE, ("tax_date", "1")], "tax_date");
    refused(&[], "line_items");
}

#[test]
fn a_performance_is_taxed_where_it_is() {
    let api = seller("calc-performance");
    let vague = api.post("/v1/tax/locations", &[("type", "performance"), ("address[country]", "US")]);
    invalid(vague, 400, None, Some("address"));
    let hall = [
        ("type", "performance"),
        ("address[country]", "US"),
        ("address[postal_code]", "98104"),
        ("description", "Hall"),
    ];
    let hall = api.post("/v1/tax/locations", &hall).ok();
    assert!(id(&hall).starts_with("taxloc_"), "{hall}");
    assert_eq!(ids(&api.get("/v1/tax/locations", &[("type", "performance")]).ok()), [id(&hall)]);
    let there =
        [LINE, ("line_items[0][performance_location]", &id(&hall)), ("expand[]", "line_items.data.tax_breakdown")];
    let made = calculate(&api, &with(&in_country("DE"), &there));
    assert_eq!(first(&made).1, "10.25");
    assert_eq!(made["line_items"]["data"][0]["tax_breakdown"][0]["sourcing"], "performance");
}

#[test]
fn a_calculation_expires_after_ninety_days() {
    let api = seller("calc-expiry");
    let made = calculate(&api, &with(SEATTLE, &[LINE]));
    let path = format!("/v1/tax/calculations/{}", id(&made));
    api.advance(7_776_000 - 1);
    assert_eq!(api.get(&path, &[]).ok(), made);
    api.advance(1);
    missing(api.get(&path, &[]), 404, "tax calculation", &id(&made), "calculation");
    missing(api.get(&format!("{path}/line_items"), &[]), 404, "tax calculation", &id(&made), "calculation");
    let late = [("calculation", &*id(&made)), ("reference", "late")];
    let late = api.post("/v1/tax/transactions/create_from_calculation", &late);
    invalid(late, 400, Some("resource_missing"), Some("calculation"));
}
