//! The objects of one kind in one account, with their order and the indexes of their list filters.
//!
//! May use: imbl. Invariant: a record that is not deleted stands among the living and in the index of each
//! filter value it has; a deleted one stands apart and in no index, but keeps its id and place.
//!
//! Copying a node of a persistent map copies its entries. That is cheap for plain numbers and dear for counted
//! pointers, so only one map holds records; the indexes hold hashes and places, and who reads one looks at the
//! record for the value itself.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{Kind, Object, Place, Record};

/// Hands out the values that an object has for a list filter.
pub type Values = fn(&dyn Object, &mut dyn FnMut(&str));

/// A list filter: the parameter's name and what an object answers to it. Each has an index.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// The parameter, such as `customer`.
    pub param: &'static str,
    /// The values that an object has for it: none, one or several.
    pub values: Values,
    /// The kind of object that the parameter names; an id that names none is refused
    /// (core-payments 1.9.7).
    pub target: Option<Kind>,
}

/// Declares a [`Filter`]: the parameter, the struct, and what it has for it (an `Option<&str>`).
#[macro_export]
macro_rules! filter {
    ($param:literal, $resource:ty, $value:expr) => {
        $crate::filter!($param, $resource, $value, None)
    };
    ($param:literal, $resource:ty, $value:expr, $target:expr) => {
        $crate::state::Filter {
            param: $param,
            values: |object, out| {
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

/// The places of the objects by the hash of a value: their id, or what they have for a filter.
type Index = OrdSet<(u64, Place)>;

/// All objects of a kind.
#[derive(Clone, Debug, Default)]
pub struct Table {
    ids: Index,
    live: OrdMap<Place, Arc<Record>>,
    deleted: OrdMap<Place, Arc<Record>>,
    indexes: Vec<Index>,
}

/// Before and after every place.
const FIRST: Place = Place { created: i64::MIN, sequence: 0 };
const LAST: Place = Place { created: i64::MAX, sequence: u64::MAX };

impl Table {
    /// A record by id, deleted ones included.
    pub fn get(&self, id: &str) -> Option<&Arc<Record>> {
        self.at(hash(id), id)
    }

    /// The record of an id whose hash is known; another id may have the same.
    fn at(&self, hash: u64, id: &str) -> Option<&Arc<Record>> {
        let mut places = self.ids.range((hash, FIRST)..=(hash, LAST)).map(|(_, place)| place);
        places.find_map(|place| {
            let record = self.live.get(place).or_else(|| self.deleted.get(place))?;
            (**record.object.id() == *id).then_some(record)
        })
    }

    /// How many records there are, tombstones included.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The objects that are not deleted, in order, oldest first.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.live.values()
    }

    /// The objects that are not deleted between two places, both included, oldest first.
    pub fn between(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.live.range(from..=to).map(|(_, record)| record)
    }

    /// As [`between`](Self::between), those that have a value for the filter at this position of the registry's
    /// list.
    pub fn having(
        &self,
        position: usize,
        filter: &Filter,
        value: &str,
        from: Place,
        to: Place,
    ) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        let hash = hash(value);
        let places = self.indexes.get(position).map(|index| index.range((hash, from)..=(hash, to)));
        // Another value may have the same hash.
        let has = move |record: &&Arc<Record>| filter.has(&*record.object, value);
        places.into_iter().flatten().filter_map(|(_, place)| self.live.get(place)).filter(has)
    }

    /// Writes a record in place of the one with its id. `filters` are the kind's, in the registry's order.
    pub(super) fn put(&mut self, record: &Arc<Record>, filters: &[Filter]) {
        self.indexes.resize_with(filters.len(), Index::default);
        let id = record.object.id();
        let hash = hash(id);
        let known = self.at(hash, id).cloned();
        let from = known.as_ref().map(|known| known.place);
        let before = known.filter(|known| !known.deleted);
        if from != Some(record.place) {
            if let Some(place) = from {
                self.ids.remove(&(hash, place));
            }
            self.ids.insert((hash, record.place));
        }
        if let Some(place) = from.filter(|place| *place != record.place || record.deleted) {
            self.live.remove(&place);
            self.deleted.remove(&place);
        }
        let kept = if record.deleted { &mut self.deleted } else { &mut self.live };
        kept.insert(record.place, Arc::clone(record));
        for (index, filter) in self.indexes.iter_mut().zip(filters) {
            let old = before.as_ref().map_or_else(Vec::new, |old| places(filter, old));
            let new = if record.deleted { Vec::new() } else { places(filter, record) };
            for key in old.iter().filter(|key| !new.contains(key)) {
                index.remove(key);
            }
            for key in new.into_iter().filter(|key| !old.contains(key)) {
                index.insert(key);
            }
        }
    }
}

impl Filter {
    /// Whether an object has a value.
    pub fn has(&self, object: &dyn Object, wanted: &str) -> bool {
        let mut found = false;
        (self.values)(object, &mut |value| found |= value == wanted);
        found
    }
}

/// Where a record stands in the index of a filter.
fn places(filter: &Filter, record: &Record) -> Vec<(u64, Place)> {
    let mut out = Vec::new();
    (filter.values)(&*record.object, &mut |value| out.push((hash(value), record.place)));
    out
}

fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
