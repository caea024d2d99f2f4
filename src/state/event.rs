//! Events as a sandbox remembers them: what was announced, in order, and nothing rendered.
//!
//! May use: the state's own parts. Invariant: an event never changes but for the count of its open deliveries, and
//! holds the object and its companions as they were, shared with the state until they change.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imbl::OrdMap;

use super::budget::{Budget, HeldBytes};
use super::ids::IdForm;
use super::merged::{CoveredPlaces, Merged, Placed};
use super::{AccountKey, Id, Kind, Place, Record, Ref};
use crate::limits::{EVENTS_BYTES_MAX, EVENTS_MAX};
use crate::time::clock::Clock;

/// The kind of an event as an object.
pub const KIND: Kind = crate::kind!("event");

/// The kind of a thin event, which names an object instead of showing it: such an event shows only itself.
pub const THIN: Kind = crate::kind!("v2.core.event");

/// What the ids of events look like; the time stands between the first character and the rest.
pub const ID: IdForm = IdForm::of("evt_");

/// What the events of the process keep in memory.
pub static EVENTS: Budget = Budget::new(EVENTS_BYTES_MAX);

/// The bytes of an event besides what it shows.
const EVENT_BYTES: usize = 400;

/// Drops the oldest of a queue of events while it keeps more than what is free; returns them.
pub fn make_room<T>(queue: &mut VecDeque<T>, event: impl Fn(&T) -> Option<&Arc<Event>>) -> Vec<T> {
    let weight = |one: &T| event(one).map_or(0, |event| event.weight());
    let mut dropped = Vec::new();
    if EVENTS.is_tight() {
        let mut bytes: usize = queue.iter().map(weight).sum();
        while !EVENTS.has_room(bytes) {
            let Some(oldest) = queue.pop_front() else { break };
            bytes -= weight(&oldest);
            dropped.push(oldest);
        }
    }
    dropped
}

/// How many of the oldest events leave at once when there are too many; one alone costs as much.
const DROPPED_AT_ONCE: usize = 64;

/// How many events wait at most to be put into the map: each insertion copies the nodes on the way, however many it
/// puts there.
const WAITING_MAX: usize = 32;

/// What made an event: a request of the API. It is one text, shared by its events: its `Request-Id`, and behind a newline, which
/// no header contains, its `Idempotency-Key` if it has one.
#[derive(Clone, Debug)]
pub struct Cause(Arc<str>);

impl Cause {
    /// The request with this id and this key.
    pub fn new(request_id: &str, idempotency_key: Option<&str>) -> Self {
        Cause(idempotency_key.map_or_else(|| request_id.into(), |key| [request_id, "\n", key].concat().into()))
    }

    /// Its `Request-Id`.
    pub fn request_id(&self) -> &str {
        self.0.split_once('\n').map_or(&self.0, |(id, _)| id)
    }

    /// Its `Idempotency-Key`.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.split_once('\n').map(|(_, key)| key)
    }
}

/// Records that an object shows in one place besides its own, such as the rows of a list inside it.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The object that shows them.
    pub owner: Ref,
    /// The field that shows them.
    pub field: &'static str,
    /// The records that are shown, in order.
    pub records: Vec<Arc<Record>>,
    /// How many there are in all, with those that are not shown.
    pub count: usize,
}

/// The companions of an event's object.
#[derive(Clone, Debug, Default)]
pub struct Companions {
    /// Of the object before, in the state before the transaction.
    pub before: Arc<[Companion]>,
    /// Of the object after, in the state that the transaction left.
    pub after: Arc<[Companion]>,
}

/// Something that happened to an object.
#[derive(Debug)]
pub struct Event {
    /// `evt_…`.
    pub id: Id,
    /// Its place in lists.
    pub place: Place,
    /// The account that it happened in.
    pub account: AccountKey,
    /// Its type, such as `charge.succeeded`.
    pub name: &'static str,
    /// The object before, for `data.previous_attributes`; `None` when the event does not show it.
    pub before: Option<Arc<Record>>,
    /// The object as `data.object` shows it.
    pub after: Arc<Record>,
    /// What the object shows of others; most objects show nothing.
    pub companions: Option<Box<Companions>>,
    /// The request behind it; `None` for what happened by itself.
    pub cause: Option<Cause>,
    /// The id of that account, unless it is the platform.
    pub account_id: Option<Id>,
    /// The API version that it is shown in: the default of its time.
    pub version: &'static str,
    /// When it was made, in Unix seconds of the machine's clock, from which its age counts: a sandbox's clock may jump.
    pub made: i64,
    pending: AtomicUsize,
    held: HeldBytes,
}

impl Placed for Event {
    fn place(&self) -> Place {
        self.place
    }
}

impl Event {
    /// An event that nobody waits for yet. `keeps` are the bytes of the records that nobody but events keeps since its
    /// transaction, if it answers for them.
    pub(crate) fn new(
        id: Id,
        place: Place,
        version: &'static str,
        cause: Option<Cause>,
        news: News,
        keeps: usize,
    ) -> Self {
        let News { account, account_id, name, before, after, companions } = news;
        let (pending, made) = (AtomicUsize::new(0), Clock::Real.now());
        let held = EVENTS.hold(EVENT_BYTES + keeps);
        Event { id, place, account, account_id, name, before, after, companions, cause, version, made, pending, held }
    }

    /// Whether it is a thin event; its object is the event itself.
    pub fn is_thin(&self) -> bool {
        self.after.object.kind() == THIN
    }

