//! What operations do that are none of create, retrieve, update, list and delete: one table.
//!
//! May use: fills. Invariant: a verb whose effect the table cannot express is not in it, and answers 501.

mod table;

use super::fill::Fill;

/// A verb: from which states, what it sets, what it announces.
#[derive(Debug)]
pub(super) struct Verb {
    /// The operation.
    pub(super) operation: &'static str,
    /// The field that tells the state, and the states from which it may be called; empty allows all.
    pub(super) from: (&'static str, &'static [&'static str]),
    /// What it sets.
    pub(super) sets: &'static [(&'static str, Fill)],
    /// Whether the parameters are laid over the object, as an update does.
    pub(super) takes: bool,
    /// The event that it announces.
    pub(super) event: Option<&'static str>,
}

/// All verbs.
#[cfg(test)]
pub(super) fn all() -> &'static [Verb] {
    table::VERBS
}

/// The verb of an operation.
pub(super) fn verb(operation: &str) -> Option<&'static Verb> {
    table::VERBS.iter().find(|verb| verb.operation == operation)
}
