//! API versions: what the gates between 2017 and today change (platform 6, core-payments 0.2).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    Params, attached, charged, customer, id, ids, intent, invalid, pay, refund, rows, text, the_charge, the_customer,
    the_intent, with,
};

/// The version just before each gate of core objects, and the gate.
const GATES: &[(&str, &str)] = &[
    ("2020-03-02", "2020-08-27"),
    ("2022-08-01", "2022-11-15"),
    ("2022-11-15", "2023-08-16"),
    ("2023-10-16", "2024-04-10"),
    ("2025-02-24.acacia", "2025-03-31.basil"),
];

/// The same object just before and at a gate.
fn around(api: &Client, gate: &str, get: impl Fn(&Client) -> Value) -> (Value, Value) {
    let before = GATES.iter().find(|(_, known)| *known == gate).unwrap().0;
    (get(&api.version(before)), get(&api.version(gate)))
}

#[test]
fn a_customer_shows_its_lists_before_2020_08_27() {
    let api = sandbox("versions-sources");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let (before, after) = around(&api, "2020-08-27", |api| the_customer(api, &owner));
    for (list, rows) in [("sources", 1), ("subscriptions", 0), ("tax_ids", 0)] {
        assert_eq!(before[list]["object"], "list", "{list}");
        assert_eq!((&before[list]["total_count"], ids(&before[list]).len()), (&json!(rows), rows));
        assert_eq!(before[list]["url"], format!("/v1/customers/{owner}/{list}"));
        assert!(after.get(list).is_none(), "{list}");
    }
    let (before, after) = around(&api, "2020-08-27", |api| api.get("/v1/customers", &[]).ok());
    assert!(rows(&before)[0]["sources"].is_object() && rows(&after)[0].get("sources").is_none());
    let (before, after) = around(&api, "2020-08-27", |api| api.post("/v1/customers", &[]).ok());
    assert!(before["sources"].is_object() && after.get("sources").is_none());
}

#[test]
fn an_expanded_customer_has_the_form_of_the_version() {
    let api = sandbox("versions-expanded");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let paid = id(&crate::support::flows::charge(&api, &[("customer", &owner)]).ok());
    let path = format!("/v1/charges/{paid}");
    let (before, after) = around(&api, "2020-08-27", |api| api.get(&path, &[("expand[]", "customer")]).ok());
    assert!(before["customer"]["sources"].is_object() && after["customer"].get("sources").is_none());
}

#[test]
fn a_charge_shows_its_refunds_before_2022_11_15() {
    let api = sandbox("versions-refunds");
    let paid = id(&charged(&api, &[]));
    let back = id(&refund(&api, &paid, &[("amount", "100")]).ok());
    let (before, after) = around(&api, "2022-11-15", |api| the_charge(api, &paid));
    let refunds = &before["refunds"];
    assert_eq!((ids(refunds), &refunds["total_count"]), (vec![back], &json!(1)));
    assert_eq!((&refunds["has_more"], &refunds["url"]), (&json!(false), &json!(format!("/v1/charges/{paid}/refunds"))));
    assert!(after.get("refunds").is_none());
    let made = charged(&api.version("2022-08-01"), &[]);
    assert_eq!((ids(&made["refunds"]).len(), &made["refunds"]["total_count"]), (0, &json!(0)));
}

#[test]
fn an_intent_shows_its_latest_charge_in_charges_before_2022_11_15() {
    let api = sandbox("versions-charges");
    let made = id(&intent(&api, &[("payment_method_types[]", "card")]).ok());
    let confirm = format!("/v1/payment_intents/{made}/confirm");
    assert_eq!(api.post(&confirm, &[("payment_method", "pm_card_chargeDeclined")]).status, 402);
    api.post(&confirm, &[("payment_method", "pm_card_visa")]).ok();
    let (before, after) = around(&api, "2022-11-15", |api| the_intent(api, &made));
    let latest = text(&after, "latest_charge");
    assert_eq!(ids(&before["charges"]), [latest]);
    assert_eq!(before["charges"]["url"], format!("/v1/charges?payment_intent={made}"));
    // The charges in it have the form of the version, too.
    assert_eq!(rows(&before["charges"])[0]["refunds"]["object"], "list");
    assert!(after.get("charges").is_none());
    let path = format!("/v1/payment_intents/{made}");
    let deep: Params<'_> = &[("expand[]", "charges.data.balance_transaction")];
    let whole = api.version("2020-08-27").get(&path, deep).ok();
    assert_eq!(text(&rows(&whole["charges"])[0]["balance_transaction"], "object"), "balance_transaction");
}

