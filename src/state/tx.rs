//! A transaction: reads, writes and the journal of what it did.
//!
//! May use: the state's own parts; the caller passes in the indexes. Invariant: a [`Tx`] that is dropped leaves no
//! trace; work that may fail is an [`attempt`](Tx::attempt).

use std::sync::Arc;

use imbl::OrdMap;
use smallvec::SmallVec;

use super::due::{self, IndexesOf};
use super::object::{Resource, downcast};
use super::{AccountKey, Due, Id, Kind, Object, Place, Record, Ref, State};
use crate::settings::{Setting, SettingValue, Settings};

/// One change of one object.
#[derive(Clone, Debug)]
pub struct Step {
    /// The account of the object.
    pub account: AccountKey,
    /// The object before; `None` if the step created it.
    pub before: Option<Arc<Record>>,
    /// The object after.
    pub after: Arc<Record>,
    /// The event that a rule names here; such a step changes nothing itself.
    pub announces: Option<&'static str>,
    /// Whether the step emits no event by itself.
    pub quiet: bool,
    /// Where the event finds what its object shows of others, if that is not stored: the state of a copy.
    pub seen: Option<Box<State>>,
}

/// The steps of a transaction: mostly a few.
pub type Journal = SmallVec<[Step; 8]>;

/// A transaction: a copy of the state that a rule reads and writes.
#[derive(Debug)]
pub struct Tx {
    state: State,
    account: AccountKey,
    indexes: IndexesOf,
    journal: Journal,
    /// The steps that were inserted before others, in the order of the insertions: their places, and how many they were.
    inserted: Vec<(usize, usize)>,
    /// How many steps of the journal [`next_unsettled`](Self::next_unsettled) has returned.
    settled: usize,
    quiet: bool,
}

/// A transaction as it was.
#[derive(Debug)]
struct Savepoint {
    state: State,
    account: AccountKey,
    /// How many steps the journal had, and how many insertions.
    steps: usize,
    inserted: usize,
    settled: usize,
    quiet: bool,
}

/// Work that goes back to where it began when it is dropped, unless it is to be kept.
struct AttemptGuard<'tx> {
    tx: &'tx mut Tx,
    begin: Savepoint,
    is_kept: bool,
}

impl Drop for AttemptGuard<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.tx.go_back(&self.begin);
        }
    }
}

impl Tx {
    /// A transaction on a state, in one of its accounts.
    pub fn new(state: &State, account: AccountKey, indexes: IndexesOf) -> Self {
        Tx {
            state: state.clone(),
            account,
            indexes,
            journal: Journal::new(),
            inserted: Vec::new(),
            settled: 0,
            quiet: false,
        }
    }

    /// The account that the transaction works in.
    pub fn account(&self) -> AccountKey {
        self.account
    }

    /// Continues in another account.
    pub fn enter(&mut self, account: AccountKey) {
        self.account = account;
    }

    /// Works in another account, then continues in this one.
    pub fn within<R>(&mut self, account: AccountKey, work: impl FnOnce(&mut Tx) -> R) -> R {
        let here = std::mem::replace(&mut self.account, account);
        let result = work(self);
        self.account = here;
        result
    }

    /// Reads in another account.
    pub fn read_within<R>(&self, account: AccountKey, read: impl FnOnce(&Tx) -> R) -> R {
        let there = Tx { state: self.state.clone(), journal: Journal::new(), inserted: Vec::new(), account, ..*self };
        read(&there)
    }

    /// Does work that may fail: an error or a panic leaves the transaction as it was.
    ///
    /// # Errors
    /// Those of the work.
    pub fn attempt<R, E>(&mut self, work: impl FnOnce(&mut Tx) -> Result<R, E>) -> Result<R, E> {
        let mut attempt = AttemptGuard { begin: self.savepoint(), tx: self, is_kept: false };
        let done = work(attempt.tx)?;
        attempt.is_kept = true;
        Ok(done)
    }

    fn savepoint(&self) -> Savepoint {
        Savepoint {
            state: self.state.clone(),
            account: self.account,
            steps: self.journal.len(),
            inserted: self.inserted.len(),
            settled: self.settled,
            quiet: self.quiet,
        }
    }

    fn go_back(&mut self, begin: &Savepoint) {
        // What was added later stands behind everything, so that the places of what was inserted are still right.
        for (mark, count) in self.inserted.drain(begin.inserted..).rev() {
            self.journal.drain(mark..mark + count);
        }
        self.journal.truncate(begin.steps);
        self.state = begin.state.clone();
        (self.account, self.settled, self.quiet) = (begin.account, begin.settled, begin.quiet);
    }

