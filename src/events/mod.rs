//! Events: what a committed transaction announces, and how it is shown (platform 1, core-payments 10).
//!
//! May use: the registry, the state, the renderer. Invariant: an event comes from the journal of a transaction that
//! was committed, and from nowhere else; once committed it shows the same for ever, in every version.
//!
//! # What others need
//!
//! * A resource says in its registry entry what its changes announce ([`Events`](crate::contract::Events), [`turn!`](crate::turn),
//!   [`becomes!`](crate::becomes)). A rule names what cannot be seen in a change with
//!   [`Tx::announce`](crate::state::Tx::announce), and makes a change that is no news with
//!   [`Tx::quietly`](crate::state::Tx::quietly).
//! * Whoever delivers events implements [`Listener`](crate::state::sandbox::Listener): it is handed the new events of
//!   each transaction in the order of the commits. [`json`] is an event's body in a version, and
//!   [`Event::expect`](crate::state::event::Event::expect) and [`settle`](crate::state::event::Event::settle) keep
//!   its `pending_webhooks`.

// A rule that fails is never passed over.
#![deny(clippy::let_underscore_must_use)]

mod companions;
mod derive;
mod show;

use std::sync::Arc;

use smallvec::SmallVec;

use self::companions::Collector;
pub use self::show::{convert, document, json, thin};

use crate::state::event::{self, Cause, Event, News};
use crate::state::ids::{self, Ids};
use crate::state::{Id, Place, State, Step, Tx};

/// What the events of a transaction have in common.
#[expect(missing_debug_implementations, reason = "a closure has none")]
pub struct Announcement<'a> {
    /// Unix seconds of the sandbox's clock.
    pub now: i64,
    /// Seconds between two events, one of which may have come before; with 0 all have the time `now`.
    pub seconds: i64,
    /// The request behind it.
    pub cause: Option<&'a dyn Fn() -> Cause>,
    /// The API version that events are shown in.
    pub version: &'static str,
    /// Where their ids come from.
    pub ids: &'a Ids,
}

/// The characters of an event's id that stand for its second, as in the real API's ids.
const TIME_CHARACTERS: usize = 6;

/// The state that a transaction leaves, with the events that it announces; `before` is the state that it began with.
pub fn commit(before: &State, tx: Tx, about: &Announcement<'_>) -> State {
    let (mut state, journal) = tx.into_parts();
    let drafts = derive::derive(&journal);
    let mut collector = Collector::new(before, &state);
    let mut unstored: SmallVec<[usize; 2]> = SmallVec::new();
    let mut news: SmallVec<[News; 4]> = SmallVec::new();
    for draft in drafts {
        if draft.seen.is_some() {
            unstored.push(news.len());
        }
        news.push(collector.complete(draft));
    }
    news.iter().flat_map(News::records).for_each(|record| record.note_shown());
    let mut keeps = weight_of_former(&journal);
    if news.is_empty() {
        state.owe(keeps);
        return state;
    }
    let shown = unstored.iter().flat_map(|at| news[*at].records());
    keeps += shown.map(|record| record.weight_for_events()).sum::<usize>() + state.owed();
    let Announcement { now, seconds, cause, version, ids } = *about;
    let cause = cause.map(|cause| cause());
    // What is spread comes after all that is there, so that a list has the order in which it happened.
    let newest = state.events().newest().filter(|_| seconds > 0).map(|event| event.place.created + seconds);
    let mut at = newest.map_or(now, |newest| newest.max(now));
    let mut event = |news: News| {
        let place = state.next_place(at);
        let object = &news.after.object;
        let id = if object.kind() == event::THIN { Id::clone(object.id()) } else { id(ids, at, &news) };
        let event = Event::new(id, place, version, cause.clone(), news, std::mem::take(&mut keeps));
        at += seconds;
        Arc::new(event)
    };
    let events: SmallVec<[Arc<Event>; 4]> = news.into_iter().map(&mut event).collect();
    state.announce(events.as_slice().into());
    state
}

/// The bytes of the records that a transaction has replaced and that events show: nobody else keeps them from now on, but for
/// snapshots. The events of the transaction answer for them, though it may be earlier ones that show them: these leave first.
fn weight_of_former(journal: &[Step]) -> usize {
    let replaced = journal.iter().filter_map(|step| {
        step.before.as_ref().filter(|before| !Arc::ptr_eq(before, &step.after)).map(|before| before.weight_for_events())
    });
    replaced.sum()
}

/// `evt_1` or, in the family of an intent, `evt_3`; then the time, so that an event is found by its id without an
/// index.
fn id(ids: &Ids, now: i64, news: &News) -> Id {
    let object = news.after.object.id();
    // Shorter ids, such as a customer's, begin with whatever chance gives.
    let is_of_intent = object.split_once('_').is_some_and(|(_, rest)| rest.len() == 24 && rest.starts_with('3'));
    let family = if is_of_intent { "3" } else { "1" };
    event::ID.led_by(family).draw_with(ids, u64::try_from(now).unwrap_or_default(), TIME_CHARACTERS).into()
}

/// The event with this id, of any account.
pub fn find<'s>(state: &'s State, id: &str) -> Option<&'s Arc<Event>> {
    let time = id.strip_prefix(event::ID.prefix)?.get(1..=TIME_CHARACTERS)?;
    let created = i64::try_from(ids::from_base62(time)?).ok()?;
    let (from, to) = (Place { created, sequence: 0 }, Place { created, sequence: u64::MAX });
    // Before 1970 all ids hold the same time.
    let from = if created == 0 { Place { created: i64::MIN, ..from } } else { from };
    state.events().between(from, to).rev().find(|event| &*event.id == id)
}
