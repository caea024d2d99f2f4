//! Coupons (billing 1.4).

use serde_json::{Value, json};

use crate::catalog::products::{last, told};
use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{Params, id, ids, invalid, missing, text};

fn coupon(api: &Client, params: Params<'_>) -> Value {
    api.post("/v1/coupons", params).ok()
}

fn path(coupon: &Value) -> String {
    format!("/v1/coupons/{}", id(coupon))
}

#[test]
fn a_coupon_has_its_defaults() {
    let api = sandbox("co-defaults");
    let made = coupon(&api, &[("percent_off", "25.5")]);
    assert_eq!(id(&made).len(), 8);
    assert_eq!((&made["percent_off"], text(&made, "duration")), (&json!(25.5), "once"));
    assert_eq!((&made["times_redeemed"], &made["valid"]), (&json!(0), &json!(true)));
    for key in ["redeem_by", "duration_in_months", "max_redemptions", "amount_off", "currency", "name"] {
        assert_eq!(made.get(key), Some(&Value::Null), "{key}");
    }
    assert!(made.get("applies_to").is_none() && made.get("currency_options").is_none(), "{made}");
    assert_eq!(ids(&api.get("/v1/coupons", &[]).ok()), [id(&made)]);
}

#[test]
fn a_coupon_takes_off_a_part_or_an_amount() {
    let api = sandbox("co-discount");
    let refused = |params: Params<'_>, code, param, message: &str| {
        let error = invalid(api.post("/v1/coupons", params), 400, code, param);
        assert_eq!(text(&error, "message"), message);
    };
    refused(&[], Some("parameter_missing"), None, "Must provide percent_off or amount_off.");
    let both = [("percent_off", "5"), ("amount_off", "5"), ("currency", "usd")];
    refused(&both, None, None, "Received both percent_off and amount_off parameters. Please pass in only one.");
    refused(&[("amount_off", "5")], None, Some("currency"), "You must pass currency when passing amount_off");
    let least = "This value must be greater than or equal to 0.01 (it currently is '0.0').";
    refused(&[("percent_off", "0")], None, Some("percent_off"), least);
    let most = "This value must be less than or equal to 100 (it currently is '100.5').";
    refused(&[("percent_off", "100.5")], None, Some("percent_off"), most);
    let options = [("percent_off", "5"), ("currency_options[eur][amount_off]", "5")];
    let exclusive = "You may only specify one of these parameters: currency_options, percent_off.";
    refused(&options, None, Some("currency_options"), exclusive);
    let none = [("amount_off", "0"), ("currency", "usd")];
    invalid(api.post("/v1/coupons", &none), 400, Some("parameter_invalid_integer"), Some("amount_off"));
    invalid(api.post("/v1/coupons", &[("amount_off", "5"), ("currency", "souls")]), 400, None, Some("currency"));
}

#[test]
fn only_a_repeating_coupon_has_months() {
    let api = sandbox("co-months");
    let repeating = [("percent_off", "5"), ("duration", "repeating")];
    let error = invalid(api.post("/v1/coupons", &repeating), 400, None, Some("duration"));
    assert_eq!(
        error["message"],
        "The duration_in_months param must be set when creating a coupon with a repeating duration"
    );
    let made = coupon(&api, &[&repeating[..], &[("duration_in_months", "3")]].concat());
    assert_eq!(made["duration_in_months"], 3);
    let once = [("percent_off", "5"), ("duration_in_months", "3")];
    invalid(api.post("/v1/coupons", &once), 400, None, Some("duration_in_months"));
    let none = [&repeating[..], &[("duration_in_months", "0")]].concat();
    let answer = api.post("/v1/coupons", &none);
    invalid(answer, 400, Some("parameter_invalid_integer"), Some("duration_in_months"));
}

#[test]
fn the_caller_may_choose_the_id_once() {
    let api = sandbox("co-id");
    assert_eq!(id(&coupon(&api, &[("percent_off", "5"), ("id", "SUMMER")])), "SUMMER");
    let again = api.post("/v1/coupons", &[("percent_off", "5"), ("id", "SUMMER")]);
    let error = invalid(again, 400, Some("resource_already_exists"), None);
    assert_eq!(error["message"], "Coupon already exists.");
}

