//! Subscriptions and their items (billing 2, billing-2 2, 4).

mod create;

use serde_json::Value;

use crate::support::client::{Answer, Client};
use crate::support::flows::{Params, id, text, with};

pub(super) const PATH: &str = "/v1/subscriptions";

/// A licensed price of a product named Gold.
pub(super) fn price(api: &Client, amount: &str, interval: &str, params: Params<'_>) -> String {
    let product = id(&api.post("/v1/products", &[("name", "Gold")]).ok());
    price_of(api, &product, amount, interval, params)
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

pub(super) fn the_subscription(api: &Client, id: &str) -> Value {
    api.get(&format!("{PATH}/{id}"), &[]).ok()
}

/// The newest invoice of a subscription.
pub(super) fn latest(api: &Client, subscription: &Value) -> Value {
    api.get(&format!("/v1/invoices/{}", text(subscription, "latest_invoice")), &[]).ok()
}

/// The lines of an invoice.
pub(super) fn lines(invoice: &Value) -> &[Value] {
    invoice["lines"]["data"].as_array().unwrap_or_else(|| panic!("no lines: {invoice}"))
}
