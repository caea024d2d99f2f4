//! What a registry entry says of its kind's events.
//!
//! May use: the state's objects. Invariant: data alone; what becomes of it is decided in
//! [`events`](crate::events).

use super::When;
use crate::state::Object;

/// The events of a kind of object.
#[derive(Clone, Copy, Debug)]
pub struct Events {
    /// The event of a new object.
    pub created: Option<&'static str>,
    /// The events of a change of a shown field, in order, unless it is one of `turns`.
    pub updated: &'static [&'static str],
    /// The event of a deletion.
    pub deleted: Option<&'static str>,
    /// The changes that have events of their own; of a change that is several, the first counts.
    pub turns: &'static [Turn],
    /// Whether an event belongs to the account that has the object's id, as those of a connected account do.
    pub of_own_account: bool,
    /// The events of those objects of the kind that have others, such as a bank account that is paid out to.
    pub instead: Option<fn(&dyn Object) -> Option<&'static Events>>,
}

impl Events {
    /// A kind that has no event.
    pub const NONE: Events =
        Events { created: None, updated: &[], deleted: None, turns: &[], of_own_account: false, instead: None };

    /// The events of one object of the kind.
    pub(crate) fn of(self, object: &dyn Object) -> Events {
        self.instead.and_then(|instead| instead(object)).copied().unwrap_or(self)
    }
}

/// A change that has events of its own, such as a payment that succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Whether an object took it, from what it was (`None` when it is new) to what it is.
    pub when: When,
    /// The types of the events, in order.
    pub events: &'static [&'static str],
}

/// Declares a [`Turn`]: the struct, the events, and the condition on the object before (an `Option`) and after.
#[macro_export]
macro_rules! turn {
    ($resource:ty, $events:expr, $when:expr) => {
        $crate::contract::Turn { when: $crate::when!($resource, $when), events: &$events }
    };
}

/// Declares a [`Turn`] into a state: the condition holds after the change and did not before; a new object that
/// begins in it has taken the turn.
#[macro_export]
macro_rules! becomes {
    ($resource:ty, $events:expr, $is:expr) => {
        $crate::turn!($resource, $events, |before, after| {
            let is: fn(&$resource) -> bool = $is;
            is(after) && !before.is_some_and(is)
        })
    };
}
