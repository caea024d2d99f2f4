//! What a dump or a fork contains goes on as where it came from: renewals, trials, ends, next attempts, phases, quotes; and what lies
//! before the sandbox's time is billed if its clock is set to a time before (billing 4.3).

use std::thread;

use serde_json::{Value, json};

use super::subscriptions::{DAY, clock_to, price, subscribe, switch_card};
use super::{invoices::payer, schedules};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, int, rows, text};
use crate::support::process::eventually;

/// 2026-04-01.
const APRIL: i64 = 1_775_001_600;

fn list(api: &Client, path: &str, params: Params<'_>) -> Vec<Value> {
    let shown = api.get(path, &[&[("limit", "100")], params].concat()).ok();
    assert_eq!(shown["has_more"], false, "{path}");
    rows(&shown).to_vec()
}

/// Everything that a program would read of an account by the API, to load it elsewhere.
fn dump(api: &Client) -> Value {
    let mut all = Vec::new();
    for path in ["products", "prices", "coupons", "customers"] {
        all.extend(list(api, &format!("/v1/{path}"), &[]));
    }
    for customer in list(api, "/v1/customers", &[]) {
        all.extend(list(api, "/v1/payment_methods", &[("customer", text(&customer, "id")), ("type", "card")]));
    }
    all.extend(list(api, "/v1/subscriptions", &[("status", "all")]));
    for path in [
        "balance_transactions",
        "payment_intents",
        "charges",
        "invoices",
        "invoice_payments",
        "invoiceitems",
        "subscription_schedules",
        "quotes",
    ] {
        all.extend(list(api, &format!("/v1/{path}"), &[]));
    }
    json!(all)
}

fn load(api: &Client, objects: &Value) {
    let target = format!("/_pinstripe/fixtures?sandbox={}", api.sandbox());
    api.send("POST", &target, Some(("application/json", objects.to_string().as_bytes()))).ok();
}

/// What was billed from a time on, and what became of it; without ids, which differ.
fn billed(api: &Client, since: i64) -> Vec<Value> {
    let invoices = list(api, "/v1/invoices", &[]);
    let later = invoices.iter().filter(|invoice| int(invoice, "created") >= since);
    let keys = ["created", "billing_reason", "total", "status", "attempt_count", "period_start", "period_end"];
    let mut shown: Vec<Value> = later.map(|invoice| json!(keys.map(|key| &invoice[key]))).collect();
    shown.sort_by_key(Value::to_string);
    shown
}

/// The states of all objects of a kind; those that are made later have other ids.
fn states(api: &Client, path: &str, params: Params<'_>) -> Vec<String> {
    let all = list(api, path, params);
    let mut shown: Vec<_> = all.iter().map(|one| text(one, "status").to_owned()).collect();
    shown.sort();
    shown
}

#[test]
fn items_and_lines_of_a_dump_keep_their_order() {
    let api = sandbox("loaded-order");
    clock_to(&api, APRIL);
    let customer = payer(&api);
    let [first, second, third] = ["700", "800", "900"].map(|amount| price(&api, amount, "week", &[]));
    let others = [("items[1][price]", second.as_str()), ("items[2][price]", third.as_str())];
    let subscription = id(&subscribe(&api, &customer, &first, &others).ok());
    let copy = sandbox("loaded-order-copy");
    clock_to(&copy, APRIL);
    load(&copy, &dump(&api));
    let shown = |api: &Client| {
        let shown = api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
        let invoice = api.get(&format!("/v1/invoices/{}", text(&shown, "latest_invoice")), &[]).ok();
        let items = list(api, "/v1/subscription_items", &[("subscription", &subscription)]);
        assert_eq!(rows(&shown["items"]), items);
        (items.iter().map(|item| int(&item["price"], "unit_amount")).collect::<Vec<_>>(), ids(&invoice["lines"]))
    };
    assert_eq!(shown(&api).0, [700, 800, 900]);
    assert_eq!(shown(&copy), shown(&api));
}

