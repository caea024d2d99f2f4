//! What objects do when others change.
//!
//! May use: the state's objects. Invariant: data alone; [`settle`](super::settle()) carries it out.

use std::sync::Arc;

use super::Ctx;
use crate::error::Result;
use crate::state::{Id, Kind, Object, Step, Tx};

/// What objects of a kind do when an object of another kind changes; stands in the kind's [`Entry`](super::Entry).
///
/// A reaction reads what is stored and brings its object into line with it. It does not know what happened: run twice, it
/// changes nothing the second time.
#[derive(Clone, Copy, Debug)]
pub struct Reaction {
    /// The kind that is followed.
    pub to: Kind,
    /// Which of its changes.
    pub on: On,
    /// Which objects react.
    pub who: Who,
    /// Brings the object with this id into line. An error drops everything that it wrote, and is logged.
    pub run: fn(&mut Tx, &Ctx<'_>, &Id) -> Result<()>,
}

/// A condition on an object before (`None` when it is new) and after a change.
pub type When = fn(Option<&dyn Object>, &dyn Object) -> bool;

/// The changes that a reaction follows.
#[derive(Clone, Copy, Debug)]
pub enum On {
    /// The object is new, or was changed, and the condition holds.
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
    /// Those that have its id for this filter of their own kind, newest first.
    Having(&'static str),
    /// The one whose id it names.
    Named(fn(&dyn Object) -> Option<Id>),
    /// Objects that the reaction makes: it is handed the id of the changed object.
    New,
}

impl Who {
    /// The ids that a reaction of this kind is run for.
    pub(super) fn of(self, tx: &Tx, kind: Kind, changed: &dyn Object) -> Vec<Id> {
        match self {
            Who::Having(filter) => {
                let records = tx.records_having(kind, filter, changed.id());
                records.iter().map(|record| Arc::clone(record.object.id())).collect()
            }
            Who::Named(name) => name(changed).into_iter().collect(),
            Who::New => vec![Arc::clone(changed.id())],
        }
    }
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
