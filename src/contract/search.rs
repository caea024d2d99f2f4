//! Searching objects of a kind: the fields of a query, with their types (platform 5.2).
//!
//! May use: documents. Invariant: a value is read from the newest form of the object.

use std::borrow::Cow;

use crate::state::document::{Doc, Map};

/// How objects of a kind are searched. Metadata can be searched in every kind.
#[derive(Debug)]
pub struct Searched {
    /// The plural of the kind in errors.
    pub plural: &'static str,
    /// The fields.
    pub fields: &'static [SearchField],
}

/// The operators of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Only `:`.
    Token,
    /// `:`, which matches words, and `~`.
    Text,
    /// `:`, `>`, `>=`, `<` and `<=`.
    Number,
}

impl FieldType {
    /// The type in a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            FieldType::Token => "token",
            FieldType::Text => "string",
            FieldType::Number => "numeric",
        }
    }
}

/// A field that can be searched.
#[derive(Clone, Copy, Debug)]
pub struct SearchField {
    /// Its name in a query.
    pub name: &'static str,
    /// Its operators.
    pub kind: FieldType,
    place: ValuePlace,
}

/// Where the value of a field is found.
#[derive(Clone, Copy, Debug)]
enum ValuePlace {
    /// At a path of the object, mostly the field's name.
    Path(&'static str),
    /// Computed from several fields of the object.
    Computed(fn(&Map) -> Doc),
}

impl SearchField {
    /// A field that is compared as a whole.
    pub const fn token(name: &'static str) -> Self {
        SearchField { name, kind: FieldType::Token, place: ValuePlace::Path(name) }
    }

    /// A field whose words can be found.
    pub const fn text(name: &'static str) -> Self {
        SearchField { name, kind: FieldType::Text, place: ValuePlace::Path(name) }
    }

    /// A number, or a time in Unix seconds.
    pub const fn number(name: &'static str) -> Self {
        SearchField { name, kind: FieldType::Number, place: ValuePlace::Path(name) }
    }

    /// The field, with its value at another path of the object.
    #[must_use]
    pub const fn at(self, path: &'static str) -> Self {
        SearchField { place: ValuePlace::Path(path), ..self }
    }

    /// The field, with a value that is computed from several others.
    #[must_use]
    pub const fn computed(self, value: fn(&Map) -> Doc) -> Self {
        SearchField { place: ValuePlace::Computed(value), ..self }
    }

    /// The field's value in an object; null if it has none.
    pub fn value<'o>(&self, object: &'o Map) -> Cow<'o, Doc> {
        let path = match self.place {
            ValuePlace::Path(path) => path,
            ValuePlace::Computed(value) => return Cow::Owned(value(object)),
        };
        let mut keys = path.split('.');
        let first = keys.next().and_then(|key| object.get(key));
        let found = keys.fold(first, |value, key| value.and_then(Doc::as_map).and_then(|map| map.get(key)));
        Cow::Borrowed(found.unwrap_or(&Doc::Null))
    }

    /// The path of the value, for a check against the catalogue; `None` if it is computed.
    #[cfg(test)]
    pub(crate) fn path(&self) -> Option<&'static str> {
        match self.place {
            ValuePlace::Path(path) => Some(path),
            ValuePlace::Computed(_) => None,
        }
    }
}

impl Searched {
    /// The field with this name in a query.
    pub fn field(&self, name: &str) -> Option<&'static SearchField> {
        self.fields.iter().find(|field| field.name == name)
    }
}
