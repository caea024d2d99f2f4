//! Verbs: operations beyond create, retrieve, update, list and delete.
//!
//! May use: fills. Invariant: an operation whose effect a [`Verb`] cannot express, or that has an effect on other
//! objects (charge, pay out, bill), is not declared, and answers 501.

use crate::contract::Fill::{self, Text};

/// A verb: the allowed states, the fields that it sets, its event.
#[derive(Debug)]
pub(in crate::generic) struct Verb {
    /// The operation.
    pub(in crate::generic) operation: &'static str,
    /// The field with the state, and the allowed states; none means all.
    pub(in crate::generic) from: (&'static str, &'static [&'static str]),
    /// The fields that it sets.
    pub(in crate::generic) sets: Sets,
    /// Whether its parameters are merged into the object, as in an update.
    pub(in crate::generic) takes: bool,
    /// Its event.
    pub(in crate::generic) event: Option<&'static str>,
}

/// The fields that a verb sets: paths with the sources of their values.
pub(super) type Sets = &'static [(&'static str, Fill)];

/// A verb with its allowed values of `status`.
pub(super) const fn verb(operation: &'static str, from: &'static [&'static str], sets: Sets) -> Verb {
    Verb { operation, from: ("status", from), sets, takes: false, event: None }
}

impl Verb {
    /// The state is in another field than `status`.
    pub(super) const fn by(self, field: &'static str) -> Self {
        Verb { from: (field, self.from.1), ..self }
    }

    /// The parameters are merged into the object first.
    pub(super) const fn taking(self) -> Self {
        Verb { takes: true, ..self }
    }

    /// The verb emits an event.
    pub(super) const fn announcing(self, event: &'static str) -> Self {
        Verb { event: Some(event), ..self }
    }
}

/// Allowed in every state.
pub(super) const ANY: &[&str] = &[];
/// Sets the status `active`.
pub(super) const ACTIVE: (&str, Fill) = ("status", Text("active"));
/// Sets the status `inactive`.
pub(super) const INACTIVE: (&str, Fill) = ("status", Text("inactive"));
/// Sets the status `canceled`.
pub(super) const CANCELED: (&str, Fill) = ("status", Text("canceled"));
