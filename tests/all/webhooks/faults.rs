//! Faults on demand of deliveries: lost, double, out of order, late.

use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use pinstripe::webhooks::settings::Mode;
use serde_json::{Value, json};

use crate::support::client::{Client, raw, sandbox, start};
use crate::support::flows::{customer, id, text};
use crate::support::receiver::Receiver;
use crate::webhooks::deliveries::{control, deliveries, endpoint, wait};

fn fault(user: &Client, body: &Value) -> Value {
    let (target, body) = (format!("/_pinstripe/faults?sandbox={}", user.sandbox()), body.to_string());
    raw(user.url(), "POST", &target, &[], Some(("application/json", body.as_bytes()))).ok()
}

/// A user with an endpoint that gets everything.
fn heard(name: &str) -> (Client, Receiver) {
    let (user, receiver) = (sandbox(name), Receiver::start());
    endpoint(&user, &receiver, &["*"], &[]);
    (user, receiver)
}

#[test]
fn a_dropped_delivery_is_never_sent_and_can_be_resent() {
    let (user, receiver) = heard("drop");
    let rule = fault(&user, &json!({"effect": {"delivery": "drop"}, "times": 1}));
    let (lost, kept) = (customer(&user, &[]), customer(&user, &[]));
    wait(&user);
    let told = |receiver: &Receiver| -> Vec<String> {
        receiver.hits().iter().map(|hit| text(&hit.event()["data"]["object"], "id").to_owned()).collect()
    };
    assert_eq!(told(&receiver), std::slice::from_ref(&kept));
    let [dropped] = deliveries(&user, "?status=dropped").try_into().unwrap();
    assert_eq!((&dropped["fault"], &dropped["attempts"]), (&rule["id"], &json!([])));
    let event = user.get(&format!("/v1/events/{}", text(&dropped, "event")), &[]).ok();
    assert_eq!(event["pending_webhooks"], 0, "nobody will try it any more");
    control(&user, "POST", &format!("/resend?delivery={}", id(&dropped))).ok();
    wait(&user);
    assert_eq!(told(&receiver), [kept, lost]);
}

#[test]
fn a_duplicated_delivery_arrives_twice_with_the_same_event() {
    let (user, receiver) = heard("duplicate");
    let rule = fault(&user, &json!({"effect": {"delivery": "duplicate"}, "times": 1}));
    customer(&user, &[]);
    customer(&user, &[]);
    wait(&user);
    let [first, second, third] = receiver.hits().try_into().unwrap();
    assert_eq!((first.id(), first.event()["data"].clone()), (second.id(), second.event()["data"].clone()));
    assert_eq!([first.event(), second.event()].map(|event| event["pending_webhooks"].clone()), [json!(1), json!(0)]);
    assert_ne!(first.id(), third.id());
    for hit in [&first, &second] {
        assert_eq!(hit.header("pinstripe-fault"), text(&rule, "id"));
    }
    assert_eq!(third.header("pinstripe-fault"), "", "nothing touched it");
}

#[test]
fn a_delayed_delivery_comes_later_and_the_ones_behind_it_do_not_wait() {
    let (user, receiver) = heard("late");
    fault(&user, &json!({"match": {"event": "customer.created"}, "effect": {"delivery": {"delay": [400, 500]}}}));
    let begun = Instant::now();
    let late = customer(&user, &[]);
    user.post(&format!("/v1/customers/{late}"), &[("name", "Ada")]).ok();
    wait(&user);
    assert!(begun.elapsed() >= Duration::from_millis(400), "a wait is for the late ones, too");
    let kinds: Vec<String> = receiver.hits().iter().map(|hit| hit.kind()).collect();
    assert_eq!(kinds, ["customer.updated", "customer.created"]);
}

/// The order in which twelve events arrive, by the place of each in the order in which they happened.
fn shuffled(user: &Client, receiver: &Receiver) -> Vec<usize> {
    let made: Vec<String> = (0..12).map(|_| customer(user, &[])).collect();
    wait(user);
    let place = |id: &str| made.iter().position(|one| one == id).unwrap();
    receiver.hits().iter().map(|hit| place(text(&hit.event()["data"]["object"], "id"))).collect()
}

