//! Webhook endpoints: the resource (platform 2.1).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, rows, text};

const HOOK: &[(&str, &str)] = &[("url", "http://127.0.0.1:4242/hook"), ("enabled_events[]", "*")];

fn create(api: &Client, more: &[(&str, &str)]) -> Value {
    api.post("/v1/webhook_endpoints", &[HOOK, more].concat()).ok()
}

fn path(endpoint: &Value) -> String {
    format!("/v1/webhook_endpoints/{}", id(endpoint))
}

#[test]
fn the_secret_is_shown_once() {
    let api = sandbox("hook-secret");
    let made = create(&api, &[]);
    let secret = text(&made, "secret");
    assert_eq!((secret.len(), &secret[..6]), (38, "whsec_"));
    let mut later = made.clone();
    later.as_object_mut().unwrap().remove("secret");
    assert_eq!(api.get(&path(&made), &[]).ok(), later);
    assert_eq!(api.post(&path(&made), &[]).ok(), later);
    assert_eq!(rows(&api.get("/v1/webhook_endpoints", &[]).ok()), [later]);
    assert_ne!(text(&create(&api, &[]), "secret"), secret);
}

#[test]
fn an_endpoint_has_what_was_said() {
    let api = sandbox("hook-fields");
    let made = create(
        &api,
        &[
            ("api_version", "2019-03-14"),
            ("description", "Mine"),
            ("metadata[a]", "b"),
            ("enabled_events[]", "charge.succeeded"),
        ],
    );
    assert_eq!(made["api_version"], "2019-03-14");
    assert_eq!(made["description"], "Mine");
    assert_eq!(made["metadata"], json!({"a": "b"}));
    assert_eq!(made["enabled_events"], json!(["*", "charge.succeeded"]));
    assert_eq!(made["status"], "enabled");
    assert_eq!(made["url"], HOOK[0].1);
    assert_eq!(made["application"], Value::Null);
    assert!(id(&made).starts_with("we_1"));
    let plain = create(&api, &[]);
    assert_eq!((&plain["api_version"], &plain["description"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_endpoint_is_changed_in_place() {
    let api = sandbox("hook-update");
    let made = create(&api, &[("metadata[a]", "b"), ("description", "Mine"), ("api_version", "2022-11-15")]);
    let changes = [
        ("url", "https://example.com/x"),
        ("enabled_events[]", "charge.failed"),
        ("description", ""),
        ("metadata[a]", ""),
        ("metadata[c]", "d"),
        ("disabled", "true"),
    ];
    let changed = api.post(&path(&made), &changes).ok();
    assert_eq!(changed["url"], "https://example.com/x");
    assert_eq!(changed["enabled_events"], json!(["charge.failed"]));
    assert_eq!(changed["description"], Value::Null);
    assert_eq!(changed["metadata"], json!({"c": "d"}));
    assert_eq!(changed["status"], "disabled");
    assert_eq!(changed["api_version"], "2022-11-15");
    assert_eq!(api.post(&path(&made), &[("disabled", "false")]).ok()["status"], "enabled");
}

#[test]
fn version_and_connect_cannot_be_changed() {
    let api = sandbox("hook-fixed");
    let made = create(&api, &[]);
    for param in ["api_version", "connect"] {
        let error = api.post(&path(&made), &[(param, "2022-11-15")]).refused(400);
        assert_eq!(error["code"], "parameter_unknown", "{param}");
    }
}

#[test]
fn an_endpoint_for_connected_accounts_names_an_application() {
    let api = sandbox("hook-connect");
    let made = create(&api, &[("connect", "true")]);
    let application = text(&made, "application");
    assert!(application.starts_with("ca_") && application.len() == 35, "{application}");
    assert_eq!(create(&api, &[("connect", "true")])["application"], application);
}

#[test]
fn a_deleted_endpoint_is_gone() {
    let api = sandbox("hook-delete");
    let made = create(&api, &[]);
    let gone = api.delete(&path(&made)).ok();
    assert_eq!(gone, json!({"id": id(&made), "object": "webhook_endpoint", "deleted": true}));
    for answer in [api.get(&path(&made), &[]), api.post(&path(&made), &[]), api.delete(&path(&made))] {
        let error = answer.refused(404);
        assert_eq!(error["code"], "resource_missing");
        assert_eq!(error["param"], "webhook_endpoint");
        assert_eq!(error["message"], format!("No such webhook endpoint: '{}'", id(&made)));
    }
    assert!(rows(&api.get("/v1/webhook_endpoints", &[]).ok()).is_empty());
}

#[test]
fn a_url_has_to_be_one() {
    let api = sandbox("hook-url");
    for (url, message) in [
        ("example.com/hook", "Invalid URL: An explicit scheme (such as https) must be provided."),
        ("ftp://example.com", "Not a valid URL"),
        ("http://", "Not a valid URL"),
    ] {
        let error = api.post("/v1/webhook_endpoints", &[("url", url), ("enabled_events[]", "*")]).refused(400);
        assert_eq!(
            (&error["message"], &error["code"], &error["param"]),
            (&json!(message), &json!("url_invalid"), &json!("url"))
        );
    }
    let made = create(&api, &[]);
    assert_eq!(api.post(&path(&made), &[("url", "nowhere")]).refused(400)["code"], "url_invalid");
    assert_eq!(api.get(&path(&made), &[]).ok()["url"], HOOK[0].1);
}

#[test]
fn a_receiver_on_this_machine_is_accepted() {
    let api = sandbox("hook-local");
    for url in ["http://localhost:3000", "http://[::1]:3000/", "http://web/hook", "https://10.0.0.1/?a=b"] {
        api.post("/v1/webhook_endpoints", &[("url", url), ("enabled_events[]", "*")]).ok();
    }
}

#[test]
fn events_have_to_be_known_and_named() {
    let api = sandbox("hook-events");
    let error = api.post("/v1/webhook_endpoints", &[HOOK[0], ("enabled_events[]", "charge.exploded")]).refused(400);
    assert_eq!(error["param"], "enabled_events[0]");
    let error = api.post("/v1/webhook_endpoints", &[HOOK[0]]).refused(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_missing"), &json!("enabled_events")));
    let error = api.post("/v1/webhook_endpoints", &[HOOK[1]]).refused(400);
    assert_eq!(error["param"], "url");
    let error = api.post("/v1/webhook_endpoints", &[HOOK, &[("api_version", "2001-01-01")]].concat()).refused(400);
    assert_eq!(error["param"], "api_version");
}

#[test]
fn an_account_has_sixteen_endpoints_at_the_most() {
    let api = sandbox("hook-limit");
    let made: Vec<Value> = (0..16).map(|_| create(&api, &[])).collect();
    let error = api.post("/v1/webhook_endpoints", HOOK).refused(400);
    assert_eq!(error["message"], "You have reached the maximum of 16 test webhook endpoints.");
    api.delete(&path(&made[3])).ok();
    create(&api, &[]);
}

#[test]
fn endpoints_belong_to_their_account() {
    let api = sandbox("hook-accounts");
    let account = api.post("/v1/accounts", &[("type", "custom")]).ok();
    let theirs = api.with("Stripe-Account", &id(&account));
    let made = create(&theirs, &[]);
    assert_eq!(rows(&theirs.get("/v1/webhook_endpoints", &[]).ok()).len(), 1);
    assert!(rows(&api.get("/v1/webhook_endpoints", &[]).ok()).is_empty());
    assert_eq!(api.get(&path(&made), &[]).refused(404)["code"], "resource_missing");
}

#[test]
fn an_endpoint_of_a_dump_keeps_its_secret() {
    let api = sandbox("hook-dump");
    let dump = json!([
        {"id": "we_mine", "object": "webhook_endpoint", "url": "http://web/hook", "secret": "whsec_mine"},
        {"id": "we_other", "object": "webhook_endpoint", "url": "http://web/hook", "enabled_events": ["charge.failed"],
            "status": "disabled", "application": "ca_123"},
    ]);
    let target = "/_pinstripe/fixtures?sandbox=hook-dump";
    let answer = api.send("POST", target, Some(("application/json", dump.to_string().as_bytes())));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mine = api.get("/v1/webhook_endpoints/we_mine", &[]).ok();
    assert_eq!(
        (&mine["secret"], &mine["status"], &mine["enabled_events"]),
        (&Value::Null, &json!("enabled"), &json!(["*"]))
    );
    let other = api.get("/v1/webhook_endpoints/we_other", &[]).ok();
    assert_eq!((&other["status"], &other["application"]), (&json!("disabled"), &json!("ca_123")));
}
