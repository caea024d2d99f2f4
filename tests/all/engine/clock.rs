//! The clock of a sandbox: how it is moved, what is to happen by it, and what a move tells.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use super::{NOW, with_rows};
use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{attached, customer, id, ids, int, rows, text};
use crate::support::process::output;
use crate::support::receiver::{React, Receiver};

const HOUR: i64 = 3_600;

/// A control call about the user's sandbox.
fn control(api: &Client, method: &str, call: &str) -> Answer {
    let joint = if call.contains('?') { '&' } else { '?' };
    let target = format!("/_pinstripe/{call}{joint}sandbox={}", api.sandbox());
    raw(api.url(), method, &target, &[], None)
}

/// The sentence of a refused call.
#[track_caller]
fn refusal(api: &Client, method: &str, call: &str) -> String {
    text(&control(api, method, call).refused(400), "message").to_owned()
}

fn clock(api: &Client) -> Value {
    control(api, "GET", "clock").ok()
}

/// What is to happen, as the name and the object of each item.
fn due(api: &Client, call: &str) -> Vec<(String, String)> {
    let listed = control(api, "GET", call).ok();
    let rows = listed["due"].as_array().unwrap().clone();
    rows.iter().map(|row| (text(row, "what").to_owned(), id(row))).collect()
}

#[test]
fn a_move_tells_how_much_was_done_and_dropped() {
    // The money of a row becomes available, and then that is announced.
    let api = with_rows(20);
    let told = control(&api, "POST", "clock?advance=15").ok();
    let nothing = json!({"events": 0, "deliveries": 0});
    assert_eq!(told, json!({"clock": "frozen", "now": NOW + 15, "speed": 0, "done": 30, "dropped": nothing}));
    assert_eq!(int(&control(&api, "POST", "clock?advance=1").ok(), "done"), 2);
}

#[test]
fn events_that_a_full_list_drops_are_counted_in_the_answer() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_dropped");
    let count = 10_040;
    let row = |n: i64| {
        json!({
            "id": format!("clock_{n}"), "object": "test_helpers.test_clock", "created": NOW, "deletes_after": NOW + n,
            "frozen_time": NOW, "livemode": false, "name": null, "status": "ready", "status_details": {},
        })
    };
    let rows: Vec<Value> = (1..=count).map(row).collect();
    let rows = json!({"objects": rows}).to_string();
    api.send("POST", "/_pinstripe/fixtures", Some(("application/json", rows.as_bytes()))).ok();
    control(&api, "POST", "webhooks/mode?mode=collect").ok();
    let told = control(&api, "POST", &format!("clock?advance={count}")).ok();
    // The list of collected events has room for ten thousand, and nobody waits for it.
    assert_eq!((int(&told, "done"), &told["dropped"]), (count, &json!({"events": 0, "deliveries": count - 10_000})));
}

#[test]
fn a_clock_is_never_set_back_before_work_that_was_done() {
    let api = with_rows(5);
    control(&api, "POST", "snapshots/before").ok();
    // As long as nothing was done, it goes where it is sent.
    control(&api, "POST", &format!("clock?freeze={}", NOW - 10)).ok();
    control(&api, "POST", &format!("clock?freeze={}", NOW + 3)).ok();
    let sentence =
        format!("Work that was due at {} (2027-01-15 08:00:03 UTC) is done, so the clock can't be set back", NOW + 3);
    for setting in [format!("freeze={}", NOW + 2), "freeze=0".to_owned(), "real=true".to_owned()] {
        let said = refusal(&api, "POST", &format!("clock?{setting}"));
        assert!(said.starts_with(&sentence), "{said}");
        assert_eq!((clock(&api)["clock"].as_str(), int(&clock(&api), "now")), (Some("frozen"), NOW + 3));
    }
    control(&api, "POST", &format!("clock?freeze={}", NOW + 30)).ok();
    let state = raw(api.url(), "GET", "/_pinstripe/state", &[], None).text;
    // What was done early does not bind the clock; what was done is so in a file, too.
    let said = refusal(&api, "POST", &format!("clock?freeze={}", NOW + 4));
    assert!(said.contains(&(NOW + 5).to_string()), "{said}");
    control(&api, "POST", "snapshots/before/restore").ok();
    control(&api, "POST", "due/txn_5").ok();
    control(&api, "POST", &format!("clock?freeze={}", NOW + 1)).ok();
    api.send("PUT", "/_pinstripe/state", Some(("application/json", state.as_bytes()))).ok();
    assert!(refusal(&api, "POST", &format!("clock?freeze={NOW}")).contains(&(NOW + 5).to_string()));
    control(&api, "POST", "reset").ok();
    assert_eq!(int(&clock(&api), "now"), NOW);
}