#[test]
fn what_it_applies_to_is_shown_when_it_is_expanded() {
    let api = sandbox("co-expand");
    let product = id(&api.post("/v1/products", &[("name", "Mug")]).ok());
    let made = coupon(
        &api,
        &[
            ("amount_off", "500"),
            ("currency", "usd"),
            ("applies_to[products][]", &product),
            ("currency_options[eur][amount_off]", "450"),
        ],
    );
    let expand = [("expand[]", "applies_to"), ("expand[]", "currency_options")];
    let shown = api.get(&path(&made), &expand).ok();
    assert_eq!(shown["applies_to"], json!({"products": [product]}));
    assert_eq!(shown["currency_options"]["eur"], json!({"amount_off": 450}));
    let more = [("currency_options[gbp][amount_off]", "400"), expand[0], expand[1]];
    let changed = api.post(&path(&made), &more).ok();
    assert_eq!(
        (&changed["currency_options"]["eur"], &changed["applies_to"]),
        (&json!({"amount_off": 450}), &shown["applies_to"])
    );
    assert_eq!(changed["currency_options"]["gbp"]["amount_off"], 400);
    let unknown = [("percent_off", "5"), ("applies_to[products][]", "prod_x")];
    missing(api.post("/v1/coupons", &unknown), 400, "product", "prod_x", "applies_to[products][0]");
}

#[test]
fn a_coupon_is_valid_until_its_time_is_over() {
    let name = "co-time";
    let api = sandbox(name);
    let error =
        invalid(api.post("/v1/coupons", &[("percent_off", "5"), ("redeem_by", "1000")]), 400, None, Some("redeem_by"));
    assert_eq!(
        error["message"],
        "The parameter `redeem_by` expects a unix timestamp representing a date and time in the future. You specified \
         the value `1000` which is in the past."
    );
    let error = api.post("/v1/coupons", &[("percent_off", "5"), ("redeem_by", "99999999999")]).refused(400);
    assert_eq!(error["message"], "Invalid timestamp: can be no more than five years in the future.");
    let by = (coupon(&api, &[("percent_off", "5")])["created"].as_i64().unwrap() + 3600).to_string();
    let made = coupon(&api, &[("percent_off", "5"), ("redeem_by", &by)]);
    assert_eq!(made["valid"], true);
    let target = format!("/_pinstripe/clock?sandbox={name}&advance=3700");
    assert_eq!(client::raw(api.url(), "POST", &target, &[], None).status, 200);
    assert_eq!(api.get(&path(&made), &[]).ok()["valid"], false);
    let params = [("promotion[type]", "coupon"), ("promotion[coupon]", &*id(&made))];
    invalid(api.post("/v1/promotion_codes", &params), 400, Some("coupon_expired"), Some("promotion[coupon]"));
    invalid(
        api.post("/v1/coupons", &[("percent_off", "5"), ("max_redemptions", "0")]),
        400,
        Some("parameter_invalid_integer"),
        Some("max_redemptions"),
    );
}

#[test]
fn a_name_and_metadata_are_what_changes() {
    let api = sandbox("co-update");
    let made = coupon(&api, &[("percent_off", "5")]);
    let changed = api.post(&path(&made), &[("name", "Summer"), ("metadata[k]", "v")]).ok();
    assert_eq!((text(&changed, "name"), &changed["metadata"]), ("Summer", &json!({"k": "v"})));
    assert_eq!(last(&api, "coupon.updated")["previous_attributes"], json!({"metadata": {"k": null}, "name": null}));
    invalid(api.post(&path(&made), &[("percent_off", "6")]), 400, Some("parameter_unknown"), Some("percent_off"));
    invalid(api.post(&path(&made), &[("currency_options[eur][amount_off]", "5")]), 400, None, Some("currency_options"));
    missing(api.post("/v1/coupons/NONE", &[]), 404, "coupon", "NONE", "coupon");
}

#[test]
fn a_deleted_coupon_is_told_of_as_not_valid() {
    let api = sandbox("co-delete");
    let made = coupon(&api, &[("percent_off", "5")]);
    assert_eq!(api.delete(&path(&made)).ok(), json!({"id": id(&made), "object": "coupon", "deleted": true}));
    missing(api.get(&path(&made), &[]), 404, "coupon", &id(&made), "coupon");
    assert_eq!(told(&api), ["coupon.created", "coupon.deleted"]);
    assert_eq!(last(&api, "coupon.deleted")["object"]["valid"], false);
}
