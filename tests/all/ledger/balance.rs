//! The balance and its transactions (core-payments 6.10, 8.4, 9.3).

use std::collections::BTreeMap;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{charge, charged, id, int, invalid, keys, pay, refund, rows, text, the_charge};

/// Noon of a day.
const NOON: i64 = 20_000 * 86_400 + 43_200;

fn row(api: &Client, object: &Value) -> Value {
    api.get(&format!("/v1/balance_transactions/{}", text(object, "balance_transaction")), &[]).ok()
}

/// Every row of the ledger.
fn ledger(api: &Client) -> Vec<Value> {
    let list = api.get("/v1/balance_transactions", &[("limit", "100")]).ok();
    assert_eq!(list["has_more"], false);
    rows(&list).to_vec()
}

/// The balance as sums by status and currency.
fn sums(balance: &Value) -> BTreeMap<(String, String), i64> {
    let sides = ["available", "pending"].into_iter();
    let amounts = sides.flat_map(|side| balance[side].as_array().unwrap().iter().map(move |amount| (side, amount)));
    amounts
        .map(|(side, amount)| ((side.to_owned(), text(amount, "currency").to_owned()), int(amount, "amount")))
        .filter(|(_, amount)| *amount != 0)
        .collect()
}

#[track_caller]
fn assert_sums(api: &Client) {
    let mut expected = BTreeMap::new();
    for row in ledger(api) {
        assert_eq!(int(&row, "net"), int(&row, "amount") - int(&row, "fee"), "{row}");
        let fees: i64 = row["fee_details"].as_array().unwrap().iter().map(|fee| int(fee, "amount")).sum();
        assert_eq!(fees, int(&row, "fee"), "{row}");
        *expected.entry((text(&row, "status").to_owned(), text(&row, "currency").to_owned())).or_insert(0) +=
            int(&row, "net");
    }
    expected.retain(|_, amount| *amount != 0);
    assert_eq!(sums(&api.get("/v1/balance", &[]).ok()), expected);
}

