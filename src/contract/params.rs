//! The parameters of a call.
//!
//! May use: documents. Invariant: they have the types that the catalogue gives them.

use std::ops::Deref;

use crate::state::document::{Doc, Map};

/// The parameters of a call, typed. `null` is what the empty string unsets.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map,
    /// The paths to expand.
    pub expand: Vec<String>,
}

impl Params {
    /// Parameters that are checked, and the paths to expand.
    pub(crate) fn new(map: Map, expand: Vec<String>) -> Self {
        Params { map, expand }
    }

    /// The same with another parameter, which takes the place of one of its name.
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
