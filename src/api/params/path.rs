//! The place of a parameter in a form.
//!
//! May use: nothing. Invariant: a path becomes a text only for an error.

use std::fmt;
use std::fmt::Write as _;

/// The place of a value in the form; it becomes a text only for an error.
#[derive(Clone, Copy)]
pub(crate) struct ParamPath<'a> {
    parent: Option<&'a ParamPath<'a>>,
    segment: PathSegment<'a>,
}

#[derive(Clone, Copy)]
enum PathSegment<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> ParamPath<'a> {
    pub(crate) fn at(parent: Option<&'a ParamPath<'a>>, name: &'a str) -> Self {
        ParamPath { parent, segment: PathSegment::Name(name) }
    }

    pub(crate) fn below(&'a self, name: &'a str) -> Self {
        ParamPath::at(Some(self), name)
    }

    pub(crate) fn item(&'a self, index: usize) -> Self {
        ParamPath { parent: Some(self), segment: PathSegment::Index(index) }
    }

    /// `a[b][0]`.
    pub(crate) fn name(&self) -> String {
        let Some(parent) = self.parent else { return self.segment.to_string() };
        let mut name = parent.name();
        // Writing to a string cannot fail.
        let _ = write!(name, "[{}]", self.segment);
        name
    }

    /// Whether this is the place with these names, joined by dots and without the numbers of items: `a.b` for `a[b][0]`.
    pub(crate) fn is_at(&self, dotted: &str) -> bool {
        let Some(parent) = self.parent else { return self.last() == dotted };
        let PathSegment::Name(name) = self.segment else { return parent.is_at(dotted) };
        dotted.strip_suffix(name).and_then(|above| above.strip_suffix('.')).is_some_and(|above| parent.is_at(above))
    }

    /// Whether this is such a place, or one below another: `b` and `a.b` for `a[b]`.
    pub(crate) fn ends_at(&self, dotted: &str) -> bool {
        match dotted.rsplit_once('.') {
            None => self.last() == dotted,
            Some((above, last)) => self.last() == last && self.parent.is_some_and(|parent| parent.ends_at(above)),
        }
    }

    /// The name of the field itself.
    pub(crate) fn last(&self) -> &str {
        match self.segment {
            PathSegment::Name(name) => name,
            PathSegment::Index(_) => "",
        }
    }
}

impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathSegment::Name(name) => f.write_str(name),
            PathSegment::Index(index) => write!(f, "{index}"),
        }
    }
}
