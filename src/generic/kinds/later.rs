//! What happens to an object a moment after an answer: a report is finished, data is redacted.
//!
//! May use: fills, the registry's due items. Invariant: it happens once for each time that an object comes into the
//! state that waits for it.

use super::declaration::Along;
use super::verb::Sets;
use crate::contract::{DueClock, DueOf, DueWork};
use crate::generic::shape::Shape;
use crate::object::fill::at;
use crate::state::Rank;
use crate::state::document::{Doc, Map};

/// What happens a moment later, to objects in one state.
#[derive(Debug)]
pub(in crate::generic) struct Later {
    /// The state: the field's path, and its value.
    pub(in crate::generic) from: (&'static str, &'static str),
    /// The fields that it sets.
    pub(in crate::generic) sets: Sets,
    /// What it creates besides, and shows in the object.
    pub(in crate::generic) along: Option<Along>,
    /// Its event.
    pub(in crate::generic) event: &'static str,
}

impl Later {
    /// Whether an object with these fields waits for it.
    pub(in crate::generic) fn awaits(&self, body: &Map) -> bool {
        at(body, self.from.0).and_then(Doc::as_str) == Some(self.from.1)
    }
}

/// The due item of a kind with a [`Later`]; `work` is [`arrive`](crate::generic::operations::arrive) of the kind.
pub(super) const fn arrival(work: DueWork) -> DueOf {
    DueOf {
        what: "arrive",
        rank: Rank::Usual,
        clock: DueClock::Sandbox,
        at: |object| Shape::of(object).and_then(|shape| shape.arrives_at),
        round: |_| 0,
        work,
    }
}
