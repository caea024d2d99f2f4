//! Subscriptions of a dump (billing 4.3).

use serde_json::{Value, json};

use super::{DAY, PATH, latest};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{int, rows, text};

fn load(api: &Client, objects: &Value) {
    let target = format!("/_pinstripe/fixtures?sandbox={}", api.sandbox());
    api.send("POST", &target, Some(("application/json", objects.to_string().as_bytes()))).ok();
}

/// A moment before the sandbox's time.
fn now(api: &Client) -> i64 {
    int(&api.post("/v1/customers", &[]).ok(), "created")
}

/// A subscription of a customer with a card, for a weekly price, whose period began at `start`.
fn dump(now: i64, start: i64, own: &Value) -> Value {
    let card = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040, "funding": "credit", "country": "US"});
    let price = json!({
        "object": "price", "id": "price_loaded", "product": "prod_loaded", "currency": "usd", "unit_amount": 700, "active": true,
        "type": "recurring", "created": now, "billing_scheme": "per_unit", "unit_amount_decimal": "700",
        "recurring": {"interval": "week", "interval_count": 1, "usage_type": "licensed"},
    });
    let plan = json!({
        "object": "plan", "id": "price_loaded", "product": "prod_loaded", "currency": "usd", "amount": 700, "active": true,
        "amount_decimal": "700", "billing_scheme": "per_unit", "created": now, "interval": "week", "interval_count": 1,
        "livemode": false, "metadata": {}, "usage_type": "licensed",
    });
    let item = json!({
        "id": "si_loaded", "object": "subscription_item", "created": start, "subscription": "sub_loaded", "quantity": 1,
        "price": price, "plan": plan, "current_period_start": start,
        "current_period_end": start + 7 * DAY, "discounts": [], "metadata": {}, "tax_rates": [],
    });
    let mut subscription = json!({
        "object": "subscription", "id": "sub_loaded", "customer": "cus_loaded", "created": start, "start_date": start,
        "billing_cycle_anchor": start, "currency": "usd", "status": "active", "collection_method": "charge_automatically",
        "items": {"object": "list", "data": [item], "has_more": false, "url": "/v1/subscription_items"},
    });
    own.as_object().unwrap().iter().for_each(|(key, value)| subscription[key] = value.clone());
    json!([
        {
            "object": "customer", "id": "cus_loaded", "created": now, "balance": 0, "invoice_prefix": "ABCD",
            "next_invoice_sequence": 2, "invoice_settings": {"default_payment_method": "pm_loaded"},
        },
        {
            "object": "payment_method", "id": "pm_loaded", "type": "card", "created": now, "customer": "cus_loaded", "card": card,
            "billing_details": {},
        },
        {"object": "product", "id": "prod_loaded", "name": "Gold", "active": true, "created": now},
        price,
        subscription,
    ])
}

fn the_subscription(api: &Client) -> Value {
    api.get(&format!("{PATH}/sub_loaded"), &[]).ok()
}

#[test]
fn a_loaded_subscription_goes_on() {
    let api = sandbox("sub-loaded");
    let now = now(&api);
    load(&api, &dump(now, now - 3 * DAY, &json!({})));
    let loaded = the_subscription(&api);
    assert_eq!((text(&rows(&loaded["items"])[0], "id"), &loaded["quantity"]), ("si_loaded", &json!(1)));
    api.advance(4 * DAY + 2 * 3600);
    let renewed = the_subscription(&api);
    let invoice = latest(&api, &renewed);
    assert_eq!((text(&invoice, "status"), int(&invoice, "total")), ("paid", 700));
    assert_eq!(int(&invoice, "created"), now + 4 * DAY);
}

#[test]
fn periods_before_the_sandboxs_time_are_not_billed_again() {
    let api = sandbox("sub-loaded-late");
    let now = now(&api);
    load(&api, &dump(now, now - 30 * DAY, &json!({})));
    let loaded = the_subscription(&api);
    let item = &rows(&loaded["items"])[0];
    assert_eq!(
        json!([item["current_period_start"], item["current_period_end"]]),
        json!([now - 2 * DAY, now + 5 * DAY])
    );
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 0);
    api.advance(5 * DAY + 2 * 3600);
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 1);
}
