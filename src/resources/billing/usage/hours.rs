//! The running totals: one record for each meter, customer and hour, with a row for each minute of the hour in which there
//! was an event.
//!
//! So what a customer used in a month is at most some 750 records, however many events there were, and an event changes
//! one of them. May use: the meter events. Invariant: a row is what the counted events of its minute add up to.

use std::ops::Range;
use std::sync::Arc;

use super::meter_events::MeterEvent;
use crate::contract::Entry;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldValue, Resource, downcast};
use crate::state::{Filter, Id, Tx};
use crate::time::calendar::{HOUR, MINUTE};

crate::resource! {
    /// What a customer used of a meter in an hour. The API shows it in no form of its own; its summaries are made of it.
    MeterHour = "billing.meter_event_summary" {
        /// The meter.
        meter: Id,
    }
    hidden {
        /// When the hour begins, in Unix seconds.
        created: i64,
        /// The customer.
        customer: Id,
        /// The minutes with events, in order.
        minutes: Minutes,
    }
}

/// The rows of an hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minutes(Vec<Minute>);

/// What the events of a minute add up to, by each formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Minute {
    /// When it begins, in Unix seconds.
    pub(super) at: i64,
    /// What its events add up to.
    pub(super) total: Total,
}

/// What some events add up to, by each formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many there are.
    pub count: i64,
    /// The sum of their values; it stops at the largest and the smallest number.
    pub sum: i64,
    /// The value with the latest time, and of several the one that came last.
    pub last: i64,
    /// That time, in Unix seconds.
    pub last_at: i64,
}

impl Total {
    /// Adds an event, or what came later than this.
    pub(super) fn add(&mut self, more: Total) {
        if more.count == 0 {
            return;
        }
        if self.count == 0 || more.last_at >= self.last_at {
            (self.last, self.last_at) = (more.last, more.last_at);
        }
        self.count = self.count.saturating_add(more.count);
        self.sum = self.sum.saturating_add(more.sum);
    }

    /// One event.
    pub(super) fn of(event: &MeterEvent) -> Total {
        let value = event.value.0.unwrap_or_default();
        Total { count: 1, sum: value, last: value, last_at: event.timestamp }
    }
}

/// How a row is written: its minute, count, sum, last value and the time of that.
const ROW: usize = 5;

impl FieldValue for Minutes {
    fn write(&self) -> Option<Doc> {
        let row = |row: &Minute| {
            let Total { count, sum, last, last_at } = row.total;
            Doc::List([row.at, count, sum, last, last_at].map(Doc::from).to_vec())
        };
        Some(Doc::List(self.0.iter().map(row).collect()))
    }
    fn weight(&self) -> usize {
        self.0.len() * size_of::<Minute>()
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        const EXPECTED: &str = "an array of rows of five whole numbers";
        let rows = doc.as_ref().and_then(Doc::as_list).ok_or(EXPECTED)?;
        let row = |row: &Doc| {
            let numbers: Option<Vec<i64>> = row.as_list()?.iter().map(Doc::as_int).collect();
            let [at, count, sum, last, last_at] = <[i64; ROW]>::try_from(numbers?).ok()?;
            Some(Minute { at, total: Total { count, sum, last, last_at } })
        };
        rows.iter().map(row).collect::<Option<Vec<_>>>().map(Minutes).ok_or(EXPECTED)
    }
}

impl MeterHour {
    /// Its rows.
    pub(super) fn rows(&self) -> &[Minute] {
        &self.minutes.0
    }
}

/// The value of the filter that finds the hours, and with a minute the events, of a meter and a customer.
fn owner(meter: &str, customer: &str) -> String {
    format!("{meter} {customer}")
}

/// The filter of the hours.
const OWNER: &str = "owner";

/// The filter of the counted events of one minute.
const MINUTE_OF: &str = "minute";

/// The filter with which [`MeterEvent`] keeps the counted events of each minute together.
pub(super) const EVENTS_OF_MINUTE: Filter = Filter {
    param: MINUTE_OF,
    values: |object, _, out| {
        let counted = downcast::<MeterEvent>(object).and_then(|event| Some((event, event.counted_for()?)));
        if let Some((event, (meter, customer))) = counted {
            out(&minute_of(meter, customer, event.timestamp));
        }
    },
    target: None,
};

