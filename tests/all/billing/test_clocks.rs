//! Test clocks (billing 4, billing-2 10).

use std::thread;
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::engine::{DAY, NOW, with_rows};
use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{attached, customer, id, ids, int, invalid, missing, rows, says, text, with};

const CLOCKS: &str = "/v1/test_helpers/test_clocks";

fn clock(api: &Client, frozen_time: i64) -> String {
    id(&api.post(CLOCKS, &[("frozen_time", &frozen_time.to_string())]).ok())
}

fn the_clock(api: &Client, clock: &str) -> Value {
    api.get(&format!("{CLOCKS}/{clock}"), &[]).ok()
}

fn advance(api: &Client, clock: &str, to: i64) -> Answer {
    api.post(&format!("{CLOCKS}/{clock}/advance"), &[("frozen_time", &to.to_string())])
}

/// The clock once it is ready.
pub(super) fn ready(api: &Client, clock: &str) -> Value {
    let begun = Instant::now();
    loop {
        let shown = the_clock(api, clock);
        if shown["status"] == "ready" {
            return shown;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{shown}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The events of a type's family, oldest first: what each is called after the family, and its object's id.
fn events(api: &Client, family: &str) -> Vec<(String, String)> {
    let listed = api.get("/v1/events", &[("type", &format!("{family}.*")), ("limit", "100")]).ok();
    let named =
        |event: &Value| (text(event, "type").rsplit('.').next().unwrap().to_owned(), id(&event["data"]["object"]));
    rows(&listed).iter().rev().map(named).collect()
}

#[test]
fn an_advance_answers_advancing_and_is_ready_later() {
    let api = sandbox("clock-advance");
    let made = api.post(CLOCKS, &[("frozen_time", "1795600000"), ("name", "Winter")]).ok();
    assert_eq!((text(&made, "status"), &made["status_details"], text(&made, "name")), ("ready", &json!({}), "Winter"));
    assert_eq!(int(&made, "deletes_after") - int(&made, "created"), 30 * DAY);
    let clock = id(&made);
    let advancing = advance(&api, &clock, 1_795_700_000).ok();
    assert_eq!((text(&advancing, "status"), int(&advancing, "frozen_time")), ("advancing", 1_795_600_000));
    assert_eq!(advancing["status_details"], json!({"advancing": {"target_frozen_time": 1_795_700_000}}));
    let ready = ready(&api, &clock);
    assert_eq!((int(&ready, "frozen_time"), &ready["status_details"]), (1_795_700_000, &json!({})));
    let told: Vec<String> = events(&api, "test_helpers.test_clock").into_iter().map(|(what, _)| what).collect();
    assert_eq!(told, ["created", "advancing", "ready"]);
    missing(api.get(&format!("{CLOCKS}/clock_none"), &[]), 404, "billingclock", "clock_none", "test_clock");
}

#[test]
fn a_clock_goes_forward_and_at_most_two_years() {
    let api = sandbox("clock-limits");
    // 23 November 2024.
    let clock = clock(&api, 1_732_320_000);
    for back in [1_732_319_999, 1_732_320_000] {
        invalid(advance(&api, &clock, back), 400, None, Some("frozen_time"));
    }
    let sentence = "The frozen time of this clock is 1732320000 (2024-11-23 00:00:00 UTC). You can only advance it up to \
                    1795392000 (2026-11-23 00:00:00 UTC). You can only advance a test clock up to two intervals from the \
                    current frozen time at a time, based on the shortest subscription interval in the test clock. For example, \
                    if a test clock has a monthly and yearly subscription, you may only advance up to two months at a time. If \
                    the test clock has no subscriptions or subscription schedules, you can advance up to 2 years from the \
                    current frozen time.";
    says(advance(&api, &clock, 1_795_392_001), 400, sentence);
    advance(&api, &clock, 1_795_392_000).ok();
    assert_eq!(int(&ready(&api, &clock), "frozen_time"), 1_795_392_000);
}

#[test]
fn a_clock_goes_two_intervals_of_its_shortest_subscription() {
    let api = sandbox("clock-subscribed");
    // 23 November 2024; a month later, and two.
    let (begin, month, two) = (1_732_320_000, 1_734_912_000, 1_737_590_400);
    let clock = clock(&api, begin);
    let customer = customer(&api, &[("test_clock", &clock)]);
    let card = attached(&api, "pm_card_visa", &customer);
    for interval in ["month", "year"] {
        let price = [
            ("currency", "usd"),
            ("unit_amount", "500"),
            ("recurring[interval]", interval),
            ("product_data[name]", "Tea"),
        ];
        let price = id(&api.post("/v1/prices", &price).ok());
        let params = [("customer", &*customer), ("items[0][price]", &price), ("default_payment_method", &card)];
        api.post("/v1/subscriptions", &params).ok();
    }
    let error = advance(&api, &clock, two + 1).refused(400);
    assert_eq!(
        text(&error, "message"),
        "The frozen time of this clock is 1732320000 (2024-11-23 00:00:00 UTC). You can only advance it up to 1737590400 \
         (2025-01-23 00:00:00 UTC). You can only advance a test clock up to two intervals from the current frozen time at a \
         time, based on the shortest subscription interval in the test clock. For example, if a test clock has a monthly and \
         yearly subscription, you may only advance up to two months at a time. If the test clock has no subscriptions or \
         subscription schedules, you can advance up to 2 years from the current frozen time."
    );
    advance(&api, &clock, two).ok();
    ready(&api, &clock);
    let invoices = api.get("/v1/invoices", &[("customer", &customer)]).ok();
    let billed: Vec<i64> = rows(&invoices).iter().map(|invoice| int(invoice, "created")).collect();
    assert_eq!(billed, [two, month, begin, begin]);
}

#[test]
fn a_clock_holds_three_customers_and_ten_quotes_without_one() {
    let api = sandbox("clock-full");
    let clock = clock(&api, 1_795_600_000);
    let by_clock = [("test_clock", clock.as_str())];
    let customers: Vec<String> = (0..3).map(|_| customer(&api, &by_clock)).collect();
    let full = |answer, count, kind| {
        says(answer, 400, &format!("A test clock can have at most {count} objects of the type {kind}."))
    };
    full(api.post("/v1/customers", &by_clock), 3, "customer");
    for _ in 0..10 {
        api.post("/v1/quotes", &by_clock).ok();
    }
    full(api.post("/v1/quotes", &by_clock), 10, "quote");
    api.post("/v1/quotes", &with(&by_clock, &[("customer", &customers[0])])).ok();
    // One that goes makes room.
    api.delete(&format!("/v1/customers/{}", customers[0])).ok();
    customer(&api, &by_clock);
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), [""; 0], "they are listed for those who ask");
    assert_eq!(ids(&api.get("/v1/customers", &by_clock).ok()).len(), 3);
}

#[test]
fn a_customer_on_a_clock_has_three_subscriptions_with_those_to_come() {
    let api = sandbox("clock-three");
    let clock = clock(&api, 1_795_600_000);
    let by_clock = [("test_clock", clock.as_str())];
    let [ada, ben] = [(); 2].map(|()| customer(&api, &by_clock));
    let price =
        [("currency", "usd"), ("unit_amount", "500"), ("recurring[interval]", "month"), ("product_data[name]", "Tea")];
    let price = id(&api.post("/v1/prices", &price).ok());
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "7"), ("items[0][price]", &*price)];
    let subscribe = |customer: &str| api.post("/v1/subscriptions", &with(&sent, &[("customer", customer)]));
    for who in [&ada, &ben] {
        api.post(&format!("/v1/customers/{who}"), &[("email", "a@example.com")]).ok();
    }
    let first = id(&subscribe(&ada).ok());
    subscribe(&ada).ok();
    let plan = [
        ("customer", &*ada),
        ("start_date", "1796600000"),
        ("phases[0][items][0][price]", &price),
        ("phases[0][duration][interval]", "month"),
    ];
    api.post("/v1/subscription_schedules", &plan).ok();
    let full = |answer, kind| {
        says(answer, 400, &format!("A customer on a test clock can have at most 3 objects of the type {kind}."))
    };
    full(subscribe(&ada), "subscription");
    full(api.post("/v1/subscription_schedules", &plan), "subscription_schedule");
    subscribe(&ben).ok();
    // One that ends makes room, and the schedule of one that is there takes none.
    api.delete(&format!("/v1/subscriptions/{first}")).ok();
    let third = id(&subscribe(&ada).ok());
    api.post("/v1/subscription_schedules", &[("from_subscription", &third)]).ok();
}

