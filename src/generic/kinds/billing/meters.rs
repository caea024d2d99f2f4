//! The summaries of a meter (billing 5.1): its events, aggregated by its formula.
//!
//! May use: the stored events of both namespaces. Invariant: each event counts once, in the window of its time.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::api::list;
use crate::contract::{Call, Ctx, In, Outcome, require_record};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::ids::Ids;
use crate::state::{Kind, Record, Tx};

const METER: Kind = crate::kind!("billing.meter");

/// The noun of a summary in errors.
const NOUN: &str = "billing_meter_event_summary";

/// The kinds of a meter's events.
const EVENTS: [Kind; 2] = [crate::kind!("billing.meter_event"), crate::kind!("v2.billing.meter_event")];

/// One event: its time in Unix seconds, and its value.
type Reading = (i64, f64);

/// `GET /v1/billing/meters/:id/event_summaries`, newest first.
pub(super) fn summaries(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let meter = require_record(tx, METER, call.arg(0), In::Path)?.object.to_doc();
    let (start, end) = bounds(call)?;
    let length = match call.params.str("value_grouping_window") {
        Some("hour") => 3600,
        Some(_) => 24 * 3600,
        None => end - start,
    };
    let customer = call.params.str("customer").unwrap_or_default();
    let formula = meter.map("default_aggregation").and_then(|by| by.str("formula")).unwrap_or("sum");
    let mut windows: BTreeMap<i64, Vec<Reading>> = BTreeMap::new();
    for reading in readings(tx, &meter, customer, formula) {
        if (start..end).contains(&reading.0) {
            windows.entry(start + (reading.0 - start) / length * length).or_default().push(reading);
        }
    }
    let rows = windows.iter().rev().map(|(from, readings)| {
        let to = from.saturating_add(length).min(end);
        Map::from([
            ("id", Doc::from(id(call.arg(0), customer, *from, to))),
            ("object", "billing.meter_event_summary".into()),
            ("aggregated_value", Doc::Float(aggregated(formula, readings))),
            ("end_time", to.into()),
            ("livemode", false.into()),
            ("meter", call.arg(0).to_owned().into()),
            ("start_time", (*from).into()),
        ])
    });
    let rows: Vec<Map> = rows.collect();
    let (shown, has_more) = list::part_of(&rows, call, NOUN, |row| row.str("id").unwrap_or_default())?;
    let shown = shown.iter().cloned().map(Doc::Map).collect();
    Ok(Outcome::Value(list::page_envelope(call, shown, has_more, rows.len()).into()))
}

/// The requested time in Unix seconds: from, and up to.
fn bounds(call: &Call<'_>) -> Result<(i64, i64)> {
    let bound = |name: &str| call.params.int(name).unwrap_or_default();
    let (start, end) = (bound("start_time"), bound("end_time"));
    if start < 0 {
        return Err(ApiError::param_below("start_time", 0));
    }
    if end <= start {
        return Err(ApiError::param_below("end_time", start.saturating_add(1)));
    }
    Ok((start, end))
}

/// A summary is not stored: its id is computed from its content, so that a cursor finds it again.
fn id(meter: &str, customer: &str, from: i64, to: i64) -> String {
    let about = format!("{meter} {customer} {from} {to}");
    Ids::seeded(Uuid::new_v5(&Uuid::NAMESPACE_OID, about.as_bytes())).id("mtrusg_test_", 24)
}

fn aggregated(formula: &str, readings: &[Reading]) -> f64 {
    match formula {
        "count" => readings.iter().map(|_| 1.0).sum(),
        "last" => readings.iter().max_by_key(|(at, _)| *at).map_or(0.0, |(_, value)| *value),
        // A sum that is too large becomes the largest number.
        _ => readings.iter().map(|(_, value)| value).sum::<f64>().clamp(f64::MIN, f64::MAX),
    }
}

/// The events of a meter about a customer. An event whose value is no number is ignored, unless events are only
/// counted.
fn readings(tx: &Tx, meter: &Map, customer: &str, formula: &str) -> Vec<Reading> {
    let key = |part: &str| meter.map(part).and_then(|part| part.str("event_payload_key")).unwrap_or_default();
    let (customer_key, value_key) = (key("customer_mapping"), key("value_settings"));
    let name = meter.str("event_name").unwrap_or_default();
    // Oldest first: of two events of the same time, the one that was stored later is the last.
    let events = EVENTS.iter().flat_map(|kind| tx.records_having(*kind, "event_name", name).into_iter().rev());
    let reading = |record: &Record| {
        let event = record.object.to_doc();
        let payload = event.map("payload").filter(|payload| payload.str(customer_key) == Some(customer))?;
        let value = payload.str(value_key).and_then(|value| value.parse::<f64>().ok());
        let value = if formula == "count" { Some(1.0) } else { value.filter(|value| value.is_finite()) };
        Some((time(&event)?, value?))
    };
    events.filter_map(|record| reading(&record)).collect()
}

/// The time of an event, in the form of either namespace.
fn time(event: &Map) -> Option<i64> {
    let text = || event.str("timestamp")?.parse::<jiff::Timestamp>().ok();
    event.int("timestamp").or_else(|| Some(text()?.as_second()))
}
