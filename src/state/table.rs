//! The objects of one kind in one account, with their order and the indexes of their list filters.
//!
//! May use: imbl. Invariant: a record that is not deleted stands in the order and in the index of each
//! filter value it has; a deleted one stands in neither, but keeps its id and place.

use std::collections::hash_map::RandomState;
use std::sync::Arc;

use imbl::{GenericHashMap, OrdMap};

use super::{Id, Kind, Object, Place, Record};

type ById = GenericHashMap<Id, Arc<Record>, RandomState, imbl::shared_ptr::DefaultSharedPtr>;

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

/// Where the objects with one value of a filter stand.
pub type Index = OrdMap<(Id, Place), Id>;

/// All objects of a kind.
#[derive(Clone, Debug, Default)]
pub struct Table {
    by_id: ById,
    order: OrdMap<Place, Id>,
    indexes: Vec<Index>,
}

impl Table {
    /// A record by id, deleted ones included.
    pub fn get(&self, id: &str) -> Option<&Arc<Record>> {
        self.by_id.get(id)
    }

    /// How many records there are, tombstones included.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The places of all objects that are not deleted, oldest first.
    pub fn order(&self) -> &OrdMap<Place, Id> {
        &self.order
    }

    /// The index of the filter at this position of the registry's list.
    pub fn index(&self, filter: usize) -> Option<&Index> {
        self.indexes.get(filter)
    }

    /// Writes a record in place of the one with its id. `filters` are the kind's, in the registry's order.
    pub(super) fn put(&mut self, record: &Arc<Record>, filters: &[Filter]) {
        self.indexes.resize_with(filters.len(), Index::default);
        let id = record.object.id();
        let old = self.by_id.insert(Id::clone(id), Arc::clone(record));
        let (before, after) = (old.as_ref().filter(|old| !old.deleted), Some(record).filter(|record| !record.deleted));
        let (from, to) = (before.map(|old| old.place), after.map(|record| record.place));
        if from != to {
            if let Some(place) = from {
                self.order.remove(&place);
            }
            if let Some(place) = to {
                self.order.insert(place, Id::clone(id));
            }
        }
        for (index, filter) in self.indexes.iter_mut().zip(filters) {
            let before = before.map_or_else(Vec::new, |old| collect(filter.values, old));
            let after = after.map_or_else(Vec::new, |record| collect(filter.values, record));
            for key in before.iter().filter(|key| !after.contains(key)) {
                index.remove(key);
            }
            for key in after.into_iter().filter(|key| !before.contains(key)) {
                index.insert(key, Id::clone(id));
            }
        }
    }
}

/// Where a record stands in the index of a filter.
fn collect(values: Values, record: &Record) -> Vec<(Id, Place)> {
    let mut out = Vec::new();
    values(&*record.object, &mut |value| out.push((Id::from(value), record.place)));
    out
}
