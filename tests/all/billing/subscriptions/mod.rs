//! Subscriptions and their items (billing 2, billing-2 2, 4).

mod anchors;
mod create;
mod cycle;
mod dunning;
mod ends;
mod lists;
mod loaded;
mod money;
mod older;
mod pause;
mod refusals;
mod trials;

use serde_json::Value;

use crate::support::client::{Answer, Client, encode};
use crate::support::flows::{Params, attached, id, rows, text, with};

pub(super) const PATH: &str = "/v1/subscriptions";
pub(super) const DAY: i64 = 86_400;

/// A licensed price of a product named Gold.
pub(super) fn price(api: &Client, amount: &str, interval: &str, params: Params<'_>) -> String {
    price_of(api, &product(api, "Gold"), amount, interval, params)
}

pub(super) fn product(api: &Client, name: &str) -> String {
    id(&api.post("/v1/products", &[("name", name)]).ok())
}

/// A licensed price of a product.
pub(super) fn price_of(api: &Client, product: &str, amount: &str, interval: &str, params: Params<'_>) -> String {
    let recurring =
        [("product", product), ("currency", "usd"), ("unit_amount", amount), ("recurring[interval]", interval)];
    id(&api.post("/v1/prices", &with(&recurring, params)).ok())
}

/// Subscribes a customer to a price.
pub(super) fn subscribe(api: &Client, customer: &str, price: &str, params: Params<'_>) -> Answer {
    api.post(PATH, &with(&[("customer", customer), ("items[0][price]", price)], params))
}

pub(super) fn the_subscription(api: &Client, subscription: &Value) -> Value {
    api.get(&format!("{PATH}/{}", text(subscription, "id")), &[]).ok()
}

pub(super) fn change(api: &Client, subscription: &Value, params: Params<'_>) -> Answer {
    api.post(&format!("{PATH}/{}", text(subscription, "id")), params)
}

pub(super) fn act(api: &Client, subscription: &Value, verb: &str, params: Params<'_>) -> Answer {
    api.post(&format!("{PATH}/{}/{verb}", text(subscription, "id")), params)
}

/// Cancels a subscription at once.
pub(super) fn cancel(api: &Client, subscription: &Value, params: Params<'_>) -> Answer {
    api.delete(&format!("{PATH}/{}?{}", text(subscription, "id"), encode(params)))
}

/// The newest invoice of a subscription.
pub(super) fn latest(api: &Client, subscription: &Value) -> Value {
    api.get(&format!("/v1/invoices/{}", text(subscription, "latest_invoice")), &[]).ok()
}

/// The lines of an invoice.
pub(super) fn lines(invoice: &Value) -> &[Value] {
    rows(&invoice["lines"])
}

/// The texts and amounts of an invoice's lines.
pub(super) fn billed(invoice: &Value) -> Vec<(&str, i64)> {
    lines(invoice).iter().map(|line| (text(line, "description"), line["amount"].as_i64().unwrap())).collect()
}

/// The customer is charged by another card from now on.
pub(super) fn switch_card(api: &Client, customer: &str, card: &str) {
    let card = attached(api, card, customer);
    api.post(&format!("/v1/customers/{customer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
}

pub(super) fn set(api: &Client, setting: &str, value: &str) {
    let path = format!("/_pinstripe/settings?sandbox={}&name={setting}&value={value}", api.sandbox());
    assert_eq!(api.send("POST", &path, None).status, 200);
}

/// The newest event of a type.
pub(super) fn newest_event(api: &Client, name: &str) -> Value {
    let listed = api.get("/v1/events", &[("type", name), ("limit", "1")]).ok();
    rows(&listed).first().cloned().unwrap_or_else(|| panic!("no {name}"))
}
