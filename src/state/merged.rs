//! Records in the order of their places: a settled map merged with the last writes.
//!
//! May use: records. Invariant: places ascend from the front and descend from the back.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Place, Record};

/// What has a place in an order.
pub(super) trait Placed {
    /// Its place.
    fn place(&self) -> Place;
}

impl Placed for Record {
    fn place(&self) -> Place {
        self.place
    }
}

/// Walks both parts at once, from either end.
pub(super) struct Merged<'t, T, S> {
    settled: S,
    /// Peeked from the front or the back, and not yet returned.
    front: Option<&'t Arc<T>>,
    back: Option<&'t Arc<T>>,
    /// The first of the rest of these comes at the front, the last at the back.
    recent: Recents<'t, T>,
    first: usize,
    covered: CoveredPlaces,
}

/// The last writes that are merged: mostly a few.
pub(super) type Recents<'t, T> = SmallVec<[&'t Arc<T>; 8]>;

/// The places of settled values that others replace.
pub(super) type CoveredPlaces = SmallVec<[Place; 8]>;

impl<'t, T: Placed, S: DoubleEndedIterator<Item = &'t Arc<T>>> Merged<'t, T, S> {
    /// The settled values except those in `covered`, merged with the last writes, in any order.
    pub(super) fn new(settled: S, mut recent: Recents<'t, T>, covered: CoveredPlaces) -> Self {
        recent.sort_unstable_by_key(|item| item.place());
        Merged { settled, front: None, back: None, recent, first: 0, covered }
    }

    fn recent_front(&mut self) -> Option<&'t Arc<T>> {
        let front = self.recent.get(self.first).copied()?;
        self.first += 1;
        Some(front)
    }

    fn recent_back(&mut self) -> Option<&'t Arc<T>> {
        if self.first < self.recent.len() { self.recent.pop() } else { None }
    }

    fn settled_front(&mut self) -> Option<&'t Arc<T>> {
        let Merged { settled, covered, .. } = self;
        let ahead = self.front.take().or_else(|| settled.find(|item| !covered.contains(&item.place())));
        ahead.or_else(|| self.back.take())
    }

    fn settled_back(&mut self) -> Option<&'t Arc<T>> {
        let Merged { settled, covered, .. } = self;
        let ahead = self.back.take().or_else(|| settled.rfind(|item| !covered.contains(&item.place())));
        ahead.or_else(|| self.front.take())
    }
}

impl<'t, T: Placed, S: DoubleEndedIterator<Item = &'t Arc<T>>> Iterator for Merged<'t, T, S> {
    type Item = &'t Arc<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match (self.settled_front(), self.recent.get(self.first).copied()) {
            (Some(settled), Some(recent)) if recent.place() < settled.place() => {
                self.front = Some(settled);
                self.recent_front()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent_front(),
        }
    }
}

impl<'t, T: Placed, S: DoubleEndedIterator<Item = &'t Arc<T>>> DoubleEndedIterator for Merged<'t, T, S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match (self.settled_back(), self.recent[self.first..].last().copied()) {
            (Some(settled), Some(recent)) if recent.place() > settled.place() => {
                self.back = Some(settled);
                self.recent_back()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent_back(),
        }
    }
}
