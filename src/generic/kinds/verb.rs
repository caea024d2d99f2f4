//! What operations do that are none of create, retrieve, update, list and delete.
//!
//! May use: fills. Invariant: a verb whose effect a [`Verb`] cannot express is not declared, and answers 501; where an
//! operation also does something elsewhere (charge, pay out, bill), it is not declared either.

use crate::contract::Fill::{self, Text};

/// A verb: from which states, what it sets, what it announces.
#[derive(Debug)]
pub(in crate::generic) struct Verb {
    /// The operation.
    pub(in crate::generic) operation: &'static str,
    /// The field that tells the state, and the states from which it may be called; empty allows all.
    pub(in crate::generic) from: (&'static str, &'static [&'static str]),
    /// What it sets.
    pub(in crate::generic) sets: Sets,
    /// Whether the parameters are laid over the object, as an update does.
    pub(in crate::generic) takes: bool,
    /// The event that it announces.
    pub(in crate::generic) event: Option<&'static str>,
}

/// What a verb sets: paths and where their values come from.
pub(super) type Sets = &'static [(&'static str, Fill)];

/// A verb that may be called in some states of `status`.
pub(super) const fn verb(operation: &'static str, from: &'static [&'static str], sets: Sets) -> Verb {
    Verb { operation, from: ("status", from), sets, takes: false, event: None }
}

impl Verb {
    /// The state is another field than `status`.
    pub(super) const fn by(self, field: &'static str) -> Self {
        Verb { from: (field, self.from.1), ..self }
    }

    /// The parameters are laid over the object first.
    pub(super) const fn taking(self) -> Self {
        Verb { takes: true, ..self }
    }

    /// What it does has an event.
    pub(super) const fn announcing(self, event: &'static str) -> Self {
        Verb { event: Some(event), ..self }
    }
}

/// It may be called in every state.
pub(super) const ANY: &[&str] = &[];
/// What is in use.
pub(super) const ACTIVE: (&str, Fill) = ("status", Text("active"));
/// What is not in use.
pub(super) const INACTIVE: (&str, Fill) = ("status", Text("inactive"));
/// What was called off.
pub(super) const CANCELED: (&str, Fill) = ("status", Text("canceled"));
