//! What happens without a request: due work in slices, beside the requests of others.

mod advance;
mod clock;
mod year;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{Client, start};

/// The second at which such a server stands.
pub(crate) const NOW: i64 = 1_800_000_000;
/// Seconds of a day.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// A server at a frozen second, and so many rows of the ledger whose money becomes available a second apart.
pub(crate) fn with_rows(count: i64) -> Client {
    let api = Client::new(&start(Config { clock: Clock::Frozen(NOW), ..Config::default() }), "sk_test_engine");
    let row = |n: i64| {
        json!({
            "id": format!("txn_{n}"), "object": "balance_transaction", "amount": 100, "fee": 0, "net": 100,
            "available_on": NOW + n, "balance_type": "payments", "created": NOW, "currency": "usd", "description": null,
            "exchange_rate": null, "fee_details": [], "reporting_category": "charge", "source": null,
            "status": "pending", "type": "charge",
        })
    };
    let rows: Vec<Value> = (1..=count).map(row).collect();
    let rows = json!({"objects": rows}).to_string();
    api.send("POST", "/_pinstripe/fixtures", Some(("application/json", rows.as_bytes()))).ok();
    api
}
