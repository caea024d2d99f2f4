//! The items of subscriptions, each by its own operations (billing 2.1, billing-2 4.5, 12.5).

use serde_json::json;

use super::{clocked, item, newest_event, pending, price, price_of, stored, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, int, invalid, missing, says, text, with};

const ITEMS: &str = "/v1/subscription_items";

#[test]
fn an_item_is_added_changed_and_removed_with_the_events_of_its_subscription() {
    let api = sandbox("items-life");
    let customer = payer(&api);
    let (first, second) = (price(&api, "1000", "month", &[]), price(&api, "500", "month", &[]));
    let made = subscribe(&api, &customer, &first, &[]).ok();
    let subscription = id(&made);
    let before = event_count(&api);
    let params = [("subscription", subscription.as_str()), ("price", &second), ("quantity", "2"), ("metadata[a]", "b")];
    let added = api.post(ITEMS, &params).ok();
    assert_eq!((int(&added, "quantity"), &added["metadata"]), (2, &json!({"a": "b"})));
    assert_eq!(text(&added, "subscription"), subscription);
    assert_eq!(events_since(&api, before), ["invoiceitem.created", "customer.subscription.updated"]);
    let both = stored(&api, &subscription);
    assert_eq!((ids(&both["items"]).len(), &both["plan"], &both["quantity"]), (2, &json!(null), &json!(null)));
    let path = format!("{ITEMS}/{}", id(&added));
    let before = event_count(&api);
    let more = api.post(&path, &[("quantity", "5")]).ok();
    assert_eq!(int(&more, "quantity"), 5);
    assert_eq!(
        events_since(&api, before),
        ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]
    );
    let told = &newest_event(&api, "customer.subscription.updated")["data"];
    assert_eq!(told["previous_attributes"]["items"]["data"][1]["quantity"], 2, "{told:#}");
    assert_eq!(told["object"]["items"]["data"][1]["quantity"], 5);
    let before = event_count(&api);
    let gone = api.delete(&format!("{path}?proration_behavior=none")).ok();
    assert_eq!((&gone["deleted"], text(&gone, "object")), (&json!(true), "subscription_item"));
    assert_eq!(events_since(&api, before), ["customer.subscription.updated"]);
    let listed = api.get(ITEMS, &[("subscription", &subscription)]).ok();
    assert_eq!(ids(&listed), [item(&made)]);
}

#[test]
fn what_costs_nothing_is_added_without_a_proration() {
    let api = sandbox("items-free");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let (free, paid) = (price(&api, "0", "month", &[]), price(&api, "500", "month", &[]));
    for (price, quantity) in [(free, "1"), (paid, "0")] {
        let before = event_count(&api);
        api.post(ITEMS, &[("subscription", &id(&made)), ("price", &price), ("quantity", quantity)]).ok();
        assert_eq!(events_since(&api, before), ["customer.subscription.updated"]);
    }
    assert_eq!(pending(&api, &customer).len(), 0);
}

#[test]
fn an_item_that_was_deleted_has_errors_of_its_own() {
    let api = sandbox("items-deleted");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let second = price(&api, "500", "month", &[]);
    let added = id(&api.post(ITEMS, &[("subscription", &id(&made)), ("price", &second)]).ok());
    let path = format!("{ITEMS}/{added}");
    api.delete(&path).ok();
    let sentence = format!("Invalid subscription_item id: {added}");
    says(api.get(&path, &[]), 400, &sentence);
    says(api.post(&path, &[("quantity", "2")]), 400, &sentence);
    says(api.delete(&path), 400, &sentence);
    let again = [("items[0][id]", added.as_str()), ("items[0][quantity]", "2")];
    let of_subscription = format!("No subscription item with this ID ({added}) on the subscription.");
    says(super::change(&api, &made, &again), 400, &of_subscription);
    missing(api.get(&format!("{ITEMS}/si_none"), &[]), 404, "subscription_item", "si_none", "item");
}

#[test]
fn the_last_item_stays() {
    let api = sandbox("items-last");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let sentence = "A subscription must have at least one active plan. To cancel a subscription, please use the cancel \
                    API endpoint on /v1/subscriptions.";
    says(api.delete(&format!("{ITEMS}/{}", item(&made))), 400, sentence);
    assert_eq!(ids(&the_subscription(&api, &made)["items"]), [item(&made)]);
}

#[test]
fn a_price_is_on_a_subscription_once_and_twenty_items_at_the_most() {
    let api = sandbox("items-most");
    let customer = payer(&api);
    let first = price(&api, "1000", "month", &[]);
    let made = subscribe(&api, &customer, &first, &[]).ok();
    let twice = [("subscription", id(&made)), ("price", first.clone())];
    let twice: Vec<(&str, &str)> = twice.iter().map(|(key, value)| (*key, value.as_str())).collect();
    says(api.post(ITEMS, &twice), 400, &format!("Cannot add multiple subscription items with the same plan: {first}"));
    let product = id(&api.post("/v1/products", &[("name", "Gold")]).ok());
    let next = || price_of(&api, &product, "100", "month", &[]);
    for _ in 1..20 {
        api.post(ITEMS, &[("subscription", &id(&made)), ("price", &next()), ("proration_behavior", "none")]).ok();
    }
    let sentence = format!("Subscription {} already has the maximum 20 items per subscription.", id(&made));
    says(api.post(ITEMS, &[("subscription", &id(&made)), ("price", &next())]), 400, &sentence);
}

#[test]
fn the_parameters_of_an_item_are_named_without_its_list() {
    let api = sandbox("items-params");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let own = id(&made);
    missing(api.post(ITEMS, &[("subscription", &own), ("price", "price_none")]), 400, "price", "price_none", "price");
    let base = [("subscription", own.as_str())];
    invalid(api.post(ITEMS, &base), 400, Some("parameter_missing"), Some("price"));
    let weekly = price(&api, "100", "week", &[]);
    invalid(api.post(ITEMS, &with(&base, &[("price", &weekly)])), 400, None, Some("items"));
    let yen = super::price_in(&api, "jpy", "100", "month");
    invalid(api.post(ITEMS, &with(&base, &[("price", &yen)])), 400, None, Some("items"));
    let path = format!("{ITEMS}/{}", item(&made));
    invalid(api.post(&path, &[("quantity", "-1")]), 400, None, Some("quantity"));
    invalid(api.get(ITEMS, &[]), 400, Some("parameter_missing"), Some("subscription"));
    api.delete(&format!("{}/{own}", super::PATH)).ok();
    let other = price(&api, "100", "month", &[]);
    missing(api.post(ITEMS, &with(&base, &[("price", &other)])), 404, "subscription", &own, "subscription");
}

#[test]
fn an_item_has_a_period_of_its_own_interval() {
    let api = sandbox("items-periods");
    // 1 April 2026.
    let customer = clocked(&api, 1_775_001_600);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let yearly = price(&api, "9000", "year", &[]);
    let added = api.post(ITEMS, &[("subscription", &id(&made)), ("price", &yearly)]).ok();
    // 1 April 2027.
    assert_eq!(
        (int(&added, "current_period_start"), int(&added, "current_period_end")),
        (1_775_001_600, 1_806_537_600)
    );
    assert_eq!(pending(&api, &customer)[0]["amount"], 9000);
}
