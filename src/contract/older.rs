//! Differences of other versions for a kind, and its undocumented parameters.
//!
//! May use: documents, versions. Invariant: objects and rules have the newest form; every difference of another version
//! is a [`Change`] or an [`Older`] of the kind.

use std::borrow::Cow;
use std::sync::Arc;

use super::version::Gate;
use crate::state::document::{Doc, Map};
use crate::state::{Object, Record, Tx};

/// One difference between a version and the one before it; an entry has the newest first.
#[derive(Debug)]
pub struct Change {
    /// The first version that shows the newer form.
    pub since: Gate,
    /// Turns the newer form into the older one; `None` if the difference is known but not built.
    pub older: Option<Rewrite>,
    /// What differs, in the words of a response header.
    pub what: &'static str,
}

/// How the newer form of an object becomes the older one. It never reads the state: an event is the same for ever.
#[derive(Clone, Copy, Debug)]
pub enum Rewrite {
    /// By the object alone.
    Alone(fn(&mut Map)),
    /// With another object that only the older form shows.
    With {
        /// The field that shows it.
        field: &'static str,
        /// Finds it for an object in the newer form.
        find: fn(&Tx, Seen<'_>) -> Option<Arc<Record>>,
        /// Turns the newer form into the older one, with what was found.
        older: fn(&mut Map, Option<&Record>),
    },
}

/// An object in its newest form: as a document, or as it is stored where it shows itself, so that no document has to be made of
/// it.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'o> {
    /// A document.
    Document(&'o Map),
    /// An object that shows itself.
    Object(&'o dyn Object),
}

impl<'o> Seen<'o> {
    /// A member.
    pub fn member(self, key: &str) -> Option<Cow<'o, Doc>> {
        match self {
            Seen::Document(map) => map.get(key).map(Cow::Borrowed),
            Seen::Object(object) => object.member(key),
        }
    }

    /// A member that is a text.
    pub fn text(self, key: &str) -> Option<Cow<'o, str>> {
        match self {
            Seen::Document(map) => map.str(key).map(Cow::Borrowed),
            Seen::Object(object) => object.text(key),
        }
    }

    /// The id, which a document may lack.
    pub fn id(self) -> Cow<'o, str> {
        self.text("id").unwrap_or_default()
    }
}

/// A parameter of older versions that another one has replaced (platform 6.1). A request sends one of the two.
#[derive(Debug)]
pub struct Older {
    /// The operation.
    pub operation: &'static str,
    /// The first version without it.
    pub until: Gate,
    /// Its name.
    pub name: &'static str,
    /// What replaced it.
    pub newer: Newer,
}

/// What replaced an older parameter.
#[derive(Clone, Copy, Debug)]
pub enum Newer {
    /// The same under another name.
    Name(&'static str),
    /// Nothing: a rule reads the older parameter.
    Nothing,
    /// A member of its name in an object.
    Member {
        /// The object.
        of: &'static str,
        /// Another member that the object gets: a name and its text.
        beside: Option<(&'static str, &'static str)>,
    },
    /// A list of objects, each with an item of the older list.
    Items {
        /// The list.
        list: &'static str,
        /// The member that an item becomes.
        member: &'static str,
    },
}

impl Newer {
    /// The name of the newer parameter.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Newer::Nothing => None,
            Newer::Name(name) | Newer::Member { of: name, .. } | Newer::Items { list: name, .. } => Some(name),
        }
    }
}

/// A value that no description contains and the API takes for another (platform 3.7).
#[derive(Debug)]
pub struct Spelling {
    /// The operation.
    pub operation: &'static str,
    /// The names that lead to the parameter.
    pub path: &'static [&'static str],
    /// The value that is sent.
    pub sent: &'static str,
    /// What it stands for.
    pub means: &'static str,
}

/// A parameter that no description contains and the API accepts (core-payments 2, 6.2). It is a string.
#[derive(Debug)]
pub struct Undocumented {
    /// The operation.
    pub operation: &'static str,
    /// The parameter.
    pub name: &'static str,
}

/// Something that can be expanded although the catalogue does not say so (platform 5.3, 6.1): it is left out unless it
/// is expanded and contains no reference, or only older versions show it.
#[derive(Debug)]
pub struct Expand {
    /// The path in the object; a segment `*` matches any key.
    pub path: &'static str,
    /// The kinds of the expanded objects, in which a path may continue.
    pub targets: &'static [&'static str],
}

impl Expand {
    /// A field without a reference.
    pub const fn field(path: &'static str) -> Self {
        Expand { path, targets: &[] }
    }

    /// A field that holds the id of an object of one of these kinds.
    pub const fn reference(path: &'static str, targets: &'static [&'static str]) -> Self {
        Expand { path, targets }
    }
}
