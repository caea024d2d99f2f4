//! Deliveries to receivers that fail: nothing is lost, the order stays, nobody else waits.

use std::collections::HashSet;
use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::webhooks::settings::Retries;
use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{customer, ids, rows, text};
use crate::support::process::{Process, folder};
use crate::support::receiver::{Hit, React, Receiver};
use crate::webhooks::deliveries::{control, deliveries, endpoint, wait};

/// Customers one after another; the ids of the events, in order.
fn customers(api: &Client, count: usize) -> Vec<String> {
    api.post_often("/v1/customers", count, |_| String::new());
    event_ids(api, count)
}

/// The ids of the last events, oldest first.
fn event_ids(api: &Client, count: usize) -> Vec<String> {
    let key = [("Authorization".to_owned(), format!("Bearer sk_test_sandbox_{}", api.sandbox()))];
    let mut all: Vec<String> = Vec::new();
    while all.len() < count {
        let after = all.last().map_or_else(String::new, |last| format!("&starting_after={last}"));
        let page = ids(&client::raw(api.url(), "GET", &format!("/v1/events?limit=100{after}"), &key, None).body);
        assert!(!page.is_empty());
        all.extend(page);
    }
    all.truncate(count);
    all.reverse();
    all
}

/// The events in the order of their first arrival.
fn arrivals(hits: &[Hit]) -> Vec<String> {
    let mut seen = HashSet::new();
    hits.iter().map(Hit::id).filter(|id| seen.insert(id.clone())).collect()
}

fn statuses(delivery: &Value) -> Vec<&Value> {
    delivery["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["response"]["status"]).collect()
}

#[test]
fn a_receiver_that_answers_500_loses_nothing_and_keeps_the_order() {
    // Every event fails twice.
    let receiver = Receiver::with(|n, _| React::Status(if n % 3 == 2 { 200 } else { 500 }));
    let api = sandbox("fail-500");
    endpoint(&api, &receiver, &["*"], &[]);
    let events = customers(&api, 3);
    wait(&api);
    let hits: Vec<String> = receiver.hits().iter().map(Hit::id).collect();
    let expected: Vec<&String> = events.iter().flat_map(|event| [event; 3]).collect();
    assert_eq!(hits.iter().collect::<Vec<_>>(), expected);
    for delivery in deliveries(&api, "") {
        assert_eq!(statuses(&delivery), [500, 500, 200]);
    }
}

#[test]
fn each_attempt_is_signed_anew_over_the_same_body() {
    let receiver = Receiver::with(|n, _| React::Status(if n == 0 { 503 } else { 204 }));
    let api = sandbox("fail-signed");
    let secret = text(&endpoint(&api, &receiver, &["*"], &[]), "secret").to_owned();
    customer(&api, &[]);
    wait(&api);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 2);
    hits.iter().for_each(|hit| hit.assert_signed(&secret));
    assert_eq!(hits[0].body, hits[1].body);
}

