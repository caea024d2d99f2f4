//! Subscriptions and their items (billing 2, billing-2 2, 4).

mod anchors;
mod create;
mod cycle;
mod dunning;
mod ends;
mod items;
mod lists;
mod loaded;
mod metered;
mod money;
mod older;
mod pause;
mod pending_update;
mod preview;
mod proration;
mod refusals;
mod thresholds;
mod trials;
mod update;

use serde_json::Value;

use crate::billing::invoices::payer_with;
use crate::support::client::{Answer, Client, encode};
use crate::support::flows::{Params, attached, id, int, rows, text, with};

pub(super) const PATH: &str = "/v1/subscriptions";
pub(super) const DAY: i64 = 86_400;

/// A licensed price of a product named Gold.
pub(crate) fn price(api: &Client, amount: &str, interval: &str, params: Params<'_>) -> String {
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
pub(crate) fn subscribe(api: &Client, customer: &str, price: &str, params: Params<'_>) -> Answer {
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
pub(crate) fn latest(api: &Client, subscription: &Value) -> Value {
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
pub(crate) fn switch_card(api: &Client, customer: &str, card: &str) {
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

/// The same in another currency than dollars, of a product of its own.
pub(super) fn price_in(api: &Client, currency: &str, amount: &str, interval: &str) -> String {
    let product = id(&api.post("/v1/products", &[("name", "Gold")]).ok());
    let params = [("product", product.as_str()), ("currency", currency), ("unit_amount", amount)];
    id(&api.post("/v1/prices", &with(&params, &[("recurring[interval]", interval)])).ok())
}

/// A customer with a default card, in a sandbox whose clock stands still at a time.
pub(super) fn clocked(api: &Client, time: i64) -> String {
    clocked_with(api, time, "pm_card_visa")
}

/// The same with another card.
pub(super) fn clocked_with(api: &Client, time: i64, card: &str) -> String {
    clock_to(api, time);
    payer_with(api, card)
}

/// Moves the sandbox's clock to a time, where it stands still; what is due until then is done.
pub(crate) fn clock_to(api: &Client, time: i64) {
    let target = format!("/_pinstripe/clock?sandbox={}&freeze={time}", api.sandbox());
    assert_eq!(api.send("POST", &target, None).status, 200);
}

/// The subscription with an id.
pub(crate) fn stored(api: &Client, id: &str) -> Value {
    api.get(&format!("{PATH}/{id}"), &[]).ok()
}

/// The pending items of a customer, the newest first.
pub(super) fn pending(api: &Client, customer: &str) -> Vec<Value> {
    let listed = api.get("/v1/invoiceitems", &[("customer", customer), ("pending", "true"), ("limit", "100")]).ok();
    rows(&listed).to_vec()
}

/// The only item of a subscription, or its first.
pub(super) fn item(subscription: &Value) -> String {
    id(&rows(&subscription["items"])[0])
}

/// The amounts of the lines of an invoice.
pub(super) fn amounts(invoice: &Value) -> Vec<i64> {
    lines(invoice).iter().map(|line| int(line, "amount")).collect()
}
