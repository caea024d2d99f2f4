//! Records in the order of their places: a settled map merged with the last writes.
//!
//! May use: records. Invariant: places ascend from the front and descend from the back.

use std::collections::VecDeque;
use std::sync::Arc;

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
    recent: VecDeque<&'t Arc<T>>,
    covered: Vec<Place>,
}

impl<'t, T: Placed, S: DoubleEndedIterator<Item = &'t Arc<T>>> Merged<'t, T, S> {
    /// The settled values except those in `covered`, merged with the last writes, in any order.
    pub(super) fn new(settled: S, mut recent: Vec<&'t Arc<T>>, covered: Vec<Place>) -> Self {
        recent.sort_unstable_by_key(|item| item.place());
        Merged { settled, front: None, back: None, recent: recent.into(), covered }
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
        match (self.settled_front(), self.recent.front()) {
            (Some(settled), Some(recent)) if recent.place() < settled.place() => {
                self.front = Some(settled);
                self.recent.pop_front()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent.pop_front(),
        }
    }
}

impl<'t, T: Placed, S: DoubleEndedIterator<Item = &'t Arc<T>>> DoubleEndedIterator for Merged<'t, T, S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match (self.settled_back(), self.recent.back()) {
            (Some(settled), Some(recent)) if recent.place() > settled.place() => {
                self.back = Some(settled);
                self.recent.pop_back()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent.pop_back(),
        }
    }
}
