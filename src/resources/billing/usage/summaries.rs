//! The summaries of a meter (billing 5.1): a customer's usage in windows of time.
//!
//! May use: the measure of usage. Invariant: the windows of a list put together are the list without windows.

use std::collections::BTreeMap;
use std::ops::Range;

use uuid::Uuid;

use super::hours;
use super::measure::{self, Usage};
use super::meters::Meter;
use crate::api::list;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::customers::customer::Customer;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::ids::Ids;
use crate::time::calendar::{DAY, HOUR, MINUTE};

/// `GET /v1/billing/meters/:id/event_summaries`, newest first. A window without an event has no row.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let meter = require::<Meter>(tx, call.arg(0), In::Path)?;
    let customer = call.params.str("customer").unwrap_or_default();
    require::<Customer>(tx, customer, In::Param("customer"))?;
    let length = match call.params.str("value_grouping_window") {
        Some("hour") => Some(HOUR),
        Some(_) => Some(DAY),
        None => None,
    };
    let span = bounds(call, length.unwrap_or(MINUTE))?;
    let rows: Vec<Map> = windows(tx, &meter, customer, &span, length)
        .iter()
        .rev()
        .map(|(from, usage)| {
            let to = length.map_or(span.end, |length| from.saturating_add(length));
            row(&meter, customer, &(*from..to), *usage)
        })
        .collect();
    let (shown, has_more) = list::part_of(&rows, call, hours::ENTRY.noun, |row| row.str("id").unwrap_or_default())?;
    let shown = shown.iter().cloned().map(Doc::Map).collect();
    Ok(Outcome::Value(list::page_envelope(call, shown, has_more, rows.len()).into()))
}

/// The usage in each window of so many seconds, by the time at which it begins; without a length there is one window.
fn windows(tx: &Tx, meter: &Meter, customer: &str, span: &Range<i64>, length: Option<i64>) -> BTreeMap<i64, Usage> {
    let mut windows: BTreeMap<i64, Usage> = BTreeMap::new();
    measure::each_minute(tx, &meter.id, customer, span, |at, total| {
        let window = length.map_or(span.start, |length| hours::start(at, length));
        windows.entry(window).or_default().add(total);
    });
    windows
}

/// The requested time: both bounds lie on a boundary of so many seconds.
fn bounds(call: &Call<'_>, seconds: i64) -> Result<Range<i64>> {
    for name in ["start_time", "end_time"] {
        let at = call.params.int(name).unwrap_or_default();
        if at < 0 {
            return Err(ApiError::param_below(name, 0));
        }
        if at % seconds != 0 {
            return Err(ApiError::summary_time_unaligned(name, seconds));
        }
    }
    let bound = |name: &str| call.params.int(name).unwrap_or_default();
    let (start, end) = (bound("start_time"), bound("end_time"));
    if end <= start { Err(ApiError::param_below("end_time", start.saturating_add(seconds))) } else { Ok(start..end) }
}

fn row(meter: &Meter, customer: &str, window: &Range<i64>, usage: Usage) -> Map {
    // The API's number has a fraction; a whole number of fifteen digits is exact in it.
    #[expect(clippy::cast_precision_loss, reason = "a number of the API is no more exact")]
    let value = usage.by(meter.formula()) as f64;
    Map::from([
        ("id", Doc::from(id(&meter.id, customer, window))),
        ("object", hours::ENTRY.kind.name().into()),
        ("aggregated_value", Doc::Float(value)),
        ("end_time", window.end.into()),
        ("livemode", false.into()),
        ("meter", meter.id.to_string().into()),
        ("start_time", window.start.into()),
    ])
}

/// A summary is not stored: its id is computed from its content, so that a cursor finds it again.
fn id(meter: &str, customer: &str, window: &Range<i64>) -> String {
    let about = format!("{meter} {customer} {} {}", window.start, window.end);
    hours::ENTRY.id.draw(&seeded(&about)).into()
}

/// The ids of something that is computed, by what it is about.
pub(super) fn seeded(about: &str) -> Ids {
    Ids::seeded(Uuid::new_v5(&Uuid::NAMESPACE_OID, about.as_bytes()))
}
