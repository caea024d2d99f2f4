//! Lists and search (billing 2.13).

use serde_json::json;

use super::{PATH, cancel, price, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, invalid, rows, text};

#[test]
fn subscriptions_are_listed_by_what_they_are() {
    let api = sandbox("sub-lists");
    let (customer, one, other) = (payer(&api), price(&api, "1000", "month", &[]), price(&api, "2000", "year", &[]));
    let live = subscribe(&api, &customer, &one, &[]).ok();
    let trial = subscribe(&api, &payer(&api), &other, &[("trial_period_days", "5")]).ok();
    let ended = subscribe(&api, &customer, &other, &[]).ok();
    cancel(&api, &ended, &[]).ok();
    let listed = |params: &[(&str, &str)]| ids(&api.get(PATH, params).ok()).join(" ");
    let [live, trial, ended] = [live, trial, ended].map(|made| id(&made));
    assert_eq!(listed(&[]), format!("{trial} {live}"));
    assert_eq!(listed(&[("status", "all")]), format!("{ended} {trial} {live}"));
    assert_eq!(listed(&[("status", "ended")]), ended);
    assert_eq!(listed(&[("status", "trialing")]), trial);
    assert_eq!(listed(&[("customer", &customer)]), live);
    assert_eq!(listed(&[("price", &one)]), live);
    assert_eq!(listed(&[("plan", &other)]), trial);
    assert_eq!(listed(&[("collection_method", "send_invoice")]), "");
    assert_eq!(listed(&[("automatic_tax[enabled]", "false")]), format!("{trial} {live}"));
    assert_eq!(listed(&[("current_period_end[lt]", "1")]), "");
    assert_eq!(listed(&[("current_period_start[gt]", "1"), ("customer", &customer)]), live);
    let found = api.get("/v1/subscriptions/search", &[("query", "status:'canceled'")]).ok();
    assert_eq!(rows(&found)[0]["id"], json!(ended));
}

#[test]
fn items_are_listed_by_their_subscription() {
    let api = sandbox("sub-items");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let listed = api.get("/v1/subscription_items", &[("subscription", &id(&made))]).ok();
    assert_eq!(rows(&listed), rows(&made["items"]));
    let item = text(&rows(&listed)[0], "id").to_owned();
    assert_eq!(api.get(&format!("/v1/subscription_items/{item}"), &[]).ok(), rows(&listed)[0]);
    invalid(api.get("/v1/subscription_items", &[]), 400, Some("parameter_missing"), Some("subscription"));
    api.post(&format!("/v1/prices/{price}"), &[("nickname", "Club")]).ok();
    assert_eq!(api.get(&format!("/v1/subscription_items/{item}"), &[]).ok()["price"]["nickname"], "Club");
}

#[test]
fn what_lives_on_a_clock_is_listed_by_its_clock() {
    let api = sandbox("sub-clocked");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1800000000")]).ok());
    let customer = id(&api.post("/v1/customers", &[("test_clock", &clock)]).ok());
    let price = price(&api, "1000", "month", &[]);
    let made = id(&subscribe(&api, &customer, &price, &[("trial_period_days", "9")]).ok());
    assert_eq!(ids(&api.get(PATH, &[]).ok()), Vec::<String>::new());
    assert_eq!(ids(&api.get(PATH, &[("test_clock", &clock)]).ok()), [made]);
}