#[test]
fn a_balance_without_money_is_complete() {
    let api = sandbox("balance-empty");
    let balance = api.get("/v1/balance", &[]).ok();
    let amount = json!([{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]);
    let bare = json!([{"amount": 0, "currency": "usd"}]);
    assert_eq!(
        balance,
        json!({"object": "balance", "available": amount, "livemode": false, "pending": amount,
            "refund_and_dispute_prefunding": {"available": bare, "pending": bare}})
    );
}

#[test]
fn a_charge_writes_a_complete_row() {
    let url = client::start(Config { clock: Clock::Frozen(NOON), seed: Some(1), ..Config::default() });
    let api = Client::new(&url, "sk_test_x");
    let paid = charged(&api, &[("description", "Tea")]);
    let mut row = row(&api, &paid);
    assert!(id(&row).starts_with("txn_1") && id(&row).len() == 28, "{row}");
    row.as_object_mut().unwrap().remove("id");
    let fee = json!({"amount": 88, "application": null, "currency": "usd", "description": "Stripe processing fees",
        "type": "stripe_fee"});
    assert_eq!(
        row,
        json!({"object": "balance_transaction", "amount": 2000, "available_on": 20_002 * 86_400,
            "balance_type": "payments", "created": NOON, "currency": "usd", "description": "Tea", "exchange_rate": null,
            "fee": 88, "fee_details": [fee], "net": 1912, "reporting_category": "charge", "source": id(&paid),
            "status": "pending", "type": "charge"})
    );
    assert_eq!(sums(&api.get("/v1/balance", &[]).ok()), BTreeMap::from([(("pending".into(), "usd".into()), 1912)]));
}

#[test]
fn the_fee_is_2_9_percent_and_30_rounded() {
    let api = sandbox("balance-fee");
    for (amount, fee) in [("50", 31), ("100", 33), ("500", 45), ("1000", 59), ("2000", 88), ("99999999", 2_900_030)] {
        let paid = api.post("/v1/charges", &[("amount", amount), ("currency", "usd"), ("source", "tok_visa")]).ok();
        let row = row(&api, &paid);
        assert_eq!((int(&row, "fee"), int(&row, "net")), (fee, int(&row, "amount") - fee), "{amount}");
    }
    assert_sums(&api);
}

#[test]
fn the_balance_is_the_sum_of_its_rows() {
    let api = sandbox("balance-sums");
    let paid = id(&charged(&api, &[]));
    refund(&api, &paid, &[("amount", "500")]).ok();
    api.post("/v1/charges", &[("amount", "5000"), ("currency", "eur"), ("source", "tok_visa")]).ok();
    api.post("/v1/charges", &[("amount", "5000"), ("currency", "jpy"), ("source", "tok_visa")]).ok();
    assert_sums(&api);
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    pay(&api, "pm_card_visa", &[]).ok();
    let failing = id(&charge(&api, &[("source", "tok_refundFail")]).ok());
    refund(&api, &failing, &[("amount", "300")]).ok();
    charge(&api, &[("source", "tok_chargeDeclined")]).refused(402);
    charged(&api, &[("capture", "false")]);
    assert_sums(&api);
    // The fee stays with Stripe, so what is refunded in full leaves less than nothing.
    let other = sandbox("balance-negative");
    refund(&other, &id(&charged(&other, &[])), &[]).ok();
    assert_eq!(sums(&other.get("/v1/balance", &[]).ok()).into_values().sum::<i64>(), -88);
    assert_sums(&other);
}

#[test]
fn money_of_a_bypassing_card_is_available_at_once() {
    let api = sandbox("balance-bypass");
    let paid = charge(&api, &[("source", "tok_bypassPending")]).ok();
    let row = row(&api, &paid);
    assert_eq!((text(&row, "status"), int(&row, "available_on")), ("available", int(&row, "created")));
    assert_eq!(sums(&api.get("/v1/balance", &[]).ok()), BTreeMap::from([(("available".into(), "usd".into()), 1912)]));
}

#[test]
fn pending_money_becomes_available_on_its_day() {
    let url = client::start(Config { clock: Clock::Frozen(NOON), seed: Some(1), ..Config::default() });
    let today = Client::new(&url, "sk_test_x");
    let paid = charged(&today, &[]);
    let row = row(&today, &paid);
    // The same row in sandboxes where its day has come, and where it comes in a second.
    for (name, available_on, status) in [("come", NOON, "available"), ("not-yet", NOON + 1, "pending")] {
        let mut row = row.clone();
        row["available_on"] = json!(available_on);
        let (target, body) = (format!("/_pinstripe/fixtures?sandbox={name}"), json!([paid, row]).to_string());
        let answer = client::raw(&url, "POST", &target, &[], Some(("application/json", body.as_bytes())));
        assert_eq!(answer.status, 200, "{}", answer.text);
        let api = Client::new(&url, &format!("sk_test_sandbox_{name}"));
        assert_eq!(text(&ledger(&api)[0], "status"), status);
        assert_sums(&api);
    }
}

#[test]
fn a_capture_writes_what_was_captured_and_a_hold_writes_nothing() {
    let api = sandbox("balance-capture");
    let held = charged(&api, &[("capture", "false")]);
    assert_eq!(ledger(&api), [Value::Null; 0]);
    let taken = api.post(&format!("/v1/charges/{}/capture", id(&held)), &[("amount", "1000")]).ok();
    let row = row(&api, &taken);
    assert_eq!((int(&row, "amount"), int(&row, "fee"), text(&row, "type")), (1000, 59, "charge"));
    assert_eq!(ledger(&api).len(), 1);
    assert_sums(&api);
}

#[test]
fn the_row_of_an_asynchronous_intent_comes_a_moment_later() {
    let api = sandbox("balance-async");
    let params = [("amount", "2000"), ("currency", "usd"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
    let more = [("payment_method_types[]", "card"), ("expand[]", "latest_charge")];
    let paid = api.post("/v1/payment_intents", &[&params[..], &more].concat()).ok();
    assert_eq!(
        (&paid["capture_method"], &paid["latest_charge"]["balance_transaction"]),
        (&json!("automatic_async"), &Value::Null)
    );
    let after = the_charge(&api, &id(&paid["latest_charge"]));
    assert_eq!(int(&row(&api, &after), "net"), 1912);
    assert_sums(&api);
}

#[test]
fn a_bank_account_is_paid_under_other_names() {
    let api = sandbox("balance-bank");
    let owner = crate::support::flows::customer(&api, &[("source", "btok_us_verified")]);
    let paid = charge(&api, &[("customer", &owner)]).ok();
    assert!(id(&paid).starts_with("py_"), "{paid}");
    let back = refund(&api, &id(&paid), &[("amount", "500")]).ok();
    assert!(id(&back).starts_with("pyr_"), "{back}");
    let kinds = ledger(&api).iter().map(|row| text(row, "type").to_owned()).collect::<Vec<_>>();
    assert_eq!(kinds, ["payment_refund", "payment"]);
    assert_sums(&api);
}

#[test]
fn an_unknown_row_is_404_and_has_a_space() {
    let api = sandbox("balance-missing");
    for path in ["/v1/balance_transactions/txn_x", "/v1/balance/history/txn_x"] {
        let error = invalid(api.get(path, &[]), 404, Some("resource_missing"), Some("id"));
        assert_eq!(error["message"], "No such balance transaction: 'txn_x'");
    }
    let row = row(&api, &charged(&api, &[]));
    assert_eq!(api.get(&format!("/v1/balance/history/{}", id(&row)), &[]).ok(), row);
    assert!(!keys(&row).contains(&"metadata"));
}