#[test]
fn what_happens_next_is_listed_and_a_clock_goes_there() {
    let api = with_rows(12);
    assert_eq!(due(&api, "due?limit=2"), [1, 2].map(|n| ("available".to_owned(), format!("txn_{n}"))));
    let listed = control(&api, "GET", "due").ok();
    let first = json!({
        "at": NOW + 1, "what": "available", "object": "balance_transaction", "id": "txn_1", "test_clock": null, "account": null,
    });
    assert_eq!((&listed["due"][0], int(&listed, "now"), &listed["has_more"]), (&first, NOW, &json!(true)));
    assert_eq!(rows_of(&listed), 10);
    assert_eq!(control(&api, "GET", "due?limit=12").ok()["has_more"], false);
    for wrong in ["0", "1001", "x"] {
        assert!(refusal(&api, "GET", &format!("due?limit={wrong}")).contains("`limit`"));
    }
    let told = control(&api, "POST", "clock?advance=next").ok();
    assert_eq!((int(&told, "now"), int(&told, "done"), &told["next"]), (NOW + 1, 2, &first));
    let told = control(&api, "POST", "clock?advance=next&object=txn_4").ok();
    assert_eq!((int(&told, "now"), int(&told, "done"), id(&told["next"])), (NOW + 4, 6, "txn_4".to_owned()));
    assert_eq!(due(&api, "due/txn_4"), []);
    assert_eq!(due(&api, "due/txn_9").len(), 1);
    control(&api, "GET", "due/txn_99").refused(404);
    for (call, says) in [
        ("advance=next&object=txn_4", "Nothing is to happen to txn_4 later"),
        ("advance=next&object=txn_99", "no object with that id"),
        ("advance=5&object=txn_9", "`object` goes with `advance=next`"),
        ("advance=next&freeze=now", "Send one of"),
    ] {
        assert!(refusal(&api, "POST", &format!("clock?{call}")).contains(says));
    }
    control(&api, "POST", "clock?advance=8").ok();
    assert!(refusal(&api, "POST", "clock?advance=next").contains("Nothing is to happen later"));
    assert_eq!(int(&clock(&api), "now"), NOW + 12);
}

fn rows_of(listed: &Value) -> usize {
    listed["due"].as_array().unwrap().len()
}

#[test]
fn what_happens_by_a_test_clock_is_listed_with_it() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_next");
    let made = api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &(NOW - 9 * HOUR).to_string())]).ok();
    let customer = customer(&api, &[("test_clock", &id(&made))]);
    let invoice = id(&api.post("/v1/invoices", &[("customer", &customer), ("auto_advance", "true")]).ok());
    let listed = control(&api, "GET", "due?limit=1").ok();
    let first = &listed["due"][0];
    assert_eq!((text(first, "what"), id(first), text(first, "test_clock")), ("finalize", invoice.clone(), &*id(&made)));
    assert_eq!(int(first, "at"), NOW - 8 * HOUR + 1);
    let said = refusal(&api, "POST", &format!("clock?advance=next&object={invoice}"));
    assert!(said.contains(&format!("/v1/test_helpers/test_clocks/{}/advance", id(&made))), "{said}");
    // The sandbox's own clock goes to what is due by it: the end of the test clock.
    let told = control(&api, "POST", "clock?advance=next").ok();
    assert_eq!((int(&told, "now"), text(&told["next"], "what")), (int(&made, "deletes_after"), "delete"));
}

#[test]
fn a_subscription_is_renewed_by_its_clock_only() {
    let api = sandbox("due-subscription");
    let customer = customer(&api, &[]);
    let price =
        [("currency", "usd"), ("unit_amount", "500"), ("recurring[interval]", "month"), ("product_data[name]", "Tea")];
    let price = id(&api.post("/v1/prices", &price).ok());
    let card = attached(&api, "pm_card_visa", &customer);
    let items = [("customer", &*customer), ("items[0][price]", &price), ("default_payment_method", &card)];
    let subscription = id(&api.post("/v1/subscriptions", &items).ok());
    let said = refusal(&api, "POST", &format!("due/{subscription}"));
    assert!(said.contains("/_pinstripe/clock?advance=") && said.contains("/v1/test_helpers/test_clocks/"), "{said}");
    control(&api, "GET", &format!("due/{subscription}")).ok();
}