    /// Does work on a copy, which is dropped.
    pub fn rehearse<R>(&self, work: impl FnOnce(&mut Tx) -> R) -> R {
        work(&mut self.copy())
    }

    /// A copy to work on, which is never committed.
    pub fn rehearsal(&self) -> Tx {
        self.copy()
    }

    /// A copy of the transaction: only the journal has to be copied.
    fn copy(&self) -> Tx {
        Tx { state: self.state.clone(), journal: self.journal.clone(), inserted: self.inserted.clone(), ..*self }
    }

    /// The id of the current account.
    pub fn account_id(&self) -> Id {
        self.state.account_id(self.account).cloned().unwrap_or_else(|| "acct_unknown".into())
    }

    /// The state within the transaction.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state with its journal, at the end.
    pub fn into_parts(self) -> (State, Journal) {
        (self.state, self.journal)
    }

    /// The settings of the current account.
    pub fn settings(&self) -> Settings {
        self.state.settings(self.account)
    }

    /// Sets a setting of the current account.
    pub fn choose(&mut self, setting: &'static Setting, value: SettingValue) {
        self.state.choose(self.account, setting, Some(value));
    }

    /// Adds an account with this id, if there is none.
    pub fn add_account(&mut self, id: &str) -> AccountKey {
        self.state.add_account(id)
    }

    /// The record of an object, deleted or not.
    pub fn record(&self, kind: Kind, id: &str) -> Option<&Arc<Record>> {
        self.state.record(self.account, kind, id)
    }

    /// An object that is not deleted.
    pub fn get<T: Resource>(&self, id: &str) -> Option<Arc<T>> {
        self.record(T::KIND, id).filter(|record| !record.deleted)?.get()
    }

    /// Adds an object at the end of its kind's order.
    pub fn insert<T: Resource>(&mut self, object: T) -> Ref {
        self.insert_object(Arc::new(object))
    }

    /// As [`insert`](Self::insert), for an object of any kind.
    pub fn insert_object(&mut self, object: Arc<dyn Object>) -> Ref {
        let place = Place { created: object.created(), sequence: self.state.next_sequence() };
        self.write(place, object, false)
    }

    /// Changes an object in place; does nothing if it does not exist.
    pub fn update<T: Resource>(&mut self, id: &str, change: impl FnOnce(&mut T)) {
        let Some(record) = self.record(T::KIND, id).filter(|record| !record.deleted) else { return };
        let place = record.place;
        let Some(object) = downcast::<T>(&*record.object) else { return };
        let mut object = object.clone();
        change(&mut object);
        self.write(place, Arc::new(object), false);
    }

    /// Writes an object's new form; `read` is the object at the beginning of the change.
    ///
    /// # Panics
    /// The object was changed or deleted since it was read, and that change would be lost. This is a fault of the
    /// program that no rule can handle: the caller of the rule catches the panic, and the state stays as it was.
    pub fn save<T: Object>(&mut self, read: &Arc<T>, changed: T) {
        let place = self.unchanged(&**read);
        self.write(place, Arc::new(changed), false);
    }

    /// As [`save`](Self::save), for an object of any kind.
    ///
    /// # Panics
    /// As [`save`](Self::save).
    pub fn save_object(&mut self, read: &Arc<dyn Object>, changed: Arc<dyn Object>) {
        let place = self.unchanged(&**read);
        self.write(place, changed, false);
    }

    /// The place of an object, which must be stored unchanged.
    fn unchanged(&self, read: &dyn Object) -> Place {
        let (kind, id) = (read.kind(), read.id());
        let stored = self.record(kind, id).filter(|record| !record.deleted);
        let place =
            stored.filter(|record| std::ptr::addr_eq(&raw const *record.object, read)).map(|record| record.place);
        place.unwrap_or_else(|| panic!("{kind:?} {id} was changed since it was read"))
    }

    /// Deletes an object: it leaves the lists, and its id answers as deleted.
    pub fn delete<T: Resource>(&mut self, id: &str) {
        self.delete_any(&Ref { kind: T::KIND, id: id.into() });
    }

    /// The objects of a kind with `value` for a list filter, newest first, without deleted ones.
    pub fn having<T: Resource>(&self, filter: &str, value: &str) -> Vec<Arc<T>> {
        self.records_having(T::KIND, filter, value).iter().filter_map(|record| record.get()).collect()
    }

