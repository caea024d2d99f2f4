//! The parameters of a call.
//!
//! May use: documents. Invariant: they have the types of the catalogue.

use std::ops::Deref;

use crate::state::document::{Doc, Map};

/// The parameters of a call, with types. `null` means that the empty string was sent, which unsets a value.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map,
    /// The paths to expand.
    pub expand: Vec<String>,
    /// Whether a list shows how many rows it has on all pages.
    pub total_count: bool,
}

impl Params {
    /// Checked parameters, and the paths to expand.
    pub(crate) fn new(map: Map, expand: Vec<String>) -> Self {
        Params { map, expand, total_count: false }
    }

    /// The same parameters, with or without a count of all rows.
    pub(crate) fn counting(self, total_count: bool) -> Self {
        Params { total_count, ..self }
    }

    /// The same parameters with one more, which replaces one of the same name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Doc>) -> Self {
        self.map.set(name, value);
        self
    }
}

impl Deref for Params {
    type Target = Map;
    fn deref(&self) -> &Map {
        &self.map
    }
}
