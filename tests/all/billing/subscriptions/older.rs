//! What older versions show (billing-2 14.2).

use serde_json::json;

use super::{PATH, price, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows};

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
