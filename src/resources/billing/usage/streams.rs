//! The operations of `/v2` on meter events (billing 5.1): one event that is checked at once, many that are checked later, and
//! the session whose token the stream of many takes.
//!
//! May use: meter events. Invariant: an event counts the same, whichever way it came.

use super::meter_events::{self, MeterEvent, SentEvent, TimedEvent, says};
use crate::contract::{Behaviour, Call, Ctx, Entry, Marked, Outcome, Tokens};
use crate::error::{ApiError, Result};
use crate::limits::METER_STREAM_EVENTS_MAX;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object as _, Resource};
use crate::state::{Id, Tx};
use crate::time::calendar::{MINUTE, rfc3339_millis};

crate::resource! {
    /// A session of a stream.
    StreamSession = "v2.billing.meter_event_session" {
        /// The token that the stream takes in place of a key.
        authentication_token: String,
        /// When it ends.
        expires_at: String,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// How long a session lasts, in seconds.
const SESSION_SECONDS: i64 = 15 * MINUTE;

/// `POST /v2/billing/meter_events`: everything that a report would name is refused.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let sent = SentEvent::read(&call.params, time(&call.params)?)?;
    if let Some(identifier) = sent.identifier.filter(|identifier| meter_events::is_used(tx, ctx, identifier)) {
        return Err(ApiError::meter_event_exists(identifier));
    }
    let timed = TimedEvent::new(tx, ctx, &sent);
    if let Some(fault) = timed.fault(tx) {
        return Err(ApiError::meter_event_refused(fault.as_str(), says(fault)));
    }
    let event = meter_events::store(tx, ctx, &timed)?;
    Ok(Outcome::Value(shown(&event).into()))
}

/// The time of an event in parameters, in Unix seconds, if it was sent.
fn time(params: &Map) -> Result<Option<i64>> {
    let Some(text) = params.str("timestamp") else { return Ok(None) };
    let time = text.parse::<jiff::Timestamp>().map_err(|_| ApiError::param_not_instant("timestamp"))?;
    Ok(Some(time.as_second()))
}

fn shown(event: &MeterEvent) -> Map {
    Map::from([
        ("object", Doc::from(EVENTS.kind.name())),
        ("created", rfc3339_millis(event.created).into()),
        ("event_name", event.event_name.clone().into()),
        ("identifier", event.identifier.clone().into()),
        ("livemode", false.into()),
        ("payload", event.payload.clone().into()),
        ("timestamp", rfc3339_millis(event.timestamp).into()),
    ])
}

/// `POST /v2/billing/meter_event_stream`: every event that can be read is accepted; one whose identifier was used adds
/// nothing.
fn stream(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let events = call.params.list("events").unwrap_or_default();
    if events.len() > METER_STREAM_EVENTS_MAX {
        return Err(ApiError::array_too_long("events", METER_STREAM_EVENTS_MAX));
    }
    for (i, event) in events.iter().filter_map(Doc::as_map).enumerate() {
        let inside = |error: ApiError| error.inside(&format!("events[{i}]"));
        let sent = time(event).and_then(|time| SentEvent::read(event, time)).map_err(inside)?;
        if !sent.identifier.is_some_and(|identifier| meter_events::is_used(tx, ctx, identifier)) {
            meter_events::store(tx, ctx, &TimedEvent::new(tx, ctx, &sent))?;
        }
    }
    Ok(Outcome::Value(Map::new().into()))
}

/// `POST /v2/billing/meter_event_session`.
fn open(tx: &mut Tx, ctx: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    let id: Id = SESSIONS.id.draw(&ctx.ids).into();
    let shared = id.strip_prefix(SESSIONS.id.prefix).unwrap_or_default();
    let token = ctx.ids.id(&format!("{TOKEN_PREFIX}{shared}"), TOKEN_CHARACTERS);
    let session = StreamSession {
        id,
        authentication_token: token,
        expires_at: rfc3339_millis(ctx.now.saturating_add(SESSION_SECONDS)),
        created: ctx.now,
        rest: Map::from([("created", Doc::from(rfc3339_millis(ctx.now))), ("livemode", false.into())]),
    };
    let shown = session.to_doc();
    tx.insert(session);
    Ok(Outcome::Value(shown.into()))
}

const TOKEN_PREFIX: &str = "token_";

/// Characters of a token after its common part with the session's id.
const TOKEN_CHARACTERS: usize = 32;

/// The id of the session that issued a token.
fn session_of(token: &str) -> Option<Id> {
    let shared = token.strip_prefix(TOKEN_PREFIX)?.get(..SESSIONS.id.length)?;
    Some(format!("{}{shared}", SESSIONS.id.prefix).into())
}

/// A token is that of a session, which has not ended.
fn check_token(tx: &Tx, token: &str, now: i64) -> Result<()> {
    let session = session_of(token).and_then(|id| tx.get::<StreamSession>(&id));
    let is_open = |session: &StreamSession| {
        session.authentication_token == token && now < session.created.saturating_add(SESSION_SECONDS)
    };
    if session.is_some_and(|session| is_open(&session)) { Ok(()) } else { Err(ApiError::meter_session_expired()) }
}

/// `POST /v2/billing/meter_event_adjustments`.
fn adjust(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let event_name = call.params.str("event_name").unwrap_or_default();
    let identifier = call.params.map("cancel").and_then(|cancel| cancel.str("identifier")).unwrap_or_default();
    meter_events::cancel(tx, ctx, event_name, identifier)?;
    let shown = meter_events::adjustment(ADJUSTMENTS.kind, event_name, identifier)
        .with("id", ADJUSTMENTS.id.draw(&ctx.ids))
        .with("created", rfc3339_millis(ctx.now));
    Ok(Outcome::Value(shown.into()))
}

/// The registry's entry of events.
pub static EVENTS: Entry = Entry {
    kind: crate::kind!("v2.billing.meter_event"),
    noun: "meter event",
    marks: &[
        Marked::acts(
            &["event_name", "identifier", "payload", "timestamp"],
            "billing::usage::streams::an_event_of_v2_is_checked_at_once",
        ),
        Marked::acts(
            &["events"],
            "billing::usage::streams::a_stream_takes_what_can_be_read_and_reports_the_rest_together",
        ),
    ],
    operations: &[
        ("v2.billing.meter_events.create", Behaviour::Write(create)),
        ("v2.billing.meter_event_stream.create", Behaviour::Write(stream)),
    ],
    tokens: Some(Tokens {
        prefix: TOKEN_PREFIX,
        operations: &["v2.billing.meter_event_stream.create"],
        issued_by: StreamSession::KIND,
        session: session_of,
        check: check_token,
        needed: ApiError::meter_stream_needs_token,
    }),
    ..Entry::PLAIN
};

/// The registry's entry of adjustments, which are not kept.
pub static ADJUSTMENTS: Entry = Entry {
    kind: crate::kind!("v2.billing.meter_event_adjustment"),
    noun: "meter event adjustment",
    id: IdForm::v2("mtr_evt_adj_test_"),
    marks: &[Marked::acts(
        &["cancel", "event_name", "type"],
        "billing::usage::streams::an_adjustment_of_v2_takes_an_event_back",
    )],
    operations: &[("v2.billing.meter_event_adjustments.create", Behaviour::Write(adjust))],
    ..Entry::PLAIN
};

/// The registry's entry of sessions.
pub static SESSIONS: Entry = Entry {
    kind: StreamSession::KIND,
    fields: StreamSession::FIELDS,
    noun: "meter event session",
    id: IdForm::v2("mtr_evnt_strm_session_test_"),
    operations: &[("v2.billing.meter_event_session.create", Behaviour::Write(open))],
    import: crate::contract::import::<StreamSession>,
    ..Entry::PLAIN
};
