//! What older versions show (billing-2 14.2).

use serde_json::json;

use super::{PATH, price, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text};

#[test]
fn before_basil_a_subscription_shows_its_period_and_its_discount() {
    let api = sandbox("sub-older");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let made = subscribe(&api, &customer, &price, &[("discounts[0][coupon]", &coupon)]).ok();
    let path = format!("{PATH}/{}", id(&made));
    let item = &rows(&made["items"])[0];
    for version in ["2020-08-27", "2022-11-15", "2024-06-20"] {
        let older = api.version(version).get(&path, &[]).ok();
        assert_eq!(
            json!([older["current_period_start"], older["current_period_end"]]),
            json!([item["current_period_start"], item["current_period_end"]])
        );
        assert_eq!(
            (&older["discount"]["id"], &older["discount"]["coupon"]["id"]),
            (&made["discounts"][0], &json!(coupon))
        );
        assert_eq!(older["plan"]["id"], json!(price));
    }
    let basil = api.version("2025-03-31.basil").get(&path, &[]).ok();
    assert_eq!((basil.get("current_period_end"), basil.get("discount")), (None, None));
    let oldest = api.version("2019-10-08").get(&path, &[]).ok();
    assert_eq!((&oldest["billing"], int(&oldest, "start")), (&json!("charge_automatically"), int(&made, "created")));
}

#[test]
fn the_invoice_of_a_subscription_shows_it_before_basil() {
    let api = sandbox("sub-older-invoice");
    let (customer, price) = (payer(&api), price(&api, "2500", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let path = format!("/v1/invoices/{}", made["latest_invoice"].as_str().unwrap());
    let older = api.version("2022-11-15").get(&path, &[]).ok();
    assert_eq!((&older["subscription"], &older["paid"]), (&made["id"], &json!(true)));
    let line = &rows(&older["lines"])[0];
    let shown = json!([line["type"], line["proration"], line["price"]["id"], line["subscription_item"]]);
    assert_eq!(shown, json!(["subscription", false, price, rows(&made["items"])[0]["id"]]));
    let secret = [
        ("customer", customer.as_str()),
        ("items[0][price]", &price),
        ("payment_behavior", "default_incomplete"),
        ("expand[]", "latest_invoice.payment_intent"),
    ];
    let made = api.version("2022-11-15").post(PATH, &secret).ok();
    assert!(made["latest_invoice"]["payment_intent"]["client_secret"].is_string(), "{made}");
}

#[test]
fn before_clover_the_only_price_and_its_quantity_stand_outside_of_the_items() {
    let api = sandbox("sub-older-only");
    let customer = payer(&api);
    let [first, second] = ["1000", "2000"].map(|amount| price(&api, amount, "month", &[]));
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let older = api.version("2022-11-15");
    let made = older.post(PATH, &[("customer", &customer), ("plan", &first), ("quantity", "2")]).ok();
    let path = format!("{PATH}/{}", id(&made));
    let shown =
        |answer: serde_json::Value| json!([answer["plan"]["id"], answer["quantity"], answer["items"]["total_count"]]);
    assert_eq!(shown(made.clone()), json!([first, 2, 1]));
    assert_eq!(shown(older.post(&path, &[("plan", &second), ("quantity", "3")]).ok()), json!([second, 3, 1]));
    assert_eq!(shown(older.post(&path, &[("quantity", "1")]).ok()), json!([second, 1, 1]));
    let under = format!("/v1/customers/{customer}/subscriptions");
    let changed = older.post(&format!("{under}/{}", id(&made)), &[("plan", &first), ("coupon", &coupon)]).ok();
    assert_eq!((shown(changed.clone()), &changed["discount"]["coupon"]["id"]), (json!([first, 1, 1]), &json!(coupon)));
    assert_eq!(older.post(&path, &[("coupon", "")]).ok()["discount"], json!(null));
    // As it was in 2019.
    let oldest = api.version("2019-08-14");
    let params = [("items[0][plan]", first.as_str()), ("coupon", &coupon), ("trial_from_plan", "true")];
    assert_eq!(oldest.post(&under, &params).ok()["discount"]["coupon"]["id"], json!(coupon));

    let both = [("customer", customer.as_str()), ("items[0][plan]", &first), ("quantity", "2")];
    let error = older.post(PATH, &both).refused(400);
    assert_eq!(error["message"], "Received both items and quantity parameters. Please pass in only one.");
    let item = text(&rows(&made["items"])[0], "id").to_owned();
    older.post(&path, &[("items[0][id]", &item), ("quantity", "2")]).refused(400);
    let error = older.post(&path, &[("quantity", "two")]).refused(400);
    assert_eq!(error["param"], "quantity");
    let error = api.post(&path, &[("plan", &second)]).refused(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_unknown"), &json!("plan")));
    older.post(&path, &[("items[0][price]", &second)]).ok();
    assert_eq!(older.post(&path, &[("quantity", "2")]).status, 501, "one item of two");
}

#[test]
fn before_basil_prices_inside_of_items_say_how_usage_adds_up() {
    let api = sandbox("sub-older-usage");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let older = api.version("2024-06-20").get(&format!("{PATH}/{}", id(&made)), &[]).ok();
    let item = &rows(&older["items"])[0];
    for shown in [&older["plan"], &item["plan"], &item["price"]["recurring"]] {
        assert_eq!(shown.get("aggregate_usage"), Some(&json!(null)), "{older}");
    }
    assert_eq!(rows(&made["items"])[0]["plan"].get("aggregate_usage"), None);
}

#[test]
fn before_basil_the_rates_of_an_invoices_taxes_can_be_expanded() {
    let api = sandbox("sub-older-rates");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let rate = [("display_name", "VAT"), ("percentage", "20"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let made = subscribe(&api, &customer, &price, &[("default_tax_rates[0]", &rate)]).ok();
    let older = api.version("2024-06-20");
    let expand = [("expand[]", "latest_invoice.total_tax_amounts.tax_rate")];
    let shown = older.get(&format!("{PATH}/{}", id(&made)), &expand).ok();
    assert_eq!(shown["latest_invoice"]["total_tax_amounts"][0]["tax_rate"]["percentage"], json!(20.0));
    let lines = [("expand[]", "lines.data.tax_amounts.tax_rate")];
    let invoice = format!("/v1/invoices/{}", text(&made, "latest_invoice"));
    let shown = older.get(&invoice, &lines).ok();
    assert_eq!(rows(&shown["lines"])[0]["tax_amounts"][0]["tax_rate"]["id"], json!(rate));
    let charge = text(&older.get(&invoice, &[]).ok(), "charge").to_owned();
    let expand = [("expand[]", "invoice.total_tax_amounts.tax_rate")];
    let shown = older.get(&format!("/v1/charges/{charge}"), &expand).ok();
    assert_eq!(shown["invoice"]["total_tax_amounts"][0]["tax_rate"]["id"], json!(rate));
}
