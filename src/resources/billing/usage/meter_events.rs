//! Meter events (billing 5.1): how they are accepted, what they count for, and how they are taken back.
//!
//! An event that could be read but counts for nothing, because its meter or its customer is unknown or its value is no number,
//! is accepted; a report follows. May use: meters, the running totals. Invariant: an identifier is used once in 24 hours.

use std::sync::Arc;

use super::meters::{self, Formula};
use super::{alerts, hours, reports};
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing_as};
use crate::error::{ApiError, Result};
use crate::limits::{METER_EVENTS_MAX, METER_PAYLOAD_KEYS_MAX, METER_PAYLOAD_VALUE_CHARACTERS_MAX};
use crate::object::template;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource};
use crate::state::{Id, Kind, Tx};
use crate::time::calendar::{DAY, MINUTE};

crate::values! {
    /// What became of an event.
    pub enum EventStanding {
        /// It was taken back.
        Canceled = "canceled",
        /// It counts.
        Counted = "counted",
        /// It counts for nothing, which is not reported yet.
        Faulty = "faulty",
        /// It counts for nothing, which was reported.
        Reported = "reported",
    }
}

crate::values! {
    /// Why an event counts for nothing: the codes of the reports.
    pub enum MeterFault {
        /// Its meter was deactivated.
        ArchivedMeter = "archived_meter",
        CustomerNotFound = "meter_event_customer_not_found",
        InvalidValue = "meter_event_invalid_value",
        /// The payload names no customer.
        NoCustomerDefined = "meter_event_no_customer_defined",
        /// The payload has no value.
        ValueNotFound = "meter_event_value_not_found",
        ValueTooManyDigits = "meter_event_value_too_many_digits",
        /// No meter has its name.
        NoMeter = "no_meter",
        TimestampInFuture = "timestamp_in_future",
        TimestampTooFarInPast = "timestamp_too_far_in_past",
    }
}

crate::resource! {
    /// An event.
    MeterEvent = "billing.meter_event" {
        /// When it was received, in Unix seconds of the sandbox's clock.
        created: i64,
        /// The name, which is a meter's.
        event_name: String,
        /// What tells it from others.
        identifier: String,
        /// The customer, the value and what else was sent.
        payload: Map,
        /// When what it tells of happened, in Unix seconds.
        timestamp: i64,
    }
    hidden {
        /// What became of it.
        standing: Absent<EventStanding>,
        /// Why it counts for nothing.
        fault: Absent<MeterFault>,
        /// The meter with its name, when it came.
        meter: Absent<Id>,
        /// The customer, if it counts.
        customer: Absent<Id>,
        /// The value, if it counts; absent where the meter only counts events.
        value: Absent<i64>,
    }
}

/// The kind, for references.
pub const KIND: Kind = MeterEvent::KIND;

/// How far back the time of an event may lie, in seconds: 35 days.
const PAST_SECONDS_MAX: i64 = 35 * DAY;

/// How far ahead it may lie, in seconds.
const FUTURE_SECONDS_MAX: i64 = 5 * MINUTE;

/// For how long an identifier is used, and an event can be taken back, in seconds.
const FRESH_SECONDS: i64 = DAY;

/// Digits of a value.
const VALUE_DIGITS_MAX: usize = 15;

/// The filter of the events that wait for a report, by their meter.
pub(super) const UNREPORTED: &str = "unreported";

impl MeterEvent {
    /// The meter and the customer that it counts for, or counted for.
    pub(super) fn measured(&self) -> Option<(&Id, &Id)> {
        self.meter.0.as_ref().zip(self.customer.0.as_ref())
    }

    /// As [`measured`](Self::measured), if it counts now.
    pub(super) fn counted_for(&self) -> Option<(&Id, &Id)> {
        self.measured().filter(|_| self.standing.0 == Some(EventStanding::Counted))
    }

    /// The key of its reports: the meter, or none.
    pub(super) fn reported_under(&self) -> &str {
        self.meter.0.as_deref().unwrap_or_default()
    }

    /// As the API shows it: without an id.
    fn without_id(&self) -> Map {
        let mut shown = self.to_doc();
        let _ = shown.remove("id");
        shown
    }
}

