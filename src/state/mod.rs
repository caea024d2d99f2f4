//! A sandbox's state: a persistent value with its accounts and their objects.
//!
//! May use: imbl's persistent maps, serde. Knows nothing of HTTP and no resource; the registry passes in what it needs
//! to know of a kind (its indexes). Invariant: a [`State`] never changes after it is shared; a [`Tx`] works on a copy
//! whose unchanged parts are the same memory.

pub mod budget;
pub mod diff;
pub mod document;
mod due;
mod due_queue;
mod edit;
pub mod event;
mod field;
pub mod idempotency;
pub mod ids;
mod merged;
pub mod object;
mod recent;
mod rendering;
pub mod sandbox;
mod settled;
mod table;
mod templates;
#[cfg(test)]
#[expect(unreachable_pub, reason = "a resource is public where it is declared")]
mod tests;
mod tx;
pub mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use imbl::OrdMap;

use crate::settings::{Setting, SettingValue, Settings};

use self::budget::{Budget, HeldBytes};
use self::due::DueIndex;
pub use self::due::{ClockKey, ClockTime, Due, DueTime, Indexed, IndexesOf, Rank};
pub use self::edit::Edit;
pub use crate::catalogue::Kind;

pub use self::object::{Object, Resource};
use self::rendering::Rendering;
pub use self::table::{Filter, Table, Values};
pub use self::tx::{Journal, Step, Tx};

/// An object's id.
pub type Id = Arc<str>;

/// One of a sandbox's accounts; the platform is the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountKey(u32);

impl AccountKey {
    /// The account of a sandbox's keys.
    pub const PLATFORM: AccountKey = AccountKey(0);
}

/// An object by kind and id, in the current account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ref {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
}

impl Ref {
    /// The reference to an object.
    pub fn to<T: Resource>(object: &T) -> Self {
        Ref { kind: T::KIND, id: object.id().clone() }
    }
}

/// The place of an object among those of its kind: by creation time, then by the order of writing, so
/// that imports and moved clocks keep lists right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Unix seconds.
    pub created: i64,
    /// The sandbox's count of writes.
    pub sequence: u64,
}

/// A stored object with its place and, after repeated requests, its default rendering.
#[derive(Debug)]
pub struct Record {
    /// Its place in lists.
    pub place: Place,
    /// The object itself.
    pub object: Arc<dyn Object>,
    /// Whether it was deleted; the record of a deleted object keeps its place for cursors.
    pub deleted: bool,
    rendering: Rendering,
    held: HeldBytes,
    kept_by_events: AtomicU8,
}

/// A record is written once: another one is another, whatever it says.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Whether events show a record, and whether its bytes are counted as theirs.
struct KeptByEvents;

impl KeptByEvents {
    const NOT: u8 = 0;
    const SHOWN: u8 = 1;
    const COUNTED: u8 = 2;
}

/// What the records of the process take: those of the present states, and the former ones that somebody still holds.
static RECORDS: Budget = Budget::new(usize::MAX);

/// About how many bytes the records take that are in no present state, which together take `present`, and in no event: the
/// former versions of objects.
pub fn former_bytes(present: usize) -> usize {
    RECORDS.taken().saturating_sub(present).saturating_sub(event::EVENTS.taken())
}

/// The bytes of a record besides what its object brings: the parts of the maps in which it is.
const RECORD_BYTES: usize = 400;

impl Record {
    fn new(place: Place, object: Arc<dyn Object>, deleted: bool, before: Option<&Record>) -> Arc<Self> {
        let weight = before.map_or_else(|| object.weight(), |before| object.weight_beside(&*before.object));
        let held = RECORDS.hold(RECORD_BYTES + weight);
        let kept_by_events = AtomicU8::new(KeptByEvents::NOT);
        Arc::new(Record { place, object, deleted, rendering: Rendering::default(), held, kept_by_events })
    }

    /// About how many bytes it takes in memory, without what it shares with the record before it of the same object.
    pub fn weight(&self) -> usize {
        self.held.bytes()
    }