#[test]
fn an_account_has_a_hundred_clocks() {
    let api = sandbox("clock-hundred");
    api.post_often(CLOCKS, 99, |_| "frozen_time=1795600000".to_owned());
    let last = clock(&api, 1_795_600_000);
    let refused = api.post(CLOCKS, &[("frozen_time", "1795600000")]);
    says(refused, 400, "You can have at most 100 test clocks at a time. Delete one first.");
    api.delete(&format!("{CLOCKS}/{last}")).ok();
    clock(&api, 1_795_600_000);
}

#[test]
fn a_clock_may_be_made_for_a_customer_once() {
    let api = sandbox("clock-existing");
    let existing = customer(&api, &[]);
    let params = [("frozen_time", "1795600000"), ("customer", existing.as_str())];
    let clock = id(&api.post(CLOCKS, &params).ok());
    assert_eq!(ids(&api.get("/v1/customers", &[("test_clock", &clock)]).ok()), [existing.as_str()]);
    let taken = format!("The customer {existing} is attached to the test clock {clock} already.");
    assert_eq!(text(&says(api.post(CLOCKS, &params), 400, &taken), "param"), "customer");
    missing(api.post(CLOCKS, &[params[0], ("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    assert_eq!(ids(&api.get(CLOCKS, &[]).ok()), [clock]);
}

#[test]
fn a_clock_is_deleted_with_what_lives_on_it() {
    let api = sandbox("clock-delete");
    let clock = clock(&api, 1_795_600_000);
    let (on, off) = (customer(&api, &[("test_clock", &clock)]), customer(&api, &[]));
    let quote = id(&api.post("/v1/quotes", &[("test_clock", &clock)]).ok());
    assert_eq!(api.delete(&format!("{CLOCKS}/{clock}")).ok()["deleted"], true);
    assert_eq!(api.get(&format!("/v1/customers/{on}"), &[]).ok()["deleted"], true);
    missing(api.get(&format!("/v1/quotes/{quote}"), &[]), 404, "quote", &quote, "quote");
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), [off]);
    invalid(api.get(&format!("{CLOCKS}/{clock}"), &[]), 404, Some("resource_missing"), Some("test_clock"));
}

#[test]
fn a_clock_is_deleted_after_thirty_days_of_the_sandbox() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_clocks");
    let clock = clock(&api, NOW - 400 * DAY);
    let on = customer(&api, &[("test_clock", &clock)]);
    api.advance(30 * DAY - 1);
    assert_eq!(text(&the_clock(&api, &clock), "status"), "ready");
    api.advance(1);
    assert_eq!(api.get(&format!("/v1/customers/{on}"), &[]).ok()["deleted"], true);
    assert_eq!(events(&api, "test_helpers.test_clock").last().unwrap(), &("deleted".to_owned(), clock));
}

#[test]
fn holds_of_a_clocked_customer_keep_the_time_of_the_sandbox() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_clocks");
    let clock = clock(&api, NOW);
    let customer = customer(&api, &[("test_clock", &clock), ("source", "tok_visa")]);
    let amount = [("amount", "2000"), ("currency", "usd"), ("customer", customer.as_str())];
    let held = id(&api.post("/v1/charges", &with(&amount, &[("capture", "false")])).ok());
    let voucher = [
        ("amount", "2000"),
        ("currency", "mxn"),
        ("customer", customer.as_str()),
        ("payment_method_types[]", "oxxo"),
        ("payment_method_data[type]", "oxxo"),
        ("payment_method_data[billing_details][name]", "Ada"),
        ("payment_method_data[billing_details][email]", "ada@example.com"),
        ("confirm", "true"),
    ];
    let voucher = id(&api.post("/v1/payment_intents", &voucher).ok());
    let now = || {
        let held = api.get(&format!("/v1/charges/{held}"), &[]).ok();
        let voucher = api.get(&format!("/v1/payment_intents/{voucher}"), &[]).ok();
        (held["refunded"] == true, text(&voucher, "status").to_owned())
    };
    assert_eq!(now(), (false, "requires_action".to_owned()));
    advance(&api, &clock, NOW + 300 * DAY).ok();
    ready(&api, &clock);
    assert_eq!(now(), (false, "requires_action".to_owned()));
    // What is made on the clock has its time, what is paid has the sandbox's.
    let paid = api.post("/v1/charges", &amount).ok();
    assert_eq!(int(&paid, "created"), NOW);
    let later = api.post("/v1/customers", &[("test_clock", &clock)]).ok();
    assert_eq!(int(&later, "created"), NOW + 300 * DAY);
    api.advance(8 * DAY);
    assert!(now().0, "the hold has ended by the sandbox's clock");
}

