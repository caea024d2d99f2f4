//! The part of a table that is indexed: all objects but those written last.
//!
//! May use: imbl. Invariant: a record that is not deleted is among the living and in the index of each
//! filter value it has; a deleted one is kept apart and is in no index, but keeps its id and place.
//!
//! Copying a node of a persistent map copies its entries. That is cheap for plain numbers and dear for counted
//! pointers, so only one map holds records; the indexes hold hashes and places, and who reads one looks at the
//! record for the value itself.

use std::sync::Arc;

use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use smallvec::SmallVec;

use super::table::{Filter, hash};
use super::{Id, Place, Record};

/// The places of objects by the hash of a filter's value.
type PlaceIndex = OrdSet<(u64, Place)>;

/// The places that one record has in the index of a filter.
type FilterPlaces = SmallVec<[(u64, Place); 4]>;

/// The indexed objects of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled {
    /// The places by the hash of the id; where another id has the same, by the next number that is free. No id ever leaves, so
    /// that these numbers have no gaps.
    ids: OrdMap<u64, Place>,
    live: OrdMap<Place, Arc<Record>>,
    deleted: OrdMap<Place, Arc<Record>>,
    indexes: Vec<PlaceIndex>,
}

/// Before every place.
pub(super) const FIRST: Place = Place { created: i64::MIN, sequence: 0 };
/// After every place.
pub(super) const LAST: Place = Place { created: i64::MAX, sequence: u64::MAX };

impl Settled {
    /// The record of an id whose hash is known; another id may have the same hash.
    pub(super) fn get(&self, hash: u64, id: &str) -> Option<&Arc<Record>> {
        self.find(hash, id).1
    }

    /// The number of an id among the [`ids`](Self::ids), or the one that it would get, and its record.
    fn find(&self, hash: u64, id: &str) -> (u64, Option<&Arc<Record>>) {
        let mut number = hash;
        while let Some(place) = self.ids.get(&number) {
            let record = self.live.get(place).or_else(|| self.deleted.get(place));
            if record.is_some_and(|record| **record.object.id() == *id) {
                return (number, record);
            }
            number = number.wrapping_add(1);
        }
        (number, None)
    }

    /// The object that is not deleted at a place.
    pub(super) fn at(&self, place: Place) -> Option<&Arc<Record>> {
        self.live.get(&place)
    }

    /// The number of records, including deleted ones.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of records that are not deleted.
    pub(super) fn live_len(&self) -> usize {
        self.live.len()
    }

    /// The objects between two places, both included, oldest first, without deleted ones.
    pub(super) fn between(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.live.range(from..=to).map(|(_, record)| record)
    }

    /// The deleted objects, in order.
    pub(super) fn deleted(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.deleted.values()
    }

    /// The ids of the objects that are not deleted and not the same record in another one.
    pub(super) fn differing<'s>(&'s self, other: &'s Settled) -> Vec<&'s Id> {
        let mut ids = Vec::new();
        for item in self.live.diff(&other.live) {
            match item {
                DiffItem::Add(_, record) | DiffItem::Remove(_, record) => ids.push(record.object.id()),
                // Two objects may have been written at one place, in histories that parted.
                DiffItem::Update { old: (_, old), new: (_, new) } => ids.extend([old.object.id(), new.object.id()]),
            }
        }
        ids
    }

    /// As [`between`](Self::between), only those whose value for the filter at this position has this hash.
    pub(super) fn having(
        &self,
        position: usize,
        hash: u64,
        from: Place,
        to: Place,
    ) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        let index = self.indexes.get(position);
        // A look at the first is cheaper than a range, and mostly there is none.
        let is_there = |index: &&PlaceIndex| {
            index.get_next(&(hash, from)).is_some_and(|(known, place)| *known == hash && *place <= to)
        };
        let places = index.filter(is_there).map(|index| index.range((hash, from)..=(hash, to)));
        places.into_iter().flatten().filter_map(|(_, place)| self.live.get(place))
    }

    /// Writes a record, whose id has this hash, in place of the one at `from`, if it is here.
    pub(super) fn put(&mut self, hash: u64, from: Option<Place>, record: &Arc<Record>, filters: &[Filter]) {
        self.indexes.resize_with(filters.len(), PlaceIndex::default);
        let before = from.and_then(|place| self.live.get(&place)).cloned();
        if from != Some(record.place) {
            let (number, _) = self.find(hash, record.object.id());
            self.ids.insert(number, record.place);
        }
        if let Some(place) = from.filter(|place| *place != record.place || record.deleted) {
            self.live.remove(&place);
            self.deleted.remove(&place);
        }
        let kept = if record.deleted { &mut self.deleted } else { &mut self.live };
        kept.insert(record.place, Arc::clone(record));
        for (index, filter) in self.indexes.iter_mut().zip(filters) {
            let old = before.as_ref().map_or_else(FilterPlaces::new, |old| places(filter, old));
            let new = if record.deleted { FilterPlaces::new() } else { places(filter, record) };
            for key in old.iter().filter(|key| !new.contains(key)) {
                index.remove(key);
            }
            for key in new.into_iter().filter(|key| !old.contains(key)) {
                index.insert(key);
            }
        }
    }
}

/// The place of a record in the index of a filter.
fn places(filter: &Filter, record: &Record) -> FilterPlaces {
    let mut out = FilterPlaces::new();
    filter.each_value(&*record.object, |value| out.push((hash(value), record.place)));
    out
}
