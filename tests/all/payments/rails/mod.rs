//! Payment intents that are paid with anything but a card (intents-and-checkout 1.2, 1.7).

mod debits;
mod microdeposits;
mod redirects;
mod transfers;
mod vouchers;

use serde_json::Value;

use crate::support::client::{Answer, Client, raw};
use crate::support::flows::{Params, id, rows, text, the_charge, the_intent, with};

const BACK: (&str, &str) = ("return_url", "https://shop.example/done");

const MANDATE: (&str, &str) = ("mandate_data[customer_acceptance][type]", "offline");

/// Creates and confirms an intent over `amount` with a payment method or data of this type.
fn pay_with(api: &Client, kind: &str, currency: &str, params: Params<'_>) -> Answer {
    let data = [("payment_method_data[type]", kind)];
    let named = params.iter().any(|(key, _)| key.starts_with("payment_method_data[type]") || *key == "payment_method");
    let own: Params<'_> = if named { &[] } else { &data };
    let base = [("amount", "2000"), ("currency", currency), ("payment_method_types[]", kind), ("confirm", "true")];
    api.post("/v1/payment_intents", &with(&with(&base, own), params))
}

/// What is due later for an object happens now; returns how much that was.
fn run_early(api: &Client, id: &str) -> i64 {
    let answer = raw(api.url(), "POST", &format!("/_pinstripe/due/{id}"), &[], None);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["done"].as_i64().unwrap()
}

/// The intent as it is now, with its charge.
fn after(api: &Client, intent: &Value) -> (Value, Value) {
    let intent = the_intent(api, &id(intent));
    let charge = intent["latest_charge"].as_str().map_or(Value::Null, |charge| the_charge(api, charge));
    (intent, charge)
}

/// The types of the events of a sandbox, oldest first.
fn told(api: &Client) -> Vec<String> {
    let list = api.get("/v1/events", &[("limit", "100")]).ok();
    let mut types: Vec<String> = rows(&list).iter().map(|event| text(event, "type").to_owned()).collect();
    types.reverse();
    types
}