#[test]
fn shuffled_deliveries_all_arrive_in_another_order_which_a_seed_repeats() {
    let run = || {
        let config = Config { seed: Some(11), clock: Clock::Frozen(1_800_000_000), ..Config::default() };
        let user = Client::new(&start(config), "sk_test_1234");
        let receiver = Receiver::start();
        endpoint(&user, &receiver, &["*"], &[]);
        fault(&user, &json!({"effect": {"delivery": "shuffle"}}));
        shuffled(&user, &receiver)
    };
    let order = run();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..12).collect::<Vec<_>>(), "each arrives once");
    assert_ne!(order, sorted);
    assert_eq!(order, run());
}

#[test]
fn a_fault_of_deliveries_strikes_what_it_is_for_alone() {
    let (user, other) = (sandbox("mishap-match"), Receiver::start());
    let receiver = Receiver::start();
    let one = id(&endpoint(&user, &receiver, &["*"], &[]));
    endpoint(&user, &other, &["*"], &[]);
    let gold = json!({"endpoint": one, "event": "customer.*", "object": {"metadata.tier": "gold"}});
    fault(&user, &json!({"match": gold, "effect": {"delivery": "drop"}}));
    customer(&user, &[("metadata[tier]", "gold")]);
    customer(&user, &[("metadata[tier]", "tin")]);
    wait(&user);
    assert_eq!((receiver.hits().len(), other.hits().len()), (1, 2));
    let all = raw(user.url(), "GET", "/_pinstripe/faults?sandbox=mishap-match", &[], None).ok();
    assert_eq!((&all["faults"][0]["seen"], &all["faults"][0]["struck"]), (&json!(1), &json!(1)));
}

#[test]
fn what_is_collected_is_dropped_doubled_and_shuffled_too() {
    let config = Config { webhook_mode: Mode::Collect, seed: Some(4), ..Config::default() };
    let user = Client::new(&start(config), "sk_test_1234");
    let collected = |user: &Client| -> Vec<Value> {
        control(user, "GET", "/collected").ok()["collected"].as_array().unwrap().clone()
    };
    let rule = fault(&user, &json!({"effect": {"delivery": "drop"}, "times": 1}));
    fault(&user, &json!({"effect": {"delivery": "duplicate"}, "times": 1}));
    assert_eq!(text(&rule, "id"), "flt_1");
    customer(&user, &[]);
    assert!(collected(&user).is_empty());
    customer(&user, &[]);
    let [first, second] = collected(&user).try_into().unwrap();
    assert_eq!((&first["event"], &first["headers"]["pinstripe-fault"]), (&second["event"], &json!("flt_2")));
    control(&user, "DELETE", "/collected").ok();
    fault(&user, &json!({"effect": {"delivery": "shuffle"}}));
    let made: Vec<String> = (0..12).map(|_| customer(&user, &[])).collect();
    let told: Vec<String> = collected(&user)
        .iter()
        .map(|one| serde_json::from_str::<Value>(text(one, "body")).unwrap())
        .map(|event| text(&event["data"]["object"], "id").to_owned())
        .collect();
    assert_ne!(told, made);
    assert!(made.iter().all(|id| told.contains(id)));
}

#[test]
fn requests_and_deliveries_have_faults_of_their_own() {
    let user = sandbox("mishap-wrong");
    let target = "/_pinstripe/faults?sandbox=mishap-wrong";
    for (body, says) in [
        (json!({"match": {"path": "/v1/*"}, "effect": {"delivery": "drop"}}), "`path` is about requests"),
        (json!({"match": {"event": "charge.*"}, "effect": {"error": "rate_limit"}}), "`event` is about deliveries"),
        (json!({"match": {"event": "charge.exploded"}, "effect": {"delivery": "drop"}}), "no event"),
        (json!({"effect": {"delivery": "explode"}}), "not a valid fault: "),
        (json!({"effect": {"delivery": {"delay": [2, 1]}}}), "the lesser first"),
    ] {
        let text_of = body.to_string();
        let error = raw(user.url(), "POST", target, &[], Some(("application/json", text_of.as_bytes()))).refused(400);
        assert!(text(&error, "message").contains(says), "{body}: {error}");
    }
}