/// What is sent of an event, in either namespace.
#[derive(Debug)]
pub(super) struct SentEvent<'a> {
    /// Its name.
    pub(super) event_name: &'a str,
    /// What tells it from others, if it was sent.
    pub(super) identifier: Option<&'a str>,
    /// Its payload.
    pub(super) payload: &'a Map,
    /// Its time in Unix seconds, if it was sent.
    pub(super) timestamp: Option<i64>,
}

impl<'a> SentEvent<'a> {
    /// The parts of an event in parameters; its time is read by the namespace.
    ///
    /// # Errors
    /// The payload is missing, or is larger than a payload may be.
    pub(super) fn read(params: &'a Map, timestamp: Option<i64>) -> Result<Self> {
        let payload = params.map("payload").ok_or_else(|| ApiError::param_missing("payload"))?;
        check_payload(payload)?;
        let (event_name, identifier) = (params.str("event_name").unwrap_or_default(), params.str("identifier"));
        Ok(SentEvent { event_name, identifier, payload, timestamp })
    }
}

fn check_payload(payload: &Map) -> Result<()> {
    if payload.is_empty() {
        return Err(ApiError::param_missing("payload"));
    }
    if payload.len() > METER_PAYLOAD_KEYS_MAX {
        return Err(ApiError::meter_payload_too_many_keys(METER_PAYLOAD_KEYS_MAX));
    }
    let max = METER_PAYLOAD_VALUE_CHARACTERS_MAX;
    let long = |value: &Doc| value.as_str().is_some_and(|text| text.chars().nth(max as usize).is_some());
    match payload.iter().find(|(_, value)| long(value)) {
        Some((key, value)) => {
            Err(ApiError::param_too_long(&format!("payload[{key}]"), value.as_str().unwrap_or_default(), max))
        }
        None => Ok(()),
    }
}

/// An event that counts.
struct Reading {
    meter: Id,
    customer: Id,
    value: Option<i64>,
}

/// An event whose time is known.
pub(super) struct TimedEvent<'a> {
    sent: &'a SentEvent<'a>,
    /// The time by the clock of its customer, in Unix seconds.
    now: i64,
}

impl<'a> TimedEvent<'a> {
    /// The event by the clock of its customer: a test clock's, or the sandbox's.
    pub(super) fn new(tx: &Tx, ctx: &Ctx<'_>, sent: &'a SentEvent<'a>) -> Self {
        let meter = meters::named(tx, sent.event_name);
        let key = meter.as_ref().map_or(meters::CUSTOMER_KEY, |meter| meter.customer_key());
        let customer = sent.payload.str(key).and_then(|id| tx.get::<Customer>(id));
        let now = ctx.now_of(tx, customer.as_ref().and_then(|customer| customer.rest.str("test_clock")));
        TimedEvent { sent, now }
    }

    /// When what it tells of happened, in Unix seconds.
    fn at(&self) -> i64 {
        self.sent.timestamp.unwrap_or(self.now)
    }

    /// What is wrong with its time.
    pub(super) fn fault_of_time(&self) -> Option<MeterFault> {
        let at = self.at();
        if at < self.now.saturating_sub(PAST_SECONDS_MAX) {
            return Some(MeterFault::TimestampTooFarInPast);
        }
        (at > self.now.saturating_add(FUTURE_SECONDS_MAX)).then_some(MeterFault::TimestampInFuture)
    }

    /// What it counts for, or why it counts for nothing.
    fn reading(&self, tx: &Tx) -> Result<Reading, MeterFault> {
        let meter = meters::named(tx, self.sent.event_name).ok_or(MeterFault::NoMeter)?;
        if !meter.is_active() {
            return Err(MeterFault::ArchivedMeter);
        }
        if let Some(fault) = self.fault_of_time() {
            return Err(fault);
        }
        let customer = self.sent.payload.str(meter.customer_key()).filter(|id| !id.is_empty());
        let customer = customer.ok_or(MeterFault::NoCustomerDefined)?;
        let customer = tx.get::<Customer>(customer).ok_or(MeterFault::CustomerNotFound)?;
        let value = match meter.formula() {
            Formula::Count => None,
            Formula::Last | Formula::Sum => Some(value(self.sent.payload.str(meter.value_key()))?),
        };
        Ok(Reading { meter: Id::clone(&meter.id), customer: Id::clone(&customer.id), value })
    }

