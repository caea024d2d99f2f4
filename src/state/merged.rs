//! The objects of a table in order: the settled ones with the last writes among them.
//!
//! May use: the two parts of a table. Invariant: places ascend from the front and descend from the back.

use std::collections::VecDeque;
use std::sync::Arc;

use super::recent::Recent;
use super::{Place, Record};

/// Walks both parts at once, from either end.
pub(super) struct Merged<'t, S> {
    settled: S,
    /// Looked at from the front or the back, and not yet handed out.
    front: Option<&'t Arc<Record>>,
    back: Option<&'t Arc<Record>>,
    recent: VecDeque<&'t Arc<Record>>,
    covered: Vec<Place>,
}

impl<'t, S: DoubleEndedIterator<Item = &'t Arc<Record>>> Merged<'t, S> {
    /// The settled records that no write covers, with those last written that `within` lets through.
    pub(super) fn new(settled: S, recent: &'t Recent, within: impl Fn(&Record) -> bool) -> Self {
        let written = recent.latest_of_each().into_iter().map(|write| &write.record);
        let mut written: Vec<_> = written.filter(|record| !record.deleted && within(record)).collect();
        written.sort_unstable_by_key(|record| record.place);
        Merged { settled, front: None, back: None, recent: written.into(), covered: recent.covered() }
    }

    fn settled_front(&mut self) -> Option<&'t Arc<Record>> {
        let Merged { settled, covered, .. } = self;
        let ahead = self.front.take().or_else(|| settled.find(|record| !covered.contains(&record.place)));
        ahead.or_else(|| self.back.take())
    }

    fn settled_back(&mut self) -> Option<&'t Arc<Record>> {
        let Merged { settled, covered, .. } = self;
        let ahead = self.back.take().or_else(|| settled.rfind(|record| !covered.contains(&record.place)));
        ahead.or_else(|| self.front.take())
    }
}

impl<'t, S: DoubleEndedIterator<Item = &'t Arc<Record>>> Iterator for Merged<'t, S> {
    type Item = &'t Arc<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        match (self.settled_front(), self.recent.front()) {
            (Some(settled), Some(recent)) if recent.place < settled.place => {
                self.front = Some(settled);
                self.recent.pop_front()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent.pop_front(),
        }
    }
}

impl<'t, S: DoubleEndedIterator<Item = &'t Arc<Record>>> DoubleEndedIterator for Merged<'t, S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match (self.settled_back(), self.recent.back()) {
            (Some(settled), Some(recent)) if recent.place > settled.place => {
                self.back = Some(settled);
                self.recent.pop_back()
            }
            (Some(settled), _) => Some(settled),
            (None, _) => self.recent.pop_back(),
        }
    }
}
