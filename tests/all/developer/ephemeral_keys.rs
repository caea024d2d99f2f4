//! Ephemeral keys and customer sessions: what a client may do for one customer (intents-and-checkout 3.6).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{attach, attached, customer, id, ids, invalid, missing, text};

const NEWEST: &str = "2026-10-28.endive";

/// A key for a customer, made for a client of the newest version.
#[track_caller]
fn key(api: &Client, customer: &str) -> Value {
    api.version(NEWEST).post("/v1/ephemeral_keys", &[("customer", customer)]).ok()
}

/// A mobile client.
fn client(api: &Client, key: &Value) -> Client {
    Client::new(api.url(), text(key, "secret"))
}

#[test]
fn a_key_is_for_one_customer_and_an_hour() {
    let api = sandbox("ek-new");
    let owner = customer(&api, &[]);
    let made = key(&api, &owner);
    assert!(id(&made).starts_with("ephkey_") && text(&made, "secret").starts_with("ek_test_"), "{made}");
    assert_eq!(made["expires"].as_i64().unwrap() - made["created"].as_i64().unwrap(), 3_600);
    assert_eq!(made["associated_objects"], json!([{"id": owner, "type": "customer"}]));
    assert_eq!(made["livemode"], false);
}

#[test]
fn a_key_needs_the_version_of_its_client() {
    let api = sandbox("ek-version");
    let owner = customer(&api, &[]);
    let error = invalid(api.post("/v1/ephemeral_keys", &[("customer", &owner)]), 400, None, None);
    assert!(text(&error, "message").contains("`Stripe-Version`"), "{error}");
    let odd = api.with("Stripe-Version", "2001-01-01").post("/v1/ephemeral_keys", &[("customer", &owner)]);
    assert_eq!(odd.refused(400)["message"], "Invalid Stripe API version: 2001-01-01");
}

