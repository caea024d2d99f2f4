//! Operations without rules of their own: what they show, remember and refuse.

mod billing;
mod connect;
mod shapes;
mod special;
mod v2;
pub(crate) mod walk;

use serde_json::Value;

use crate::support::client::Client;
use crate::support::flows::text;

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
