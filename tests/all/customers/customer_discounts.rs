//! A customer's discount (billing 1.6, billing-2 8.1).

use serde_json::{Value, json};

use crate::support::client::sandbox;
use crate::support::flows::{customer, id, ids, int, invalid, missing, rows, says, text};

const BASIL_BEFORE: &str = "2024-06-20";

#[test]
fn a_coupon_gives_a_customer_a_discount_before_basil() {
    let api = sandbox("discount-customer");
    let months = [("percent_off", "10"), ("duration", "repeating"), ("duration_in_months", "3")];
    let coupon = id(&api.post("/v1/coupons", &months).ok());
    let older = api.version(BASIL_BEFORE);
    let made = older.post("/v1/customers", &[("coupon", &coupon)]).ok();
    let discount = &made["discount"];
    assert_eq!((&discount["coupon"]["id"], &discount["customer"]), (&json!(coupon), &made["id"]));
    let path = format!("/v1/customers/{}", id(&made));
    let newest = api.get(&path, &[]).ok()["discount"].clone();
    assert_eq!(newest["source"], json!({"coupon": coupon, "type": "coupon"}));
    assert!(int(&newest, "end") > int(&newest, "start") + 88 * 86_400, "{newest}");
    assert_eq!(api.get(&format!("{path}/discount"), &[]).ok(), newest);
    assert_eq!(int(&api.get(&format!("/v1/coupons/{coupon}"), &[]).ok(), "times_redeemed"), 1);
    let forever = id(&api.post("/v1/coupons", &[("percent_off", "20"), ("duration", "forever")]).ok());
    let promotion = [("promotion[type]", "coupon"), ("promotion[coupon]", forever.as_str()), ("max_redemptions", "1")];
    let code = id(&api.post("/v1/promotion_codes", &promotion).ok());
    let changed = older.post(&path, &[("promotion_code", &code)]).ok();
    assert_eq!((&changed["discount"]["promotion_code"], &changed["discount"]["end"]), (&json!(code), &json!(null)));
    assert_eq!(api.get(&format!("/v1/promotion_codes/{code}"), &[]).ok()["active"], false);
    assert_eq!(older.post(&path, &[("coupon", "")]).ok()["discount"], json!(null));
}

#[test]
fn a_discount_is_removed_by_a_call() {
    let api = sandbox("discount-removed");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let customer = id(&api.version(BASIL_BEFORE).post("/v1/customers", &[("coupon", &coupon)]).ok());
    let path = format!("/v1/customers/{customer}/discount");
    let gone = api.delete(&path).ok();
    assert_eq!((text(&gone, "object"), &gone["deleted"]), ("discount", &json!(true)));
    assert_eq!(api.get(&format!("/v1/customers/{customer}"), &[]).ok()["discount"], json!(null));
    says(api.delete(&path), 404, "No active discount for customer");
    assert_eq!(api.get(&path, &[]).refused(404)["code"], "resource_missing");
    missing(api.get("/v1/customers/cus_none/discount", &[]), 404, "customer", "cus_none", "customer");
}

#[test]
fn since_basil_a_customer_has_no_such_parameter() {
    let api = sandbox("discount-basil");
    for param in ["coupon", "promotion_code"] {
        invalid(api.post("/v1/customers", &[(param, "x")]), 400, Some("parameter_unknown"), Some(param));
        let unknown = api.version(BASIL_BEFORE).post("/v1/customers", &[(param, "x")]);
        invalid(unknown, 400, Some("resource_missing"), Some(param));
    }
    let both = [("coupon", "x"), ("promotion_code", "y")];
    invalid(api.version(BASIL_BEFORE).post("/v1/customers", &both), 400, None, Some("coupon"));
    let customer = customer(&api, &[]);
    assert_eq!(api.get(&format!("/v1/customers/{customer}"), &[]).ok()["discount"], json!(null));
}

#[test]
fn another_coupon_takes_the_place_of_the_one_before_with_one_event() {
    let api = sandbox("discount-switched");
    let coupon =
        |percent: &str| id(&api.post("/v1/coupons", &[("percent_off", percent), ("duration", "forever")]).ok());
    let (one, other) = (coupon("10"), coupon("20"));
    let older = api.version(BASIL_BEFORE);
    let customer = older.post("/v1/customers", &[("coupon", &one)]).ok();
    let since = ids(&api.get("/v1/events", &[]).ok()).len();
    let path = format!("/v1/customers/{}", id(&customer));
    let discount = older.post(&path, &[("coupon", &other)]).ok()["discount"].clone();
    assert_eq!((text(&discount["coupon"], "id"), discount["id"] == customer["discount"]["id"]), (&*other, false));
    let events = api.get("/v1/events", &[]).ok();
    let new: Vec<&Value> = rows(&events).iter().take(rows(&events).len() - since).collect();
    let shown: Vec<_> = new.iter().map(|event| (text(event, "type"), text(&event["data"]["object"], "id"))).collect();
    assert_eq!(shown, [("customer.discount.updated", text(&discount, "id"))]);
    let redeemed = |coupon: &str| int(&api.get(&format!("/v1/coupons/{coupon}"), &[]).ok(), "times_redeemed");
    assert_eq!((redeemed(&one), redeemed(&other)), (1, 1));
    // One that cannot be redeemed changes nothing.
    assert_eq!(older.post(&path, &[("coupon", "none")]).status, 400);
    assert_eq!(older.get(&path, &[]).ok()["discount"], discount);
}
