//! The declaration of a kind's events.
//!
//! May use: the state's objects. Invariant: data alone; [`events`](crate::events) derives the events.

use super::When;
use crate::state::Object;

/// The events of a kind of object.
#[derive(Clone, Copy, Debug)]
pub struct Events {
    /// The event of a new object.
    pub created: Option<&'static str>,
    /// The events of a change of a visible field, in order, unless the change is one of `turns`.
    pub updated: &'static [&'static str],
    /// The event of a deletion.
    pub deleted: Option<&'static str>,
    /// The changes with events of their own; of several that fit a change, the first.
    pub turns: &'static [Turn],
    /// The events, besides every `….updated`, that show what the object was before (core-payments 10.2.20, 10.3.4,
    /// 10.4.2).
    pub show_before: &'static [&'static str],
    /// Whether an event belongs to the account with the object's id, as the events of a connected account do.
    pub of_own_account: bool,
    /// Other events for some objects of the kind, such as a bank account for payouts.
    pub instead: Option<fn(&dyn Object) -> Option<&'static Events>>,
}

impl Events {
    /// A kind without events.
    pub const NONE: Events = Events {
        created: None,
        updated: &[],
        deleted: None,
        turns: &[],
        show_before: &[],
        of_own_account: false,
        instead: None,
    };

    /// The events of one object of the kind.
    pub(crate) fn of(self, object: &dyn Object) -> Events {
        self.instead.and_then(|instead| instead(object)).copied().unwrap_or(self)
    }
}

/// A change with events of its own, such as a payment that succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Whether an object made this change, from its form before (`None` if it is new) to its form after.
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

/// Declares a [`Turn`] into a state: the condition is true after the change and was false before; a new object in this
/// state makes the turn, too.
#[macro_export]
macro_rules! becomes {
    ($resource:ty, $events:expr, $is:expr) => {
        $crate::turn!($resource, $events, |before, after| {
            let is: fn(&$resource) -> bool = $is;
            is(after) && !before.is_some_and(is)
        })
    };
}
