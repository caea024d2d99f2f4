//! Promotion codes (billing 1.5).

use serde_json::{Value, json};

use crate::catalog::products::last;
use crate::support::client::{self, Answer, Client, sandbox};
use crate::support::flows::{Params, customer, id, ids, int, invalid, missing, text, with};

fn coupon(api: &Client, params: Params<'_>) -> String {
    id(&api.post("/v1/coupons", &with(&[("percent_off", "25")], params)).ok())
}

fn code(api: &Client, coupon: &str, params: Params<'_>) -> Answer {
    api.post("/v1/promotion_codes", &with(&[("promotion[type]", "coupon"), ("promotion[coupon]", coupon)], params))
}

fn path(code: &Value) -> String {
    format!("/v1/promotion_codes/{}", id(code))
}

#[test]
fn a_code_has_its_defaults() {
    let api = sandbox("pc-defaults");
    let coupon = coupon(&api, &[]);
    let made = code(&api, &coupon, &[]).ok();
    let made_up = text(&made, "code");
    assert!(made_up.len() == 8 && !made_up.chars().any(|c| c.is_ascii_lowercase()), "{made_up}");
    assert_eq!((&made["active"], int(&made, "times_redeemed")), (&json!(true), 0));
    let restrictions =
        json!({"first_time_transaction": false, "minimum_amount": null, "minimum_amount_currency": null});
    assert_eq!(made["restrictions"], restrictions);
    assert_eq!(made["promotion"], json!({"coupon": coupon, "type": "coupon"}));
    let expanded = api.get(&path(&made), &[("expand[]", "promotion.coupon")]).ok();
    assert_eq!(expanded["promotion"]["coupon"]["percent_off"], 25.0);
    missing(api.get("/v1/promotion_codes/promo_x", &[]), 404, "promotion code", "promo_x", "promotion_code");
}

#[test]
fn a_code_is_for_a_coupon() {
    let api = sandbox("pc-coupon");
    let error = invalid(api.post("/v1/promotion_codes", &[]), 400, Some("parameter_missing"), Some("promotion"));
    assert_eq!(error["message"], "Missing required param: promotion.");
    let answer = api.post("/v1/promotion_codes", &[("promotion[type]", "coupon")]);
    let error = invalid(answer, 400, None, Some("promotion.coupon"));
    assert_eq!(error["message"], "You must pass promotion.coupon when passing promotion");
    missing(code(&api, "NOPE1234", &[]), 400, "coupon", "NOPE1234", "promotion[coupon]");
    missing(code(&api, &coupon(&api, &[]), &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
}

#[test]
fn no_two_active_codes_are_written_the_same() {
    let api = sandbox("pc-unique");
    let (coupon, owner) = (coupon(&api, &[]), customer(&api, &[]));
    let taken = code(&api, &coupon, &[("code", "TAKEN1")]).ok();
    let error = invalid(code(&api, &coupon, &[("code", "taken1")]), 400, None, None);
    assert_eq!(error["message"], "An active promotion code with `code: taken1` already exists.");
    code(&api, &coupon, &[("code", "TAKEN1"), ("customer", &owner)]).ok();
    code(&api, &coupon, &[("code", "TAKEN1"), ("active", "false")]).ok();
    api.post(&path(&taken), &[("active", "false")]).ok();
    assert_eq!(last(&api, "promotion_code.updated")["previous_attributes"], json!({"active": true}));
    code(&api, &coupon, &[("code", "Taken1")]).ok();
    invalid(api.post(&path(&taken), &[("active", "true")]), 400, None, None);
    let error = invalid(code(&api, &coupon, &[("code", "has spaces!")]), 400, None, Some("code"));
    assert_eq!(
        error["message"],
        r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value has spaces!)."
    );
}

#[test]
fn a_code_ends_no_later_than_its_coupon() {
    let name = "pc-end";
    let api = sandbox(name);
    let now = int(&api.post("/v1/products", &[("name", "Clock")]).ok(), "created");
    let at = |seconds: i64| (now + seconds).to_string();
    let coupon = coupon(&api, &[("redeem_by", &*at(7200)), ("max_redemptions", "10")]);
    invalid(code(&api, &coupon, &[("expires_at", "1000")]), 400, None, Some("expires_at"));
    invalid(code(&api, &coupon, &[("expires_at", "99999999999")]), 400, None, Some("expires_at"));
    invalid(code(&api, &coupon, &[("expires_at", &at(7201))]), 400, None, Some("expires_at"));
    invalid(code(&api, &coupon, &[("max_redemptions", "11")]), 400, None, Some("max_redemptions"));
    invalid(
        code(&api, &coupon, &[("max_redemptions", "0")]),
        400,
        Some("parameter_invalid_integer"),
        Some("max_redemptions"),
    );
    let made = code(&api, &coupon, &[("expires_at", &at(3600)), ("max_redemptions", "10")]).ok();
    let target = format!("/_pinstripe/clock?sandbox={name}&advance=3700");
    assert_eq!(client::raw(api.url(), "POST", &target, &[], None).status, 200);
    assert_eq!(api.get(&path(&made), &[]).ok()["active"], false);
    invalid(api.post(&path(&made), &[("active", "true")]), 400, None, Some("active"));
}

#[test]
fn a_least_amount_has_a_currency() {
    let api = sandbox("pc-minimum");
    let coupon = coupon(&api, &[]);
    let error = invalid(code(&api, &coupon, &[("restrictions[minimum_amount]", "500")]), 400, None, None);
    assert_eq!(error["message"], "You must pass minimum_amount_currency when passing minimum_amount");
    let both = [("restrictions[minimum_amount]", "500"), ("restrictions[minimum_amount_currency]", "USD")];
    let made = code(&api, &coupon, &both).ok();
    assert_eq!(
        (int(&made["restrictions"], "minimum_amount"), text(&made["restrictions"], "minimum_amount_currency")),
        (500, "usd")
    );
}

#[test]
fn the_list_knows_its_filters() {
    let api = sandbox("pc-list");
    let (first, second, owner) = (coupon(&api, &[]), coupon(&api, &[]), customer(&api, &[]));
    let everyone = code(&api, &first, &[("code", "SUMMER")]).ok();
    let personal = code(&api, &second, &[("customer", &owner), ("active", "false")]).ok();
    let listed = |params: Params<'_>| ids(&api.get("/v1/promotion_codes", params).ok());
    assert_eq!(listed(&[]), [id(&personal), id(&everyone)]);
    assert_eq!(listed(&[("code", "summer")]), [id(&everyone)]);
    assert_eq!(listed(&[("coupon", &second)]), [id(&personal)]);
    assert_eq!(listed(&[("customer", &owner)]), [id(&personal)]);
    assert_eq!(listed(&[("active", "true")]), [id(&everyone)]);
    assert_eq!(listed(&[("code", "summer"), ("active", "false")]), [""; 0]);
}
