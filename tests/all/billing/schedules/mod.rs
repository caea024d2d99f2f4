//! Subscription schedules (billing 5.3, billing-2 11.4, 13.7).

mod creating;
mod ending;
mod following;
mod going_on;
mod previewing;
mod updating;

use serde_json::Value;

use super::invoices::payer;
use super::subscriptions::price;
use crate::support::client::{Answer, Client};
use crate::support::flows::{Params, id, rows, text, with};

pub(super) const PATH: &str = "/v1/subscription_schedules";

/// Seconds of a day.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// Schedules phases for a customer.
pub(super) fn schedule(api: &Client, customer: &str, params: Params<'_>) -> Answer {
    api.post(PATH, &with(&[("customer", customer)], params))
}

/// A schedule of a customer with a card: a weekly price of 10 dollars for one week, and then one of 20 dollars for another.
pub(super) fn two_weeks(api: &Client, params: Params<'_>) -> (Value, [String; 2]) {
    let prices = [price(api, "1000", "week", &[]), price(api, "2000", "week", &[])];
    let phases = [("phases[0][items][0][price]", &*prices[0]), ("phases[1][items][0][price]", &*prices[1])];
    let made = schedule(api, &payer(api), &with(&phases, params)).ok();
    (made, prices)
}

pub(super) fn the_schedule(api: &Client, schedule: &Value) -> Value {
    api.get(&format!("{PATH}/{}", text(schedule, "id")), &[]).ok()
}

pub(super) fn act(api: &Client, schedule: &Value, verb: &str, params: Params<'_>) -> Answer {
    api.post(&format!("{PATH}/{}/{verb}", text(schedule, "id")), params)
}

pub(super) fn change(api: &Client, schedule: &Value, params: Params<'_>) -> Answer {
    api.post(&format!("{PATH}/{}", text(schedule, "id")), params)
}

/// The subscription of a schedule.
pub(super) fn managed(api: &Client, schedule: &Value) -> Value {
    let subscription = schedule["subscription"].as_str().or(schedule["released_subscription"].as_str());
    api.get(&format!("/v1/subscriptions/{}", subscription.unwrap_or_else(|| panic!("none: {schedule}"))), &[]).ok()
}

/// The invoices of a schedule's subscription, oldest first.
pub(super) fn invoices(api: &Client, schedule: &Value) -> Vec<Value> {
    let subscription = id(&managed(api, schedule));
    let listed = api.get("/v1/invoices", &[("subscription", &subscription), ("limit", "100")]).ok();
    rows(&listed).iter().rev().cloned().collect()
}

/// The pending items of a schedule's customer: their amounts, as they are listed.
pub(super) fn pending(api: &Client, schedule: &Value) -> Vec<i64> {
    let listed = api.get("/v1/invoiceitems", &[("customer", text(schedule, "customer")), ("pending", "true")]).ok();
    rows(&listed).iter().map(|item| item["amount"].as_i64().unwrap()).collect()
}
