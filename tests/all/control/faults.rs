//! Faults on demand.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::issuers;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{id, rows, text};

const CHARGE: &[(&str, &str)] = &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")];

fn control(user: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let body = (!body.is_null()).then(|| body.to_string());
    let body = body.as_ref().map(|body| ("application/json", body.as_bytes()));
    raw(user.url(), method, &format!("/_pinstripe/{path}"), &[], body)
}

fn fault(user: &Client, name: &str, body: &Value) -> Value {
    control(user, "POST", &format!("faults?sandbox={name}"), body).ok()
}

/// A call of the API without the checks of the test client, which knows no faults.
fn call(user: &Client, name: &str, method: &str, path: &str, body: &str) -> Answer {
    let key = [("Authorization".to_owned(), format!("Bearer sk_test_sandbox_{name}"))];
    raw(user.url(), method, path, &key, Some(("application/x-www-form-urlencoded", body.as_bytes())))
}

/// All that comes over a connection before it is closed.
fn until_closed(user: &Client, name: &str, method: &str, path: &str, extra: &str) -> String {
    let mut stream = TcpStream::connect(user.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_sandbox_{name}\r\n");
    stream.write_all(format!("{head}{extra}Content-Length: 0\r\n\r\n").as_bytes()).unwrap();
    let mut all = Vec::new();
    // A reset instead of an end is as good.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8(all).unwrap()
}

#[test]
fn an_error_is_answered_as_often_as_asked_and_nothing_is_done() {
    let user = sandbox("fault-error");
    for (kind, status, code) in [
        ("rate_limit", 429, Some("rate_limit")),
        ("lock_timeout", 429, Some("lock_timeout")),
        ("api_error", 500, None),
        ("unavailable", 503, None),
    ] {
        let made = fault(&user, "fault-error", &json!({"effect": {"error": kind}, "times": 2}));
        for _ in 0..2 {
            let answer = call(&user, "fault-error", "POST", "/v1/customers", "");
            assert_eq!(answer.header("pinstripe-fault"), Some(text(&made, "id")));
            let error = answer.refused(status);
            assert_eq!(error["code"].as_str(), code);
            assert!(!text(&error, "message").is_empty());
        }
        let answer = user.get("/v1/customers", &[]);
        assert_eq!(answer.header("pinstripe-fault"), None);
        assert!(rows(&answer.ok()).is_empty());
    }
}

#[test]
fn a_fault_strikes_what_it_is_for_alone() {
    let user = sandbox("fault-match");
    let matching = [
        (json!({"method": "DELETE"}), "DELETE", "/v1/customers/cus_1", ""),
        (json!({"path": "/v1/customers/*"}), "GET", "/v1/customers/cus_1", ""),
        (json!({"operation": "charges.create"}), "POST", "/v1/charges", "amount=5"),
        (json!({"params": {"amount": 4242, "metadata[a]": "b"}}), "POST", "/v1/charges", "amount=4242&metadata[a]=b"),
    ];
    for (wanted, method, path, body) in matching {
        fault(&user, "fault-match", &json!({"match": wanted, "effect": {"error": "api_error"}}));
        assert_eq!(call(&user, "fault-match", method, path, body).status, 500, "{method} {path} {body}");
        user.post("/v1/customers", &[]).ok();
        user.get("/v1/charges", &[("limit", "1")]).ok();
        let cleared = control(&user, "DELETE", "faults?sandbox=fault-match", &Value::Null).ok();
        assert_eq!(cleared["removed"], 1);
    }
}

#[test]
fn a_fault_may_be_about_an_object_that_the_request_names() {
    let user = sandbox("fault-object");
    let [gold, tin] = ["gold", "tin"].map(|tier| id(&user.post("/v1/customers", &[("metadata[tier]", tier)]).ok()));
    let wanted = json!({"object": {"object": "customer", "metadata.tier": "gold", "balance": 0, "email": null}});
    fault(&user, "fault-object", &json!({"match": wanted, "effect": {"error": "lock_timeout"}}));
    for (customer, in_path, as_parameter) in [(&gold, 429, 429), (&tin, 200, 200)] {
        let path = format!("/v1/customers/{customer}");
        assert_eq!(call(&user, "fault-object", "GET", &path, "").status, in_path);
        let charge = format!("amount=1000&currency=usd&payment_method_types[]=card&customer={customer}");
        assert_eq!(call(&user, "fault-object", "POST", "/v1/payment_intents", &charge).status, as_parameter);
    }
    assert_eq!(call(&user, "fault-object", "GET", "/v1/customers", "").status, 200, "it names nobody");
    // The condition is of the moment: an object that has changed is another one.
    user.post(&format!("/v1/customers/{tin}"), &[("metadata[tier]", "gold")]).ok();
    assert_eq!(call(&user, "fault-object", "GET", &format!("/v1/customers/{tin}"), "").status, 429);
}

#[test]
fn every_fault_that_answers_names_itself_in_the_answer_and_in_the_request_log() {
    let user = sandbox("fault-named");
    for (effect, status) in [
        (json!({"error": "unavailable"}), 503),
        (json!({"decline": "lost_card"}), 402),
        (json!({"delay": 1}), 200),
        (json!({"truncate": 100_000}), 200),
    ] {
        let made = fault(&user, "fault-named", &json!({"effect": effect, "times": 1}));
        let form = "amount=1000&currency=usd&source=tok_visa";
        let got = if status == 200 {
            until_closed(&user, "fault-named", "GET", "/v1/charges", "Connection: close\r\n")
        } else {
            let answer = call(&user, "fault-named", "POST", "/v1/charges", form);
            assert_eq!(answer.status, status, "{}", answer.text);
            format!("pinstripe-fault: {}", answer.header("pinstripe-fault").unwrap_or_default())
        };
        assert!(got.contains(&format!("pinstripe-fault: {}", text(&made, "id"))), "{effect}: {got}");
        let log = raw(user.url(), "GET", "/_pinstripe/requests?sandbox=fault-named&limit=1", &[], None).ok();
        assert_eq!(log["requests"][0]["fault"], made["id"]);
    }
}

#[test]
fn faults_are_printed_when_they_change_and_by_the_requests_that_they_strike() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pinstripe"));
    let script = r#"
        curl -s -o /dev/null "$STRIPE_API_BASE/_pinstripe/faults" -d '{"effect": {"error": "rate_limit"}}'
        curl -s -o /dev/null "$STRIPE_API_BASE/v1/customers" -u "$STRIPE_API_KEY:"
    "#;
    let run = command.args(["exec", "--log", "requests", "--", "sh", "-c", script]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    let list = said.lines().find(|line| line.contains("faults on demand")).unwrap_or_else(|| panic!("{said}"));
    assert!(list.contains("flt_1") && list.contains("rate_limit"), "{list}");
    let line = said.lines().find(|line| line.starts_with("429 GET /v1/customers")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("flt_1"), "{line}");
}

#[test]
fn a_fault_is_one_sandboxes_own_and_leaves_with_a_reset() {
    let (user, other) = (sandbox("fault-own"), sandbox("fault-other"));
    fault(&user, "fault-own", &json!({"effect": {"error": "api_error"}}));
    other.get("/v1/customers", &[]).ok();
    assert_eq!(call(&user, "fault-own", "GET", "/v1/customers", "").status, 500);
    control(&user, "POST", "reset?sandbox=fault-own", &Value::Null).ok();
    user.get("/v1/customers", &[]).ok();
}

#[test]
fn faults_are_listed_with_their_counts_and_removed() {
    let user = sandbox("fault-list");
    let made = fault(&user, "fault-list", &json!({"effect": {"error": "api_error"}, "times": 1}));
    call(&user, "fault-list", "GET", "/v1/customers", "");
    call(&user, "fault-list", "GET", "/v1/customers", "");
    let all = control(&user, "GET", "faults?sandbox=fault-list", &Value::Null).ok();
    assert_eq!((&all["faults"][0]["struck"], &all["faults"][0]["effect"]), (&json!(1), &json!({"error": "api_error"})));
    let path = format!("faults/{}?sandbox=fault-list", text(&made, "id"));
    control(&user, "DELETE", &path, &Value::Null).ok();
    control(&user, "DELETE", &path, &Value::Null).refused(404);
}

#[test]
fn any_decline_can_be_had_with_any_card() {
    let user = sandbox("fault-decline");
    for code in issuers::decline_codes() {
        fault(&user, "fault-decline", &json!({"effect": {"decline": code}, "times": 1}));
        let error = user.post("/v1/charges", CHARGE).refused(402);
        assert!(error["decline_code"] == code || error["code"] == code, "{code}: {error}");
        let charge = user.get(&format!("/v1/charges/{}", text(&error, "charge")), &[]).ok();
        assert_eq!(charge["status"], "failed");
    }
}

#[test]
fn intents_are_declined_as_asked() {
    let user = sandbox("fault-intent").version("2022-11-15");
    let confirm = [("amount", "1000"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    fault(&user, "fault-intent", &json!({"effect": {"decline": "do_not_honor"}, "times": 1}));
    let error = user.post("/v1/payment_intents", &confirm).refused(402);
    assert_eq!(error["decline_code"], "do_not_honor");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    fault(&user, "fault-intent", &json!({"effect": {"decline": "lost_card"}, "times": 1}));
    let error = user.post("/v1/setup_intents", &confirm[2..]).refused(402);
    assert_eq!(error["decline_code"], "lost_card");
}

#[test]
fn an_answer_comes_later() {
    let user = sandbox("fault-delay");
    fault(&user, "fault-delay", &json!({"effect": {"delay": [150, 200]}, "times": 1}));
    let begun = Instant::now();
    let customer = user.post("/v1/customers", &[]).ok();
    assert!(begun.elapsed() >= Duration::from_millis(150));
    user.get(&format!("/v1/customers/{}", id(&customer)), &[]).ok();
}

#[test]
fn a_connection_is_lost_before_the_write() {
    let user = sandbox("fault-before");
    fault(&user, "fault-before", &json!({"effect": {"reset": "before"}, "times": 1}));
    assert_eq!(until_closed(&user, "fault-before", "POST", "/v1/customers", ""), "");
    assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
}

#[test]
fn an_answer_that_is_lost_after_the_write_comes_with_the_idempotency_key() {
    let user = sandbox("fault-after");
    fault(&user, "fault-after", &json!({"effect": {"reset": "after"}, "times": 1}));
    assert_eq!(until_closed(&user, "fault-after", "POST", "/v1/customers", "Idempotency-Key: k\r\n"), "");
    let kept = rows(&user.get("/v1/customers", &[]).ok())[0].clone();
    let retried = user.with("Idempotency-Key", "k").post("/v1/customers", &[]);
    assert_eq!(retried.header("idempotent-replayed"), Some("true"));
    assert_eq!(retried.ok()["id"], kept["id"]);
}

#[test]
fn an_error_in_place_of_the_work_leaves_the_idempotency_key_free() {
    let user = sandbox("fault-key");
    fault(&user, "fault-key", &json!({"effect": {"error": "unavailable"}, "times": 1}));
    let lost = until_closed(&user, "fault-key", "POST", "/v1/customers", "Idempotency-Key: k\r\nConnection: close\r\n");
    assert!(lost.starts_with("HTTP/1.1 503") && lost.contains("stripe-should-retry: true"), "{lost}");
    let retried = user.with("Idempotency-Key", "k").post("/v1/customers", &[]);
    assert_eq!(retried.header("idempotent-replayed"), None);
    retried.ok();
}

#[test]
fn a_body_is_cut_off() {
    let user = sandbox("fault-cut");
    fault(&user, "fault-cut", &json!({"effect": {"truncate": 10}, "times": 1}));
    let got = until_closed(&user, "fault-cut", "POST", "/v1/customers", "");
    let (head, body) = got.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert_eq!(body, "{\n  \"id\": ");
    assert_eq!(rows(&user.get("/v1/customers", &[]).ok()).len(), 1);
}

#[test]
fn chance_is_the_same_with_the_same_seed() {
    let run = || {
        let config = Config { seed: Some(5), clock: Clock::Frozen(1_800_000_000), ..Config::default() };
        let user = Client::new(&start(config), "sk_test_1234");
        let wanted = json!({"effect": {"error": "api_error"}, "probability": 0.5});
        control(&user, "POST", "faults", &wanted).ok();
        let key = [("Authorization".to_owned(), "Bearer sk_test_1234".to_owned())];
        (0..40).map(|_| raw(user.url(), "GET", "/v1/customers", &key, None).status).collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run());
    let struck = first.iter().filter(|status| **status == 500).count();
    assert!((8..=32).contains(&struck), "{struck} of 40");
}

#[test]
fn a_wrong_fault_is_refused() {
    let user = sandbox("fault-wrong");
    for body in [
        json!({}),
        json!({"effect": {"error": "nothing"}}),
        json!({"effect": {"error": "api_error"}, "more": 1}),
        json!({"effect": {"error": "api_error"}, "match": {"verb": "GET"}}),
        json!({"effect": {"error": "api_error"}, "match": {"operation": "charges.explode"}}),
        json!({"effect": {"error": "api_error"}, "probability": 1.5}),
        json!({"effect": {"decline": "because"}}),
        json!({"effect": {"delay": [2, 1]}}),
        json!({"effect": {"delay": 99_999_999}}),
        json!({"effect": {"error": "api_error"}, "times": 0}),
        json!({"effect": {"error": "api_error"}, "match": {"method": "FETCH"}}),
        json!({"effect": {"error": "api_error"}, "match": {"path": "v1/charges"}}),
        json!({"effect": {"error": "api_error"}, "match": {"params": {"card": {"number": "1"}}}}),
        json!({"effect": {"error": "api_error"}, "match": {"object": {"metadata": {"tier": "gold"}}}}),
    ] {
        let error = control(&user, "POST", "faults?sandbox=fault-wrong", &body).refused(400);
        assert!(!text(&error, "message").is_empty(), "{body}");
    }
    let all = control(&user, "GET", "faults?sandbox=fault-wrong", &Value::Null).ok();
    assert_eq!(all["faults"], json!([]));
}
