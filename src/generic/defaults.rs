//! What fields hold that neither a parameter nor null explains, by kind: facts of the API's documentation.
//!
//! May use: fills. Invariant: rows are sorted by kind; a row that is not needed by its kind's type is a field that
//! the API shows although its type lets it be null or absent.

mod billing;
mod connect;
mod other;
mod v2;

use super::fill::Fill;

/// The rules of one kind: paths and where their values come from.
pub(super) type Rules = (&'static str, &'static [(&'static str, Fill)]);

/// The tables.
pub(super) fn tables() -> [&'static [Rules]; 4] {
    [billing::RULES, connect::RULES, other::RULES, v2::RULES]
}

/// Every kind with its rules.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Rules> {
    tables().into_iter().flatten()
}

/// The rules of a kind.
pub(super) fn of(object: &str) -> &'static [(&'static str, Fill)] {
    tables()
        .into_iter()
        .find_map(|rules| rules.binary_search_by(|(kind, _)| (*kind).cmp(object)).ok().map(|at| rules[at].1))
        .unwrap_or_default()
}
