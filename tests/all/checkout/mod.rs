//! Checkout Sessions (intents-and-checkout 3).

mod answers;
mod creating;
mod custom_amount;
mod discounts;
mod ending;
mod in_page;
mod invoicing;
mod locales;
mod methods;
mod optional_items;
mod page;
mod paying;
mod payment_links;
mod portal;
mod portal_page;
mod recovery;
mod saved;
mod setting_up;
mod shapes;
mod subscriptions;
mod taxes;
mod totals;
mod weight;

use serde_json::Value;

use crate::support::client::{Answer, Client};
use crate::support::decisions::browse;
use crate::support::flows::{Params, id, text, with};

const SHOP: &str = "https://shop.example/done?session={CHECKOUT_SESSION_ID}";

/// Two mugs for ten dollars each.
const MUGS: Params<'_> = &[
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "1000"),
    ("line_items[0][price_data][product_data][name]", "Mug"),
    ("line_items[0][quantity]", "2"),
];

/// A session of a payment without its lines.
const PAYMENT: Params<'_> = &[("mode", "payment"), ("success_url", SHOP), ("cancel_url", "https://shop.example/cart")];

fn create(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/checkout/sessions", params)
}

/// A session for two mugs.
#[track_caller]
fn open(api: &Client, more: Params<'_>) -> Value {
    try_open(api, more).ok()
}

fn try_open(api: &Client, more: Params<'_>) -> Answer {
    create(api, &with(&with(PAYMENT, MUGS), more))
}

#[track_caller]
fn read(api: &Client, session: &Value) -> Value {
    api.get(&format!("/v1/checkout/sessions/{}", text(session, "id")), &[]).ok()
}

/// Buys without a browser.
fn buy(api: &Client, session: &Value, params: Params<'_>) -> Answer {
    let target = format!("/_pinstripe/checkout/{}?{}", text(session, "id"), crate::support::client::encode(params));
    api.send("POST", &target, None)
}

#[track_caller]
fn pay_with(api: &Client, session: &Value, method: &str) -> Value {
    buy(api, session, &[("payment_method", method)]).ok();
    read(api, session)
}

/// The intent that a session was paid with.
#[track_caller]
fn intent_of(api: &Client, session: &Value) -> Value {
    api.get(&format!("/v1/payment_intents/{}", text(session, "payment_intent")), &[]).ok()
}

/// A price of so many dollars that is paid once.
fn price(api: &Client, amount: &str, more: Params<'_>) -> String {
    let params = [("currency", "usd"), ("unit_amount", amount), ("product_data[name]", "Mug")];
    id(&api.post("/v1/prices", &with(&params, more)).ok())
}