#[test]
fn what_lives_on_a_clock_stays_as_it_is_while_it_advances() {
    // The work of the sandbox's own clock comes first, and takes a while.
    let api = with_rows(6_000);
    let [first, second] = [clock(&api, NOW), clock(&api, NOW)];
    let (on, off) = (customer(&api, &[("test_clock", &first)]), customer(&api, &[]));
    let moving = api.clone();
    let moved = thread::spawn(move || moving.advance(DAY));
    let pending = || int(&api.get("/v1/balance", &[]).ok()["pending"][0], "amount");
    while pending() == 600_000 {
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(text(&advance(&api, &first, NOW + 2_000).ok(), "status"), "advancing");
    assert_eq!(text(&advance(&api, &second, NOW + 1_000).ok(), "status"), "advancing");
    let underway = format!("Test clock advancement underway - cannot perform modifications: {first}");
    let own = format!("/v1/customers/{on}");
    says(api.post(&own, &[("name", "Ada")]), 429, &underway);
    says(api.delete(&own), 429, &underway);
    says(api.post("/v1/customers", &[("test_clock", &first)]), 429, &underway);
    says(advance(&api, &first, NOW + 3_000), 429, &underway);
    assert_eq!(api.get(&own, &[]).ok()["name"], Value::Null);
    api.post(&format!("/v1/customers/{off}"), &[("name", "Bob")]).ok();
    let shown = the_clock(&api, &first);
    assert_eq!((text(&shown, "status"), int(&shown, "frozen_time")), ("advancing", NOW));
    assert!(pending() > 0, "the advance was over too soon for this test");
    moved.join().unwrap();
    assert_eq!(int(&ready(&api, &first), "frozen_time"), NOW + 2_000);
    assert_eq!(int(&ready(&api, &second), "frozen_time"), NOW + 1_000);
    let told = events(&api, "test_helpers.test_clock");
    let ready: Vec<_> = told.into_iter().filter(|(what, _)| what == "ready").map(|(_, clock)| clock).collect();
    assert_eq!(ready, [second, first], "each in the order of its time");
    api.post(&own, &[("name", "Ada")]).ok();
}

#[test]
fn a_clock_that_advances_may_be_deleted() {
    let api = with_rows(6_000);
    let clock = clock(&api, NOW);
    let on = customer(&api, &[("test_clock", &clock)]);
    let moving = api.clone();
    let moved = thread::spawn(move || moving.advance(DAY));
    while int(&api.get("/v1/balance", &[]).ok()["pending"][0], "amount") == 600_000 {
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(text(&advance(&api, &clock, NOW + 2_000).ok(), "status"), "advancing");
    assert_eq!(api.delete(&format!("{CLOCKS}/{clock}")).ok()["deleted"], true);
    assert_eq!(api.get(&format!("/v1/customers/{on}"), &[]).ok()["deleted"], true);
    moved.join().unwrap();
    let told: Vec<String> = events(&api, "test_helpers.test_clock").into_iter().map(|(what, _)| what).collect();
    assert_eq!(told, ["created", "advancing", "deleted"]);
}

#[test]
fn with_a_seed_an_advance_ends_before_the_next_request() {
    let config = Config { seed: Some(1), clock: Clock::Frozen(NOW), ..Config::default() };
    let api = Client::new(&start(config), "sk_test_clocks");
    let clock = clock(&api, NOW);
    let on = customer(&api, &[("test_clock", &clock)]);
    for day in 1..20 {
        assert_eq!(text(&advance(&api, &clock, NOW + day * DAY).ok(), "status"), "advancing");
        api.post(&format!("/v1/customers/{on}"), &[("name", &day.to_string())]).ok();
        let shown = the_clock(&api, &clock);
        assert_eq!((text(&shown, "status"), int(&shown, "frozen_time")), ("ready", NOW + day * DAY));
    }
}

#[test]
fn an_advance_goes_on_in_a_state_that_is_loaded() {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_clocks");
    let clock = clock(&api, NOW);
    let state = raw(api.url(), "GET", "/_pinstripe/state", &[], None).text;
    let advancing = format!("{{\"advancing\":{{\"target_frozen_time\":{}}}}}", NOW + DAY);
    let state = state.replace(
        "\"status\":\"ready\",\"status_details\":{}",
        &format!("\"status\":\"advancing\",\"status_details\":{advancing}"),
    );
    assert!(state.contains(&advancing), "{state}");
    api.send("PUT", "/_pinstripe/state", Some(("application/json", state.as_bytes()))).ok();
    assert_eq!(int(&ready(&api, &clock), "frozen_time"), NOW + DAY);
    // A snapshot of the way, too.
    assert_eq!(text(&advance(&api, &clock, NOW + 2 * DAY).ok(), "status"), "advancing");
    api.send("POST", "/_pinstripe/fork?into=on-the-way", None).ok();
    let other = Client::new(api.url(), "sk_test_sandbox_on-the-way");
    assert_eq!(int(&ready(&other, &clock), "frozen_time"), NOW + 2 * DAY);
}
