//! Products (billing 1.1).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, rows, says, text, with};

fn product(api: &Client, params: Params<'_>) -> Value {
    api.post("/v1/products", &with(&[("name", "Mug")], params)).ok()
}

fn path(product: &Value) -> String {
    format!("/v1/products/{}", id(product))
}

/// The types of all events, the oldest first.
pub(crate) fn told(api: &Client) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    rows(&events).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

/// The data of the last event of a type.
pub(crate) fn last(api: &Client, kind: &str) -> Value {
    api.get("/v1/events", &[("type", kind)]).ok()["data"][0]["data"].clone()
}

#[test]
fn a_product_has_its_defaults() {
    let api = sandbox("pr-defaults");
    let made = product(&api, &[]);
    assert!(id(&made).starts_with("prod_") && id(&made).len() == 19, "{made}");
    assert_eq!((&made["active"], text(&made, "type"), &made["images"]), (&json!(true), "service", &json!([])));
    assert_eq!((&made["marketing_features"], &made["metadata"]), (&json!([]), &json!({})));
    for key in ["default_price", "shippable", "description", "package_dimensions", "tax_details", "url"] {
        assert_eq!(made.get(key), Some(&Value::Null), "{key}");
    }
    // shapes 2.6
    for key in ["statement_descriptor", "tax_code", "unit_label"] {
        assert_eq!(made.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!(made["attributes"], json!([]));
    assert_eq!(made["created"], made["updated"]);
    assert_eq!(api.get(&path(&made), &[]).ok(), made);
    assert_eq!(api.get("/v1/products", &[]).header("pinstripe-coverage"), Some("rules"));
    invalid(api.post("/v1/products", &[]), 400, Some("parameter_missing"), Some("name"));
}

#[test]
fn the_caller_may_choose_the_id_once() {
    let api = sandbox("pr-id");
    assert_eq!(id(&product(&api, &[("id", "mug")])), "mug");
    let error = api.post("/v1/products", &[("name", "Mug"), ("id", "mug")]).refused(400);
    assert_eq!((text(&error, "code"), text(&error, "message")), ("resource_already_exists", "Product already exists."));
    invalid(api.post("/v1/products", &[("name", "Mug"), ("id", "a mug")]), 400, None, Some("id"));
}

#[test]
fn lists_inside_a_product_have_an_end() {
    let api = sandbox("pr-lists");
    let names: Vec<String> = (0..16).map(|i| format!("images[{i}]")).collect();
    let images: Vec<(&str, &str)> =
        names.iter().take(9).map(|name| (name.as_str(), "https://example.com/a.png")).collect();
    invalid(api.post("/v1/products", &with(&[("name", "Mug")], &images)), 400, None, Some("images"));
    let names: Vec<String> = (0..16).map(|i| format!("marketing_features[{i}][name]")).collect();
    let features: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "Hot")).collect();
    let own = path(&product(&api, &images[..8]));
    invalid(api.post(&own, &features), 400, None, Some("marketing_features"));
    assert_eq!(api.post(&own, &features[..15]).ok()["marketing_features"][14]["name"], "Hot");
}

#[test]
fn the_default_price_is_made_with_the_product_and_told_of_after_it() {
    let api = sandbox("pr-default-price");
    let made = product(
        &api,
        &[
            ("default_price_data[currency]", "eur"),
            ("default_price_data[unit_amount]", "900"),
            ("default_price_data[recurring][interval]", "month"),
            ("expand[]", "default_price"),
        ],
    );
    let price = &made["default_price"];
    assert_eq!((text(price, "product"), int(price, "unit_amount")), (&*id(&made), 900));
    assert_eq!((text(price, "type"), text(price, "currency")), ("recurring", "eur"));
    assert_eq!(told(&api), ["product.created", "plan.created", "price.created"]);
    assert_eq!(last(&api, "product.created")["object"]["default_price"], price["id"]);
    let wrong = [("name", "Mug"), ("default_price_data[currency]", "eur")];
    invalid(api.post("/v1/products", &wrong), 400, None, None);
    let negative = [&wrong[..], &[("default_price_data[unit_amount]", "-1")]].concat();
    invalid(api.post("/v1/products", &negative), 400, None, Some("default_price_data[unit_amount]"));
    assert_eq!(ids(&api.get("/v1/products", &[]).ok()).len(), 1);
}

#[test]
fn an_update_tells_what_changed_and_nothing_changed_is_no_news() {
    let api = sandbox("pr-update");
    let made = product(&api, &[("description", "Blue"), ("url", "https://example.com/")]);
    assert_eq!(api.post(&path(&made), &[("name", "Mug"), ("metadata", "")]).ok(), made);
    let changed = api.post(&path(&made), &[("description", ""), ("metadata[a]", "1")]).ok();
    assert_eq!((&changed["description"], &changed["metadata"]), (&Value::Null, &json!({"a": "1"})));
    assert_eq!(told(&api), ["product.created", "product.updated"]);
    let previous = &last(&api, "product.updated")["previous_attributes"];
    assert_eq!((&previous["description"], &previous["metadata"]), (&json!("Blue"), &json!({"a": null})));
    assert_eq!(previous.get("name"), None);
    missing(api.post("/v1/products/prod_x", &[]), 404, "product", "prod_x", "id");
}

#[test]
fn the_default_price_is_one_of_the_products_own() {
    let api = sandbox("pr-own-price");
    let (mug, cup) = (product(&api, &[]), product(&api, &[]));
    let price = |product: &Value| {
        let params = [("currency", "usd"), ("unit_amount", "5"), ("product", &*id(product))];
        id(&api.post("/v1/prices", &params).ok())
    };
    let (own, other) = (price(&mug), price(&cup));
    assert_eq!(text(&api.post(&path(&mug), &[("default_price", &own)]).ok(), "default_price"), own);
    invalid(api.post(&path(&mug), &[("default_price", &other)]), 400, None, Some("default_price"));
    missing(api.post(&path(&mug), &[("default_price", "price_nope")]), 400, "price", "price_nope", "default_price");
}

