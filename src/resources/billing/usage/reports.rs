//! Reports of events that count for nothing (billing 5.1): thin events, about a meter or about none.
//!
//! May use: the thin events. Invariant: an event is in one report.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::meter_events::{EventStanding, MeterEvent, MeterFault, UNREPORTED, says};
use super::meters;
use crate::contract::Ctx;
use crate::error::Result;
use crate::generic::{ThinEvent, announce_thin};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::time::calendar::rfc3339_millis;

/// How many events of one fault a report names.
const SAMPLES_MAX: usize = 10;

/// For how long events are collected for one report, in seconds.
const WINDOW_SECONDS: i64 = 10;

/// Reports an event, with all others of its meter that wait for a report.
pub(super) fn report(tx: &mut Tx, ctx: &Ctx<'_>, event: &Arc<MeterEvent>) -> Result<()> {
    let mut faulty = tx.having::<MeterEvent>(UNREPORTED, event.reported_under());
    faulty.reverse();
    for event in &faulty {
        let standing = Absent(Some(EventStanding::Reported));
        tx.save(event, MeterEvent { standing, ..MeterEvent::clone(event) });
    }
    let begun = faulty.first().map_or(ctx.now, |event| event.created);
    let begun = begun - begun.rem_euclid(WINDOW_SECONDS);
    let count = faulty.len();
    let summary =
        if count == 1 { "There is 1 invalid event".to_owned() } else { format!("There are {count} invalid events") };
    let data = Map::from([
        ("developer_message_summary", Doc::from(summary)),
        ("reason", reason(&faulty).into()),
        ("validation_end", rfc3339_millis(begun.saturating_add(WINDOW_SECONDS)).into()),
        ("validation_start", rfc3339_millis(begun).into()),
    ]);
    let meter = event.meter.0.as_ref();
    let thin = ThinEvent {
        name: if meter.is_some() {
            "v1.billing.meter.error_report_triggered"
        } else {
            "v1.billing.meter.no_meter_found"
        },
        related: meter.map(|meter| (meters::KIND, meter.to_string(), format!("/v1/billing/meters/{meter}"))),
        data: Some(data),
        by_request: false,
    };
    announce_thin(tx, ctx, thin)?;
    Ok(())
}

/// How many events there are of each fault, and some of them.
fn reason(faulty: &[Arc<MeterEvent>]) -> Map {
    let mut by_fault: BTreeMap<MeterFault, Vec<&MeterEvent>> = BTreeMap::new();
    for event in faulty {
        if let Some(fault) = event.fault.0 {
            by_fault.entry(fault).or_default().push(event);
        }
    }
    let count = |events: usize| i64::try_from(events).unwrap_or(i64::MAX);
    let types = by_fault.iter().map(|(fault, events)| {
        let sample = |event: &&MeterEvent| {
            Map::from([
                ("error_message", Doc::from(says(*fault))),
                ("request", Map::from([("identifier", event.identifier.clone())]).into()),
            ])
        };
        let samples: Vec<Map> = events.iter().take(SAMPLES_MAX).map(sample).collect();
        Map::from([
            ("code", Doc::from(*fault)),
            ("error_count", count(events.len()).into()),
            ("sample_errors", samples.into()),
        ])
    });
    let types: Vec<Map> = types.collect();
    Map::from([("error_count", Doc::from(count(faulty.len()))), ("error_types", types.into())])
}
