//! The preset `@saas`, as a user finds it who walks the API.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::Value;

use crate::support::client::{self, Client};

const DAY: i64 = 86_400;
const NOW: i64 = 1_800_000_000;

/// A server with the preset; its tests only read.
static SAAS: LazyLock<Client> = LazyLock::new(|| {
    let config =
        Config { clock: Clock::Frozen(NOW), seed: Some(1), fixtures: vec!["@saas".into()], ..Config::default() };
    Client::new(&client::start(config), "sk_test_1")
});

/// All rows of a list, page by page.
fn all(user: &Client, path: &str, params: &[(&str, &str)]) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let last = rows.last().map(|row| text(row, "id").to_owned());
        let mut page: Vec<(&str, &str)> = vec![("limit", "100")];
        page.extend_from_slice(params);
        page.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page = user.get(path, &page).ok();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return rows;
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn number(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// How many rows have each value of a field.
fn counts<'v>(rows: &'v [Value], field: &str) -> BTreeMap<&'v str, usize> {
    rows.iter().fold(BTreeMap::new(), |mut counts, row| {
        *counts.entry(text(row, field)).or_default() += 1;
        counts
    })
}

/// Cents a month that a subscription brings.
fn monthly(subscription: &Value) -> i64 {
    let price = &subscription["items"]["data"][0]["price"];
    let months = if price["recurring"]["interval"] == "year" { 12 } else { 1 };
    number(price, "unit_amount") / months
}

