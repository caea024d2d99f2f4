//! The entries of a map in a form.
//!
//! May use: std. Invariant: entries keep the order in which they were sent, and finding one among many takes no walk.

use std::collections::HashMap;
use std::ops::Deref;

use super::{Conflict, Form, NameSegment};
use crate::state::document::Text;

/// The entries of a map; many get an index of their keys.
#[derive(Clone, Debug, Default)]
pub struct FormEntries {
    list: Vec<(Text, Form)>,
    index: Option<Box<KeyIndex>>,
}

/// Where the entry of each key is.
#[derive(Clone, Debug)]
struct KeyIndex(HashMap<Text, usize>);

/// The number of entries from which a map has an index.
const INDEXED_FROM: usize = 16;

impl FormEntries {
    /// The entries as a list.
    pub fn into_list(self) -> Vec<(Text, Form)> {
        self.list
    }

    /// The entries, of which only the values may be changed.
    pub fn entries_mut(&mut self) -> &mut [(Text, Form)] {
        &mut self.list
    }

    pub(super) fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            None => self.list.iter().position(|(known, _)| *known == key),
            Some(index) => index.0.get(key).copied(),
        }
    }

    pub(super) fn push(&mut self, key: Text, form: Form) {
        if let Some(index) = &mut self.index {
            let _ = index.0.insert(key.clone(), self.list.len());
        }
        self.list.push((key, form));
        if self.index.is_none() && self.list.len() > INDEXED_FROM {
            let index = self.list.iter().enumerate().map(|(i, (key, _))| (key.clone(), i)).collect();
            self.index = Some(Box::new(KeyIndex(index)));
        }
    }

    pub(super) fn put(&mut self, path: &[NameSegment<'_>], value: Text) -> Result<(), Conflict> {
        let [NameSegment::Key(key), rest @ ..] = path else { return Err(Conflict) };
        match self.position(key) {
            Some(i) => self.list[i].1.put(rest, value)?,
            None => self.push(Text::copy_of(key), Form::of(rest, value)),
        }
        Ok(())
    }
}

impl Deref for FormEntries {
    type Target = [(Text, Form)];
    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl PartialEq for FormEntries {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for FormEntries {}

impl FromIterator<(Text, Form)> for FormEntries {
    fn from_iter<I: IntoIterator<Item = (Text, Form)>>(entries: I) -> Self {
        FormEntries { list: entries.into_iter().collect(), index: None }
    }
}
