//! Plans, the older view of recurring prices (billing 1.3).

use serde_json::json;

use crate::catalog::products::told;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, text, with};

/// Asks for a monthly plan in dollars of a service that is described in place.
fn plan(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/plans", &with(&[("currency", "usd"), ("interval", "month"), ("product[name]", "Gold")], params))
}

#[test]
fn a_plan_is_a_recurring_price() {
    let api = sandbox("pl-create");
    let made = plan(&api, &[("amount", "2000"), ("trial_period_days", "7")]).ok();
    assert!(id(&made).starts_with("plan_1"), "{made}");
    assert_eq!((int(&made, "amount"), text(&made, "amount_decimal")), (2000, "2000"));
    assert_eq!((int(&made, "interval_count"), text(&made, "usage_type")), (1, "licensed"));
    let price = api.get(&format!("/v1/prices/{}", id(&made)), &[]).ok();
    assert_eq!((int(&price, "unit_amount"), int(&price["recurring"], "trial_period_days")), (2000, 7));
    assert_eq!(told(&api), ["product.created", "plan.created", "price.created"]);
    assert_eq!(ids(&api.get("/v1/plans", &[]).ok()), [id(&made)]);
    assert_eq!(api.get(&format!("/v1/plans/{}", id(&made)), &[]).ok(), made);
}

#[test]
fn a_price_that_is_paid_once_is_no_plan() {
    let api = sandbox("pl-once");
    let params = [("currency", "usd"), ("unit_amount", "5"), ("product_data[name]", "Pen")];
    let once = id(&api.post("/v1/prices", &params).ok());
    missing(api.get(&format!("/v1/plans/{once}"), &[]), 404, "plan", &once, "plan");
    missing(api.delete(&format!("/v1/plans/{once}")), 404, "plan", &once, "plan");
    assert_eq!(ids(&api.get("/v1/plans", &[]).ok()), [""; 0]);
}

#[test]
fn what_makes_no_plan_is_refused() {
    let api = sandbox("pl-refused");
    let error = invalid(plan(&api, &[]), 400, None, Some("amount"));
    assert_eq!(error["message"], "Plans require an `amount` parameter to be set.");
    let bare = [("currency", "usd"), ("interval", "month"), ("amount", "5")];
    invalid(api.post("/v1/plans", &bare), 400, Some("parameter_missing"), Some("product"));
    missing(api.post("/v1/plans", &with(&bare, &[("product", "prod_x")])), 400, "product", "prod_x", "product");
    invalid(plan(&api, &[("amount", "-5")]), 400, None, Some("amount"));
    invalid(plan(&api, &[("amount", "5"), ("interval_count", "37")]), 400, None, Some("interval_count"));
    let good = id(&api.post("/v1/products", &[("name", "Mug"), ("type", "good")]).ok());
    let error = invalid(api.post("/v1/plans", &with(&bare, &[("product", &good)])), 400, None, Some("product"));
    let message = format!(
        "Plans may only be created with products of type `service`, but the supplied product (`{good}`) had type `good`."
    );
    assert_eq!(text(&error, "message"), message);
    assert_eq!(id(&plan(&api, &[("amount", "5"), ("id", "gold")]).ok()), "gold");
    let error = invalid(plan(&api, &[("amount", "5"), ("id", "gold")]), 400, Some("resource_already_exists"), None);
    assert_eq!(error["message"], "Plan already exists.");
}

#[test]
fn an_update_is_told_of_as_a_plans_and_a_prices() {
    let api = sandbox("pl-update");
    let made = plan(&api, &[("amount", "5")]).ok();
    let own = format!("/v1/plans/{}", id(&made));
    let changed = api
        .post(&own, &[("nickname", "Gold"), ("active", "false"), ("trial_period_days", "3"), ("metadata[a]", "1")])
        .ok();
    assert_eq!((text(&changed, "nickname"), &changed["active"]), ("Gold", &json!(false)));
    assert_eq!((int(&changed, "trial_period_days"), &changed["metadata"]), (3, &json!({"a": "1"})));
    assert_eq!(told(&api)[3..], ["plan.updated", "price.updated"]);
    invalid(api.post(&own, &[("amount", "6")]), 400, Some("parameter_unknown"), Some("amount"));
    let other = id(&api.post("/v1/products", &[("name", "Silver")]).ok());
    assert_eq!(text(&api.post(&own, &[("product", &other)]).ok(), "product"), other);
}

#[test]
fn a_deleted_plan_is_gone_as_a_price_too() {
    let api = sandbox("pl-delete");
    let made = plan(&api, &[("amount", "5")]).ok();
    let own = format!("/v1/plans/{}", id(&made));
    assert_eq!(api.delete(&own).ok(), json!({"id": id(&made), "object": "plan", "deleted": true}));
    missing(api.get(&own, &[]), 404, "plan", &id(&made), "plan");
    missing(api.get(&format!("/v1/prices/{}", id(&made)), &[]), 404, "price", &id(&made), "price");
    assert_eq!(told(&api)[3..], ["plan.deleted", "price.deleted"]);
}

#[test]
fn a_plan_of_a_dump_is_a_price() {
    let name = "pl-dump";
    let api = sandbox(name);
    let product = json!({"id": "prod_dump", "object": "product", "name": "Gold", "active": true, "type": "service",
        "images": [], "marketing_features": []});
    let plan = json!({"id": "gold", "object": "plan", "active": true, "amount": 900, "billing_scheme": "per_unit",
        "currency": "usd", "interval": "year", "interval_count": 1, "product": "prod_dump", "usage_type": "licensed"});
    let dump = json!([product, plan]).to_string();
    let target = format!("/_pinstripe/fixtures?sandbox={name}");
    let answer = api.send("POST", &target, Some(("application/json", dump.as_bytes())));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let price = api.get("/v1/prices/gold", &[]).ok();
    assert_eq!((int(&price, "unit_amount"), text(&price, "unit_amount_decimal")), (900, "900"));
    assert_eq!((text(&price["recurring"], "interval"), text(&price, "type")), ("year", "recurring"));
    assert_eq!(int(&api.get("/v1/plans/gold", &[]).ok(), "amount"), 900);
}
