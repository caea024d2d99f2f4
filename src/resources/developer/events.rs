//! Reading events (core-payments 10.1, platform 1.3).
//!
//! May use: the sandbox's events. Invariant: an event that was made more than 30 days ago, by the machine's clock,
//! does not exist.

use crate::api::list::{self, Window};
use crate::contract::version::Gate;
use crate::contract::{Behaviour, Call, Change, Ctx, Entry, In, Outcome, Rewrite, missing};
use crate::error::{ApiError, Result};
use crate::events;
use crate::limits::{EVENT_TYPES_MAX, EVENTS_LIFETIME_SECONDS};
use crate::state::document::{Doc, Map};
use crate::state::event::{self, Event};
use crate::state::{Place, Tx};

/// `GET /v1/events/:id`.
fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.arg(0);
    let event = find(tx, ctx, id).ok_or_else(|| missing(ENTRY.kind, id, In::Path))?;
    Ok(Outcome::Value(show(ctx, event).into()))
}

/// `GET /v1/events`.
fn list(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let wanted = EventFilters::of(&call.params)?;
    let Window { from, to, backwards, limit } = list::window(call, |id, param| {
        let event = find(tx, ctx, id).ok_or_else(|| missing(ENTRY.kind, id, In::Param(param)))?;
        Ok(event.place)
    })?;
    let between = |from: Place, to: Place| {
        let events = tx.state().events().between(from.min(to), to);
        events.filter(|event| is_shown(tx, ctx, event) && wanted.takes(event))
    };
    let events = between(from, to);
    let mut page: Vec<_> =
        if backwards { events.take(limit + 1).collect() } else { events.rev().take(limit + 1).collect() };
    let has_more = page.len() > limit;
    page.truncate(limit);
    if backwards {
        page.reverse();
    }
    let rows = page.into_iter().map(|event| Doc::Map(show(ctx, event))).collect();
    let (from, to) = list::created_range(&call.params);
    let total = if call.params.total_count { between(from, to).count() } else { 0 };
    Ok(Outcome::Value(list::page_envelope(call, rows, has_more, total).into()))
}

/// Whether an event belongs to the current account and is recent enough; thin events are those of `/v2`. A clock that jumps ages
/// no event: who reads a year's renewals wants all of them.
fn is_shown(tx: &Tx, ctx: &Ctx<'_>, event: &Event) -> bool {
    event.account == tx.account() && is_alive(event.made, ctx.machine_now) && !event.is_thin()
}

/// Whether an event that was made at a time still exists; both in Unix seconds of the machine's clock.
fn is_alive(made: i64, machine_now: i64) -> bool {
    machine_now.saturating_sub(made) <= EVENTS_LIFETIME_SECONDS
}

fn find<'t>(tx: &'t Tx, ctx: &Ctx<'_>, id: &str) -> Option<&'t Event> {
    let event: &Event = events::find(tx.state(), id)?;
    is_shown(tx, ctx, event).then_some(event)
}

/// The object in an event keeps the version of the event; the event itself has the version of the request.
fn show(ctx: &Ctx<'_>, event: &Event) -> Map {
    let mut shown = events::document(event, None);
    events::convert(&mut shown, ctx.version);
    shown
}

/// The filters of a list of events.
struct EventFilters<'a> {
    /// Exact types, or beginnings such as `invoice.*`; empty for all.
    types: Vec<&'a str>,
    /// Whether every delivery was answered with success.
    delivered: Option<bool>,
}

impl<'a> EventFilters<'a> {
    /// An unknown type is accepted and matches nothing (platform 1.3).
    fn of(params: &'a Map) -> Result<Self> {
        let several = params.list("types");
        if several.is_some_and(|types| types.len() > EVENT_TYPES_MAX) {
            return Err(ApiError::array_too_long("types", EVENT_TYPES_MAX));
        }
        let types: Vec<&str> = several.unwrap_or_default().iter().filter_map(Doc::as_str).collect();
        match params.str("type") {
            Some(_) if !types.is_empty() => Err(ApiError::params_exclusive("type", "types")),
            Some(one) => Ok(EventFilters { types: vec![one], delivered: params.bool("delivery_success") }),
            None => Ok(EventFilters { types, delivered: params.bool("delivery_success") }),
        }
    }

    fn takes(&self, event: &Event) -> bool {
        let fits = |wanted: &&str| match wanted.strip_suffix('*') {
            Some(beginning) => event.name.starts_with(beginning),
            None => event.name == *wanted,
        };
        (self.types.is_empty() || self.types.iter().any(fits))
            && self.delivered.is_none_or(|delivered| (event.pending() == 0) == delivered)
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: event::KIND,
    noun: "notification",
    id: event::ID,
    operations: &[("events.list", Behaviour::Read(list)), ("events.retrieve", Behaviour::Read(retrieve))],
    changes: &[Change {
        since: Gate::since("2017-05-25"),
        older: Some(Rewrite::Alone(named_request_and_user)),
        what: "event.request and event.user_id",
    }],
    ..Entry::PLAIN
};

fn named_request_and_user(event: &mut Map) {
    let request = event.map("request").and_then(|request| request.get("id")).cloned();
    event.set("request", request);
    if let Some(account) = event.remove("account") {
        event.set("user_id", account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_lives_for_thirty_days_of_the_machine() {
        let alive = |after| is_alive(1_800_000_000, 1_800_000_000 + after);
        assert!(alive(0) && alive(EVENTS_LIFETIME_SECONDS));
        assert!(!alive(EVENTS_LIFETIME_SECONDS + 1));
    }
}