    /// Notes that an event shows it.
    pub(crate) fn note_shown(&self) {
        let (not, shown) = (KeptByEvents::NOT, KeptByEvents::SHOWN);
        let _ = self.kept_by_events.compare_exchange(not, shown, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The bytes that events keep from now on, since the record is not the present one any more: none if no event shows it, or if
    /// they were counted already.
    pub(crate) fn weight_for_events(&self) -> usize {
        let (shown, counted) = (KeptByEvents::SHOWN, KeptByEvents::COUNTED);
        let turned = self.kept_by_events.compare_exchange(shown, counted, Ordering::Relaxed, Ordering::Relaxed);
        turned.map_or(0, |_| self.weight())
    }

    /// The object as JSON of the newest version with nothing expanded, and a final newline. It is kept from the second
    /// request on, within a limit of bytes.
    pub fn json(&self) -> Bytes {
        self.rendering.get(|json| {
            if self.deleted {
                self.doc().write_json(json);
            } else {
                self.object.write_json(json);
            }
            json.push(b'\n');
        })
    }

    /// The object as a document; for a deleted one the stub (core-payments 3.7.1).
    pub fn doc(&self) -> Doc {
        Doc::Map(if self.deleted { stub(&*self.object) } else { self.object.to_doc() })
    }

    /// The object's struct, if it is of this kind.
    pub fn get<T: Resource>(&self) -> Option<Arc<T>> {
        Arc::clone(&self.object).into_any().downcast().ok()
    }
}

use self::document::{Doc, Map};

/// The stub of a deleted object: its id, its kind and `deleted`.
pub fn stub(object: &dyn Object) -> Map {
    Map::from([
        ("id", Doc::from(object.id().to_string())),
        ("object", Doc::from(object.kind().name())),
        ("deleted", Doc::from(true)),
    ])
}

/// Everything that a sandbox stores. A copy is a pointer until it is changed.
#[derive(Clone, Debug, Default)]
pub struct State(Arc<StateParts>);

/// The parts of a state.
#[derive(Clone, Debug, Default)]
struct StateParts {
    tables: OrdMap<(AccountKey, Kind), Arc<Table>>,
    accounts: OrdMap<Id, AccountKey>,
    due: DueIndex,
    events: event::EventLog,
    settings: OrdMap<AccountKey, Settings>,
    sequence: u64,
    drawn: u64,
    /// The latest time at which work by the sandbox's clock was due that is done, in Unix seconds.
    done_until: Option<i64>,
    /// The bytes of all records.
    weight: usize,
}

impl State {
    /// The parts, to be changed: a copy of them if others share them.
    fn parts_mut(&mut self) -> &mut StateParts {
        Arc::make_mut(&mut self.0)
    }

    /// An empty state whose platform account has this id.
    pub fn new(platform: &str) -> Self {
        let mut state = State::default();
        state.parts_mut().accounts.insert(platform.into(), AccountKey::PLATFORM);
        state
    }

    /// The account with this id.
    pub fn account(&self, id: &str) -> Option<AccountKey> {
        self.0.accounts.get(id).copied()
    }

    /// The id of an account.
    pub fn account_id(&self, account: AccountKey) -> Option<&Id> {
        self.0.accounts.iter().find(|(_, a)| **a == account).map(|(id, _)| id)
    }

    /// The id of a connected account; `None` for the platform.
    pub fn connected_id(&self, account: AccountKey) -> Option<&Id> {
        if account == AccountKey::PLATFORM { None } else { self.account_id(account) }
    }

    /// All accounts, the platform first.
    pub fn accounts(&self) -> impl Iterator<Item = AccountKey> {
        (0..self.0.accounts.len()).filter_map(|number| u32::try_from(number).ok()).map(AccountKey)
    }

    /// Adds an account, or finds it.
    pub fn add_account(&mut self, id: &str) -> AccountKey {
        if let Some(account) = self.account(id) {
            return account;
        }
        let account = AccountKey(u32::try_from(self.0.accounts.len()).unwrap_or(u32::MAX));
        self.parts_mut().accounts.insert(id.into(), account);
        account
    }

    /// The objects of a kind in an account.
    pub fn table(&self, account: AccountKey, kind: Kind) -> Option<&Arc<Table>> {
        self.0.tables.get(&(account, kind))
    }

    /// A record by id, including deleted ones.
    pub fn record(&self, account: AccountKey, kind: Kind, id: &str) -> Option<&Arc<Record>> {
        self.table(account, kind)?.get(id)
    }

    /// The time of the next due work by the sandbox's clock, in Unix seconds.
    pub fn next_due(&self) -> Option<i64> {
        self.0.due.next()
    }

    /// The first item of due work by the sandbox's clock, whenever it is due.
    pub fn first_due(&self, indexes: IndexesOf) -> Option<Due> {
        self.due_at(self.0.due.first()?, indexes)
    }

    /// The first item of due work by a test clock that advances.
    fn first_due_by_clock(&self, indexes: IndexesOf) -> Option<Due> {
        self.due_at(self.0.due.first_by_clock()?, indexes)
    }

    /// The first items of due work by every clock, whenever they are due, at most so many, in the order of their times.
    pub fn upcoming(&self, most: usize, indexes: IndexesOf) -> Vec<Due> {
        self.0.due.upcoming(most).into_iter().filter_map(|found| self.due_at(found, indexes)).collect()
    }

    fn due_at(&self, found: (Place, AccountKey, Kind, usize), indexes: IndexesOf) -> Option<Due> {
        let (place, account, kind, number) = found;
        due::item(indexes(kind)?, number, account, self.table(account, kind)?.at(place)?)
    }

    /// Whether something is due by a test clock that advances.
    pub fn is_due_by_clock(&self) -> bool {
        self.0.due.first_by_clock().is_some()
    }

    /// The time of a test clock, if there is one with this id in an account.
    pub fn clock_time(&self, account: AccountKey, clock: &str) -> Option<ClockTime> {
        self.0.due.time(&(account, clock.into()))
    }

    /// Whether there is a test clock in any account.
    pub fn has_clocks(&self) -> bool {
        self.0.due.has_clocks()
    }

    /// Whether the index of due work is what the objects declare, computed anew.
    pub fn is_due_index_right(&self, indexes: IndexesOf) -> bool {
        let mut anew = DueIndex::default();
        for (account, kind, table) in self.tables() {
            if let Some(indexed) = indexes(kind) {
                table.live().for_each(|record| anew.note(indexed, account, None, record));
            }
        }
        self.0.due.is_like(&anew)
    }

    /// The number of writes so far: the last sequence.
    pub fn sequence(&self) -> u64 {
        self.0.sequence
    }

    /// How many requests had used seeded ids when the state was written to a file: the next must not use the same.
    pub fn drawn(&self) -> u64 {
        self.0.drawn
    }

    /// The latest time at which work by the sandbox's clock was due that is done, in Unix seconds; `None` if none was. The
    /// clock is not set back before it.
    pub fn done_until(&self) -> Option<i64> {
        self.0.done_until
    }

    /// Notes that work which was due at a time (Unix seconds) is done.
    pub(crate) fn note_done(&mut self, at: i64) {
        let parts = self.parts_mut();
        parts.done_until = parts.done_until.max(Some(at));
    }

    /// Takes the former answer of [`done_until`](Self::done_until) for this one: what was done since binds no clock.
    pub(crate) fn set_done_until(&mut self, done_until: Option<i64>) {
        self.parts_mut().done_until = done_until;
    }

    /// The number of objects, including deleted ones.
    pub fn len(&self) -> usize {
        self.0.tables.values().map(|table| table.len()).sum()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how many bytes its records take in memory.
    pub fn weight(&self) -> usize {
        self.0.weight
    }

    /// Every table with its account and kind, in order.
    pub fn tables(&self) -> impl Iterator<Item = (AccountKey, Kind, &Arc<Table>)> {
        self.0.tables.iter().map(|((account, kind), table)| (*account, *kind, table))
    }

    /// The settings of an account: its own, and the platform's where it has none.
    pub fn settings(&self, account: AccountKey) -> Settings {
        let platform = self.own_settings(AccountKey::PLATFORM);
        if account == AccountKey::PLATFORM { platform } else { platform.with(&self.own_settings(account)) }
    }

    /// The settings that were set for an account itself.
    pub fn own_settings(&self, account: AccountKey) -> Settings {
        self.0.settings.get(&account).cloned().unwrap_or_default()
    }

    /// Sets a setting of an account; `None` removes its own value.
    pub fn choose(&mut self, account: AccountKey, setting: &'static Setting, value: Option<SettingValue>) {
        self.parts_mut().settings.entry(account).or_default().set(setting, value);
    }

    /// The stored events.
    pub fn events(&self) -> &event::EventLog {
        &self.0.events
    }

    /// Adds the events of one transaction.
    pub(crate) fn announce(&mut self, events: event::Announced) {
        self.parts_mut().events.announce(events);
    }

    /// Notes bytes that earlier events keep alone since a transaction without events.
    pub(crate) fn owe(&mut self, bytes: usize) {
        self.parts_mut().events.owe(bytes);
    }

    /// Takes over the bytes that were noted so, for the next event.
    pub(crate) fn owed(&mut self) -> usize {
        self.parts_mut().events.owed()
    }

    /// Takes the events so far for no news: nobody is told of them when this becomes a sandbox's state.
    pub(crate) fn tell_nobody(&mut self) {
        self.parts_mut().events.tell_nobody();
    }

    /// A new place for an object created at a time, in Unix seconds.
    pub(crate) fn next_place(&mut self, created: i64) -> Place {
        Place { created, sequence: self.next_sequence() }
    }

    fn next_sequence(&mut self) -> u64 {
        let parts = self.parts_mut();
        parts.sequence += 1;
        parts.sequence
    }
}