#[test]
fn what_a_dump_contains_goes_on_as_where_it_came_from() {
    let api = sandbox("loaded-dump");
    clock_to(&api, APRIL);
    let (customer, weekly) = (payer(&api), price(&api, "700", "week", &[]));
    subscribe(&api, &customer, &weekly, &[]).ok();
    subscribe(&api, &customer, &weekly, &[("trial_period_days", "13")]).ok();
    subscribe(&api, &customer, &weekly, &[("cancel_at", &(APRIL + 21 * DAY).to_string())]).ok();
    subscribe(&api, &customer, &weekly, &[("collection_method", "send_invoice"), ("days_until_due", "5")]).ok();
    let failing = payer(&api);
    subscribe(&api, &failing, &weekly, &[]).ok();
    switch_card(&api, &failing, "pm_card_chargeCustomerFail");
    schedules::two_weeks(
        &api,
        &[("phases[0][duration][interval]", "day"), ("phases[0][duration][interval_count]", "10")],
    );
    let later = [("customer", customer.as_str()), ("start_date", &(APRIL + 17 * DAY).to_string())];
    let later = [&later[..], &[("phases[0][items][0][price]", weekly.as_str())]].concat();
    api.post(schedules::PATH, &later).ok();
    let quote = [("customer", customer.as_str()), ("line_items[0][price]", weekly.as_str())];
    let quote = id(&api.post("/v1/quotes", &quote).ok());
    api.post(&format!("/v1/quotes/{quote}/finalize"), &[]).ok();
    let at = (APRIL + 12 * DAY).to_string();
    let once = [("currency", "usd"), ("unit_amount", "4321"), ("product_data[name]", "Setup")];
    let once = id(&api.post("/v1/prices", &once).ok());
    api.post("/v1/invoiceitems", &[("customer", &customer), ("pricing[price]", &once)]).ok();
    let draft = [("customer", customer.as_str()), ("automatically_finalizes_at", &at)];
    api.post("/v1/invoices", &[&draft[..], &[("pending_invoice_items_behavior", "include")]].concat()).ok();

    // The first renewals are over, and one of them has failed.
    let now = APRIL + 8 * DAY;
    clock_to(&api, now);
    let copy = sandbox("loaded-dump-copy");
    clock_to(&copy, now);
    load(&copy, &dump(&api));
    for api in [&api, &copy] {
        clock_to(api, now + 40 * DAY);
    }
    for (path, params) in
        [("/v1/subscriptions", &[("status", "all")][..]), ("/v1/quotes", &[]), ("/v1/subscription_schedules", &[])]
    {
        assert_eq!(states(&copy, path, params), states(&api, path, params), "{path}");
    }
    let [came, expected] = [&copy, &api].map(|api| billed(api, APRIL));
    assert_eq!(came, expected);
    for told in [
        "customer.subscription.trial_will_end",
        "customer.subscription.deleted",
        "invoice.payment_failed",
        "quote.canceled",
    ] {
        let [came, expected] = [&copy, &api].map(|api| {
            let all = list(api, "/v1/events", &[("type", told)]);
            all.iter()
                .filter(|event| int(event, "created") > now)
                .map(|event| int(event, "created"))
                .collect::<Vec<_>>()
        });
        assert_eq!(came, expected, "{told}");
        assert!(!came.is_empty(), "{told}");
    }
}

#[test]
fn a_fork_that_is_made_during_an_advance_goes_on() {
    let api = sandbox("loaded-fork");
    clock_to(&api, APRIL);
    let weekly = price(&api, "700", "week", &[]);
    for _ in 0..8 {
        subscribe(&api, &payer(&api), &weekly, &[]).ok();
    }
    let other = sandbox("loaded-forked");
    let advancing = api.clone();
    let advance = thread::spawn(move || advancing.advance(70 * DAY + 7_200));
    eventually(|| list(&api, "/v1/invoices", &[]).len() > 10);
    api.send("POST", "/_pinstripe/fork?sandbox=loaded-fork&into=loaded-forked", None).ok();
    let forked = list(&other, "/v1/invoices", &[]).len();
    advance.join().unwrap();
    other.advance(0);
    let [one, two] = [&api, &other].map(|api| billed(api, APRIL));
    assert_eq!((one.len(), one), (8 * 11, two));
    assert!(forked < 8 * 11, "the advance was over before the fork");
}

#[test]
fn periods_before_the_sandboxs_time_are_billed_when_its_clock_is_set_back_before_they_are_loaded() {
    let api = sandbox("loaded-back");
    clock_to(&api, APRIL);
    subscribe(&api, &payer(&api), &price(&api, "700", "week", &[]), &[]).ok();
    let objects = dump(&api);
    let copy = sandbox("loaded-back-copy");
    clock_to(&copy, APRIL + 30 * DAY);
    // As long as nothing was done, the clock goes where it is sent.
    clock_to(&copy, APRIL + DAY);
    load(&copy, &objects);
    copy.advance(29 * DAY);
    let created: Vec<i64> = list(&copy, "/v1/invoices", &[]).iter().rev().map(|it| int(it, "created")).collect();
    assert_eq!(created, [0, 7, 14, 21, 28].map(|days| APRIL + days * DAY));
}