#[test]
fn a_receiver_that_resets_loses_nothing() {
    let receiver = Receiver::with(|n, _| if n < 2 { React::Reset } else { React::Status(200) });
    let api = sandbox("fail-reset");
    endpoint(&api, &receiver, &["*"], &[]);
    let events = customers(&api, 3);
    wait(&api);
    assert_eq!(arrivals(&receiver.hits()), events);
    let first = deliveries(&api, "").pop().unwrap();
    let attempts = first["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 3, "{first}");
    assert!(!text(&attempts[0], "error").is_empty());
}

#[test]
fn a_receiver_that_hangs_loses_nothing_and_slows_nobody_else() {
    let url = client::start(Config { webhook_timeout: Duration::from_millis(1500), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_hang");
    let hanging = Receiver::with(|n, _| if n == 0 { React::Hang } else { React::Status(200) });
    let other = Receiver::start();
    endpoint(&api, &hanging, &["*"], &[]);
    endpoint(&api, &other, &["*"], &[]);
    let begun = Instant::now();
    let events = customers(&api, 20);
    other.wait_for(20);
    assert!(begun.elapsed() < Duration::from_millis(1500), "the other one waited");
    assert_eq!(hanging.hits().len(), 1);
    wait(&api);
    assert_eq!(arrivals(&hanging.hits()), events);
    assert_eq!(hanging.hits().len(), 21);
    let first = deliveries(&api, "").into_iter().find(|one| one["attempts"].as_array().unwrap().len() == 2).unwrap();
    assert!(text(&first["attempts"][0], "error").contains("no answer within 1.5"), "{first}");
}

#[test]
fn a_receiver_that_is_killed_and_started_again_gets_the_rest() {
    let api = sandbox("fail-killed");
    let first = Receiver::start();
    endpoint(&api, &first, &["*"], &[]);
    let sender = thread::spawn({
        let api = api.clone();
        move || customers(&api, 300)
    });
    first.wait_for(100);
    first.kill();
    let events = sender.join().unwrap();
    let before = first.hits();
    assert!(before.len() < 300, "it was killed too late");
    assert_eq!(control(&api, "POST", "/wait?timeout=0.1").status, 504);
    let second = Receiver::at(first.port());
    wait(&api);
    let after = second.hits();
    let all = [before, after].concat();
    assert_eq!(arrivals(&all), events);
    // Only the one that was under way may have come twice.
    assert!(all.len() <= 301, "{}", all.len());
}

#[test]
fn an_endpoint_that_is_down_is_waited_for_as_long_as_it_takes() {
    let url = client::start(Config { webhook_retries: "0.01".parse().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_down");
    let down = Receiver::start();
    down.kill();
    endpoint(&api, &down, &["*"], &[]);
    let events = customers(&api, 2);
    // Many more attempts than the schedule has.
    assert_eq!(control(&api, "POST", "/wait?timeout=0.5").status, 504);
    let [second, first] = deliveries(&api, "").try_into().unwrap();
    assert!(first["attempts"].as_array().unwrap().len() > 5, "{first}");
    assert_eq!(second["attempts"], json!([]));
    let up = Receiver::at(down.port());
    wait(&api);
    assert_eq!(arrivals(&up.hits()), events);
}

#[test]
fn attempts_of_one_delivery_are_bounded() {
    let url = client::start(Config { webhook_retries: "0.001".parse().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_many");
    let receiver = Receiver::with(|n, _| if n < 60 { React::Reset } else { React::Status(200) });
    endpoint(&api, &receiver, &["*"], &[]);
    customer(&api, &[]);
    wait(&api);
    let [delivery] = deliveries(&api, "").try_into().unwrap();
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 20);
    assert_eq!(delivery["attempts_forgotten"].as_u64().unwrap() + 20, receiver.hits().len() as u64);
}

#[test]
fn an_event_that_is_refused_does_not_hold_up_the_others() {
    let receiver = Receiver::with(|_, hit| React::Status(if hit.kind() == "customer.created" { 400 } else { 200 }));
    let api = sandbox("fail-400");
    endpoint(&api, &receiver, &["*"], &[]);
    let customer = customer(&api, &[]);
    api.post(&format!("/v1/customers/{customer}"), &[("name", "Ada")]).ok();
    api.delete(&format!("/v1/customers/{customer}")).ok();
    let kinds: Vec<String> = receiver.wait_for(3).iter().map(Hit::kind).collect();
    assert_eq!(kinds, ["customer.created", "customer.updated", "customer.deleted"]);
    wait(&api);
    // The first try and five more.
    assert_eq!(receiver.hits().len(), 2 + 6);
    let [failed] = deliveries(&api, "?status=failed").try_into().unwrap();
    assert_eq!((&failed["type"], statuses(&failed)), (&json!("customer.created"), vec![&json!(400); 6]));
}

#[test]
fn a_delivery_that_was_given_up_stays_pending_until_it_is_sent_again() {
    let url = client::start(Config { webhook_retries: "0.01,0.01".parse().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_given-up");
    let receiver = Receiver::with(|n, _| React::Status(if n < 3 { 500 } else { 200 }));
    endpoint(&api, &receiver, &["customer.created"], &[]);
    customer(&api, &[]);
    wait(&api);
    let listed = |delivered: &str| {
        let found = api.get("/v1/events", &[("delivery_success", delivered), ("type", "customer.created")]).ok();
        rows(&found).iter().map(|event| event["pending_webhooks"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((listed("false"), listed("true")), (vec![json!(1)], vec![]));
    let again = control(&api, "POST", "/resend?status=failed");
    assert_eq!(again.body["deliveries"].as_array().unwrap().len(), 1, "{}", again.text);
    wait(&api);
    assert_eq!((listed("false"), listed("true")), (vec![], vec![json!(0)]));
    assert_eq!(receiver.hits().len(), 4);
    assert_eq!(control(&api, "POST", "/resend?status=failed").body["deliveries"], json!([]));
}

#[test]
fn without_retries_there_is_one_attempt() {
    let url = client::start(Config { webhook_retries: "none".parse::<Retries>().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_none");
    let receiver = Receiver::with(|_, _| React::Status(500));
    endpoint(&api, &receiver, &["*"], &[]);
    customers(&api, 2);
    wait(&api);
    assert_eq!(receiver.hits().len(), 2);
    receiver.kill();
    customer(&api, &[]);
    wait(&api);
    assert_eq!(deliveries(&api, "?status=failed").len(), 3);
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    let url = client::start(Config { webhook_retries: "none".parse::<Retries>().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_redirect");
    let receiver = Receiver::with(|_, _| React::Status(302));
    endpoint(&api, &receiver, &["*"], &[]);
    customer(&api, &[]);
    wait(&api);
    assert_eq!(receiver.hits().len(), 1);
    assert_eq!(deliveries(&api, "?status=failed").len(), 1);
}

#[test]
fn user_and_password_of_a_url_are_sent_as_credentials() {
    let (api, receiver) = (sandbox("fail-basic"), Receiver::start());
    let url = format!("http://me:secret@127.0.0.1:{}/a?b=c", receiver.port());
    api.post("/v1/webhook_endpoints", &[("url", &url), ("enabled_events[]", "*")]).ok();
    customer(&api, &[]);
    wait(&api);
    let hit = &receiver.hits()[0];
    assert_eq!((hit.header("authorization"), &*hit.target), ("Basic bWU6c2VjcmV0", "/a?b=c"));
}

#[test]
fn of_a_long_answer_the_beginning_is_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            crate::support::receiver::read(&mut BufReader::new(stream.try_clone().unwrap()));
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while stream.write_all(b"400\r\n").and_then(|()| stream.write_all(&[b'x'; 1024])).is_ok() {
                let _ = stream.write_all(b"\r\n");
            }
        }
    });
    let api = sandbox("fail-long");
    api.post("/v1/webhook_endpoints", &[("url", &url), ("enabled_events[]", "*")]).ok();
    customer(&api, &[]);
    wait(&api);
    let answer = &deliveries(&api, "")[0]["attempts"][0]["response"];
    assert_eq!((text(answer, "body").len(), &answer["body_cut"]), (5000, &json!(true)));
}

#[test]
fn every_event_arrives_once_at_each_of_three_endpoints_in_order() {
    let api = sandbox("fail-many");
    let receivers = [Receiver::start(), Receiver::start(), Receiver::start()];
    for receiver in &receivers {
        endpoint(&api, receiver, &["*"], &[]);
    }
    let events = customers(&api, 300);
    wait(&api);
    for receiver in &receivers {
        assert_eq!(receiver.hits().iter().map(Hit::id).collect::<Vec<_>>(), events);
    }
}

/// The lines of a log that name an event, without their time.
fn lines_about(log: &str, event: &str) -> Vec<String> {
    let lines = log.lines().filter(|line| line.contains(event));
    lines.map(|line| line.split_once("WARN ").unwrap().1.trim().to_owned()).collect()
}

#[test]
fn the_first_failure_of_a_delivery_and_its_end_are_logged() {
    let log = folder("webhook-log").join("log");
    let receiver = Receiver::with(|_, _| React::Status(404));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (hook, nobody) = (receiver.url(), format!("http://{free}/"));
    let flags = ["--webhook-url", &hook, "--webhook-url", &nobody, "--webhook-retries", "0.01,0.01,0.01"];
    let server = Process::run(env!("CARGO_BIN_EXE_pinstripe"), &flags, std::fs::File::create(&log).unwrap().into());
    let api = Client::new(&server.url, "sk_test_123");
    let event = customers(&api, 1).remove(0);
    let begun = Instant::now();
    let lines = loop {
        let lines = lines_about(&std::fs::read_to_string(&log).unwrap(), &event);
        if lines.len() >= 3 || begun.elapsed() > Duration::from_secs(10) {
            break lines;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let of = |endpoint: &str| -> Vec<&String> { lines.iter().filter(|line| line.contains(endpoint)).collect() };
    let about = |endpoint: &str| format!("event=\"{event}\" type=\"customer.created\" endpoint=\"{endpoint}\"");
    let refused = about("we_url_1");
    assert_eq!(
        of("we_url_1"),
        [
            &format!("a webhook failed; it is sent again {refused} status=404"),
            &format!("a webhook was given up {refused} status=404 attempts=4")
        ]
    );
    // A receiver that is not there is tried for ever.
    let unanswered = of("we_url_2");
    assert_eq!(unanswered.len(), 1, "{lines:?}");
    let beginning = format!("a webhook failed; it is sent again {} error=", about("we_url_2"));
    assert!(unanswered[0].starts_with(&beginning), "{unanswered:?}");
}