#[test]
fn intents_take_automatic_payment_methods_from_2023_08_16_on() {
    let api = sandbox("versions-automatic");
    let (before, after) = around(&api, "2023-08-16", |api| intent(api, &[]).ok());
    assert_eq!(
        (&before["automatic_payment_methods"], &before["payment_method_types"]),
        (&Value::Null, &json!(["card"]))
    );
    assert_eq!(after["automatic_payment_methods"], json!({"allow_redirects": "always", "enabled": true}));
    let types = after["payment_method_types"].as_array().unwrap();
    assert!(types.contains(&json!("card")) && types.contains(&json!("link")), "{after}");
}

#[test]
fn confirming_needs_a_return_url_from_2023_08_16_on() {
    let api = sandbox("versions-return-url");
    let confirmed = [("confirm", "true"), ("payment_method", "pm_card_visa")];
    let (before, after) = around(&api, "2023-08-16", |api| {
        let answer = intent(api, &confirmed);
        json!({"status": answer.status, "body": answer.body})
    });
    assert_eq!(before["body"]["status"], "succeeded");
    assert_eq!(after["status"], 400);
    assert!(
        text(&after["body"]["error"], "message").starts_with("A `return_url` must be specified because"),
        "{after}"
    );
    assert!(after["body"]["error"].get("code").is_none());
    let now = api.version("2023-08-16");
    for more in [
        &[("return_url", "https://shop.example/back")][..],
        &[("off_session", "true")],
        &[("automatic_payment_methods[enabled]", "true"), ("automatic_payment_methods[allow_redirects]", "never")],
        &[("payment_method_types[]", "card")],
    ] {
        assert_eq!(intent(&now, &with(&confirmed, more)).ok()["status"], "succeeded", "{more:?}");
    }
}

#[test]
fn capture_is_asynchronous_from_2024_04_10_on() {
    let api = sandbox("versions-async");
    let (before, after) = around(&api, "2024-04-10", |api| intent(api, &[]).ok());
    assert_eq!((&before["capture_method"], &after["capture_method"]), (&json!("automatic"), &json!("automatic_async")));
    // What was asked for stays.
    let asked = intent(&api.version("2026-10-28.endive"), &[("capture_method", "automatic")]).ok();
    assert_eq!(asked["capture_method"], "automatic");
    // An old intent has its ledger row at once, a new one a moment later.
    let paid = |api: &Client| {
        let params = [("payment_method_types[]", "card"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
        let paid = intent(api, &with(&params, &[("expand[]", "latest_charge")])).ok();
        paid["latest_charge"].clone()
    };
    let (before, after) = around(&api, "2024-04-10", paid);
    assert!(before["balance_transaction"].is_string() && after["balance_transaction"].is_null());
    assert!(the_charge(&api, &id(&after))["balance_transaction"].is_string());
}

#[test]
fn charges_and_intents_have_an_invoice_before_2025_03_31() {
    let api = sandbox("versions-invoice");
    let paid = pay(&api, "pm_card_visa", &[]).ok();
    let (before, after) = around(&api, "2025-03-31.basil", |api| the_intent(api, &id(&paid)));
    assert!(before.get("invoice") == Some(&Value::Null) && after.get("invoice").is_none());
    let (before, after) = around(&api, "2025-03-31.basil", |api| the_charge(api, text(&paid, "latest_charge")));
    assert!(before.get("invoice") == Some(&Value::Null) && after.get("invoice").is_none());
    let (before, after) = around(&api, "2025-03-31.basil", |api| rows(&api.get("/v1/charges", &[]).ok())[0].clone());
    assert!(before.get("invoice") == Some(&Value::Null) && after.get("invoice").is_none());
}

#[test]
fn payment_method_types_are_still_taken_in_the_newest_version() {
    let api = sandbox("versions-types");
    let made = intent(&api, &[("payment_method_types[]", "card")]).ok();
    assert_eq!((&made["payment_method_types"], &made["automatic_payment_methods"]), (&json!(["card"]), &Value::Null));
    let made = intent(&api, &[("allowed_payment_method_types[]", "card")]).ok();
    assert_eq!(made["payment_method_types"], json!(["card"]));
}

#[test]
fn a_promotion_code_is_for_a_coupon_by_its_older_name_too() {
    let api = sandbox("versions-promotion");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "25"), ("duration", "once")]).ok());
    let newer = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str())];
    let older = [("coupon", coupon.as_str())];
    let made = api.post("/v1/promotion_codes", &newer).ok();
    let answer = api.version("2022-11-15").post("/v1/promotion_codes", &older);
    assert!(answer.header("pinstripe-version-differences").is_none());
    let old = answer.ok();
    assert_eq!((id(&old["coupon"]), old.get("promotion")), (coupon.clone(), None));
    assert_eq!((&made["promotion"]["coupon"], made.get("coupon")), (&json!(coupon), None));
    let newest = api.post("/v1/promotion_codes", &older).refused(400);
    assert_eq!((text(&newest, "code"), text(&newest, "param")), ("parameter_unknown", "coupon"));
    let neither = api.post("/v1/promotion_codes", &[]).refused(400);
    assert_eq!(neither["param"], "promotion");
    let unknown = api.version("2022-11-15").post("/v1/promotion_codes", &[("coupon", "none")]).refused(400);
    assert_eq!((text(&unknown, "code"), text(&unknown, "param")), ("resource_missing", "coupon"));
}

