//! What customers use, and the credits that pay for it (billing 5.1, billing-2 11.2).

mod alerts;
mod credits;
mod meter_events;
mod meters;
mod streams;
mod summaries;
mod thin_events;
mod usage_records;

use std::sync::LazyLock;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, start};
use crate::support::flows::{customer, id, ids, int, invalid, missing, rows, says, text, with};

/// The second at which the server of these tests stands: the beginning of an hour.
const NOW: i64 = 1_800_000_000;

static SERVER: LazyLock<String> = LazyLock::new(|| start(Config { clock: Clock::Frozen(NOW), ..Config::default() }));

/// A client with a sandbox of its own that stands at [`NOW`].
fn still(name: &str) -> Client {
    Client::new(&SERVER, &format!("sk_test_sandbox_{name}"))
}

/// The id of a meter with a formula; its events are called `calls`.
fn meter(api: &Client, formula: &str) -> String {
    let params = [("display_name", "Calls"), ("event_name", "calls"), ("default_aggregation[formula]", formula)];
    id(&api.post("/v1/billing/meters", &params).ok())
}

/// An event called `calls` about a customer; its time is that of the sandbox.
fn event(api: &Client, customer: &str, value: &str, more: &[(&str, &str)]) -> Answer {
    let params = [("event_name", "calls"), ("payload[stripe_customer_id]", customer), ("payload[value]", value)];
    api.post("/v1/billing/meter_events", &with(&params, more))
}

/// The usage of a customer between two times, as a summary shows it; `None` without an event.
fn usage(api: &Client, meter: &str, customer: &str, start: i64, end: i64) -> Option<f64> {
    let (start, end) = (start.to_string(), end.to_string());
    let params = [("customer", customer), ("start_time", &start), ("end_time", &end)];
    let page = api.get(&format!("/v1/billing/meters/{meter}/event_summaries"), &params).ok();
    rows(&page).first().map(|row| row["aggregated_value"].as_f64().unwrap())
}

/// All usage of a customer around [`NOW`].
fn used(api: &Client, meter: &str, customer: &str) -> Option<f64> {
    usage(api, meter, customer, NOW - 40 * 86_400, NOW + 86_400)
}

/// The types of the events of a family, oldest first.
fn told(api: &Client, family: &str) -> Vec<String> {
    let listed = api.get("/v1/events", &[("type", family), ("limit", "100")]).ok();
    rows(&listed).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

/// The thin events of a type, oldest first.
fn thin(api: &Client, name: &str) -> Vec<Value> {
    let listed = api.get("/v2/core/events", &[("types[0]", name)]).ok();
    rows(&listed).iter().rev().cloned().collect()
}
