//! What becomes of the parameters that no answer of their operation shows.
//!
//! May use: the catalogue's operations, documents. Invariant: a parameter without a mark changes the answer of its
//! operation, or an error of the operation names it; a test sends each one.

use super::Entry;
use crate::catalogue::Operation;
use crate::state::document::{Doc, Map};

/// Parameters, by their paths, and what becomes of them. A path stands for everything below it; the longest path that
/// fits a parameter is its own.
#[derive(Clone, Copy, Debug)]
pub struct Marked {
    /// The operations; all of the entry's if there is none.
    pub operations: &'static [&'static str],
    /// The paths: `card.cvc`, and `*` for an item of a list or any key.
    pub params: &'static [&'static str],
    /// What becomes of them.
    pub mark: Treatment,
}

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It has an effect elsewhere or later, which the test with this path shows.
    Acts(&'static str),
    /// It describes an object, with the parameters of this operation.
    Describes(&'static str),
    /// It changes neither money nor state nor an answer, for this reason.
    Neutral(&'static str),
    /// It would change one of these and has no rule: a call with it answers 501. `false` asks for nothing.
    Refused,
}

impl Marked {
    /// Parameters with an effect that a test shows.
    pub const fn acts(params: &'static [&'static str], test: &'static str) -> Self {
        Marked { operations: &[], params, mark: Treatment::Acts(test) }
    }

    /// Parameters that describe an object as an operation does.
    pub const fn describes(params: &'static [&'static str], operation: &'static str) -> Self {
        Marked { operations: &[], params, mark: Treatment::Describes(operation) }
    }

    /// Parameters without an effect, for a reason.
    pub const fn neutral(params: &'static [&'static str], why: &'static str) -> Self {
        Marked { operations: &[], params, mark: Treatment::Neutral(why) }
    }

    /// Parameters that are refused.
    pub const fn refused(params: &'static [&'static str]) -> Self {
        Marked { operations: &[], params, mark: Treatment::Refused }
    }

    /// The same for these operations alone.
    #[must_use]
    pub const fn on(self, operations: &'static [&'static str]) -> Self {
        Marked { operations, ..self }
    }

    fn is_of(&self, operation: &Operation) -> bool {
        self.operations.is_empty() || self.operations.contains(&operation.name)
    }
}

/// The mark of a parameter by its path in an operation of the entry's kind.
pub fn mark(entry: &Entry, operation: &Operation, path: &str) -> Option<Treatment> {
    let is_below = |outer: &str| path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let fitting = entry.marks.iter().filter(|marked| marked.is_of(operation)).flat_map(|marked| {
        let paths = marked.params.iter().filter(|outer| is_below(outer));
        paths.map(|outer| ((outer.len(), !marked.operations.is_empty()), marked.mark))
    });
    fitting.max_by_key(|(length, _)| *length).map(|(_, mark)| mark)
}

/// The first parameter of a call that is refused, with its brackets.
pub(crate) fn refused(entry: &Entry, operation: &Operation, sent: &Map) -> Option<String> {
    let marks = entry.marks.iter().filter(|marked| marked.mark == Treatment::Refused && marked.is_of(operation));
    // Mostly nothing of the kind is sent: one look at what is costs less than a look for each that could be.
    let begins =
        |path: &str, key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    marks.flat_map(|marked| marked.params).find_map(|path| {
        let (first, value) = sent.iter().find(|(key, _)| begins(path, key))?;
        find(value, path[first.len()..].trim_start_matches('.'), first.to_owned())
    })
}

/// The name of what is sent at a path, if that is anything.
fn find(sent: &Doc, path: &str, name: String) -> Option<String> {
    if path.is_empty() {
        return (!matches!(sent, Doc::Null | Doc::Bool(false))).then_some(name);
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (first, sent) {
        ("*", Doc::List(items)) => {
            items.iter().enumerate().find_map(|(index, item)| find(item, rest, format!("{name}[{index}]")))
        }
        ("*", Doc::Map(map)) => map.iter().find_map(|(key, value)| find(value, rest, format!("{name}[{key}]"))),
        (key, Doc::Map(map)) => find(map.get(key)?, rest, format!("{name}[{key}]")),
        _ => None,
    }
}
