//! Paths of other servers for tests.

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox};
use crate::support::flows::{rows, text};
use crate::support::receiver::Receiver;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn config(user: &Client, method: &str, path: &str, body: Option<(&str, &str)>) -> Answer {
    let body = body.map(|(kind, body)| (kind, body.as_bytes()));
    raw(user.url(), method, &format!("/_config/{path}?sandbox={}", user.sandbox()), &[], body)
}

fn message(answer: &Answer) -> &str {
    text(&answer.body["error"], "message")
}

#[test]
fn deleting_the_data_is_a_reset() {
    let user = sandbox("config-data");
    user.post("/v1/customers", &[]).ok();
    config(&user, "DELETE", "data", None).ok();
    assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
}

#[test]
fn time_is_advanced_by_seconds_or_days_as_a_form_or_as_json() {
    let user = sandbox("config-time");
    let clock = format!("/_pinstripe/clock?sandbox={}&freeze=1800000000", user.sandbox());
    raw(user.url(), "POST", &clock, &[], None).ok();
    let advanced = |body| config(&user, "POST", "time/advance", Some(body));
    let told = advanced((FORM, "days=45")).ok();
    assert_eq!((&told["now"], &told["success"]), (&json!(1_803_888_000), &json!(true)));
    assert_eq!(advanced((JSON, r#"{"seconds": 60}"#)).ok()["now"], 1_803_888_060);
    assert_eq!(advanced((FORM, "seconds=1")).ok()["now"], 1_803_888_061);
    for (body, reason) in [
        ((FORM, ""), "Send one of `seconds` and `days`."),
        ((FORM, "seconds=1&days=1"), "Send one of `seconds` and `days`."),
        ((JSON, r#"{"days": 9223372036854775807}"#), "`days` is too large."),
        ((FORM, "days=-1"), "`advance` must be whole seconds, 0 or more, or `next`."),
        ((FORM, "days=soon"), "The body cannot be read: expected a whole number."),
        ((FORM, "weeks=1"), "The body cannot be read: unknown field `weeks`, expected `seconds` or `days`."),
    ] {
        let answer = advanced(body);
        assert_eq!((answer.status, message(&answer)), (400, reason));
    }
}

#[test]
fn a_receiver_with_a_secret_of_its_own_gets_signed_events_and_outlives_a_reset() {
    let (user, receiver) = (sandbox("config-webhooks"), Receiver::start());
    let form = format!("url={}&secret=whsec_mine&events[]=customer.created", receiver.url());
    let added: Value = config(&user, "POST", "webhooks/shop", Some((FORM, &form))).ok();
    assert_eq!(added, json!({"id": "we_shop", "success": true}));
    config(&user, "DELETE", "data", None).ok();
    let customer = user.post("/v1/customers", &[]).ok();
    user.post(&format!("/v1/customers/{}", text(&customer, "id")), &[("name", "Ada")]).ok();
    crate::webhooks::deliveries::wait(&user);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 1);
    hits[0].assert_signed("whsec_mine");
    let body = json!({"url": receiver.url(), "secret": "whsec_other"}).to_string();
    let first = config(&user, "POST", "webhooks", Some((JSON, &body))).ok();
    let endpoint = user.get(&format!("/v1/webhook_endpoints/{}", text(&first, "id")), &[]).ok();
    assert_eq!((&endpoint["enabled_events"], endpoint.get("secret")), (&json!(["*"]), None));
    config(&user, "POST", "webhooks", Some((JSON, &body))).ok();
    assert_eq!(rows(&user.get("/v1/webhook_endpoints", &[]).ok()).len(), 2, "what is added twice is there once");
    let without = config(&user, "POST", "webhooks/none", Some((FORM, "secret=whsec_1")));
    assert_eq!((without.status, message(&without)), (400, "The body cannot be read: missing field `url`."));
}

#[test]
fn no_other_path_of_theirs_is_known() {
    let user = sandbox("config-unknown");
    assert_eq!(user.get("/_config/accounts", &[]).status, 404);
    assert_eq!(config(&user, "GET", "data", None).status, 405);
}
