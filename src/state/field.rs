//! The values of a stored struct's fields, as a document shows them.
//!
//! May use: [`document`](super::document). Invariant: a value that is written and read again is the same.

use super::Id;
use super::document::write::{write_bool, write_int, write_list, write_text};
use super::document::{Doc, Map, Text};

/// A value in a struct that is shown in a document.
pub trait FieldValue: Sized {
    /// The texts that it may show, when they are a closed set ([`values!`](crate::values)); empty otherwise.
    const VALUES: &'static [&'static str] = &[];
    /// The value as a document; `None` leaves the key out.
    fn write(&self) -> Option<Doc>;
    /// The value, if it is a text.
    fn as_text(&self) -> Option<&str> {
        None
    }
    /// Whether the key is left out.
    fn is_absent(&self) -> bool {
        false
    }
    /// Whether another value is shown in the same way.
    fn shows_as(&self, other: &Self) -> bool {
        self.write() == other.write()
    }
    /// Writes the value as JSON; what is inside it is indented by `level` times two spaces.
    fn write_json(&self, out: &mut Vec<u8>, level: usize) {
        self.write().unwrap_or_default().write_at(out, level);
    }
    /// About how many bytes the value takes besides its own place.
    fn weight(&self) -> usize {
        0
    }
    /// As [`weight`](Self::weight), without what it shares with an earlier value of the field.
    fn weight_beside(&self, _earlier: &Self) -> usize {
        self.weight()
    }
    /// Reads the value; `None` if the key is missing.
    ///
    /// # Errors
    /// What was expected.
    fn read(doc: Option<Doc>) -> Result<Self, &'static str>;
}

impl FieldValue for Id {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
    fn write(&self) -> Option<Doc> {
        Some(Doc::Text(Text::copy_of(self)))
    }
    fn write_json(&self, out: &mut Vec<u8>, _: usize) {
        write_text(self, out);
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        String::read(doc).map(Into::into)
    }
}

impl FieldValue for String {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
    fn write(&self) -> Option<Doc> {
        Some(Doc::Text(Text::copy_of(self)))
    }
    fn write_json(&self, out: &mut Vec<u8>, _: usize) {
        write_text(self, out);
    }
    fn weight(&self) -> usize {
        self.len()
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            Some(Doc::Text(text)) => Ok(text.into()),
            _ => Err("a string"),
        }
    }
}

impl FieldValue for Text {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
    fn write(&self) -> Option<Doc> {
        Some(Doc::Text(self.clone()))
    }
    fn write_json(&self, out: &mut Vec<u8>, _: usize) {
        write_text(self, out);
    }
    fn weight(&self) -> usize {
        self.len()
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            Some(Doc::Text(text)) => Ok(text),
            _ => Err("a string"),
        }
    }
}

impl FieldValue for i64 {
    fn write(&self) -> Option<Doc> {
        Some(Doc::Int(*self))
    }
    fn write_json(&self, out: &mut Vec<u8>, _: usize) {
        write_int(*self, out);
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        doc.as_ref().and_then(Doc::as_int).ok_or("a whole number")
    }
}

impl FieldValue for bool {
    fn write(&self) -> Option<Doc> {
        Some(Doc::Bool(*self))
    }
    fn write_json(&self, out: &mut Vec<u8>, _: usize) {
        write_bool(*self, out);
    }
    /// A missing flag is false: hidden flags are only exported if they are true.
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            None => Ok(false),
            Some(Doc::Bool(b)) => Ok(b),
            Some(_) => Err("true or false"),
        }
    }
}

impl FieldValue for Map {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn write(&self) -> Option<Doc> {
        Some(Doc::Map(self.clone()))
    }
    fn weight(&self) -> usize {
        self.weight()
    }
    fn weight_beside(&self, earlier: &Self) -> usize {
        self.weight_beside(earlier)
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            None => Ok(Map::new()),
            Some(Doc::Map(map)) => Ok(map),
            Some(_) => Err("an object"),
        }
    }
}

