//! What a kind without rules declares: its registry entry, and what the generic operations alone need to know.
//!
//! May use: the registry's types, the sources of values. Invariant: whatever this server knows of such a kind beyond the
//! catalogue stands in its [`Declaration`].

use super::verb::Verb;
use crate::contract::{Ctx, Entry};
use crate::error::Result;
use crate::generic::filters::Question;
use crate::generic::shape::Shape;
use crate::object::fill::Source;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// What is known of a kind that the catalogue does not say.
#[derive(Debug)]
pub(in crate::generic) struct Declaration {
    /// What the rest of the server knows of it; its filters and events follow from the catalogue.
    pub(in crate::generic) entry: Entry,
    /// Operations whose answer has no type in the catalogue, and that are about this kind.
    pub(in crate::generic) answers: &'static [&'static str],
    /// Operations that answer with this kind and look like one of its shape, but compute their answer or change what no
    /// declaration can express: they are absent.
    pub(in crate::generic) absent: &'static [&'static str],
    /// The filters of its lists that are no comparison with the field of their name.
    pub(in crate::generic) filters: &'static [Filtered],
    /// A field that an operation looks up by although no list filters by it.
    pub(in crate::generic) looked_up: Option<&'static str>,
    /// What no two of its objects may share.
    pub(in crate::generic) unique: Option<Unique>,
    /// What is done to its objects beyond changing them.
    pub(in crate::generic) verbs: &'static [Verb],
    /// What its operations announce under `/v2`: operation, event.
    pub(in crate::generic) announces: &'static [(&'static str, &'static str)],
    /// Checks what a new object is made of, and makes what is described in it; hands back the parameters to go on with.
    pub(in crate::generic) before: Option<Before>,
    /// Sets what follows from the parameters of a new object.
    pub(in crate::generic) derive: Option<Derive>,
    /// Sets what follows from parameters that were laid over an object.
    pub(in crate::generic) changed: Option<Derive>,
    /// Sets what follows from the rest of the object, whenever it is new or changed.
    pub(in crate::generic) follows: Option<fn(&mut Map)>,
    /// Makes what is made along with a new object, and shows it there: the object's id, what it shows, the parameters.
    pub(in crate::generic) along: Option<Along>,
    /// What follows from a new object for the sandbox.
    pub(in crate::generic) made: Option<fn(&mut Tx, &Id)>,
}

/// See [`Declaration::before`].
pub(in crate::generic) type Before = fn(&mut Tx, &Ctx<'_>, &Map) -> Result<Map>;

/// See [`Declaration::derive`].
pub(in crate::generic) type Derive = fn(&Source<'_>, &mut Map);

/// See [`Declaration::along`].
pub(in crate::generic) type Along = fn(&mut Tx, &Ctx<'_>, &str, &mut Map, &Map) -> Result<()>;

/// What a declaration says when it says nothing.
pub(in crate::generic) const PLAIN: Declaration = Declaration {
    entry: SHAPE,
    answers: &[],
    absent: &[],
    filters: &[],
    looked_up: None,
    unique: None,
    verbs: &[],
    announces: &[],
    before: None,
    derive: None,
    changed: None,
    follows: None,
    along: None,
    made: None,
};

/// What the entry of a kind without rules says when it says nothing but the kind. What is empty follows from the
/// catalogue.
pub(in crate::generic) const SHAPE: Entry = Entry { path_param: "", import: Shape::import, ..Entry::PLAIN };

/// How a filter of a list looks at an object.
#[derive(Debug)]
pub(in crate::generic) struct Filtered {
    /// The filter.
    pub(in crate::generic) param: &'static str,
    /// How.
    pub(in crate::generic) by: By,
}

/// How a filter looks at an object.
#[derive(Debug)]
pub(in crate::generic) enum By {
    /// By what is at this path; behind an array each element counts.
    Path(&'static str),
    /// By a question that follows from what was sent; without the filter, too, if there is one.
    Question(fn(Option<&Doc>) -> Option<Question>),
}

impl Filtered {
    /// A filter that compares with what is at a path.
    pub(in crate::generic) const fn by_path(param: &'static str, path: &'static str) -> Self {
        Filtered { param, by: By::Path(path) }
    }

    /// A filter that asks each object a question.
    pub(in crate::generic) const fn by(param: &'static str, question: fn(Option<&Doc>) -> Option<Question>) -> Self {
        Filtered { param, by: By::Question(question) }
    }
}

/// A field whose value no two objects of a kind share.
#[derive(Debug)]
pub(in crate::generic) struct Unique {
    /// The field.
    pub(in crate::generic) field: &'static str,
    /// Whether an object keeps its value from others.
    pub(in crate::generic) holds: fn(&Map) -> bool,
}

impl Unique {
    /// A field whose value an object always keeps from others.
    pub(in crate::generic) const fn always(field: &'static str) -> Self {
        Unique { field, holds: |_| true }
    }
}
