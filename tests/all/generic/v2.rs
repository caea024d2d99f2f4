//! Operations under `/v2`: JSON, pages with addresses, what is shown when it is asked for (platform 7.1).

use serde_json::{Value, json};

use super::id;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{ids, rows, text};

fn account(api: &Client, email: &str) -> Value {
    api.post_json("/v2/core/accounts", &json!({"contact_email": email})).ok()
}

/// The error of a refusal, with exactly this code and parameter.
#[track_caller]
fn refused(answer: Answer, status: u16, code: &str, param: Option<&str>) {
    let error = answer.refused(status);
    assert_eq!((error["code"].as_str(), error["param"].as_str()), (Some(code), param), "{error}");
}

#[test]
fn times_of_v2_are_in_the_form_of_rfc_3339() {
    let api = sandbox("v2-times");
    for query in ["created[gte]=1700000000", "created=1700000000"] {
        let name = query.split('=').next().unwrap();
        let error = api.get(&format!("/v2/core/events?{query}"), &[]).refused(400);
        assert_eq!((text(&error, "code"), text(&error, "param")), ("invalid_fields", name), "{error}");
        assert_eq!(
            text(&error, "message"),
            "Invalid timestamp: must be in RFC 3339 format, such as 2026-01-31T12:00:00Z."
        );
    }
    api.get("/v2/core/events?created[gte]=2023-11-14T22:13:20Z", &[]).ok();
}

#[test]
fn requests_of_the_first_namespace_can_be_made_for_an_account_of_the_second() {
    let api = sandbox("v2-for");
    let made = account(&api, "a@example.com");
    let its = api.with("Stripe-Context", id(&made));
    let customer = its.post("/v1/customers", &[]).ok();
    assert_eq!(ids(&api.with("Stripe-Account", id(&made)).get("/v1/customers", &[]).ok()), [id(&customer)]);
    assert!(rows(&api.get("/v1/customers", &[]).ok()).is_empty());
    assert_eq!(api.get(&format!("/v1/accounts/{}", id(&made)), &[]).ok()["charges_enabled"], false);
}

#[test]
fn pages_have_addresses() {
    let api = sandbox("v2-pages");
    let made: Vec<Value> = (0..5).map(|n| account(&api, &format!("a{n}@example.com"))).collect();
    let newest: Vec<&str> = made.iter().rev().map(id).collect();
    let first = api.get("/v2/core/accounts", &[("limit", "2"), ("closed", "false")]).ok();
    assert_eq!(
        (ids(&first), &first["previous_page_url"]),
        (newest[..2].iter().map(|id| id.to_string()).collect(), &Value::Null)
    );
    let second = api.get(text(&first, "next_page_url"), &[]).ok();
    assert_eq!(ids(&second), newest[2..4]);
    let third = api.get(text(&second, "next_page_url"), &[]).ok();
    assert_eq!((ids(&third), &third["next_page_url"]), (vec![newest[4].to_owned()], &Value::Null));
    let back = api.get(text(&third, "previous_page_url"), &[]).ok();
    assert_eq!(ids(&back), newest[2..4]);
    assert_eq!(ids(&api.get(text(&back, "previous_page_url"), &[]).ok()), newest[..2]);
    refused(api.get("/v2/core/accounts", &[("page", "nowhere")]), 400, "invalid_fields", Some("page"));
}

#[test]
fn events_are_listed_by_type_and_time_and_are_retrieved() {
    let api = sandbox("v2-events");
    let made = account(&api, "a@example.com");
    api.post_json(&format!("/v2/core/accounts/{}", id(&made)), &json!({"display_name": "B"})).ok();
    let updates = api.get("/v2/core/events", &[("types[0]", "v2.core.account.updated")]).ok();
    let [event] = rows(&updates) else { panic!("{updates}") };
    assert_eq!(event["related_object"]["id"], made["id"]);
    assert_eq!(event["reason"]["type"], "request");
    assert_eq!(api.get(&format!("/v2/core/events/{}", id(event)), &[]).ok(), *event);
    let later = api.get("/v2/core/events", &[("created[gt]", "2100-01-01T00:00:00Z")]).ok();
    assert!(rows(&later).is_empty(), "{later}");
    refused(api.get("/v2/core/events", &[("created[gt]", "then")]), 400, "invalid_fields", Some("created[gt]"));
    let counted = |name: &str, time: &str| rows(&api.get("/v2/core/events", &[(name, time)]).ok()).len();
    let own = text(event, "created");
    let held = ["gt", "gte", "lt", "lte"].map(|name| counted(name, own));
    assert_eq!(held[0] + held[3], 2, "{held:?}");
    assert_eq!(held[1] + held[2], 2, "{held:?}");
    assert_eq!((counted("gt", "2100-01-01T00:00:00Z"), counted("lt", "2100-01-01T00:00:00Z")), (0, 2));
    refused(api.get("/v2/core/events", &[("gte", "then")]), 400, "invalid_fields", Some("gte"));
}

