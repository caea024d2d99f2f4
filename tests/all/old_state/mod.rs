//! State files of released formats: each loads, and what is in it answers as the program that wrote it did.
//!
//! `format-1.json` is what `GET /_pinstripe/state` and `--save` wrote in format 1, with objects in many states, a connected
//! account, deleted objects and due work; `answers.txt` is what that program answered about it. `format-2.json` is the same
//! in format 2, whose objects say themselves what is due. None is ever made anew: a new format gets a file of its own.

use std::fs;
use std::path::Path;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{Client, raw, start};
use crate::support::flows::text;

/// The second at which the file was written.
const WRITTEN: i64 = 1_800_000_000;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/old_state").join(name)).unwrap()
}

/// A server that has loaded the file of a format.
fn loaded(format: usize) -> Client {
    let config = Config {
        clock: Clock::Frozen(WRITTEN),
        public_url: Some("http://stripe.test".to_owned()),
        seed: Some(1),
        ..Config::default()
    };
    let api = Client::new(&start(config), "sk_test_old");
    let state = file(&format!("format-{format}.json"));
    api.send("PUT", "/_pinstripe/state", Some(("application/json", state.as_bytes()))).ok();
    api
}

fn answers_as_written(format: usize) {
    let api = loaded(format);
    let answers = file("answers.txt");
    let mut compared = 0;
    for block in answers.split("=== ").filter(|block| !block.is_empty()) {
        let (head, body) = block.split_once('\n').unwrap();
        let (path, account) = head.split_once(' ').unwrap_or((head, ""));
        let mut headers = vec![("Authorization".to_owned(), "Bearer sk_test_old".to_owned())];
        if !account.is_empty() {
            headers.push(("Stripe-Account".to_owned(), account.to_owned()));
        }
        let answer = raw(api.url(), "GET", path, &headers, None);
        let then: Value = serde_json::from_str(body).unwrap();
        contains(&serde_json::from_str(&answer.text).unwrap(), &then, head);
        compared += 1;
    }
    assert_eq!(compared, answers.matches("=== ").count());
}

/// Members that are no longer stored: a payment method has no `radar_options` (shapes 1.3), and the items of a subscription are
/// objects of their own, which its answers still show.
const GONE: [&str; 2] = ["items", "radar_options"];

/// Members that were `null` by mistake, and are an empty list (fidelity 64).
const EMPTY: [&str; 1] = ["tax_rates"];

/// Members of accounts and of their capabilities that follow from rules, which are others now (connect-accounts 2.3, 3).
const FOLLOWING: [&str; 3] = ["future_requirements", "requirements", "settings"];

/// Whether a member of an object follows from rules that are others now.
fn follows(object: &serde_json::Map<String, Value>, key: &str) -> bool {
    let kind = object.get("object").and_then(Value::as_str);
    matches!(kind, Some("account" | "capability")) && FOLLOWING.contains(&key)
}

/// What an answer had then it has now, with the same value; an object may show members that came since. `at` is its place.
fn contains(now: &Value, then: &Value, at: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (key, value) in then
                .iter()
                .filter(|(key, _)| !(follows(then, key) || GONE.contains(&key.as_str()) && now.get(*key).is_none()))
            {
                let now = now.get(key).unwrap_or_else(|| panic!("{at}.{key} is gone"));
                let is_corrected = EMPTY.contains(&key.as_str()) && value.is_null() && *now == json!([]);
                if !is_corrected {
                    contains(now, value, &format!("{at}.{key}"));
                }
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{at}");
            for (i, (now, then)) in now.iter().zip(then).enumerate() {
                contains(now, then, &format!("{at}[{i}]"));
            }
        }
        _ => assert_eq!(now, then, "{at}"),
    }
}

#[test]
fn a_state_file_of_format_1_answers_as_when_it_was_written() {
    answers_as_written(1);
}

#[test]
fn a_state_file_of_format_2_answers_as_when_it_was_written() {
    answers_as_written(2);
}

fn written_again(format: usize) -> String {
    let headers = [("Authorization".to_owned(), "Bearer sk_test_old".to_owned())];
    raw(loaded(format).url(), "GET", "/_pinstripe/state", &headers, None).text
}

#[test]
fn a_state_file_is_written_again_in_format_2_with_all_that_was_in_it() {
    let again = written_again(2);
    assert_eq!(written_again(1), again);
    let [now, then] = [again, file("format-2.json")].map(|text| serde_json::from_str(&text).unwrap());
    contains(&now, &then, "file");
}

#[test]
fn due_work_of_a_state_file_of_format_1_is_done_and_writing_goes_on() {
    goes_on(1);
}

#[test]
fn due_work_of_a_state_file_of_format_2_is_done_and_writing_goes_on() {
    goes_on(2);
}

fn goes_on(format: usize) {
    let api = loaded(format);
    let one = |path: &str, amount: i64| -> Value {
        let list = api.get(path, &[("limit", "100")]).ok();
        list["data"].as_array().unwrap().iter().find(|row| row["amount"] == amount).unwrap().clone()
    };
    assert_eq!(text(&one("/v1/payment_intents", 1005), "status"), "processing");
    assert_eq!(text(&one("/v1/payment_intents", 1003), "status"), "requires_capture");
    api.advance(8 * 24 * 60 * 60);
    assert_eq!(text(&one("/v1/payment_intents", 1005), "status"), "succeeded");
    assert_eq!(text(&one("/v1/payment_intents", 1003), "status"), "canceled");
    assert_eq!(text(&one("/v1/payouts", 100), "status"), "paid");
    let sessions = api.get("/v1/checkout/sessions", &[]).ok();
    let statuses: Vec<&str> = sessions["data"].as_array().unwrap().iter().map(|row| text(row, "status")).collect();
    assert_eq!(statuses, ["complete", "expired"]);
    let before = api.get("/v1/customers", &[]).ok()["data"].as_array().unwrap().len();
    api.post("/v1/customers", &[("email", "new@example.com")]).ok();
    assert_eq!(api.get("/v1/customers", &[]).ok()["data"].as_array().unwrap().len(), before + 1);
}
