//! What a meter has counted (billing 5.1): the events that were sent, added up by its formula.
//!
//! May use: the stored events of both namespaces. Invariant: each event counts once, in the window of its time.

use std::collections::BTreeMap;

use crate::api::error::{ApiError, Result};
use crate::api::list;
use crate::api::operation::{Call, Ctx, Outcome};
use crate::generic::kinds;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

const METER: Kind = Kind("billing.meter");

/// The kinds that events of a meter are kept as.
const EVENTS: [Kind; 2] = [Kind("billing.meter_event"), Kind("v2.billing.meter_event")];

/// One event: when, and how much.
type Reading = (i64, f64);

/// `GET /v1/billing/meters/:id/event_summaries`, newest first.
pub(super) fn summaries(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let entry = &kinds::of(METER).ok_or_else(ApiError::internal)?.entry;
    let meter = tx.record(METER, call.arg(0)).map(|record| record.object.to_doc());
    let meter = meter.ok_or_else(|| ApiError::missing_in_path(entry.noun, call.arg(0), entry.path_param))?;
    let bound = |name: &str| call.params.int(name).unwrap_or_default();
    let (start, end) = (bound("start_time"), bound("end_time"));
    let length = match call.params.str("value_grouping_window") {
        Some("hour") => 3600,
        Some(_) => 24 * 3600,
        None => (end - start).max(1),
    };
    let mut windows: BTreeMap<i64, Vec<Reading>> = BTreeMap::new();
    for reading in readings(tx, &meter, call.params.str("customer").unwrap_or_default()) {
        if (start..end).contains(&reading.0) {
            windows.entry(start + (reading.0 - start) / length * length).or_default().push(reading);
        }
    }
    let formula = meter.map("default_aggregation").and_then(|by| by.str("formula")).unwrap_or("sum");
    let rows = windows.iter().rev().map(|(from, readings)| {
        Doc::Map(Map::from([
            ("id", Doc::from(ctx.ids.id("mtrusg_test_", 24))),
            ("object", "billing.meter_event_summary".into()),
            ("aggregated_value", Doc::Float(aggregated(formula, readings))),
            ("end_time", (from + length).min(end).into()),
            ("livemode", false.into()),
            ("meter", call.arg(0).to_owned().into()),
            ("start_time", (*from).into()),
        ]))
    });
    let rows: Vec<Doc> = rows.collect();
    let limit = list::limit(call);
    let has_more = rows.len() > limit;
    let shown = rows.into_iter().take(limit).collect();
    Ok(Outcome::Value(list::envelope(call.path.to_owned(), shown, has_more).into()))
}

fn aggregated(formula: &str, readings: &[Reading]) -> f64 {
    match formula {
        "count" => readings.iter().map(|_| 1.0).sum(),
        "last" => readings.iter().max_by_key(|(at, _)| *at).map_or(0.0, |(_, value)| *value),
        _ => readings.iter().map(|(_, value)| value).sum(),
    }
}

/// The events of a meter about a customer.
fn readings(tx: &Tx, meter: &Map, customer: &str) -> Vec<Reading> {
    let key = |part: &str| meter.map(part).and_then(|part| part.str("event_payload_key")).unwrap_or_default();
    let (customer_key, value_key) = (key("customer_mapping"), key("value_settings"));
    let tables = EVENTS.iter().filter_map(|kind| tx.state().table(tx.account(), *kind));
    let events = tables.flat_map(|table| table.live()).map(|record| record.object.to_doc());
    let own = events.filter(|event| event.get("event_name") == meter.get("event_name"));
    let reading = |event: Map| {
        let payload = event.map("payload")?;
        let value = payload.str(value_key).and_then(|value| value.parse().ok()).unwrap_or(1.0);
        (payload.str(customer_key) == Some(customer)).then_some((time(&event)?, value))
    };
    own.filter_map(reading).collect()
}

/// When an event was, in the form of either namespace.
fn time(event: &Map) -> Option<i64> {
    let text = || event.str("timestamp")?.parse::<jiff::Timestamp>().ok();
    event.int("timestamp").or_else(|| Some(text()?.as_second()))
}