#[test]
fn a_customer_had_an_account_balance_before_2019_10_17() {
    let api = sandbox("versions-balance");
    let owner = customer(&api, &[("balance", "-500")]);
    let old = the_customer(&api.version("2019-10-08"), &owner);
    assert_eq!((&old["account_balance"], &old["balance"]), (&json!(-500), &json!(-500)));
    let new = the_customer(&api.version("2019-10-17"), &owner);
    assert_eq!((&new["balance"], new.get("account_balance")), (&json!(-500), None));
    let taken = api.version("2019-10-08").post("/v1/customers", &[("account_balance", "-700")]).ok();
    assert_eq!(the_customer(&api, &id(&taken))["balance"], -700);
    let refused = api.version("2019-10-17").post("/v1/customers", &[("account_balance", "-700")]);
    invalid(refused, 400, Some("parameter_unknown"), Some("account_balance"));
}

#[test]
fn an_intent_asked_for_sources_before_2019_02_11() {
    let api = sandbox("versions-intent-sources");
    let made = id(&intent(&api, &[("payment_method_types[]", "card")]).ok());
    let old = the_intent(&api.version("2018-11-08"), &made);
    assert_eq!((&old["status"], &old["allowed_source_types"]), (&json!("requires_source"), &json!(["card"])));
    for key in ["payment_method_types", "next_action"] {
        assert!(old.get(key).is_none(), "{key}");
    }
    assert_eq!(old.get("next_source_action"), Some(&Value::Null));
    let asked = [("confirm", "true"), ("payment_method", "pm_card_threeDSecure2Required")];
    let back = [("payment_method_types[]", "card"), ("return_url", "https://shop.example/back")];
    let waiting = id(&intent(&api, &with(&asked, &back)).ok());
    let old_action = &the_intent(&api.version("2018-11-08"), &waiting)["next_source_action"];
    assert_eq!(old_action["type"], "authorize_with_url");
    assert_eq!(old_action["authorize_with_url"]["return_url"], "https://shop.example/back");
    let new = the_intent(&api.version("2019-02-11"), &made);
    assert_eq!((&new["status"], &new["payment_method_types"]), (&json!("requires_payment_method"), &json!(["card"])));
}

#[test]
fn a_difference_that_is_not_built_is_named_in_a_header() {
    let api = sandbox("versions-not-built");
    let paid = id(&charged(&api, &[]));
    let answer = api.version("2017-01-27").get(&format!("/v1/charges/{paid}"), &[]);
    let named = answer.headers.iter().any(|(_, value)| value.contains("charge.dispute"));
    assert!(named, "{:?}", answer.headers);
    let answer = api.get(&format!("/v1/charges/{paid}"), &[]);
    assert!(!answer.headers.iter().any(|(_, value)| value.contains("charge.dispute")));
}

#[test]
fn the_same_object_is_stored_whatever_version_made_it() {
    let api = sandbox("versions-stored");
    let owner = customer(&api.version("2017-01-27"), &[("source", "tok_visa"), ("name", "Jenny")]);
    let method = attached(&api.version("2019-05-16"), "pm_card_visa", &owner);
    let shown = the_customer(&api, &owner);
    assert!(shown.get("sources").is_none() && shown["balance"] == 0 && shown["name"] == "Jenny");
    assert_eq!(ids(&api.get(&format!("/v1/customers/{owner}/payment_methods"), &[("type", "card")]).ok())[0], method);
}

#[test]
fn the_version_of_the_answer_is_in_its_header() {
    let api = sandbox("versions-header");
    for (before, gate) in GATES {
        for version in [before, gate] {
            let answer = api.version(version).get("/v1/customers", &[]);
            assert_eq!(answer.header("stripe-version"), Some(*version));
        }
    }
    assert_eq!(api.get("/v1/customers", &[]).header("stripe-version"), Some(pinstripe::catalogue::API_VERSION));
}
