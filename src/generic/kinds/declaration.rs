//! The declaration of a kind without rules: its registry entry, and what only the generic operations need.
//!
//! May use: the registry's types, the sources of values. Invariant: everything that is known of such a kind beyond the
//! catalogue is in its [`Declaration`].

use super::later::Later;
use super::verb::Verb;
use crate::contract::{Ctx, Entry};
use crate::error::Result;
use crate::generic::shape::Shape;
use crate::object::fill::FillInput;
use crate::state::Tx;
use crate::state::document::Map;

/// What the catalogue does not say of a kind.
#[derive(Debug)]
pub(in crate::generic) struct Declaration {
    /// Its registry entry; its filters and events follow from the catalogue.
    pub(in crate::generic) entry: Entry,
    /// Operations of this kind whose answer has no type in the catalogue.
    pub(in crate::generic) answers: &'static [&'static str],
    /// Operations that answer with this kind and look as if the shape were enough, but compute their answer or change
    /// what no declaration can express: they answer 501.
    pub(in crate::generic) absent: &'static [&'static str],
    /// The filters of its lists that are not comparisons with the field of their name.
    pub(in crate::generic) filters: &'static [Filtered],
    /// A field by which an operation finds objects although no list filters by it.
    pub(in crate::generic) looked_up: Option<&'static str>,
    /// A value that two of its objects may not share.
    pub(in crate::generic) unique: Option<Unique>,
    /// Its operations beyond create, retrieve, update, list and delete.
    pub(in crate::generic) verbs: &'static [Verb],
    /// Checks a new object, and creates the objects that are described in it; returns the parameters to continue with.
    pub(in crate::generic) before: Option<Before>,
    /// Sets the fields of a new object that follow from its parameters.
    pub(in crate::generic) derive: Option<Derive>,
    /// Sets the fields that follow from the parameters of an update.
    pub(in crate::generic) changed: Option<Derive>,
    /// Creates another object with a new one, and shows it there: the object's id, its fields, the parameters.
    pub(in crate::generic) along: Option<Along>,
    /// What happens to its objects a moment after an answer; the entry's due items have to contain it too.
    pub(in crate::generic) later: Option<&'static Later>,
}

/// See [`Declaration::before`].
pub(in crate::generic) type Before = fn(&mut Tx, &Ctx<'_>, &Map) -> Result<Map>;

/// See [`Declaration::derive`].
pub(in crate::generic) type Derive = fn(&FillInput<'_>, &mut Map);

/// See [`Declaration::along`].
pub(in crate::generic) type Along = fn(&mut Tx, &Ctx<'_>, &str, &mut Map, &Map) -> Result<()>;

/// The default of every member.
pub(in crate::generic) const PLAIN: Declaration = Declaration {
    entry: SHAPE,
    answers: &[],
    absent: &[],
    filters: &[],
    looked_up: None,
    unique: None,
    verbs: &[],
    before: None,
    derive: None,
    changed: None,
    along: None,
    later: None,
};

/// The entry of a kind without rules: everything empty follows from the catalogue.
pub(in crate::generic) const SHAPE: Entry = Entry { path_param: "", import: Shape::import, ..Entry::PLAIN };

/// A filter of a list with its own comparison.
#[derive(Debug)]
pub(in crate::generic) struct Filtered {
    /// The filter.
    pub(in crate::generic) param: &'static str,
    /// The path of the value that it is compared with; in an array, with each element.
    pub(in crate::generic) path: &'static str,
}

impl Filtered {
    /// A filter that compares the value at a path.
    pub(in crate::generic) const fn by_path(param: &'static str, path: &'static str) -> Self {
        Filtered { param, path }
    }
}

/// A field whose value no two objects of a kind share.
#[derive(Debug)]
pub(in crate::generic) struct Unique {
    /// The field.
    pub(in crate::generic) field: &'static str,
    /// Whether an object claims its value.
    pub(in crate::generic) holds: fn(&Map) -> bool,
}

impl Unique {
    /// A field whose value an object always claims.
    pub(in crate::generic) const fn always(field: &'static str) -> Self {
        Unique { field, holds: |_| true }
    }
}
