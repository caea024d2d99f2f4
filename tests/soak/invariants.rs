//! What holds in a sandbox, whatever was asked of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::round::User;
use crate::support::client::raw;
use crate::support::flows::{int, rows, text};

/// Every object of a list, page by page.
fn all(user: &User<'_>, path: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let page = user.get(&format!("{path}?limit=37{after}"));
        found.extend_from_slice(rows(&page));
        match found.last() {
            Some(last) if page["has_more"] == true => after = format!("&starting_after={}", text(last, "id")),
            _ => break,
        }
    }
    let ids: BTreeSet<&str> = found.iter().map(|object| text(object, "id")).collect();
    assert_eq!(ids.len(), found.len(), "{path} shows an object twice");
    found
}

/// Checks all of it.
pub(crate) fn hold(user: &User<'_>) {
    lists_show_what_is_exported(user);
    money_adds_up(user);
    events_are_there(user);
    an_export_comes_back(user);
}

fn lists_show_what_is_exported(user: &User<'_>) {
    let export: Value = serde_json::from_str(&user.control("GET", "state", None).text).unwrap();
    let objects = export["objects"].as_array().unwrap();
    for (kind, path) in [
        ("customer", "/v1/customers"),
        ("charge", "/v1/charges"),
        ("refund", "/v1/refunds"),
        ("payment_intent", "/v1/payment_intents"),
        ("setup_intent", "/v1/setup_intents"),
        ("product", "/v1/products"),
    ] {
        // What lives on a test clock is listed only when it is asked for.
        let is_listed = |object: &&Value| object["object"] == kind && object["test_clock"].is_null();
        let exported = objects.iter().filter(is_listed).count();
        assert_eq!(all(user, path).len(), exported, "{path}");
    }
}

fn money_adds_up(user: &User<'_>) {
    let refunds = all(user, "/v1/refunds");
    for charge in all(user, "/v1/charges") {
        let [amount, captured, refunded] =
            ["amount", "amount_captured", "amount_refunded"].map(|field| int(&charge, field));
        assert!(refunded <= amount && captured <= amount && refunded >= 0, "{charge}");
        let of_charge = refunds.iter().filter(|refund| refund["charge"] == charge["id"]);
        let given = of_charge.filter(|refund| !["failed", "canceled"].contains(&text(refund, "status")));
        let given: i64 = given.map(|refund| int(refund, "amount")).sum();
        assert!(given <= refunded, "{charge}: {given} of refunds");
        // What a partial capture leaves counts as given back, but for the charge of an intent.
        let of_intent = charge["payment_intent"].is_string() && charge["captured"] == true;
        let whole = if of_intent { captured } else { amount };
        assert_eq!(charge["refunded"] == true, refunded == whole, "{charge}");
        if charge["status"] == "failed" {
            assert_eq!((charge["paid"].as_bool(), refunded), (Some(false), 0), "{charge}");
        }
    }
    for intent in all(user, "/v1/payment_intents") {
        let [amount, received] = ["amount", "amount_received"].map(|field| int(&intent, field));
        assert!((0..=amount).contains(&received), "{intent}");
        assert!(intent["status"] != "succeeded" || received > 0, "{intent}");
    }
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in all(user, "/v1/balance_transactions") {
        assert_eq!(int(&row, "net"), int(&row, "amount") - int(&row, "fee"), "{row}");
        *sums.entry((text(&row, "status").to_owned(), text(&row, "currency").to_owned())).or_default() +=
            int(&row, "net");
    }
    let balance = user.get("/v1/balance");
    for status in ["available", "pending"] {
        for entry in balance[status].as_array().unwrap() {
            let sum = sums.remove(&(status.to_owned(), text(entry, "currency").to_owned())).unwrap_or_default();
            assert_eq!(int(entry, "amount"), sum, "{status}: {balance}");
        }
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?} is not in {balance}");
}

fn events_are_there(user: &User<'_>) {
    for event in all(user, "/v1/events") {
        assert!(event["data"]["object"]["object"].is_string(), "{event}");
        assert!(int(&event, "pending_webhooks") >= 0, "{event}");
    }
    let collected = user.control("GET", "webhooks/collected", None).body;
    for one in collected["collected"].as_array().unwrap() {
        let event: Value = serde_json::from_str(text(one, "body")).unwrap();
        assert_eq!(event["id"], one["event"]);
    }
}

fn an_export_comes_back(user: &User<'_>) {
    let first = user.control("GET", "state", None).text;
    let copy = User { url: user.url, sandbox: format!("{}-copy", user.sandbox) };
    copy.control("PUT", "state", Some(&first));
    assert_eq!(copy.control("GET", "state", None).text, first, "an export that is imported is exported the same");
    raw(copy.url, "DELETE", &format!("/_pinstripe/sandboxes/{}", copy.sandbox), &[], None).ok();
}
