//! Searching objects of a kind: the fields of a query, with their types (platform 5.2).
//!
//! May use: documents, stored objects. Invariant: a value is read from the newest form of the object.

use std::borrow::Cow;

use crate::state::Object;
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

/// What has the members of an object's newest form.
pub trait Members {
    /// One of them.
    fn member(&self, key: &str) -> Option<Cow<'_, Doc>>;
    /// All of them.
    fn whole(&self) -> Cow<'_, Map>;
}

impl Members for Map {
    fn member(&self, key: &str) -> Option<Cow<'_, Doc>> {
        self.get(key).map(Cow::Borrowed)
    }

    fn whole(&self) -> Cow<'_, Map> {
        Cow::Borrowed(self)
    }
}

impl Members for dyn Object {
    fn member(&self, key: &str) -> Option<Cow<'_, Doc>> {
        Object::member(self, key)
    }

    fn whole(&self) -> Cow<'_, Map> {
        Cow::Owned(self.to_doc())
    }
}

/// The value at a path; null if there is none. No other member is made for it.
pub fn value_at<'o, 'k>(object: &'o (impl Members + ?Sized), mut path: impl Iterator<Item = &'k str>) -> Cow<'o, Doc> {
    let first = path.next().and_then(|key| object.member(key));
    let below = |value: Cow<'o, Doc>, key: &str| match value {
        Cow::Borrowed(doc) => doc.as_map()?.get(key).map(Cow::Borrowed),
        Cow::Owned(doc) => doc.as_map()?.get(key).cloned().map(Cow::Owned),
    };
    path.fold(first, |value, key| below(value?, key)).unwrap_or(Cow::Owned(Doc::Null))
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
    pub fn value<'o>(&self, object: &'o (impl Members + ?Sized)) -> Cow<'o, Doc> {
        match self.place {
            ValuePlace::Path(path) => value_at(object, path.split('.')),
            ValuePlace::Computed(value) => Cow::Owned(value(&object.whole())),
        }
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