#[test]
fn a_key_needs_somebody_to_be_for() {
    let api = sandbox("ek-whom").version(NEWEST);
    invalid(api.post("/v1/ephemeral_keys", &[]), 400, Some("parameter_missing"), Some("customer"));
    missing(api.post("/v1/ephemeral_keys", &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    assert_eq!(api.post("/v1/ephemeral_keys", &[("issuing_card", "ic_x")]).status, 501);
}

#[test]
fn a_key_reads_its_customer_and_their_methods() {
    let api = sandbox("ek-reads");
    let [alice, bob] = [(); 2].map(|()| customer(&api, &[]));
    let mobile = client(&api, &key(&api, &alice));
    assert_eq!(id(&mobile.get(&format!("/v1/customers/{alice}"), &[]).ok()), alice);
    let card = attached(&mobile, "pm_card_visa", &alice);
    for (path, params) in [
        ("/v1/payment_methods".to_owned(), vec![("customer", &*alice)]),
        (format!("/v1/customers/{alice}/payment_methods"), vec![]),
    ] {
        assert_eq!(ids(&mobile.get(&path, &params).ok()), [&*card]);
    }
    assert_eq!(mobile.post(&format!("/v1/payment_methods/{card}/detach"), &[]).ok()["customer"], Value::Null);
    let bobs = attached(&api, "pm_card_visa", &bob);
    for answer in [
        mobile.get(&format!("/v1/customers/{bob}"), &[]),
        mobile.get("/v1/payment_methods", &[("customer", &bob)]),
        mobile.get("/v1/payment_methods", &[]),
        attach(&mobile, "pm_card_visa", &bob),
        mobile.post(&format!("/v1/payment_methods/{bobs}/detach"), &[]),
    ] {
        answer.refused(403);
    }
    assert_eq!(api.get(&format!("/v1/payment_methods/{bobs}"), &[]).ok()["customer"], *bob);
}

#[test]
fn a_key_does_nothing_else() {
    let api = sandbox("ek-else");
    let owner = customer(&api, &[]);
    let mobile = client(&api, &key(&api, &owner));
    for path in ["/v1/customers", "/v1/charges", "/v1/payment_intents"] {
        assert_eq!(mobile.get(path, &[]).refused(401)["code"], "secret_key_required", "{path}");
    }
    assert_eq!(mobile.post(&format!("/v1/customers/{owner}"), &[]).refused(401)["code"], "secret_key_required");
    let made_up = Client::new(api.url(), "ek_test_sandbox_ek-else");
    made_up.get(&format!("/v1/customers/{owner}"), &[]).refused(403);
}

#[test]
fn a_deleted_key_opens_nothing() {
    let api = sandbox("ek-deleted");
    let owner = customer(&api, &[]);
    let made = key(&api, &owner);
    let mobile = client(&api, &made);
    let path = format!("/v1/ephemeral_keys/{}", id(&made));
    let deleted = api.delete(&path).ok();
    assert_eq!((&deleted["id"], deleted.get("secret")), (&made["id"], None));
    let error = mobile.get(&format!("/v1/customers/{owner}"), &[]).refused(401);
    assert_eq!(error["code"], "api_key_expired");
    assert!(!text(&error, "message").contains(text(&made, "secret")), "the key is not repeated");
    api.delete(&path).refused(404);
}

#[test]
fn a_browser_gets_a_radar_session_for_what_it_knows_of_its_device() {
    let api = sandbox("radar-session");
    let browser = api.publishable();
    let made = [0; 2].map(|_| browser.post("/v1/radar/session", &[("guid", "NA"), ("muid", "NA")]).ok());
    assert!(made.iter().all(|made| id(made).starts_with("rse_1")) && id(&made[0]) != id(&made[1]), "{made:?}");
    let params = [
        ("amount", "1000"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("payment_method_types[]", "card"),
        ("radar_options[session]", text(&made[0], "id")),
    ];
    assert_eq!(api.post("/v1/payment_intents", &params).ok()["status"], "succeeded");
}

#[test]
fn a_customer_session_says_what_each_component_may_do() {
    let api = sandbox("cuss");
    let owner = customer(&api, &[]);
    let session = api
        .post(
            "/v1/customer_sessions",
            &[
                ("customer", &owner),
                ("components[payment_element][enabled]", "true"),
                ("components[payment_element][features][payment_method_save]", "enabled"),
                ("components[payment_element][features][payment_method_save_usage]", "off_session"),
                ("components[buy_button][enabled]", "true"),
            ],
        )
        .ok();
    assert!(session.get("id").is_none() && text(&session, "client_secret").starts_with("cuss_secret_"), "{session}");
    assert_eq!((text(&session, "customer"), &session["livemode"]), (&*owner, &json!(false)));
    assert_eq!(session["expires_at"].as_i64().unwrap() - session["created"].as_i64().unwrap(), 1_800);
    let components = &session["components"];
    assert_eq!(components["buy_button"], json!({"enabled": true}));
    assert_eq!(components["pricing_table"], json!({"enabled": false}));
    assert_eq!(components["customer_sheet"], json!({"enabled": false, "features": null}));
    assert_eq!(
        components["payment_element"]["features"],
        json!({"payment_method_allow_redisplay_filters": ["always"], "payment_method_redisplay": "disabled",
            "payment_method_redisplay_limit": null, "payment_method_remove": "disabled",
            "payment_method_save": "enabled", "payment_method_save_usage": "off_session"})
    );
}

#[test]
fn a_customer_session_needs_a_customer_and_a_component() {
    let api = sandbox("cuss-needs");
    let owner = customer(&api, &[]);
    let on = ("components[buy_button][enabled]", "true");
    let path = "/v1/customer_sessions";
    invalid(api.post(path, &[("customer", &owner)]), 400, Some("parameter_missing"), Some("components"));
    invalid(api.post(path, &[on]), 400, Some("parameter_missing"), Some("customer"));
    missing(api.post(path, &[on, ("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    let off = [("customer", &*owner), ("components[buy_button][enabled]", "false")];
    invalid(api.post(path, &off), 400, None, Some("components"));
}
