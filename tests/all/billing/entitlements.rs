//! Entitlements (billing 5.7, billing-2 11.6).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, attached, customer, id, ids, invalid, missing, rows, says, text, with};

const FEATURES: &str = "/v1/entitlements/features";
const ACTIVE: &str = "/v1/entitlements/active_entitlements";
const UPDATED: &str = "entitlements.active_entitlement_summary.updated";

fn feature(api: &Client, key: &str) -> String {
    id(&api.post(FEATURES, &[("lookup_key", key), ("name", key)]).ok())
}

fn attach(api: &Client, product: &str, feature: &str) -> Value {
    api.post(&format!("/v1/products/{product}/features"), &[("entitlement_feature", feature)]).ok()
}

/// A monthly price of a product of its own; the price and the product.
fn plan(api: &Client) -> (String, String) {
    let params =
        [("currency", "usd"), ("unit_amount", "900"), ("recurring[interval]", "month"), ("product_data[name]", "Plan")];
    let price = api.post("/v1/prices", &params).ok();
    (id(&price), text(&price, "product").to_owned())
}

/// A customer who can pay.
fn ada(api: &Client) -> String {
    let ada = customer(api, &[]);
    let card = attached(api, "pm_card_visa", &ada);
    api.post(&format!("/v1/customers/{ada}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    ada
}

fn subscribe(api: &Client, customer: &str, price: &str, more: Params<'_>) -> Value {
    api.post("/v1/subscriptions", &with(&[("customer", customer), ("items[0][price]", price)], more)).ok()
}

/// The lookup keys of a customer's entitlements, sorted.
fn keys(api: &Client, customer: &str) -> Vec<String> {
    let listed = api.get(ACTIVE, &[("customer", customer)]).ok();
    let mut keys: Vec<String> = rows(&listed).iter().map(|row| text(row, "lookup_key").to_owned()).collect();
    keys.sort();
    keys
}

/// The events about entitlements, oldest first.
fn news(api: &Client) -> Vec<Value> {
    let events = api.get("/v1/events", &[("type", UPDATED)]).ok();
    rows(&events).iter().rev().cloned().collect()
}

#[test]
fn a_feature_has_a_key_that_no_other_active_feature_has() {
    let api = sandbox("ent-features");
    let made = api.post(FEATURES, &[("lookup_key", "export"), ("name", "Export"), ("metadata[a]", "1")]).ok();
    let shown = json!({
        "id": made["id"], "object": "entitlements.feature", "active": true, "livemode": false, "lookup_key": "export",
        "metadata": {"a": "1"}, "name": "Export",
    });
    assert_eq!(made, shown);
    let again = [("lookup_key", "export"), ("name", "Other")];
    says(api.post(FEATURES, &again), 400, "The lookup_key 'export' is in use already.");
    let path = format!("{FEATURES}/{}", id(&made));
    let changed = api.post(&path, &[("name", "Exports"), ("metadata[b]", "2"), ("active", "false")]).ok();
    assert_eq!((&changed["name"], &changed["metadata"]), (&json!("Exports"), &json!({"a": "1", "b": "2"})));
    // The key of an archived feature is free.
    let other = api.post(FEATURES, &again).ok();
    says(api.post(&path, &[("active", "true")]), 400, "The lookup_key 'export' is in use already.");
    assert_eq!(ids(&api.get(FEATURES, &[]).ok()), [id(&other)]);
    assert_eq!(ids(&api.get(FEATURES, &[("archived", "true")]).ok()), [id(&made)]);
    assert_eq!(ids(&api.get(FEATURES, &[("lookup_key", "export")]).ok()), [id(&other)]);
    missing(api.get(&format!("{FEATURES}/feat_none"), &[]), 404, "feature", "feat_none", "id");
    invalid(api.post(FEATURES, &[("name", "X")]), 400, Some("parameter_missing"), Some("lookup_key"));
}

#[test]
fn a_product_has_a_feature_once_and_shows_it_as_it_is_now() {
    let api = sandbox("ent-products");
    let (_, product) = plan(&api);
    let export = feature(&api, "export");
    let made = attach(&api, &product, &export);
    assert_eq!(made["entitlement_feature"]["lookup_key"], "export");
    let path = format!("/v1/products/{product}/features");
    let sentence = format!("The product `{product}` has the feature `{export}` already.");
    says(api.post(&path, &[("entitlement_feature", &export)]), 400, &sentence);
    api.post(&format!("{FEATURES}/{export}"), &[("name", "Exports"), ("active", "false")]).ok();
    let shown = api.get(&format!("{path}/{}", id(&made)), &[]).ok();
    assert_eq!(
        (&shown["entitlement_feature"]["name"], rows(&api.get(&path, &[]).ok())),
        (&json!("Exports"), &[shown.clone()][..])
    );
    let (_, other) = plan(&api);
    let sentence = format!("The feature `{export}` is archived: it cannot be attached to products.");
    let there = format!("/v1/products/{other}/features");
    says(api.post(&there, &[("entitlement_feature", &export)]), 400, &sentence);
    missing(
        api.post(&there, &[("entitlement_feature", "feat_none")]),
        400,
        "feature",
        "feat_none",
        "entitlement_feature",
    );
    missing(
        api.post("/v1/products/prod_none/features", &[("entitlement_feature", &export)]),
        404,
        "product",
        "prod_none",
        "product",
    );
    missing(api.delete(&format!("{there}/{}", id(&made))), 404, "product_feature", &id(&made), "id");
    let gone = api.delete(&format!("{path}/{}", id(&made))).ok();
    assert_eq!(gone, json!({"id": made["id"], "object": "product_feature", "deleted": true}));
    assert_eq!(api.get(&path, &[]).ok()["data"], json!([]));
}

#[test]
fn a_subscription_grants_the_features_of_its_products_while_it_goes_on() {
    let api = sandbox("ent-subscribed");
    let (price, product) = plan(&api);
    for key in ["export", "import"] {
        attach(&api, &product, &feature(&api, key));
    }
    let ada = ada(&api);
    let subscription = subscribe(&api, &ada, &price, &[]);
    assert_eq!(subscription["status"], "active");
    assert_eq!(keys(&api, &ada), ["export", "import"]);
    let listed = api.get(ACTIVE, &[("customer", &ada), ("expand[]", "data.feature")]).ok();
    let first = &listed["data"][0];
    assert_eq!(first["feature"]["lookup_key"], first["lookup_key"]);
    let one = api.get(&format!("{ACTIVE}/{}", id(first)), &[]).ok();
    assert_eq!((&one["feature"], &one["object"]), (&first["feature"]["id"], &json!("entitlements.active_entitlement")));
    let events = news(&api);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let summary = &event["data"]["object"];
    let shown = (&summary["customer"], &summary["object"], &summary["entitlements"]["data"][0]["id"]);
    assert_eq!(shown, (&json!(ada), &json!("entitlements.active_entitlement_summary"), &first["id"]));
    assert_eq!(event["data"]["previous_attributes"], json!({"entitlements": {"data": []}}));
    api.delete(&format!("/v1/subscriptions/{}", id(&subscription))).ok();
    assert_eq!(keys(&api, &ada), [""; 0]);
    let events = news(&api);
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["data"]["object"]["entitlements"]["data"], json!([]));
    assert_eq!(events[1]["data"]["previous_attributes"]["entitlements"]["data"], summary["entitlements"]["data"]);
    missing(api.get(&format!("{ACTIVE}/{}", id(first)), &[]), 404, "active entitlement", &id(first), "id");
}

#[test]
fn a_trial_grants_and_an_unpaid_beginning_does_not() {
    let api = sandbox("ent-status");
    let (price, product) = plan(&api);
    attach(&api, &product, &feature(&api, "export"));
    let (ada, bob) = (ada(&api), ada(&api));
    subscribe(&api, &ada, &price, &[("trial_period_days", "7")]);
    assert_eq!(keys(&api, &ada), ["export"]);
    let waiting = subscribe(&api, &bob, &price, &[("payment_behavior", "default_incomplete")]);
    assert_eq!((text(&waiting, "status"), keys(&api, &bob)), ("incomplete", Vec::new()));
    api.post(&format!("/v1/invoices/{}/pay", text(&waiting, "latest_invoice")), &[]).ok();
    assert_eq!(keys(&api, &bob), ["export"]);
}

#[test]
fn a_feature_that_two_subscriptions_grant_is_there_once_and_stays_with_the_second() {
    let api = sandbox("ent-twice");
    let ((one, first), (two, second)) = (plan(&api), plan(&api));
    let (export, import) = (feature(&api, "export"), feature(&api, "import"));
    attach(&api, &first, &export);
    attach(&api, &second, &export);
    attach(&api, &second, &import);
    let ada = ada(&api);
    let small = subscribe(&api, &ada, &one, &[]);
    let kept = api.get(ACTIVE, &[("customer", &ada)]).ok()["data"][0]["id"].clone();
    subscribe(&api, &ada, &two, &[]);
    assert_eq!(keys(&api, &ada), ["export", "import"]);
    api.delete(&format!("/v1/subscriptions/{}", id(&small))).ok();
    let listed = api.get(ACTIVE, &[("customer", &ada)]).ok();
    assert!(rows(&listed).iter().any(|row| row["id"] == kept), "{listed}");
    // What changes nothing is no news.
    assert_eq!(news(&api).len(), 2);
}

#[test]
fn a_feature_of_a_running_subscription_waits_for_its_next_period() {
    let api = sandbox("ent-later");
    let (price, product) = plan(&api);
    let ada = ada(&api);
    let subscription = subscribe(&api, &ada, &price, &[]);
    attach(&api, &product, &feature(&api, "export"));
    let path = format!("/v1/subscriptions/{}", id(&subscription));
    api.post(&path, &[("metadata[a]", "1")]).ok();
    assert_eq!((keys(&api, &ada), news(&api).len()), (Vec::new(), 0));
    api.advance(32 * 86_400);
    assert_eq!((keys(&api, &ada), news(&api).len()), (vec!["export".to_owned()], 1));
}

#[test]
fn what_a_product_has_can_be_granted_at_once_by_a_trigger() {
    let api = sandbox("ent-trigger");
    let (price, product) = plan(&api);
    let ada = ada(&api);
    let subscription = id(&subscribe(&api, &ada, &price, &[]));
    attach(&api, &product, &feature(&api, "export"));
    let target = format!("/_pinstripe/trigger?sandbox={}&event={UPDATED}&id={subscription}", api.sandbox());
    let triggered = api.send("POST", &target, None);
    assert_eq!(triggered.status, 200, "{}", triggered.text);
    assert_eq!((keys(&api, &ada), news(&api).len()), (vec!["export".to_owned()], 1));
    assert_eq!(api.send("POST", &target, None).status, 409);
}

#[test]
fn entitlements_are_those_of_a_customer() {
    let api = sandbox("ent-customer");
    invalid(api.get(ACTIVE, &[]), 400, Some("parameter_missing"), Some("customer"));
    missing(api.get(ACTIVE, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    let nobody = customer(&api, &[]);
    assert_eq!(api.get(ACTIVE, &[("customer", &nobody)]).ok()["data"], json!([]));
}
