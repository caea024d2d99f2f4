//! Operations without rules of their own: what they show, remember and refuse.

mod billing;
mod connect;
mod special;
mod v2;

use serde_json::Value;

use crate::client::Client;
use crate::flows::text;

fn id(object: &Value) -> &str {
    text(object, "id")
}

/// A product's recurring price, in dollars a month.
fn monthly(api: &Client) -> String {
    let params = [
        ("currency", "usd"),
        ("unit_amount", "1500"),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Gold"),
    ];
    id(&api.post("/v1/prices", &params).ok()).to_owned()
}

fn customer(api: &Client) -> String {
    id(&api.post("/v1/customers", &[("email", "jenny@example.com")]).ok()).to_owned()
}