#[test]
fn a_draft_that_is_hastened_is_finalized_and_then_charged_again_and_again() {
    let api = sandbox("due-invoice");
    let payer = |card: &str| {
        let payer = customer(&api, &[]);
        let card = attached(&api, card, &payer);
        api.post(&format!("/v1/customers/{payer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
        api.post("/v1/invoiceitems", &[("customer", &payer), ("amount", "2000"), ("currency", "usd")]).ok();
        let draft = [("auto_advance", "true"), ("pending_invoice_items_behavior", "include")];
        id(&api.post("/v1/invoices", &[&[("customer", payer.as_str())], draft.as_slice()].concat()).ok())
    };
    let shown = |invoice: &str| {
        let shown = api.get(&format!("/v1/invoices/{invoice}"), &[]).ok();
        (text(&shown, "status").to_owned(), int(&shown, "attempt_count"))
    };
    let hasten = |invoice: &str| int(&control(&api, "POST", &format!("due/{invoice}")).ok(), "done");
    let (paid, failed) = (payer("pm_card_visa"), payer("pm_card_chargeCustomerFail"));
    assert_eq!(hasten(&paid), 1);
    assert_eq!((shown(&paid), hasten(&paid)), (("paid".to_owned(), 1), 0));
    for attempts in 1..=4 {
        assert_eq!(hasten(&failed), 1);
        assert_eq!(shown(&failed), ("open".to_owned(), attempts));
    }
    assert_eq!(hasten(&failed), 0);
}

#[test]
fn a_clock_runs_as_fast_as_it_is_told() {
    let api = sandbox("clock-speed");
    let before = int(&clock(&api), "now");
    let set = control(&api, "POST", "clock?speed=100000").ok();
    assert_eq!((text(&set, "clock"), int(&set, "speed")), ("running", 100_000));
    std::thread::sleep(Duration::from_millis(50));
    let then = int(&clock(&api), "now");
    assert!(then - before >= 5_000, "{}", then - before);
    // It stands still in a snapshot, and in a file.
    control(&api, "POST", "snapshots/there").ok();
    let state = control(&api, "GET", "state").text;
    std::thread::sleep(Duration::from_millis(50));
    let later = int(&clock(&api), "now");
    control(&api, "POST", "snapshots/there/restore").ok();
    let restored = clock(&api);
    assert!((then..).contains(&int(&restored, "now")), "{restored}");
    assert_eq!(int(&restored, "speed"), 100_000);
    assert!(state.contains("\"running_at\":") && state.contains("\"speed\":100000"), "{state}");
    let other = sandbox("clock-speed-file");
    let target = "/_pinstripe/state?sandbox=clock-speed-file";
    other.send("PUT", target, Some(("application/json", state.as_bytes()))).ok();
    assert_eq!((text(&clock(&other), "clock"), int(&clock(&other), "speed")), ("running", 100_000));
    assert!(int(&clock(&other), "now") >= then);
    for (wrong, right) in [("\"speed\":100000", "\"speed\":0"), ("\"running_at\":", "\"running_at\":-")] {
        let state = state.replace(wrong, right);
        other.send("PUT", target, Some(("application/json", state.as_bytes()))).refused(400);
    }
    let slow = control(&api, "POST", "clock?speed=1").ok();
    assert_eq!(int(&slow, "speed"), 1);
    control(&api, "POST", &format!("clock?freeze={}", later + 1_000_000)).ok();
    assert_eq!(int(&control(&api, "POST", "clock?speed=1").ok(), "speed"), 1, "a frozen clock runs on");
    for wrong in ["speed=0", "speed=x", "speed=10000001", "speed=1.5", "speed=2&real=true"] {
        assert!(!refusal(&api, "POST", &format!("clock?{wrong}")).is_empty());
    }
    control(&api, "POST", "reset").ok();
    assert_eq!(clock(&api)["clock"], "real");
}

#[test]
fn the_clock_of_a_server_may_begin_fast() {
    let api = Client::new(&start(Config { clock_speed: 1_000, ..Config::default() }), "sk_test_fast");
    let shown = clock(&api);
    assert_eq!((text(&shown, "clock"), int(&shown, "speed")), ("running", 1_000));
    control(&api, "POST", "clock?advance=86400000").ok();
    control(&api, "POST", "reset").ok();
    let again = clock(&api);
    assert_eq!(int(&again, "speed"), 1_000);
    assert!(int(&again, "now") < int(&shown, "now") + 86_400_000);
    let other = Client::new(api.url(), "sk_test_sandbox_other");
    assert_eq!(int(&clock(&other), "speed"), 1_000);
    for flags in [["--clock", "frozen@5", "--clock-speed", "2"], ["--clock", "real", "--clock-speed", "0"]] {
        let refused = output(&flags);
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--clock-speed"));
    }
}

#[test]
fn due_work_keeps_the_pace_of_a_fast_clock_without_requests() {
    let came: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let arrivals = Arc::clone(&came);
    let receiver = Receiver::with(move |_, _| {
        arrivals.lock().unwrap().push(Instant::now());
        React::Status(200)
    });
    let api = Client::new(&start(Config::default()), "sk_test_pace");
    let hook = [("url", receiver.url()), ("enabled_events[]", "invoice.finalized".to_owned())];
    api.post("/v1/webhook_endpoints", &hook.each_ref().map(|(name, value)| (*name, value.as_str()))).ok();
    // Twelve drafts, a fifth of a second of the machine apart.
    let (customer, begun) = (customer(&api, &[("email", "ada@example.com")]), int(&clock(&api), "now"));
    for n in 1..=12 {
        let at = (begun + 1_000 + n * 20_000).to_string();
        let draft = [("customer", customer.as_str()), ("collection_method", "send_invoice"), ("days_until_due", "30")];
        let draft = [draft.as_slice(), &[("automatically_finalizes_at", at.as_str())]].concat();
        api.post("/v1/invoices", &draft).ok();
    }
    control(&api, "POST", "clock?speed=100000").ok();
    receiver.wait_for(12);
    let times = came.lock().unwrap().clone();
    let pauses = times.windows(2).filter(|pair| pair[1] - pair[0] > Duration::from_millis(60)).count();
    assert!(pauses >= 5, "they came in {} groups: {times:?}", pauses + 1);
    let listed = api.get("/v1/events", &[("type", "invoice.finalized"), ("limit", "100")]).ok();
    let made: Vec<i64> = rows(&listed).iter().rev().map(|event| int(event, "created") - begun).collect();
    assert_eq!(made, (1..=12).map(|n| 1_000 + n * 20_000).collect::<Vec<_>>(), "each at its own time");
    assert_eq!(ids(&listed).len(), 12);
}

#[test]
fn what_is_declared_for_a_time_that_has_passed_happens_after_what_is_done() {
    let settings = vec![pinstripe::settings::Choice::parse("will_be_due_days=7").unwrap()];
    let config = Config { clock: Clock::Frozen(NOW), settings, ..Config::default() };
    let api = Client::new(&start(config), "sk_test_past");
    let customer = customer(&api, &[("email", "ada@example.com")]);
    api.post("/v1/invoiceitems", &[("customer", &customer), ("amount", "2000"), ("currency", "usd")]).ok();
    // Finalized after three weeks, when what comes after thirteen days is over.
    let finalized = (NOW + 21 * 24 * HOUR).to_string();
    let draft = [
        ("customer", customer.as_str()),
        ("pending_invoice_items_behavior", "include"),
        ("collection_method", "send_invoice"),
        ("days_until_due", "20"),
        ("automatically_finalizes_at", &finalized),
    ];
    api.post("/v1/invoices", &draft).ok();
    control(&api, "POST", "clock?advance=5184000").ok();
    let listed = api.get("/v1/events", &[("type", "invoice.*"), ("limit", "100")]).ok();
    let told: Vec<_> = rows(&listed).iter().rev().map(|event| (text(event, "type"), int(event, "created"))).collect();
    let at = finalized.parse::<i64>().unwrap();
    let last = ["invoice.finalized", "invoice.sent", "invoice.will_be_due"].map(|what| (what, at));
    assert_eq!(told[told.len() - 3..], last);
}