impl FieldValue for Doc {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn write(&self) -> Option<Doc> {
        Some(self.clone())
    }
    fn write_json(&self, out: &mut Vec<u8>, level: usize) {
        self.write_at(out, level);
    }
    fn weight(&self) -> usize {
        self.weight()
    }
    fn weight_beside(&self, earlier: &Self) -> usize {
        self.weight_beside(Some(earlier))
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        Ok(doc.unwrap_or_default())
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const VALUES: &'static [&'static str] = T::VALUES;
    fn as_text(&self) -> Option<&str> {
        self.as_ref().and_then(FieldValue::as_text)
    }
    fn shows_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(value), Some(other)) => value.shows_as(other),
            (None, None) => true,
            _ => self.write() == other.write(),
        }
    }
    fn write(&self) -> Option<Doc> {
        Some(self.as_ref().and_then(FieldValue::write).unwrap_or_default())
    }
    fn write_json(&self, out: &mut Vec<u8>, level: usize) {
        match self.as_ref().filter(|value| !value.is_absent()) {
            Some(value) => value.write_json(out, level),
            None => out.extend_from_slice(b"null"),
        }
    }
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, FieldValue::weight)
    }
    fn weight_beside(&self, earlier: &Self) -> usize {
        match (self, earlier) {
            (Some(value), Some(earlier)) => value.weight_beside(earlier),
            _ => self.weight(),
        }
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            None | Some(Doc::Null) => Ok(None),
            doc => T::read(doc).map(Some),
        }
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    fn write(&self) -> Option<Doc> {
        Some(Doc::List(self.iter().filter_map(FieldValue::write).collect()))
    }
    fn write_json(&self, out: &mut Vec<u8>, level: usize) {
        write_list(self, T::write_json, out, level);
    }
    fn weight(&self) -> usize {
        self.iter().map(|item| size_of::<T>() + item.weight()).sum()
    }
    fn weight_beside(&self, earlier: &Self) -> usize {
        let beside = |(at, item): (usize, &T)| match earlier.get(at) {
            Some(earlier) => item.weight_beside(earlier),
            None => item.weight(),
        };
        self.iter().enumerate().map(|item| size_of::<T>() + beside(item)).sum()
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        match doc {
            None => Ok(Vec::new()),
            Some(Doc::List(list)) => list.into_iter().map(|item| T::read(Some(item))).collect(),
            Some(_) => Err("an array"),
        }
    }
}

/// A field that is left out, not `null`, if it has no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Absent<T>(pub Option<T>);

impl<T> Default for Absent<T> {
    fn default() -> Self {
        Absent(None)
    }
}

impl<T: FieldValue> FieldValue for Absent<T> {
    const VALUES: &'static [&'static str] = T::VALUES;
    fn as_text(&self) -> Option<&str> {
        self.0.as_text()
    }
    fn shows_as(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(value), Some(other)) => value.shows_as(other),
            (None, None) => true,
            _ => self.write() == other.write(),
        }
    }
    fn write(&self) -> Option<Doc> {
        self.0.as_ref().and_then(FieldValue::write)
    }
    fn is_absent(&self) -> bool {
        self.0.as_ref().is_none_or(FieldValue::is_absent)
    }
    fn write_json(&self, out: &mut Vec<u8>, level: usize) {
        self.0.write_json(out, level);
    }
    fn weight(&self) -> usize {
        self.0.weight()
    }
    fn weight_beside(&self, earlier: &Self) -> usize {
        self.0.weight_beside(&earlier.0)
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        Option::<T>::read(doc).map(Absent)
    }
}

/// A flag that is left out while it is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl FieldValue for Flag {
    fn write(&self) -> Option<Doc> {
        self.0.then_some(Doc::Bool(true))
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        bool::read(doc).map(Flag)
    }
}