    /// What is wrong with it, for an answer at once.
    pub(super) fn fault(&self, tx: &Tx) -> Option<MeterFault> {
        self.reading(tx).err()
    }
}

/// A value: a whole number.
fn value(text: Option<&str>) -> Result<i64, MeterFault> {
    let text = text.ok_or(MeterFault::ValueNotFound)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MeterFault::InvalidValue);
    }
    if digits.trim_start_matches('0').len() > VALUE_DIGITS_MAX {
        return Err(MeterFault::ValueTooManyDigits);
    }
    text.parse().map_err(|_| MeterFault::ValueTooManyDigits)
}

/// Whether an identifier was used in the last 24 hours.
pub(super) fn is_used(tx: &Tx, ctx: &Ctx<'_>, identifier: &str) -> bool {
    fresh(tx, ctx, identifier).is_some()
}

/// The event with an identifier that came in the last 24 hours.
fn fresh(tx: &Tx, ctx: &Ctx<'_>, identifier: &str) -> Option<Arc<MeterEvent>> {
    let newest = tx.having::<MeterEvent>("identifier", identifier).into_iter().next();
    newest.filter(|event| ctx.now.saturating_sub(event.created) < FRESH_SECONDS)
}

/// Stores an event, and counts it if it counts.
///
/// # Errors
/// There are as many events as the server keeps.
pub(super) fn store(tx: &mut Tx, ctx: &Ctx<'_>, timed: &TimedEvent<'_>) -> Result<Arc<MeterEvent>> {
    if tx.state().table(tx.account(), KIND).is_some_and(|events| events.len() >= METER_EVENTS_MAX) {
        return Err(ApiError::meter_events_too_many(METER_EVENTS_MAX));
    }
    let SentEvent { event_name, identifier, payload, .. } = timed.sent;
    let mut rest = template::template(KIND);
    rest.set("livemode", false);
    let mut event = MeterEvent {
        id: ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        event_name: (*event_name).to_owned(),
        identifier: identifier.map_or_else(|| ctx.ids.uuid(), str::to_owned),
        payload: (*payload).clone(),
        timestamp: timed.at(),
        standing: Absent(None),
        fault: Absent(None),
        meter: Absent(None),
        customer: Absent(None),
        value: Absent(None),
        rest,
    };
    judge(tx, &mut event, timed.reading(tx));
    let id = tx.insert(event).id;
    let event = tx.get::<MeterEvent>(&id).ok_or_else(ApiError::internal)?;
    if event.counted_for().is_some() {
        hours::add(tx, &event);
        alerts::note(tx, ctx, &event);
    }
    Ok(event)
}

/// Notes what an event counts for, or why it counts for nothing.
fn judge(tx: &Tx, event: &mut MeterEvent, reading: Result<Reading, MeterFault>) {
    match reading {
        Ok(Reading { meter, customer, value }) => {
            event.standing = Absent(Some(EventStanding::Counted));
            (event.meter, event.customer, event.value) = (Absent(Some(meter)), Absent(Some(customer)), Absent(value));
        }
        Err(fault) => {
            event.standing = Absent(Some(EventStanding::Faulty));
            event.fault = Absent(Some(fault));
            event.meter = Absent(meters::named(tx, &event.event_name).map(|meter| Id::clone(&meter.id)));
        }
    }
}

/// `POST /v1/billing/meter_events`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let sent = SentEvent::read(&call.params, call.params.int("timestamp"))?;
    let timed = TimedEvent::new(tx, ctx, &sent);
    if let Some(identifier) = sent.identifier.filter(|identifier| is_used(tx, ctx, identifier)) {
        return Err(ApiError::meter_event_exists(identifier));
    }
    if let Some(fault) = timed.fault_of_time() {
        return Err(ApiError::meter_event_time(says(fault)));
    }
    Ok(Outcome::Value(store(tx, ctx, &timed)?.without_id().into()))
}

