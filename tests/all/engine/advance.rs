//! Advances of a sandbox's clock.

use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{Client, start};
use crate::support::flows::{int, rows, text};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 24 * 60 * 60;

/// A server at a frozen second, and so many rows of the ledger whose money becomes available a second apart.
fn with_rows(count: i64) -> Client {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_engine");
    let row = |n: i64| {
        json!({
            "id": format!("txn_{n}"), "object": "balance_transaction", "amount": 100, "fee": 0, "net": 100,
            "available_on": NOW + n, "created": NOW, "currency": "usd", "source": null, "status": "pending",
            "type": "charge",
        })
    };
    let rows: Vec<Value> = (1..=count).map(row).collect();
    let rows = json!({"objects": rows}).to_string();
    api.send("POST", "/_pinstripe/fixtures", Some(("application/json", rows.as_bytes()))).ok();
    api
}

#[test]
fn requests_go_on_while_a_clock_advances() {
    let api = with_rows(3_000);
    let (done, is_done) = channel();
    let advancing = api.clone();
    let advance = thread::spawn(move || {
        advancing.advance(DAY);
        done.send(()).unwrap();
    });
    let (mut written, mut seen) = (0, Vec::new());
    while is_done.try_recv() == Err(TryRecvError::Empty) {
        api.post("/v1/customers", &[]).ok();
        written += 1;
        let pending = &api.get("/v1/balance", &[]).ok()["pending"][0];
        seen.push(int(pending, "amount"));
    }
    advance.join().unwrap();
    assert!(written >= 5, "only {written} writes had their turn");
    assert!(seen.iter().any(|pending| (1..300_000).contains(pending)), "nobody saw the advance under way: {seen:?}");
    assert!(seen.is_sorted_by(|earlier, later| earlier >= later), "{seen:?}");
    // The call answers when all is done.
    let balance = api.get("/v1/balance", &[]).ok();
    assert_eq!((int(&balance["pending"][0], "amount"), int(&balance["available"][0], "amount")), (0, 300_000));
}

#[test]
fn what_was_due_first_is_done_first() {
    let api = with_rows(20);
    api.advance(10);
    let listed = api.get("/v1/balance_transactions", &[("limit", "100")]).ok();
    let available = rows(&listed).iter().filter(|row| text(row, "status") == "available");
    let mut times: Vec<i64> = available.map(|row| int(row, "available_on") - NOW).collect();
    times.sort_unstable();
    assert_eq!(times, (1..=10).collect::<Vec<_>>());
}
