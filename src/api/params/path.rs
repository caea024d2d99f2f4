//! The place of a parameter in a form.
//!
//! May use: nothing. Invariant: a path becomes a text only for an error.

use std::fmt;
use std::fmt::Write as _;

/// The place of a value in the form; it becomes a text only for an error.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn at(parent: Option<&'a Path<'a>>, name: &'a str) -> Self {
        Path { parent, segment: Segment::Name(name) }
    }

    pub(super) fn below(&'a self, name: &'a str) -> Self {
        Path::at(Some(self), name)
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }

    /// `a[b][0]`.
    pub(super) fn name(&self) -> String {
        let Some(parent) = self.parent else { return self.segment.to_string() };
        let mut name = parent.name();
        // Writing to a string cannot fail.
        let _ = write!(name, "[{}]", self.segment);
        name
    }

    /// The name of the field itself.
    pub(super) fn last(&self) -> &str {
        match self.segment {
            Segment::Name(name) => name,
            Segment::Index(_) => "",
        }
    }
}

impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Name(name) => f.write_str(name),
            Segment::Index(index) => write!(f, "{index}"),
        }
    }
}
