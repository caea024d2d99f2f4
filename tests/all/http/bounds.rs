//! What is kept beside the objects has a bound in bytes, and an answer, too.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use pinstripe::Config;
use pinstripe::error::ApiError;
use pinstripe::limits::{BODY_BYTES_MAX, FAULT_BYTES_MAX, NAME_CHARACTERS_MAX, RECENT_ERROR_BYTES_MAX};
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::text;

fn control(user: &Client, method: &str, target: &str, body: Option<&str>) -> Answer {
    raw(user.url(), method, target, &[], body.map(|body| ("application/json", body.as_bytes())))
}

#[test]
fn long_names_are_cut_in_errors() {
    let api = sandbox("bounds-names");
    let (a, b) = ("a".repeat(100_000), "b".repeat(600));
    let error = api.post("/v1/customers", &[(a.as_str(), "1"), (b.as_str(), "2"), ("c", "3")]).refused(400);
    let cut = |letter: &str| format!("{}...", letter.repeat(NAME_CHARACTERS_MAX));
    assert_eq!(error["message"], format!("Received unknown parameters: {}, {}, c", cut("a"), cut("b")));
    assert_eq!(error["param"], cut("a"));
}

#[test]
fn errors_are_kept_in_short() {
    let api = sandbox("bounds-errors");
    let names: Vec<String> = (0..200).map(|n| format!("{n}{}", "n".repeat(400))).collect();
    let form: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let said = api.post("/v1/customers", &form).refused(400);
    assert_eq!(text(&said, "message").chars().count(), 20_003, "a message has an end");
    let kept = control(&api, "GET", "/_pinstripe/requests?sandbox=bounds-errors", None).ok();
    let error = &kept["requests"][0]["error"];
    assert_eq!(error["code"], "parameter_unknown");
    let bytes: usize = error.as_object().unwrap().values().filter_map(Value::as_str).map(str::len).sum();
    assert!(bytes <= RECENT_ERROR_BYTES_MAX + 10 * 3, "{bytes} bytes");
}

#[test]
fn a_fixture_is_no_longer_than_a_request_with_what_its_references_stand_for() {
    let api = sandbox("bounds-fixtures");
    let many = "${one:description}".repeat(400);
    let one =
        json!({"name": "one", "path": "/v1/customers", "method": "post", "params": {"description": "d".repeat(5_000)}});
    let two = json!({"name": "two", "path": "/v1/customers", "method": "post", "params": {"description": many}});
    let script = json!({"fixtures": [one, two]}).to_string();
    let said = control(&api, "POST", "/_pinstripe/fixtures?sandbox=bounds-fixtures", Some(&script));
    assert_eq!(said.status, 400, "{}", said.text);
    let wanted = format!(
        "request body: fixtures[1] (two).params.description: is longer than {BODY_BYTES_MAX} bytes with what its references stand for"
    );
    assert_eq!(said.body["error"]["message"], wanted);
}

/// It takes a release build to fill these.
#[test]
fn what_is_full_says_so() {
    let said = |error: ApiError| (error.status(), error.field("message").unwrap_or_default().to_owned());
    let full = "Pinstripe keeps at most 5 bytes of files, and this upload does not fit any more.";
    assert_eq!(said(ApiError::files_are_full(5)), (503, full.to_owned()));
    let large = "The answer would be larger than 5 bytes. Ask for fewer objects with `limit`, or expand less.";
    assert_eq!(said(ApiError::answer_too_large(5)), (400, large.to_owned()));
}

#[test]
fn a_fault_is_short() {
    let api = sandbox("bounds-faults");
    let fault = json!({"effect": {"error": "api_error"}, "path": "p".repeat(FAULT_BYTES_MAX)}).to_string();
    let said = control(&api, "POST", "/_pinstripe/faults?sandbox=bounds-faults", Some(&fault));
    assert_eq!((said.status, said.body["error"]["message"].as_str()), (400, Some("A fault has at most 16384 bytes.")));
}

/// A receiver that answers once, with as many headers as a client takes.
fn talkative() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65_536]).unwrap();
        let headers: String = (0..50).map(|n| format!("x-{n}: {}\r\n", "h".repeat(1_000))).collect();
        stream
            .write_all(format!("HTTP/1.1 400 Bad Request\r\n{headers}Content-Length: 2\r\n\r\nno").as_bytes())
            .unwrap();
    });
    url
}

#[test]
fn of_the_headers_of_a_receivers_answer_only_some_are_kept() {
    let api = sandbox("bounds-headers");
    api.post("/v1/webhook_endpoints", &[("url", &talkative()), ("enabled_events[]", "*")]).ok();
    api.post("/v1/customers", &[]).ok();
    let mut shown = Value::Null;
    for _ in 0..200 {
        let listed = control(&api, "GET", "/_pinstripe/webhooks/deliveries?sandbox=bounds-headers", None).ok();
        shown = listed["deliveries"][0]["attempts"][0]["response"].clone();
        if !shown.is_null() {
            break;
        }
        thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(shown["headers"].as_object().map(serde_json::Map::len), Some(8), "{shown}");
    assert_eq!((&shown["body_cut"], &shown["body"]), (&json!(true), &json!("no")));
}

#[test]
fn beyond_the_limit_of_the_memory_nothing_is_created() {
    let url = start(Config { max_memory: Some(1 << 20), ..Config::default() });
    let api = Client::new(&url, "sk_test_1");
    let full = "Pinstripe has reached the 1048576 bytes of --max-memory, so it creates nothing more. Delete or reset \
                sandboxes and snapshots, or restart it with a higher limit.";
    let error = api.post("/v1/customers", &[]).refused(503);
    assert_eq!((text(&error, "type"), text(&error, "message")), ("api_error", full));
    // What creates nothing goes on.
    api.get("/v1/customers", &[]).ok();
    for (method, target) in [("POST", "/_pinstripe/fixtures"), ("PUT", "/_pinstripe/state")] {
        let said = control(&api, method, target, Some("[]"));
        assert_eq!((said.status, said.body["error"]["message"].as_str()), (503, Some(full)), "{target}");
    }
    control(&api, "POST", "/_pinstripe/reset", None).ok();
}