/// What a fault means, in the words of the reports.
pub(super) fn says(fault: MeterFault) -> &'static str {
    match fault {
        MeterFault::ArchivedMeter => "The meter is inactive.",
        MeterFault::CustomerNotFound => "No customer has the ID in the payload.",
        MeterFault::InvalidValue => "The value in the payload is not a whole number.",
        MeterFault::NoCustomerDefined => "Customer mapping key is missing in the request.",
        MeterFault::ValueNotFound => "Value key is missing in the request.",
        MeterFault::ValueTooManyDigits => "The value in the payload has more than 15 digits.",
        MeterFault::NoMeter => "No meter has this event name.",
        MeterFault::TimestampInFuture => "The timestamp is more than 5 minutes in the future.",
        MeterFault::TimestampTooFarInPast => "The timestamp is more than 35 calendar days in the past.",
    }
}

/// Takes back the event with an identifier, for an adjustment in either namespace.
///
/// # Errors
/// No event with this name came with it in the last 24 hours, or it was taken back already.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, event_name: &str, identifier: &str) -> Result<()> {
    let param = In::Param("cancel[identifier]");
    let event = fresh(tx, ctx, identifier).filter(|event| event.event_name == event_name);
    let event = event.ok_or_else(|| missing_as("meter event", identifier, param))?;
    match event.standing.0 {
        Some(EventStanding::Canceled) => return Err(ApiError::meter_event_canceled(identifier)),
        Some(EventStanding::Counted) => {
            let standing = Absent(Some(EventStanding::Canceled));
            tx.save(&event, MeterEvent { standing, ..MeterEvent::clone(&event) });
            hours::take_back(tx, &event);
        }
        // It counts for nothing anyway.
        Some(EventStanding::Faulty | EventStanding::Reported) | None => {}
    }
    Ok(())
}

/// `POST /v1/billing/meter_event_adjustments`: the API answers before the adjustment is done, although it is done here.
fn adjust(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let event_name = call.params.str("event_name").unwrap_or_default();
    let identifier = call.params.map("cancel").and_then(|cancel| cancel.str("identifier"));
    let identifier = identifier.ok_or_else(|| ApiError::param_missing("cancel[identifier]"))?;
    cancel(tx, ctx, event_name, identifier)?;
    Ok(Outcome::Value(adjustment(ADJUSTMENTS.kind, event_name, identifier).into()))
}

/// What the namespaces show alike of an adjustment.
pub(super) fn adjustment(kind: Kind, event_name: &str, identifier: &str) -> Map {
    Map::from([
        ("object", Doc::from(kind.name())),
        ("cancel", Map::from([("identifier", identifier.to_owned())]).into()),
        ("event_name", event_name.to_owned().into()),
        ("livemode", false.into()),
        ("status", "pending".into()),
        ("type", "cancel".into()),
    ])
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: MeterEvent::FIELDS,
    noun: "meter event",
    id: IdForm::v2("mtr_evt_test_"),
    operations: &[("billing.meter_events.create", Behaviour::Write(create))],
    filters: &[
        crate::filter!("identifier", MeterEvent, |event| Some(event.identifier.as_str())),
        crate::filter!("unreported", MeterEvent, |event| {
            (event.standing.0 == Some(EventStanding::Faulty)).then(|| event.reported_under())
        }),
        hours::EVENTS_OF_MINUTE,
    ],
    import: crate::contract::import::<MeterEvent>,
    dues: &[crate::due!(
        MeterEvent,
        "report",
        |event| (event.standing.0 == Some(EventStanding::Faulty)).then_some(event.created),
        reports::report
    )],
    ..Entry::PLAIN
};

/// The registry's entry of adjustments, which are not kept.
pub static ADJUSTMENTS: Entry = Entry {
    kind: crate::kind!("billing.meter_event_adjustment"),
    noun: "meter event adjustment",
    marks: &[
        Marked::neutral(&["type"], "it has one value"),
        Marked::acts(
            &["event_name"],
            "billing::usage::meter_events::an_adjustment_names_an_event_of_the_last_24_hours",
        ),
    ],
    operations: &[("billing.meter_event_adjustments.create", Behaviour::Write(adjust))],
    ..Entry::PLAIN
};