    /// As [`having`](Self::having), as records.
    pub fn records_having(&self, kind: Kind, filter: &str, value: &str) -> Vec<Arc<Record>> {
        let first = Place { created: i64::MIN, sequence: 0 };
        let last = Place { created: i64::MAX, sequence: u64::MAX };
        let mut found = self.having_between(kind, filter, value, first, last);
        found.reverse();
        found
    }

    /// As [`records_having`](Self::records_having), oldest first, of those created within a time, in Unix seconds.
    pub fn records_having_within(
        &self,
        kind: Kind,
        filter: &str,
        value: &str,
        created: std::ops::Range<i64>,
    ) -> Vec<Arc<Record>> {
        let first = Place { created: created.start, sequence: 0 };
        let last = Place { created: created.end.saturating_sub(1), sequence: u64::MAX };
        if created.is_empty() { Vec::new() } else { self.having_between(kind, filter, value, first, last) }
    }

    /// The records with a value for a list filter between two places, both included, oldest first, without deleted ones.
    fn having_between(&self, kind: Kind, filter: &str, value: &str, first: Place, last: Place) -> Vec<Arc<Record>> {
        let Some(table) = self.state.table(self.account, kind) else { return Vec::new() };
        let filters = (self.indexes)(kind).map_or(&[][..], |indexed| indexed.filters());
        let Some(position) = filters.iter().position(|known| known.param == filter) else { return Vec::new() };
        table.having(position, &filters[position], value, first, last).cloned().collect()
    }

    /// Continues the counts of writes and of seeded ids from those in a file, behind the due work that was done until a time
    /// (Unix seconds).
    pub fn go_on_from(&mut self, sequence: u64, drawn: u64, done_until: Option<i64>) {
        let state = self.state.parts_mut();
        state.done_until = state.done_until.max(done_until);
        state.sequence = state.sequence.max(sequence);
        state.drawn = state.drawn.max(drawn);
    }

    /// Deletes an object of any kind; does nothing if it does not exist.
    pub fn delete_any(&mut self, about: &Ref) {
        let Some(record) = self.record(about.kind, &about.id).filter(|record| !record.deleted) else { return };
        let (place, object) = (record.place, Arc::clone(&record.object));
        self.write(place, object, true);
    }

    /// The first item that is due by a test clock which advances.
    pub fn next_due_by_clock(&self) -> Option<Due> {
        self.state.first_due_by_clock(self.indexes)
    }

    /// The first item that is due by the sandbox's clock at `now` (Unix seconds).
    pub fn next_due(&self, now: i64) -> Option<Due> {
        self.state.first_due(self.indexes).filter(|due| due.at() <= now)
    }

    /// The due items of some objects of the current account, in order.
    pub fn dues(&self, about: &[Ref]) -> Vec<Due> {
        let mut all: Vec<Due> = about.iter().flat_map(|about| self.dues_of(about)).collect();
        all.sort_unstable_by_key(|due| due.key);
        all
    }

    fn dues_of(&self, about: &Ref) -> Vec<Due> {
        let (Some(indexed), Some(record)) = ((self.indexes)(about.kind), self.record(about.kind, &about.id)) else {
            return Vec::new();
        };
        let items = (0..indexed.due_count()).filter_map(|number| due::item(indexed, number, self.account, record));
        items.filter(|item| !self.state.0.due.is_given_up(item)).collect()
    }

    /// Whether an object still declares an item, at the same time or an earlier one.
    pub fn is_due_still(&self, due: &Due) -> bool {
        let record = self.state.record(due.account, due.about.kind, &due.about.id);
        let item = record
            .zip((self.indexes)(due.about.kind))
            .and_then(|(record, indexed)| due::item(indexed, due.number(), due.account, record));
        item.is_some_and(|item| item.at() <= due.at())
    }

    /// Gives up an item until its object declares another time.
    pub fn give_up(&mut self, due: &Due) {
        self.state.parts_mut().due.give_up(due);
    }

    /// Emits an event about an object, which it shows as it is now. It replaces the event that the registry would
    /// derive from the object's last change (not from its creation), and covers changes without an event. Does nothing
    /// if the object does not exist.
    pub fn announce(&mut self, name: &'static str, about: &Ref) {
        let Some(after) = self.record(about.kind, &about.id).cloned() else { return };
        let before = Some(Arc::clone(&after));
        self.journal.push(Step {
            account: self.account,
            before,
            after,
            announces: Some(name),
            quiet: false,
            seen: None,
        });
    }

