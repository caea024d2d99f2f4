//! Items of due work in order: a map, and the latest changes of it in a short list.
//!
//! May use: imbl. Invariant: the queue is its map with the changes on top, the newest of which counts; its first item is known
//! without a search.
//!
//! An insertion into a persistent map copies the nodes on the way. Most items are put there long before they are due, and some
//! are taken out at once; so they wait in a list, and are put into the map together.

use std::sync::Arc;

use imbl::OrdMap;
use smallvec::SmallVec;

use super::due::DueKey;
use super::{AccountKey, Kind};

/// The account and the kind of an item's object. No counted pointers: a node is copied with each write.
pub(super) type QueueOwner = (AccountKey, Kind);

/// How many changes wait to be put into the map.
const CHANGES_MAX: usize = 32;

/// Items of due work, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    settled: OrdMap<DueKey, QueueOwner>,
    newest: Option<Arc<QueueChange>>,
    changes: usize,
    first: Option<(DueKey, QueueOwner)>,
}

/// An insertion, or without an owner a removal.
#[derive(Debug)]
struct QueueChange {
    key: DueKey,
    owner: Option<QueueOwner>,
    before: Option<Arc<QueueChange>>,
}

impl Queue {
    /// Adds an item, which is not there.
    pub(super) fn insert(&mut self, key: DueKey, owner: QueueOwner) {
        if self.first.is_none_or(|(first, _)| key < first) {
            self.first = Some((key, owner));
        }
        self.push(key, Some(owner));
    }

    /// Removes an item; whether it was there.
    pub(super) fn remove(&mut self, key: &DueKey) -> bool {
        let is_there = self.changed(key).map_or_else(|| self.settled.contains_key(key), |owner| owner.is_some());
        if !is_there {
            return false;
        }
        match self.newest.as_deref() {
            // It was added last, so that nothing has to be remembered of it.
            Some(QueueChange { key: last, owner: Some(_), before }) if last == key => {
                self.newest = before.clone();
                self.changes -= 1;
            }
            _ => self.push(*key, None),
        }
        if self.first.is_some_and(|(first, _)| first == *key) {
            self.first = self.least();
        }
        true
    }

    /// The first item.
    pub(super) fn first(&self) -> Option<(DueKey, QueueOwner)> {
        self.first
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// All items as a map.
    pub(super) fn whole(&self) -> OrdMap<DueKey, QueueOwner> {
        let mut settled = self.settled.clone();
        let mut known: SmallVec<[DueKey; CHANGES_MAX]> = SmallVec::new();
        for change in self.all_changes() {
            if known.contains(&change.key) {
                continue;
            }
            known.push(change.key);
            match change.owner {
                Some(owner) => settled.insert(change.key, owner),
                None => settled.remove(&change.key),
            };
        }
        settled
    }

    fn push(&mut self, key: DueKey, owner: Option<QueueOwner>) {
        let before = self.newest.take();
        self.newest = Some(Arc::new(QueueChange { key, owner, before }));
        self.changes += 1;
        if self.changes >= CHANGES_MAX {
            self.settled = self.whole();
            (self.newest, self.changes) = (None, 0);
        }
    }

    /// The changes, the newest first.
    fn all_changes(&self) -> impl Iterator<Item = &QueueChange> {
        std::iter::successors(self.newest.as_deref(), |change| change.before.as_deref())
    }

    /// What the newest change of an item made of it.
    fn changed(&self, key: &DueKey) -> Option<Option<QueueOwner>> {
        self.all_changes().find(|change| change.key == *key).map(|change| change.owner)
    }

    /// The first item, looked for.
    fn least(&self) -> Option<(DueKey, QueueOwner)> {
        let is_settled = |key: &DueKey| self.changed(key).is_none();
        let settled = match self.settled.get_min() {
            Some(least) if !is_settled(&least.0) => {
                self.settled.iter().find(|(key, _)| is_settled(key)).map(|(k, o)| (*k, *o))
            }
            least => least.copied(),
        };
        let is_last = |change: &&QueueChange| self.changed(&change.key) == Some(change.owner);
        let added = self.all_changes().filter(is_last).filter_map(|change| Some((change.key, change.owner?)));
        added.chain(settled).min_by_key(|(key, _)| *key)
    }
}
