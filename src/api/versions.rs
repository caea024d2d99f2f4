//! The walk from the newest form of an object to that of an older version (platform 6).
//!
//! May use: the registry, what objects show of others. Invariant: objects and rules have the newest form; every
//! difference of an older version is a [`Change`] of the kind, and changes are applied from the newest to the oldest.

use crate::api::inside::Others;
use crate::contract::{self, Change, Rewrite, Version};
use crate::state::Kind;
use crate::state::document::Map;

/// The differences of a version from the newest one, newest first.
fn changes(kind: Kind, version: Version) -> impl Iterator<Item = &'static Change> {
    let all = contract::entry(kind).map_or(&[][..], |entry| entry.changes);
    all.iter().filter(move |change| !version.has(change.since))
}

/// Whether this kind has its newest form in this version, except for lists inside it.
pub fn is_newest_form(kind: Kind, version: Version) -> bool {
    changes(kind, version).next().is_none()
}

/// Turns an object from the newest form into that of a version.
pub fn convert(others: Others<'_>, kind: Kind, object: &mut Map, version: Version) {
    for rewrite in changes(kind, version).filter_map(|change| change.older) {
        match rewrite {
            Rewrite::Alone(older) => older(object),
            Rewrite::With { field, find, older } => {
                let other = others.other(kind, object, field, find);
                older(object, other.as_deref());
            }
        }
    }
}

/// The differences of this version for this kind that are not built, for a response header.
pub fn not_built(kind: Kind, version: Version) -> Vec<&'static str> {
    changes(kind, version).filter(|change| change.older.is_none()).map(|change| change.what).collect()
}