#[test]
fn a_product_with_prices_stays() {
    let api = sandbox("pr-delete");
    let (mug, cup) = (product(&api, &[]), product(&api, &[]));
    api.post("/v1/prices", &[("currency", "usd"), ("unit_amount", "5"), ("product", &id(&mug))]).ok();
    let error = invalid(api.delete(&path(&mug)), 400, None, None);
    assert_eq!(error["message"], "This product cannot be deleted because it has one or more user-created prices.");
    let stub = api.delete(&path(&cup)).ok();
    assert_eq!(stub, json!({"id": id(&cup), "object": "product", "deleted": true}));
    missing(api.get(&path(&cup), &[]), 404, "product", &id(&cup), "id");
    missing(api.delete(&path(&cup)), 404, "product", &id(&cup), "id");
    assert_eq!(ids(&api.get("/v1/products", &[]).ok()), [id(&mug)]);
    let deleted = last(&api, "product.deleted");
    assert_eq!((&deleted["object"]["active"], deleted["object"].get("deleted")), (&json!(false), None));
    assert_eq!(told(&api).iter().filter(|name| *name == "product.updated").count(), 0);
}

#[test]
fn the_list_knows_its_filters() {
    let api = sandbox("pr-list");
    let mug = product(&api, &[("shippable", "true"), ("url", "https://example.com/mug"), ("type", "good")]);
    let cup = product(&api, &[("active", "false")]);
    let listed = |params: Params<'_>| ids(&api.get("/v1/products", params).ok());
    assert_eq!(listed(&[]), [id(&cup), id(&mug)]);
    assert_eq!(listed(&[("active", "true")]), [id(&mug)]);
    assert_eq!(listed(&[("shippable", "true")]), [id(&mug)]);
    assert_eq!(listed(&[("type", "service")]), [id(&cup)]);
    assert_eq!(listed(&[("url", "https://example.com/mug")]), [id(&mug)]);
    assert_eq!(listed(&[("ids[]", &id(&cup)), ("ids[]", "prod_x")]), [id(&cup)]);
    let both = [("ids[]", &*id(&cup)), ("starting_after", &*id(&cup))];
    invalid(api.get("/v1/products", &both), 400, None, Some("ids"));
}

#[test]
fn features_are_for_marketing_since_2024_04_10() {
    let api = sandbox("pr-features");
    let sent = [("name", "Mug"), ("features[0][name]", "Hot")];
    invalid(api.post("/v1/products", &sent), 400, Some("parameter_unknown"), Some("features"));
    let older = api.version("2023-10-16");
    let made = older.post("/v1/products", &sent).ok();
    let hot = json!([{"name": "Hot"}]);
    assert_eq!((&made["features"], made.get("marketing_features")), (&hot, None));
    assert_eq!(api.get(&path(&made), &[]).ok()["marketing_features"], hot);
    let changed = older.post(&path(&made), &[("features[0][name]", "Cold")]).ok();
    assert_eq!(changed["features"], json!([{"name": "Cold"}]));
    let both = [("features[0][name]", "A"), ("marketing_features[0][name]", "B")];
    let sentence = "You may only specify one of these parameters: features, marketing_features.";
    says(older.post(&path(&made), &both), 400, sentence);
}

#[test]
fn a_good_is_described_as_no_service_is() {
    let api = sandbox("pr-goods");
    let good = [
        ("attributes[0]", "size"),
        ("caption", "For tea"),
        ("deactivate_on[0]", "https://shop.example"),
        ("name", "Mug"),
        ("type", "good"),
    ];
    let made = api.post("/v1/products", &good).ok();
    assert_eq!((&made["attributes"], &made["caption"]), (&json!(["size"]), &json!("For tea")));
    assert_eq!(made["deactivate_on"], json!(["https://shop.example"]));
    assert_eq!(api.post(&path(&made), &[("caption", "For coffee")]).ok()["caption"], "For coffee");
    let service = path(&product(&api, &[]));
    for (name, param) in [("attributes[]", "attributes"), ("caption", "caption"), ("deactivate_on[]", "deactivate_on")]
    {
        let unknown = Some("parameter_unknown");
        invalid(api.post("/v1/products", &[("name", "Tea"), (name, "x")]), 400, unknown, Some(param));
        invalid(api.post(&service, &[(name, "x")]), 400, unknown, Some(param));
    }
}

#[test]
fn a_package_is_measured_whole_before_a_part_of_it_changes() {
    let api = sandbox("pr-package");
    let own = path(&product(&api, &[]));
    let height = [("package_dimensions[height]", "1")];
    let missing = Some("parameter_missing");
    invalid(api.post(&own, &height), 400, missing, Some("package_dimensions[length]"));
    let whole = [
        ("package_dimensions[height]", "2"),
        ("package_dimensions[length]", "3"),
        ("package_dimensions[weight]", "4"),
        ("package_dimensions[width]", "5"),
    ];
    api.post(&own, &whole).ok();
    let changed = api.post(&own, &height).ok();
    assert_eq!(changed["package_dimensions"], json!({"height": 1.0, "length": 3.0, "weight": 4.0, "width": 5.0}));
    api.post(&own, &[("package_dimensions", "")]).ok();
    invalid(api.post(&own, &height), 400, missing, Some("package_dimensions[length]"));
}
