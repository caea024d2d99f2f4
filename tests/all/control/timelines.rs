//! Scripts with a past: groups that repeat, choices, and times (fixtures/README.md, "A script with a past").

use std::collections::BTreeSet;

use pinstripe::Config;
use pinstripe::app::App;
use pinstripe::fixtures;
use serde_json::{Value, json};

use crate::support::client::{self, Client};

const DAY: i64 = 86_400;
const NOW: i64 = 1_800_000_000;

/// A user of a sandbox of its own whose clock stands at [`NOW`], with a document loaded.
fn loaded(document: &Value) -> Client {
    static SERVER: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let clock = pinstripe::time::clock::Clock::Frozen(NOW);
        client::start(Config { clock, seed: Some(1), ..Config::default() })
    });
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let user = Client::new(&SERVER, &format!("sk_test_sandbox_past-{number}"));
    let target = format!("/_pinstripe/fixtures?sandbox={}", user.sandbox());
    user.send("POST", &target, Some(("application/json", document.to_string().as_bytes()))).ok();
    user
}

fn refusal(document: &Value) -> String {
    let app = App::new(&Config::default());
    let loaded = fixtures::add(&app, app.default_sandbox(), "test", document.to_string().as_bytes());
    assert!(app.default_sandbox().state().is_empty());
    loaded.expect_err("the document was not refused").to_string()
}

/// The field of all customers, the oldest first.
fn customers(user: &Client, field: &str) -> Vec<Value> {
    let page = user.get("/v1/customers", &[("limit", "100")]).ok();
    page["data"].as_array().unwrap().iter().rev().map(|row| row[field].clone()).collect()
}

#[test]
fn a_group_is_repeated_with_a_number_for_each_round() {
    let user = loaded(&json!({"fixtures": [
        {"name": "group", "repeat": 2, "fixtures": [
            {"name": "made", "path": "/v1/customers", "method": "post", "params": {"id": "cus_${group:nnn}", "name": "${group:n}"}},
            {"path": "/v1/customers/${made:id}", "method": "post", "params": {"description": "of ${made:name}"}}]},
        {"repeat": [9, 10], "name": "later", "fixtures": [
            {"path": "/v1/customers", "method": "post", "params": {"id": "cus_${later:nn}", "description": "${later:n}"}}]}
    ]}));
    assert_eq!(customers(&user, "id"), ["cus_001", "cus_002", "cus_09", "cus_10"]);
    assert_eq!(customers(&user, "description"), ["of 1", "of 2", "9", "10"]);
}

#[test]
fn groups_stand_inside_groups_and_see_what_is_around_them() {
    let user = loaded(&json!({"fixtures": [
        {"name": "all", "path": "/v1/customers", "method": "post", "params": {"id": "cus_all"}},
        {"name": "outer", "repeat": 2, "fixtures": [
            {"name": "mine", "path": "/v1/customers", "method": "post", "params": {"id": "cus_${outer:n}"}},
            {"name": "inner", "repeat": 2, "fixtures": [
                {"path": "/v1/customers", "method": "post", "params": {"id": "cus_${outer:n}${inner:n}", "description": "${all:id} ${mine:id}"}}]}]}
    ]}));
    assert_eq!(customers(&user, "id"), ["cus_all", "cus_1", "cus_11", "cus_12", "cus_2", "cus_21", "cus_22"]);
    assert_eq!(customers(&user, "description")[6], "cus_all cus_2");
}