    /// About how many bytes it keeps in memory.
    pub fn weight(&self) -> usize {
        self.held.bytes()
    }

    /// The companions of the object before.
    pub fn companions_before(&self) -> &[Companion] {
        self.companions.as_ref().map_or(&[], |companions| &companions.before)
    }

    /// The companions of the object after.
    pub fn companions_after(&self) -> &[Companion] {
        self.companions.as_ref().map_or(&[], |companions| &companions.after)
    }

    /// How many deliveries have not been answered with success (`pending_webhooks`).
    pub fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// Expects this many deliveries more.
    pub fn expect(&self, deliveries: usize) {
        self.pending.fetch_add(deliveries, Ordering::Relaxed);
    }

    /// One delivery was answered with success, or will never be made.
    pub fn settle(&self) {
        // More are never settled than were expected; a wrong count must not wrap.
        let one_less = |pending: usize| pending.checked_sub(1);
        let _ = self.pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }
}

/// What one transaction announced, in order.
pub type Announced = Arc<[Arc<Event>]>;

/// What an event shows, before it has an id and a place.
#[derive(Clone, Debug)]
pub struct News {
    /// The account that it happened in.
    pub account: AccountKey,
    /// See [`Event::account_id`].
    pub account_id: Option<Id>,
    /// The event's type.
    pub name: &'static str,
    /// The object before; see [`Event::before`].
    pub before: Option<Arc<Record>>,
    /// The object after.
    pub after: Arc<Record>,
    /// See [`Event::companions`].
    pub companions: Option<Box<Companions>>,
}

impl News {
    /// Every record that the event shows.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        let companions =
            self.companions.iter().flat_map(|companions| companions.before.iter().chain(&*companions.after));
        self.before.iter().chain([&self.after]).chain(companions.flat_map(|companion| &companion.records))
    }
}

/// The events of a sandbox, oldest first; at most [`EVENTS_MAX`], and some more until a batch of the oldest leaves, and no
/// more bytes than what is free of [`EVENTS`].
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    kept: OrdMap<Place, Arc<Event>>,
    waiting: RecentEvents,
    /// The bytes of all of them.
    bytes: usize,
    /// Bytes that they keep alone and that none of them answers for yet.
    owed: usize,
    announced: u64,
    /// How many were dropped to make room.
    dropped: u64,
    latest: Option<Announced>,
    /// Whether the latest are no news for anybody.
    untold: bool,
}

/// What the last transactions announced, the newest first; a clone shares the list, which never changes.
#[derive(Clone, Debug, Default)]
struct RecentEvents {
    newest: Option<Arc<Link>>,
    len: usize,
}

#[derive(Debug)]
struct Link {
    announced: Announced,
    before: Option<Arc<Link>>,
}

impl RecentEvents {
    fn push(&mut self, announced: Announced) {
        self.len += announced.len();
        let before = self.newest.take();
        self.newest = Some(Arc::new(Link { announced, before }));
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<Event>> {
        let links = std::iter::successors(self.newest.as_deref(), |link| link.before.as_deref());
        links.flat_map(|link| link.announced.iter().rev())
    }
}

impl EventLog {
    /// Adds what one transaction announced.
    pub(crate) fn announce(&mut self, events: Announced) {
        if events.is_empty() {
            return;
        }
        self.bytes += events.iter().map(|event| event.weight()).sum::<usize>();
        self.waiting.push(Arc::clone(&events));
        if self.waiting.len >= WAITING_MAX {
            self.settle();
        }
        self.announced += 1;
        self.latest = Some(events);
        self.untold = false;
    }

    /// See [`State::owe`](super::State::owe).
    pub(super) fn owe(&mut self, bytes: usize) {
        self.owed += bytes;
    }

    /// See [`State::owed`](super::State::owed).
    pub(super) fn owed(&mut self) -> usize {
        std::mem::take(&mut self.owed)
    }

    fn settle(&mut self) {
        for event in std::mem::take(&mut self.waiting).iter() {
            self.kept.insert(event.place, Arc::clone(event));
        }
        let too_many = self.kept.len().checked_sub(EVENTS_MAX).filter(|more| *more >= DROPPED_AT_ONCE);
        let mut more = too_many.unwrap_or_default();
        while more > 0 || !EVENTS.has_room(self.bytes) {
            let Some((place, oldest)) = self.kept.get_min() else { break };
            let (place, bytes) = (*place, oldest.weight());
            self.kept.remove(&place);
            self.bytes -= bytes;
            self.dropped += 1;
            more = more.saturating_sub(1);
        }
    }

    /// What the last transaction that announced anything announced, in order, if it came after `earlier`.
    pub fn since(&self, earlier: &EventLog) -> Option<&Announced> {
        self.latest.as_ref().filter(|_| self.announced != earlier.announced && !self.untold)
    }

    /// Takes what was announced so far for no news.
    pub(crate) fn tell_nobody(&mut self) {
        self.untold = true;
    }

    /// How many were dropped so far because there were too many.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The last one that was announced.
    pub fn newest(&self) -> Option<&Arc<Event>> {
        self.latest.as_ref().and_then(|latest| latest.last())
    }

    /// The events between two places, both included, oldest first.
    pub fn between(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = &Arc<Event>> {
        let kept = self.kept.range(from..=to).map(|(_, event)| event);
        let waiting = self.waiting.iter().filter(|event| (from..=to).contains(&event.place));
        Merged::new(kept, waiting.collect(), CoveredPlaces::new())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.len() + self.waiting.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