#[test]
fn it_has_a_hundred_customers_with_a_subscription_each_in_every_state() {
    let customers = all(&SAAS, "/v1/customers", &[]);
    let mut ids: Vec<&str> = customers.iter().map(|customer| text(customer, "id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=100).map(|n| format!("cus_Saas{n:03}")).collect::<Vec<_>>());

    let subscriptions = all(&SAAS, "/v1/subscriptions", &[("status", "all")]);
    let expected = [
        ("active", 72),
        ("canceled", 18),
        ("incomplete", 1),
        ("incomplete_expired", 1),
        ("past_due", 2),
        ("paused", 2),
        ("trialing", 4),
    ];
    assert_eq!(counts(&subscriptions, "status"), BTreeMap::from(expected));
    for (status, count) in expected {
        assert_eq!(all(&SAAS, "/v1/subscriptions", &[("status", status)]).len(), count, "{status}");
    }
    let mut of: Vec<&str> = subscriptions.iter().map(|subscription| text(subscription, "customer")).collect();
    of.sort_unstable();
    assert_eq!(of, ids);
    assert_eq!(subscriptions.iter().filter(|subscription| subscription["cancel_at_period_end"] == true).count(), 4);
}

#[test]
fn its_eighteen_months_lie_in_the_past() {
    let invoices = all(&SAAS, "/v1/invoices", &[]);
    let created = |row: &Value| number(row, "created");
    let (first, last) = (invoices.iter().map(created).min().unwrap(), invoices.iter().map(created).max().unwrap());
    assert!((NOW - 548 * DAY..NOW - 540 * DAY).contains(&first), "{first}");
    assert!(last <= NOW && last > NOW - 3 * DAY, "{last}");
    let founder = all(&SAAS, "/v1/invoices", &[("customer", "cus_Saas001")]);
    assert_eq!(founder.len(), 18);
    let charges = all(&SAAS, "/v1/charges", &[]);
    assert!(charges.iter().all(|charge| (first..=NOW).contains(&created(charge))));
    // Nothing that was due is left over.
    let due = SAAS.send("GET", "/_pinstripe/due", None).ok();
    assert!(number(&due["due"][0], "at") > NOW, "{due}");
    let events = all(&SAAS, "/v1/events", &[]);
    assert!(events.len() > 300, "{}", events.len());
    assert!(events.iter().all(|event| (NOW - 30 * DAY..=NOW).contains(&created(event))));
}

#[test]
fn its_money_adds_up() {
    let invoices = all(&SAAS, "/v1/invoices", &[]);
    for invoice in &invoices {
        let lines: i64 = invoice["lines"]["data"].as_array().unwrap().iter().map(|line| number(line, "amount")).sum();
        let discounts = invoice["total_discount_amounts"].as_array().unwrap();
        let discounts: i64 = discounts.iter().map(|discount| number(discount, "amount")).sum();
        assert_eq!(number(invoice, "subtotal"), lines, "{invoice}");
        assert_eq!(number(invoice, "total"), lines - discounts, "{invoice}");
        let (due, paid) = (number(invoice, "amount_due"), number(invoice, "amount_paid"));
        assert_eq!(due - paid, number(invoice, "amount_remaining"), "{invoice}");
    }
    let statuses = counts(&invoices, "status");
    assert!(statuses["paid"] > 700, "{statuses:?}");
    assert!(statuses["open"] >= 2 && statuses["void"] >= 1, "{statuses:?}");
    let paid: i64 = invoices.iter().map(|invoice| number(invoice, "amount_paid")).sum();
    let charges = all(&SAAS, "/v1/charges", &[]);
    let (succeeded, failed): (Vec<_>, Vec<_>) = charges.iter().partition(|charge| charge["status"] == "succeeded");
    assert_eq!(succeeded.iter().map(|charge| number(charge, "amount")).sum::<i64>(), paid);
    assert!(failed.len() > 20, "{}", failed.len());

    // What comes in every month: the first founders, then more and more.
    let subscriptions = all(&SAAS, "/v1/subscriptions", &[("status", "active")]);
    let recurring: i64 = subscriptions.iter().map(monthly).sum();
    assert!((300_000..900_000).contains(&recurring), "{recurring}");
    let of_days = |from: i64, to: i64| {
        let within = |row: &&Value| (NOW - from * DAY..NOW - to * DAY).contains(&number(row, "created"));
        invoices.iter().filter(within).map(|invoice| number(invoice, "amount_paid")).sum::<i64>()
    };
    let months = [of_days(548, 518), of_days(365, 335), of_days(30, 0)];
    assert!(months[0] > 0 && months.is_sorted(), "{months:?}");
    assert!(months[2] > recurring / 2, "{months:?} of {recurring}");
}

#[test]
fn the_periods_of_a_subscription_follow_one_another() {
    for subscription in all(&SAAS, "/v1/subscriptions", &[("status", "all")]) {
        let invoices = all(&SAAS, "/v1/invoices", &[("subscription", text(&subscription, "id"))]);
        let lines = invoices.iter().flat_map(|invoice| invoice["lines"]["data"].as_array().unwrap());
        let is_proration = |line: &&Value| {
            line["parent"]["subscription_item_details"]["proration"] == true
                || line["parent"]["type"] == "invoice_item_details"
        };
        let mut periods: Vec<(i64, i64)> = lines
            .filter(|line| !is_proration(line))
            .map(|line| (number(&line["period"], "start"), number(&line["period"], "end")))
            .collect();
        periods.sort_unstable();
        assert!(periods.iter().all(|(start, end)| start < end), "{subscription}");
        assert!(periods.is_sorted_by(|one, other| one.1 == other.0), "{periods:?} of {subscription}");
        if matches!(text(&subscription, "status"), "active" | "past_due" | "trialing") {
            let item = &subscription["items"]["data"][0];
            let current = (number(item, "current_period_start"), number(item, "current_period_end"));
            assert_eq!(periods.last(), Some(&current), "{subscription}");
            assert!((current.0..=current.1).contains(&NOW), "{current:?}");
        }
    }
}

#[test]
fn its_stories_are_those_of_the_readme() {
    let of = |n: usize| {
        let customer = format!("cus_Saas{n:03}");
        let rows = all(&SAAS, "/v1/subscriptions", &[("status", "all"), ("customer", &customer)]);
        rows.into_iter().next().unwrap()
    };
    let price = |n: usize| text(&of(n)["items"]["data"][0]["price"], "id").to_owned();
    assert!((45..=50).all(|n| price(n) == "price_SaasTeamYear"));
    assert!((51..=62).all(|n| matches!(&*price(n), "price_SaasTeam" | "price_SaasBusiness")));
    let why = |n: usize| text(&of(n)["cancellation_details"], "reason").to_owned();
    assert!((63..=74).all(|n| why(n) == "cancellation_requested"));
    assert!((79..=84).all(|n| why(n) == "payment_failed"));
    for n in 85..=88 {
        let charges = all(&SAAS, "/v1/charges", &[("customer", &format!("cus_Saas{n:03}"))]);
        let failed = charges.iter().filter(|charge| charge["status"] == "failed").count();
        assert!(failed > 0 && of(n)["status"] == "active", "{n}");
    }
    assert!((93..=94).all(|n| number(&of(n), "trial_end") < NOW && of(n)["status"] == "active"));
    let readme = include_str!("../../../fixtures/README.md");
    for group in
        ["001` to `012", "013` to `044", "045` to `050", "051` to `062", "063` to `074", "075` to `078", "079` to `084"]
    {
        assert!(readme.contains(&format!("cus_Saas{group}`")), "{group}");
    }
}

#[test]
fn it_is_the_same_each_time_and_others_are_answered_while_it_loads() {
    let url = client::start(Config { clock: Clock::Frozen(NOW), seed: Some(1), ..Config::default() });
    let again = Client::new(&url, "sk_test_1");
    let loading = again.clone();
    let added = std::thread::spawn(move || loading.send("POST", "/_pinstripe/fixtures?preset=saas", None).status);
    // A reader of the same sandbox, and a writer to another one.
    let other = Client::new(&url, "sk_test_sandbox_other");
    let mut answered = 0;
    while !added.is_finished() {
        again.get("/v1/customers", &[]).ok();
        other.post("/v1/customers", &[]).ok();
        answered += 1;
    }
    assert!(answered > 10, "{answered}");
    assert_eq!(added.join().unwrap(), 200);
    let kinds = [("/v1/invoices", &[][..]), ("/v1/subscriptions", &[("status", "all")]), ("/v1/events", &[])];
    for (path, params) in kinds {
        assert_eq!(all(&SAAS, path, params), all(&again, path, params), "{path}");
    }
}
