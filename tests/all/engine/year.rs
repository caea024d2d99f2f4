//! A year by the sandbox's clock, and by a test clock: every renewal comes, and nothing is lost on the way.

use std::collections::HashSet;
use std::time::Duration;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use super::{DAY, NOW};
use crate::support::client::{Client, raw, start};
use crate::support::flows::{attached, customer, id, int, rows, text};
use crate::support::process::{Process, eventually};
use crate::support::receiver::{React, Receiver};

/// A year, and the time until the invoices of its last day are paid.
const YEAR: i64 = 365 * DAY + 2 * 3_600;

/// A whole list, the newest first.
fn list(api: &Client, path: &str, own: &[(&str, &str)]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let last = all.last().map(id);
        let mut params = vec![("limit", "100")];
        params.extend(own);
        params.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page = api.get(path, &params).ok();
        all.extend(rows(&page).iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

/// All events of a sandbox, oldest first.
fn events(api: &Client) -> Vec<Value> {
    let mut all = list(api, "/v1/events", &[]);
    all.reverse();
    all
}

/// A customer with a default card.
fn payer(api: &Client, params: &[(&str, &str)]) -> String {
    let payer = customer(api, &[&[("email", "ada@example.com")], params].concat());
    let card = attached(api, "pm_card_visa", &payer);
    api.post(&format!("/v1/customers/{payer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    payer
}

fn price(api: &Client, amount: &str, interval: &str) -> String {
    let price = [("currency", "usd"), ("unit_amount", amount), ("recurring[interval]", interval)];
    id(&api.post("/v1/prices", &[&price[..], &[("product_data[name]", "Gold")]].concat()).ok())
}

fn subscribe(api: &Client, payer: &str, price: &str) -> Value {
    api.post("/v1/subscriptions", &[("customer", payer), ("items[0][price]", price)]).ok()
}

/// A draft with a line that goes on by itself at a time.
fn draft(api: &Client, payer: &str, at: i64) {
    api.post("/v1/invoiceitems", &[("customer", payer), ("amount", "2000"), ("currency", "usd")]).ok();
    let at = at.to_string();
    let own = [("customer", payer), ("automatically_finalizes_at", &at), ("pending_invoice_items_behavior", "include")];
    api.post("/v1/invoices", &own).ok();
}

/// Moves the clock of a server's sandbox on; nothing is dropped.
fn advance(api: &Client, seconds: i64) -> Value {
    let told = raw(api.url(), "POST", &format!("/_pinstripe/clock?advance={seconds}"), &[], None).ok();
    assert_eq!(told["dropped"], json!({"events": 0, "deliveries": 0}), "{told}");
    told
}

/// Every event was delivered once, in the order in which they were made.
fn all_came(api: &Client, receiver: &Receiver) -> Vec<Value> {
    let all = events(api);
    let made: Vec<String> = all.iter().map(id).collect();
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), made.len());
    let came: Vec<String> = receiver.wait_for(made.len()).iter().map(|hit| hit.id()).collect();
    assert!(came == made, "{} events came, {} were made", came.len(), made.len());
    all
}

#[test]
fn after_a_year_of_a_hundred_customers_every_event_was_delivered_once_and_in_order() {
    // In a process of its own: the bound on the memory of events is the process's.
    let server = Process::start(&["--clock", &format!("frozen@{NOW}")]);
    let api = Client::new(&server.url, "sk_test_year");
    let receiver = Receiver::start();
    api.post("/v1/webhook_endpoints", &[("url", &receiver.url()), ("enabled_events[]", "*")]).ok();
    let price = price(&api, "1000", "month");
    for n in 0..100 {
        let payer = payer(&api, &[]);
        subscribe(&api, &payer, &price);
        if n % 10 == 0 {
            (1..=6).for_each(|time| draft(&api, &payer, NOW + time * 60 * DAY + n * 60));
        }
    }
    assert!(int(&advance(&api, YEAR), "done") >= 1_200);
    let all = all_came(&api, &receiver);
    let paid = all.iter().filter(|event| event["type"] == "invoice.paid");
    let reasons = paid.map(|event| text(&event["data"]["object"], "billing_reason").to_owned());
    let mut counts = [("subscription_create", 0), ("subscription_cycle", 0), ("manual", 0)];
    for reason in reasons {
        counts.iter_mut().find(|(known, _)| *known == reason).unwrap().1 += 1;
    }
    assert_eq!(counts, [("subscription_create", 100), ("subscription_cycle", 1_200), ("manual", 60)]);
    // The money of all of them has come in.
    let ended = list(&api, "/v1/subscriptions", &[("status", "active")]);
    assert_eq!(ended.len(), 100);
    assert_eq!(list(&api, "/v1/charges", &[]).len(), 1_360);
}

#[test]
fn no_event_is_lost_while_a_receiver_is_slow() {
    let server = Process::start(&["--clock", &format!("frozen@{NOW}")]);
    let api = Client::new(&server.url, "sk_test_slow");
    // Now and then it takes a while.
    let receiver = Receiver::with(|n, _| {
        if n % 50 == 0 {
            std::thread::sleep(Duration::from_millis(40));
        }
        React::Status(200)
    });
    api.post("/v1/webhook_endpoints", &[("url", &receiver.url()), ("enabled_events[]", "*")]).ok();
    let price = price(&api, "700", "week");
    for _ in 0..6 {
        subscribe(&api, &payer(&api, &[]), &price);
    }
    advance(&api, YEAR);
    let all = all_came(&api, &receiver);
    assert_eq!(all.iter().filter(|event| event["type"] == "invoice.paid").count(), 6 * 53);
}

/// What a subscription billed: when, for what, how much, and what became of it.
fn billed(api: &Client, subscription: &Value) -> Vec<(i64, String, i64, String)> {
    let invoices = list(api, "/v1/invoices", &[("subscription", text(subscription, "id"))]);
    let shown = |it: &Value| {
        (int(it, "created"), text(it, "billing_reason").to_owned(), int(it, "total"), text(it, "status").to_owned())
    };
    invoices.iter().map(shown).collect()
}

#[test]
fn a_year_of_a_test_clock_in_legal_steps_is_as_one_of_the_sandboxs_clock() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_clocked");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &NOW.to_string())]).ok());
    let prices = [price(&api, "1000", "month"), price(&api, "2999", "month"), price(&api, "12000", "year")];
    // As many customers and subscriptions as a test clock may have.
    let begun = |params: &[(&str, &str)]| -> Vec<Value> {
        let payers = [0, 1, 2].map(|_| payer(&api, params));
        payers.iter().flat_map(|payer| prices.iter().map(|price| subscribe(&api, payer, price))).collect()
    };
    let (by_clock, by_sandbox) = (begun(&[("test_clock", &clock)]), begun(&[]));
    let mut now = NOW;
    while now < NOW + YEAR {
        now = (now + 59 * DAY).min(NOW + YEAR);
        let path = format!("/v1/test_helpers/test_clocks/{clock}");
        api.post(&format!("{path}/advance"), &[("frozen_time", &now.to_string())]).ok();
        eventually(|| api.get(&path, &[]).ok()["status"] == "ready");
    }
    advance(&api, YEAR);
    for (one, other) in by_clock.iter().zip(&by_sandbox) {
        let [one, other] = [one, other].map(|it| billed(&api, it));
        assert_eq!(one, other);
        assert!(one.len() == 13 || one.len() == 2, "{one:?}");
    }
}
