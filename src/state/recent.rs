//! The last writes of a table, which are not indexed yet.
//!
//! May use: records. Invariant: the newest write comes first, and a clone shares the list, which never changes.

use std::sync::Arc;

use smallvec::SmallVec;

use super::merged::CoveredPlaces;
use super::{Place, Record};

/// A short list of writes, the newest first.
#[derive(Clone, Debug, Default)]
pub(super) struct RecentWrites {
    newest: Option<Arc<RecentWrite>>,
    len: usize,
    added: usize,
    /// A bit for each hash: most ids that are looked for are not here, and that is seen without a walk.
    marks: u128,
}

/// One write.
#[derive(Debug)]
pub(super) struct RecentWrite {
    /// The hash of the record's id.
    pub(super) hash: u64,
    /// What was written.
    pub(super) record: Arc<Record>,
    /// The place of the record with this id in the settled part, if it has one.
    pub(super) covers: Option<Place>,
    before: Option<Arc<RecentWrite>>,
}

impl RecentWrite {
    fn is_of(&self, hash: u64, id: &str) -> bool {
        self.hash == hash && **self.record.object.id() == *id
    }
}

impl RecentWrites {
    /// Adds a write. `is_new` means that no record had this id.
    pub(super) fn push(&mut self, hash: u64, record: Arc<Record>, covers: Option<Place>, is_new: bool) {
        let before = self.newest.take();
        self.newest = Some(Arc::new(RecentWrite { hash, record, covers, before }));
        self.len += 1;
        self.marks |= mark(hash);
        self.added += usize::from(is_new);
    }

    /// How many writes there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The number of ids that are not in the settled part.
    pub(super) fn added(&self) -> usize {
        self.added
    }

    /// The last write of an id.
    pub(super) fn find(&self, hash: u64, id: &str) -> Option<&RecentWrite> {
        if self.marks & mark(hash) == 0 {
            return None;
        }
        self.iter().find(|write| write.is_of(hash, id))
    }

    /// The writes, the newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &RecentWrite> {
        std::iter::successors(self.newest.as_deref(), |write| write.before.as_deref())
    }

    /// The last write of each id, the newest first, as far as its record is wanted.
    pub(super) fn latest(&self, is_wanted: impl Fn(&Record) -> bool) -> SmallVec<[&RecentWrite; 8]> {
        let is_last = |write: &RecentWrite| {
            let id = write.record.object.id();
            self.find(write.hash, id).is_some_and(|last| std::ptr::eq(last, write))
        };
        self.iter().filter(|write| is_wanted(&write.record) && is_last(write)).collect()
    }

    /// The places of settled records that a write replaces.
    pub(super) fn covered(&self) -> CoveredPlaces {
        self.iter().filter_map(|write| write.covers).collect()
    }
}

/// The bit of a hash; its upper bits are the better mixed ones.
fn mark(hash: u64) -> u128 {
    1 << (hash >> 57)
}
