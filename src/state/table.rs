//! The objects of one kind in one account, with their order and the indexes of their list filters.
//!
//! May use: imbl. Invariant: what a table shows is its settled part, with the latest writes in place of older ones
//! in their order.
//!
//! A write of a persistent map copies every node on the way to its place, and there are half a dozen maps. So a
//! write is only put on top of a short list; once that is [`RECENT_MAX`] long it is settled into the maps at one
//! go, which copies each node once for all of it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::document::Map;
use super::merged::Merged;
use super::recent::{RecentWrite, RecentWrites};
use super::settled::{FIRST, LAST, Settled};
use super::templates::Templates;
use super::{Id, Kind, Object, Place, Record};

/// Passes the values of an object for a list filter to a function; the text is the filter's parameter.
pub type Values = fn(&dyn Object, &str, &mut dyn FnMut(&str));

/// A list filter: the parameter's name and the values of an object. Each has an index.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// The parameter, such as `customer`.
    pub param: &'static str,
    /// The values of an object: none, one or several.
    pub values: Values,
    /// The kind of object that the parameter refers to; an id that does not exist is refused (core-payments 1.9.7).
    pub target: Option<Kind>,
}

/// Declares a [`Filter`]: the parameter, the struct, and the value of an object (an `Option<&str>`).
#[macro_export]
macro_rules! filter {
    ($param:literal, $resource:ty, $value:expr) => {
        $crate::filter!($param, $resource, $value, None)
    };
    ($param:literal, $resource:ty, $value:expr, $target:expr) => {
        $crate::state::Filter {
            param: $param,
            values: |object, _, out| {
                if let Some(object) = $crate::state::object::downcast::<$resource>(object) {
                    let value: fn(&$resource) -> Option<&str> = $value;
                    if let Some(value) = value(object) {
                        out(value);
                    }
                }
            },
            target: $target,
        }
    };
}

/// How many writes wait to be settled.
const RECENT_MAX: usize = 48;

/// Where the next record of an id goes.
#[derive(Debug)]
pub(super) struct Slot {
    hash: u64,
    /// The place of the settled record.
    covers: Option<Place>,
    /// The present record.
    pub(super) before: Option<Arc<Record>>,
}

/// All objects of a kind.
#[derive(Clone, Debug, Default)]
pub struct Table {
    settled: Arc<Settled>,
    recent: RecentWrites,
    templates: Templates,
}

impl Table {
    /// A record by id, including deleted ones.
    pub fn get(&self, id: &str) -> Option<&Arc<Record>> {
        let hash = hash(id);
        match self.recent.find(hash, id) {
            Some(write) => Some(&write.record),
            None => self.settled.get(hash, id),
        }
    }

    /// The object at a place, if it is not deleted.
    pub(super) fn at(&self, place: Place) -> Option<&Arc<Record>> {
        let recent = self.recent.iter().map(|write| &write.record).find(|record| record.place == place);
        recent.or_else(|| self.settled.at(place)).filter(|record| !record.deleted)
    }

    /// The number of records, including deleted ones.
    pub fn len(&self) -> usize {
        self.settled.len() + self.recent.added()
    }

    /// The number of objects, without deleted ones.
    pub fn live_len(&self) -> usize {
        let written = self.recent.latest(|_| true);
        let covered = |write: &&&RecentWrite| write.covers.is_some_and(|place| self.settled.at(place).is_some());
        let settled = self.settled.live_len() - written.iter().filter(covered).count();
        settled + written.iter().filter(|write| !write.record.deleted).count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects in order, oldest first, without deleted ones.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.between(FIRST, LAST)
    }

    /// The objects between two places, both included, oldest first, without deleted ones.
    pub fn between(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        let within = move |record: &Record| (from..=to).contains(&record.place);
        self.with_recent(self.settled.between(from, to), within)
    }

    /// The records of the deleted objects, in order.
    pub fn deleted(&self) -> Vec<&Arc<Record>> {
        let covered = self.recent.covered();
        let settled = self.settled.deleted().filter(|record| !covered.contains(&record.place));
        let recent = self.recent.latest(|record| record.deleted).into_iter().map(|write| &write.record);
        let mut all: Vec<_> = settled.chain(recent).collect();
        all.sort_unstable_by_key(|record| record.place);
        all
    }

    /// As [`between`](Self::between), only those with a value for the filter at this position of the registry's list.
    pub fn having(
        &self,
        position: usize,
        filter: &Filter,
        value: &str,
        from: Place,
        to: Place,
    ) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        let has = move |record: &Record| filter.has(&*record.object, value);
        let within = move |record: &Record| (from..=to).contains(&record.place) && has(record);
        // Another value may have the same hash.
        let settled = self.settled.having(position, hash(value), from, to).filter(move |record| has(record));
        self.with_recent(settled, within)
    }

    /// The ids of all records that are not the same in another table, and of others; an id may be among them more than once.
    pub(super) fn suspects<'t>(&'t self, other: &'t Table) -> Vec<&'t Id> {
        let recent = self.recent.iter().chain(other.recent.iter()).map(|write| write.record.object.id());
        let settled = match Arc::ptr_eq(&self.settled, &other.settled) {
            true => Vec::new(),
            false => self.settled.differing(&other.settled),
        };
        recent.chain(settled).collect()
    }

    /// The settled records without a newer write, and the last writes for which `within` is true.
    fn with_recent<'t>(
        &'t self,
        settled: impl DoubleEndedIterator<Item = &'t Arc<Record>>,
        within: impl Fn(&Record) -> bool,
    ) -> impl DoubleEndedIterator<Item = &'t Arc<Record>> {
        let written = self.recent.latest(|record| !record.deleted && within(record));
        let written = written.into_iter().map(|write| &write.record).collect();
        Merged::new(settled, written, self.recent.covered())
    }

    /// Where an id is written, and what is there now.
    pub(super) fn slot(&self, id: &str) -> Slot {
        let hash = hash(id);
        match self.recent.find(hash, id) {
            Some(write) => Slot { hash, covers: write.covers, before: Some(Arc::clone(&write.record)) },
            None => {
                let before = self.settled.get(hash, id).cloned();
                Slot { hash, covers: before.as_ref().map(|before| before.place), before }
            }
        }
    }

    /// Writes a record where its id is written. `filters` are the kind's, in the registry's order.
    pub(super) fn put(&mut self, slot: &Slot, record: &Arc<Record>, filters: &[Filter]) {
        self.recent.push(slot.hash, Arc::clone(record), slot.covers, slot.before.is_none());
        if self.recent.len() >= RECENT_MAX {
            self.settle(filters);
        }
    }

    /// Makes an object that is about to be written share entries with others of the table.
    pub(super) fn share(&mut self, document: &mut Map) {
        self.templates.share(document);
    }

    fn settle(&mut self, filters: &[Filter]) {
        let settled = Arc::make_mut(&mut self.settled);
        for write in self.recent.latest(|_| true).iter().rev() {
            settled.put(write.hash, write.covers, &write.record, filters);
        }
        self.recent = RecentWrites::default();
    }
}

impl Filter {
    /// Whether an object has a value.
    pub fn has(&self, object: &dyn Object, wanted: &str) -> bool {
        let mut found = false;
        self.each_value(object, |value| found |= value == wanted);
        found
    }

    /// Passes each value of an object to a function.
    pub fn each_value(&self, object: &dyn Object, mut out: impl FnMut(&str)) {
        (self.values)(object, self.param, &mut out);
    }
}

/// The hash under which a value is in an index. Values with the same hash only cost a comparison.
pub(super) fn hash(value: &str) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
