//! What of a kind other versions show or take differently, and what no description of the API has.
//!
//! May use: documents, versions. Invariant: objects and rules have the newest shape; whatever another version does
//! differently is a [`Change`] or an [`Older`] of the kind.

use super::version::Gate;
use crate::state::Tx;
use crate::state::document::Map;

/// One difference between a version and the one before it; an entry has the newest first.
#[derive(Debug)]
pub struct Change {
    /// The first version that shows the newer form.
    pub since: Gate,
    /// Turns the newer form into the older one, with what other objects say; `None` when that is known but not built.
    pub older: Option<fn(&Tx, &mut Map)>,
    /// What differs, in the words of a response header.
    pub what: &'static str,
}

/// A parameter that older versions have in place of another (platform 6.1). It counts only when the newer form is not
/// sent.
#[derive(Debug)]
pub struct Older {
    /// The operation.
    pub operation: &'static str,
    /// The first version that does not know it.
    pub until: Gate,
    /// Its name.
    pub name: &'static str,
    /// The object that took its place, in which it has the same name.
    pub newer: &'static str,
    /// What else is in that object: a name and its text.
    pub beside: (&'static str, &'static str),
}

/// A parameter that no description has and the API takes (core-payments 2, 6.2). It is a string.
#[derive(Debug)]
pub struct Undocumented {
    /// The operation.
    pub operation: &'static str,
    /// The parameter.
    pub name: &'static str,
}

/// Something that may be expanded although the catalogue does not say so (platform 5.3, 6.1): it is left out unless it
/// is expanded and holds no reference, or only older versions show it.
#[derive(Debug)]
pub struct Expand {
    /// The path in the object; a segment `*` stands for any key.
    pub path: &'static str,
    /// The kinds of objects that are there; paths go on in them.
    pub targets: &'static [&'static str],
}

impl Expand {
    /// A field that holds no reference.
    pub const fn field(path: &'static str) -> Self {
        Expand { path, targets: &[] }
    }

    /// A field that holds the id of an object of one of these kinds.
    pub const fn reference(path: &'static str, targets: &'static [&'static str]) -> Self {
        Expand { path, targets }
    }
}
