//! Reactions: what objects do when other objects change.
//!
//! May use: the state's objects. Invariant: data alone; [`settle`](super::settle()) runs them.

use std::sync::Arc;

use super::Ctx;
use crate::error::Result;
use crate::state::{Id, Kind, Object, Step, Tx};

/// A reaction of a kind to changes of another kind, declared in the kind's [`Entry`](super::Entry).
///
/// A reaction reads what is stored and updates its object to agree with it. It does not know what happened: run twice,
/// it changes nothing the second time.
#[derive(Clone, Copy, Debug)]
pub struct Reaction {
    /// The kind whose changes it follows.
    pub to: Kind,
    /// The changes that it follows.
    pub on: On,
    /// The objects that react.
    pub who: Who,
    /// Updates the object with this id. An error drops everything that it wrote, and is logged.
    pub run: fn(&mut Tx, &Ctx<'_>, &Id) -> Result<()>,
}

/// A condition on an object before (`None` if it is new) and after a change.
pub type When = fn(Option<&dyn Object>, &dyn Object) -> bool;

/// The changes that a reaction follows.
#[derive(Clone, Copy, Debug)]
pub enum On {
    /// The object is new or was changed, and the condition is true.
    Change(When),
    /// The object was deleted.
    Deletion,
    /// Any of them.
    Any,
}

impl On {
    /// Whether a step is one of the changes.
    pub(super) fn takes(self, step: &Step) -> bool {
        match self {
            On::Change(when) => {
                let before = step.before.as_ref().filter(|before| !before.deleted);
                !step.after.deleted && when(before.map(|before| &*before.object), &*step.after.object)
            }
            On::Deletion => step.after.deleted,
            On::Any => true,
        }
    }
}

/// The objects that react to a change of an object.
#[derive(Clone, Copy, Debug)]
pub enum Who {
    /// Those with its id for this filter of their own kind, newest first.
    Having(&'static str),
    /// The one whose id the changed object contains.
    Named(fn(&dyn Object) -> Option<Id>),
    /// Those with an id that the changed object contains for this filter of their own kind, newest first.
    Sharing(&'static str, fn(&dyn Object) -> Option<Id>),
    /// An object that the reaction creates: it gets the id of the changed object.
    New,
}

impl Who {
    /// The ids for which a reaction is run.
    pub(super) fn of(self, tx: &Tx, kind: Kind, changed: &dyn Object) -> Vec<Id> {
        match self {
            Who::Having(filter) => having(tx, kind, filter, changed.id()),
            Who::Sharing(filter, name) => name(changed).map_or_else(Vec::new, |named| having(tx, kind, filter, &named)),
            Who::Named(name) => name(changed).into_iter().collect(),
            Who::New => vec![Arc::clone(changed.id())],
        }
    }
}

/// The ids of a kind's objects with a value for a filter, newest first.
fn having(tx: &Tx, kind: Kind, filter: &'static str, value: &str) -> Vec<Id> {
    tx.records_having(kind, filter, value).iter().map(|record| Arc::clone(record.object.id())).collect()
}

/// A condition on a resource's struct before (an `Option`) and after a change, as a [`When`].
#[macro_export]
macro_rules! when {
    ($resource:ty, $when:expr) => {
        |before, after| {
            let when: fn(Option<&$resource>, &$resource) -> bool = $when;
            let before = before.and_then($crate::state::object::downcast::<$resource>);
            $crate::state::object::downcast::<$resource>(after).is_some_and(|after| when(before, after))
        }
    };
}