#[test]
fn a_vault_shows_the_last_digits() {
    let api = sandbox("v2-vault");
    let body = json!({"account_number": "000123456789", "routing_number": "110000000", "currency": "usd"});
    let made = api.post_json("/v2/core/vault/us_bank_accounts", &body).ok();
    assert_eq!((text(&made, "last4"), &made["supported_currencies"]), ("6789", &json!(["usd"])));
    assert!(!made.to_string().contains("000123456789"), "{made}");
    let own = format!("/v2/core/vault/us_bank_accounts/{}", id(&made));
    assert_eq!(api.post_json(&format!("{own}/archive"), &json!({})).ok()["archived"], true);
    assert_eq!(api.post_json(&format!("{own}/archive"), &json!({})).status, 400);
}

#[test]
fn a_body_is_a_json_object() {
    let api = sandbox("v2-json");
    let path = "/v2/core/accounts";
    for body in ["[]", "{", "\"text\"", "contact_email=a"] {
        api.send("POST", path, Some(("application/json", body.as_bytes()))).refused(400);
    }
    api.send("POST", path, Some(("application/x-www-form-urlencoded", b"contact_email=a"))).refused(400);
    let deep = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(60), "}".repeat(60));
    api.send("POST", path, Some(("application/json", deep.as_bytes()))).refused(400);
    refused(api.post_json(path, &json!({"bogus": 1})), 400, "invalid_fields", Some("bogus"));
    refused(api.post_json(path, &json!({"dashboard": "big"})), 400, "invalid_fields", Some("dashboard"));
    assert!(rows(&api.get(path, &[]).ok()).is_empty());
}

#[test]
fn every_error_has_a_code_and_no_page() {
    let api = sandbox("v2-codes");
    let path = "/v2/core/accounts";
    let code = |answer: Answer, status: u16| {
        let error = answer.refused(status);
        assert!(error.get("doc_url").is_none() && error.get("request_log_url").is_none(), "{error}");
        text(&error, "code").to_owned()
    };
    let plain = || Some(("application/json", &b"{}"[..]));
    assert_eq!(code(api.with("Authorization", "Bearer nothing").get(path, &[]), 401), "invalid_request_error");
    assert_eq!(code(api.with("Stripe-Version", "2000-01-01").get(path, &[]), 400), "invalid_request_error");
    assert_eq!(code(api.with("Stripe-Account", "acct_none").get(path, &[]), 403), "account_invalid");
    assert_eq!(code(api.send("POST", path, Some(("application/json", b"["))), 400), "invalid_request_error");
    let long = api.with("Idempotency-Key", &"k".repeat(256));
    assert_eq!(code(long.send("POST", path, plain()), 400), "idempotency_error");
    assert_eq!(code(api.get("/v2/core/nothing", &[]), 404), "not_found");
    assert_eq!(code(api.get("/v2/core/accounts/acct_none", &[]), 404), "not_found");
    assert_eq!(code(api.get("/v2/money_management/financial_accounts", &[]), 501), "api_error");
    let keyed = api.with("Idempotency-Key", "once");
    keyed.post_json(path, &json!({"contact_email": "a@example.com"})).ok();
    let other = keyed.post_json(path, &json!({"contact_email": "b@example.com"}));
    assert_eq!(code(other, 400), "idempotency_error");
    let public = api.with("Authorization", "Bearer pk_test_sandbox_v2-codes");
    assert_eq!(code(public.get(path, &[]), 401), "secret_key_required");
}

#[test]
fn what_moves_money_is_not_there() {
    let api = sandbox("v2-money");
    let answer = api.get("/v2/money_management/financial_accounts", &[]);
    assert_eq!((answer.status, answer.header("pinstripe-coverage")), (501, Some("absent")));
}