    /// As [`announce`](Self::announce), about an object that shows others which have changed; `before` is its record from before.
    pub fn announce_change(&mut self, name: &'static str, about: &Ref, before: &Arc<Record>) {
        let Some(after) = self.record(about.kind, &about.id).cloned() else { return };
        self.journal.push(Step {
            account: self.account,
            before: Some(Arc::clone(before)),
            after,
            announces: Some(name),
            quiet: false,
            seen: None,
        });
    }

    /// As [`announce`](Self::announce), about an object that is not stored here, but in a copy.
    pub fn announce_from(&mut self, copy: &Tx, name: &'static str, about: &Ref) {
        let Some(after) = copy.record(about.kind, &about.id).cloned() else { return };
        let (before, seen) = (Some(Arc::clone(&after)), Some(Box::new(copy.state.clone())));
        self.journal.push(Step { account: self.account, before, after, announces: Some(name), quiet: false, seen });
    }

    /// The place behind everything so far, for [`announce_at`](Self::announce_at).
    pub fn mark(&self) -> usize {
        self.journal.len()
    }

    /// As [`announce`](Self::announce), for events whose place in the order is an earlier one, of an object that was made since
    /// and made quietly. They show it as it is now.
    pub fn announce_at(&mut self, mark: usize, names: &[&'static str], about: &Ref) {
        let Some(after) = self.record(about.kind, &about.id).cloned() else { return };
        let steps = names.iter().map(|name| {
            let (before, after) = (Some(Arc::clone(&after)), Arc::clone(&after));
            Step { account: self.account, before, after, announces: Some(name), quiet: false, seen: None }
        });
        self.journal.insert_many(mark, steps);
        self.inserted.push((mark, names.len()));
        if self.settled >= mark {
            self.settled += names.len();
        }
    }

    /// Makes changes that emit no events by themselves; other events of the objects show them.
    pub fn quietly<R>(&mut self, work: impl FnOnce(&mut Tx) -> R) -> R {
        let outer = std::mem::replace(&mut self.quiet, true);
        let result = work(self);
        self.quiet = outer;
        result
    }

    /// Makes changes that are one thing to the world: they are no news by themselves, and the events that the job returns
    /// stand for all of them, in this order. Each shows its object as it is at the end.
    pub fn job<R, const N: usize>(&mut self, work: impl FnOnce(&mut Tx) -> (R, [(&'static str, Ref); N])) -> R {
        let (result, events) = self.quietly(work);
        for (name, about) in events {
            self.announce(name, &about);
        }
        result
    }

    /// The steps of the transaction so far, in order.
    pub fn journal(&self) -> &[Step] {
        &self.journal
    }

    /// The next step that was not returned yet, for its reactions.
    pub fn next_unsettled(&mut self) -> Option<Step> {
        let ahead = self.journal[self.settled..].iter().position(|step| step.announces.is_none())?;
        self.settled += ahead + 1;
        self.journal.get(self.settled - 1).cloned()
    }

    /// Returns all steps again.
    pub fn unsettle(&mut self) {
        self.settled = 0;
    }

    fn write(&mut self, place: Place, mut object: Arc<dyn Object>, deleted: bool) -> Ref {
        let kind = object.kind();
        let reference = Ref { kind, id: Id::clone(object.id()) };
        let indexed = (self.indexes)(kind);
        if let Some(derived) = indexed.filter(|_| !deleted).and_then(|indexed| indexed.derived(&*object)) {
            object = derived;
        }
        let state = self.state.parts_mut();
        let tables: &mut OrdMap<_, _> = &mut state.tables;
        let table = tables.entry((self.account, kind)).or_default();
        let table = Arc::make_mut(table);
        // A new object is not shared yet.
        if let Some(document) = Arc::get_mut(&mut object).and_then(Object::document_mut) {
            table.share(document);
        }
        let slot = table.slot(&reference.id);
        let before = slot.before.as_deref();
        let record = Record::new(place, object, deleted, before);
        state.weight += record.weight();
        state.weight -= before.map_or(0, Record::weight);
        table.put(&slot, &record, indexed.map_or(&[], |indexed| indexed.filters()));
        if let Some(indexed) = indexed {
            state.due.note(indexed, self.account, before, &record);
        }
        self.journal.push(Step {
            account: self.account,
            before: slot.before,
            after: record,
            announces: None,
            quiet: self.quiet,
            seen: None,
        });
        reference
    }
}