fn minute_of(meter: &str, customer: &str, at: i64) -> String {
    format!("{} {}", owner(meter, customer), start(at, MINUTE))
}

/// The beginning of the minute or hour, of so many seconds, that holds a time.
pub(super) fn start(at: i64, seconds: i64) -> i64 {
    at - at.rem_euclid(seconds)
}

/// The hours of a customer's usage of a meter that a span of time, in Unix seconds, meets; oldest first.
pub(super) fn within(tx: &Tx, meter: &str, customer: &str, span: &Range<i64>) -> Vec<Arc<MeterHour>> {
    let hours = start(span.start, HOUR)..span.end;
    let found = tx.records_having_within(MeterHour::KIND, OWNER, &owner(meter, customer), hours);
    found.iter().filter_map(|record| record.get()).collect()
}

/// What the counted events of one minute within a span of time add up to.
pub(super) fn part_of_minute(tx: &Tx, hour: &MeterHour, minute: i64, span: &Range<i64>) -> Total {
    let events = tx.having::<MeterEvent>(MINUTE_OF, &minute_of(&hour.meter, &hour.customer, minute));
    let mut total = Total::default();
    // Oldest first: of two events of the same time, the one that came later is the last.
    for event in events.iter().rev().filter(|event| span.contains(&event.timestamp)) {
        total.add(Total::of(event));
    }
    total
}

/// Counts an event that is stored as counted.
pub(super) fn add(tx: &mut Tx, event: &MeterEvent) {
    change(tx, event, |_, _, total| total.add(Total::of(event)));
}

/// Takes back an event that is stored as no longer counted.
pub(super) fn take_back(tx: &mut Tx, event: &MeterEvent) {
    change(tx, event, |tx, hour, total| {
        let minute = start(event.timestamp, MINUTE);
        *total = part_of_minute(tx, hour, minute, &(minute..minute.saturating_add(MINUTE)));
    });
}

/// Changes the row of an event's minute.
fn change(tx: &mut Tx, event: &MeterEvent, how: impl FnOnce(&Tx, &MeterHour, &mut Total)) {
    let Some((meter, customer)) = event.measured() else { return };
    let created = start(event.timestamp, HOUR);
    let id: Id = format!("{} {created}", owner(meter, customer)).into();
    let known = tx.get::<MeterHour>(&id);
    let mut hour = known.as_deref().cloned().unwrap_or_else(|| MeterHour {
        id,
        created,
        meter: Id::clone(meter),
        customer: Id::clone(customer),
        minutes: Minutes::default(),
        rest: Map::new(),
    });
    let at = start(event.timestamp, MINUTE);
    let row = hour.minutes.0.binary_search_by_key(&at, |row| row.at);
    let mut total = row.map_or_else(|_| Total::default(), |row| hour.minutes.0[row].total);
    how(tx, &hour, &mut total);
    match row {
        Ok(row) if total.count == 0 => {
            hour.minutes.0.remove(row);
        }
        Ok(row) => hour.minutes.0[row].total = total,
        Err(_) if total.count == 0 => {}
        Err(row) => hour.minutes.0.insert(row, Minute { at, total }),
    }
    match known {
        Some(known) => tx.save(&known, hour),
        None => {
            tx.insert(hour);
        }
    }
}

/// Counts all events again, after they were read from a state file.
fn recount(tx: &mut Tx) {
    let known = tx.state().table(tx.account(), MeterHour::KIND).is_some_and(|hours| hours.live().next().is_some());
    if known {
        return;
    }
    let events = tx.state().table(tx.account(), MeterEvent::KIND).into_iter().flat_map(|table| table.live());
    let events: Vec<Arc<MeterEvent>> = events.filter_map(|record| record.get()).collect();
    events.iter().filter(|event| event.counted_for().is_some()).for_each(|event| add(tx, event));
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: MeterHour::KIND,
    fields: MeterHour::FIELDS,
    noun: "billing_meter_event_summary",
    id: IdForm::v2("mtrusg_test_"),
    filters: &[Filter {
        param: OWNER,
        values: |object, _, out| {
            if let Some(hour) = downcast::<MeterHour>(object) {
                out(&owner(&hour.meter, &hour.customer));
            }
        },
        target: None,
    }],
    import: crate::contract::import::<MeterHour>,
    recount: Some(recount),
    derived: true,
    ..Entry::PLAIN
};