#[test]
fn choices_follow_from_the_seed() {
    let document = |seed: i64| {
        json!({"seed": seed, "choose": {"name": ["Ada", "Bob", "Cleo"]}, "fixtures": [
            {"name": "group", "repeat": 40, "choose": {"phone": {"1": 3, "2": 1, "never": 0}}, "fixtures": [
                {"path": "/v1/customers", "method": "post", "params": {"name": "${group:name}", "phone": "${group:phone}"}}]}
        ]})
    };
    let chosen = |user: &Client| (customers(user, "name"), customers(user, "phone"));
    let first = chosen(&loaded(&document(1)));
    assert_eq!(first, chosen(&loaded(&document(1))));
    assert_ne!(first, chosen(&loaded(&document(2))));
    let of = |values: &[Value]| values.iter().map(|value| value.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(of(&first.0), BTreeSet::from(["Ada", "Bob", "Cleo"].map(str::to_owned)));
    assert_eq!(of(&first.1), BTreeSet::from(["1", "2"].map(str::to_owned)));
    assert!(first.1.iter().filter(|phone| *phone == "1").count() > 20);
}

#[test]
fn fixtures_run_in_the_order_of_their_times() {
    let user = loaded(&json!({"begins_days_ago": 10, "fixtures": [
        {"name": "late", "repeat": 1, "after_days": 5, "fixtures": [
            {"path": "/v1/customers", "method": "post", "params": {"id": "cus_5", "description": "${time-now-RFC3339}"}},
            {"path": "/v1/customers", "method": "post", "params": {"id": "cus_8"}, "after_days": 3}]},
        {"path": "/v1/customers", "method": "post", "params": {"id": "cus_0"}},
        {"path": "/v1/customers", "method": "post", "params": {"id": "cus_6"}, "after_days": 6},
        {"name": "some", "repeat": 30, "after_days": [0, 1.5], "fixtures": [
            {"path": "/v1/customers", "method": "post", "params": {"id": "cus_some${some:n}"}}]}
    ]}));
    let begin = NOW - 10 * DAY;
    let created = |id: &str| user.get(&format!("/v1/customers/{id}"), &[]).ok()["created"].as_i64().unwrap() - begin;
    assert_eq!(["cus_0", "cus_5", "cus_6", "cus_8"].map(created), [0, 5, 6, 8].map(|days| days * DAY));
    // A group begins after the fixture before it.
    let some: BTreeSet<i64> = (1..=30).map(|n| created(&format!("cus_some{n}")) - 6 * DAY).collect();
    assert!(some.len() > 20 && some.iter().all(|after| (0..=DAY * 3 / 2).contains(after)), "{some:?}");
    assert_eq!(user.get("/v1/customers/cus_5", &[]).ok()["description"], "2027-01-10T08:00:00Z");
}

#[test]
fn what_is_due_in_the_past_of_a_script_is_done_at_its_time() {
    let user = loaded(&json!({"begins_days_ago": 100, "fixtures": [
        {"path": "/v1/customers", "method": "post", "params": {"id": "cus_1", "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"}}},
        {"path": "/v1/plans", "method": "post", "params": {"id": "plan_1", "amount": 1000, "currency": "usd", "interval": "month", "product": {"name": "Pro"}}},
        {"path": "/v1/subscriptions", "method": "post", "params": {"customer": "cus_1", "items": [{"price": "plan_1"}]}}
    ]}));
    let invoices = user.get("/v1/invoices", &[("status", "paid")]).ok();
    let invoices = invoices["data"].as_array().unwrap().clone();
    assert_eq!(invoices.len(), 4);
    let begin = NOW - 100 * DAY;
    assert_eq!(invoices[3]["created"], begin);
    assert!(invoices[0]["created"].as_i64().unwrap() > begin + 80 * DAY);
    // The clock is the sandbox's own, and goes on from the present.
    let clock = user.send("GET", &format!("/_pinstripe/clock?sandbox={}", user.sandbox()), None).ok();
    assert_eq!(clock["now"], NOW);
    user.advance(31 * DAY);
    assert_eq!(user.get("/v1/invoices", &[("status", "paid")]).ok()["data"].as_array().unwrap().len(), 5);
}

#[test]
fn the_events_of_the_last_thirty_days_of_a_past_are_there_and_are_no_news() {
    let user = loaded(&json!({"begins_days_ago": 31, "fixtures": [
        {"path": "/v1/customers", "method": "post", "params": {"id": "cus_old"}},
        {"path": "/v1/customers", "method": "post", "params": {"id": "cus_new"}, "after_days": 2}
    ]}));
    let events = user.get("/v1/events", &[]).ok();
    let events = events["data"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0]["type"], &events[0]["data"]["object"]["id"]),
        (&json!("customer.created"), &json!("cus_new"))
    );
    assert_eq!(events[0]["created"], NOW - 29 * DAY);
    assert_eq!(events[0]["pending_webhooks"], 0);
    // The next event is told of, and comes after it.
    user.post("/v1/customers", &[]).ok();
    assert_eq!(user.get("/v1/events", &[]).ok()["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_script_without_a_past_has_no_events() {
    let user = loaded(&json!({"fixtures": [{"path": "/v1/customers", "method": "post"}]}));
    assert_eq!(user.get("/v1/events", &[]).ok()["data"], json!([]));
}

#[test]
fn a_wrong_timeline_says_where() {
    let get = json!({"path": "/v1/customers", "method": "get"});
    let group = |change: Value| {
        let mut group = json!({"name": "group", "repeat": 2, "fixtures": [get]});
        group.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"fixtures": [get, group]})
    };
    let step = |change: Value| {
        let mut step = get.clone();
        step.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"begins_days_ago": 2, "fixtures": [step]})
    };
    let days = "expected a number of days from 0 to 3650, or an array of the least and the most";
    for (document, said) in [
        (json!({"seed": "x", "fixtures": []}), "test: seed: expected a whole number"),
        (json!({"begins_days_ago": -1, "fixtures": []}), &*format!("test: begins_days_ago: {days}")),
        (json!({"begins_days_ago": 4000, "fixtures": []}), &*format!("test: begins_days_ago: {days}")),
        (step(json!({"after_days": "1"})), &*format!("test: fixtures[0].after_days: {days}")),
        (step(json!({"after_days": [2, 1]})), &*format!("test: fixtures[0].after_days: {days}")),
        (step(json!({"after_days": 2.5})), "test: fixtures[0].after_days: lies in the future: `begins_days_ago` says"),
        (group(json!({"repeat": 0})), "test: fixtures[1].repeat: expected a number of rounds"),
        (group(json!({"repeat": [3, 2]})), "test: fixtures[1].repeat: expected a number of rounds"),
        (group(json!({"repeat": 100_001})), "test: fixtures[1].repeat: expected a number of rounds"),
        (group(json!({"fixtures": [get, get], "repeat": 60_000})), "has more than 100000 requests and rounds"),
        (
            group(json!({"fixtures": [{"repeat": 60_000, "fixtures": []}]})),
            "test: fixtures[1] (group, round 2).fixtures[0]: has more than 100000 requests and rounds",
        ),
        (group(json!({"fixtures": 1})), "test: fixtures[1] (group, round 1).fixtures: expected an array"),
        (
            group(json!({"after_days": 1})),
            "test: fixtures[1] (group, round 2).fixtures[0].after_days: lies in the future",
        ),
        (group(json!({"choose": 1})), "test: fixtures[1].choose: expected an object"),
        (group(json!({"choose": {"a": []}})), "test: fixtures[1].choose.a: expected something to choose"),
        (group(json!({"choose": {"a": 1}})), "test: fixtures[1].choose.a: expected an array, or an object"),
        (group(json!({"choose": {"a": {"b": "x"}}})), "test: fixtures[1].choose.a: expected whole numbers, 0 or more"),
        (
            group(json!({"fixtures": [{"path": "/v1/customers/${group:m}", "method": "get"}]})),
            "test: fixtures[1] (group, round 1).fixtures[0].path: ${group:m} finds nothing",
        ),
    ] {
        let refusal = refusal(&document);
        assert!(refusal.contains(said), "{refusal}\nexpected: {said}");
    }
}
