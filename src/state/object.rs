//! Stored objects: a plain struct that is read from and written to a document.
//!
//! May use: [`document`](super::document). Invariant: `from_docs(to_doc(x), hidden_doc(x))` is `x`, so that an export
//! can be imported.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::document::write::{write_bool, write_int, write_list, write_text};
use super::document::{Doc, Map, Text};
use super::{Id, Kind};

/// A stored object, whatever its kind.
pub trait Object: Any + Debug + Send + Sync {
    /// Its kind.
    fn kind(&self) -> Kind;
    /// Its id, unique among the objects of its kind and account.
    fn id(&self) -> &Id;
    /// When it was created, in Unix seconds of the sandbox's clock.
    fn created(&self) -> i64;
    /// The object in the newest API version, with nothing expanded.
    fn to_doc(&self) -> Map;
    /// Writes the result of [`to_doc`](Self::to_doc) as JSON, without a final newline.
    fn write_json(&self, out: &mut Vec<u8>) {
        Doc::Map(self.to_doc()).write_json(out);
    }
    /// Its document, which may be changed to share entries with others.
    fn document_mut(&mut self) -> Option<&mut Map> {
        None
    }
    /// About how many bytes the object takes in memory, without what it shares with others of its kind.
    fn weight(&self) -> usize;
    /// As [`weight`](Self::weight), without what it shares with an earlier form of itself.
    fn weight_beside(&self, _earlier: &dyn Object) -> usize {
        self.weight()
    }
    /// Stored fields that the API does not show, for exports.
    fn hidden_doc(&self) -> Map;
    /// Whether the API shows another object of this kind in the same way.
    fn shows_as(&self, other: &dyn Object) -> bool {
        self.to_doc() == other.to_doc()
    }
    /// The object as [`Any`], for [`downcast`].
    fn as_any(&self) -> &dyn Any;
    /// The shared object as [`Any`], to get its type back.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// The struct of a kind.
pub trait Resource: Object + Clone {
    /// The kind: its `object` value.
    const KIND: Kind;

    /// The fields that the struct shows; all others are in its document.
    const FIELDS: &'static [TypedField];

    /// Reads the object from its visible and its hidden part. `created` is used if the object does not show its own.
    ///
    /// # Errors
    /// The name of a field and what was expected there.
    fn from_docs(visible: Map, hidden: Map, created: i64) -> Result<Self, FieldError>;
}

/// What is known of a field that a struct shows by itself.
#[derive(Clone, Copy, Debug)]
pub struct TypedField {
    /// Its name in the API.
    pub name: &'static str,
    /// The texts that it may show, when they are a closed set; empty otherwise.
    pub values: &'static [&'static str],
}

impl TypedField {
    /// A field of a name and a type.
    pub const fn of<T: FieldValue>(name: &'static str) -> Self {
        TypedField { name, values: T::VALUES }
    }
}

/// A field of an imported object that does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: expected {expected}")]
pub struct FieldError {
    /// The field's name.
    pub field: &'static str,
    /// What was expected.
    pub expected: &'static str,
}

/// The struct of an object whose kind is known.
pub fn downcast<T: Resource>(object: &dyn Object) -> Option<&T> {
    object.as_any().downcast_ref()
}

/// A value in a struct that is shown in a document.
pub trait FieldValue: Sized {
    /// The texts that it may show, when they are a closed set ([`values!`](crate::values)); empty otherwise.
    const VALUES: &'static [&'static str] = &[];
    /// The value as a document; `None` leaves the key out.
    fn write(&self) -> Option<Doc>;
    /// Whether the key is left out.
    fn is_absent(&self) -> bool {
        false
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

/// Declares the struct of a resource: `id` and the fields that rules use, with types; the rest of the object is a
/// document in `rest`. Fields under `hidden` are not shown by the API. A field whose name in the API differs has that
/// name after `as`. `created` must be among the fields. An object without an id of its own, of which an owner has at
/// most one, has the field with the owner's id after `of`; its id is that one.
#[macro_export]
macro_rules! resource {
    (
        $(#[$meta:meta])*
        $name:ident = $object:literal $(of $owner:ident)? {
            $( $(#[$vmeta:meta])* $field:ident $(as $key:literal)? : $ty:ty, )*
        }
        hidden {
            $( $(#[$hmeta:meta])* $hidden:ident : $hty:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The object's id.
            pub id: $crate::state::Id,
            $( $(#[$vmeta])* pub $field: $ty, )*
            $( $(#[$hmeta])* pub $hidden: $hty, )*
            /// The fields that no rule uses.
            pub rest: $crate::state::document::Map,
        }

        impl $name {
            /// The fields that the struct shows.
            fn shown(&self) -> Vec<($crate::state::document::Text, $crate::state::document::Doc)> {
                use $crate::state::document::{Doc, Text};
                let mut entries: Vec<(Text, Doc)> =
                    Vec::with_capacity(<$name as $crate::state::object::Resource>::FIELDS.len());
                $crate::resource!(@show_id entries, self $(, $owner)?);
                entries.push((Text::fixed("object"), Doc::from($object)));
                $(
                    if let Some(doc) = $crate::state::object::FieldValue::write(&self.$field) {
                        entries.push((Text::fixed($crate::resource!(@key $field $($key)?)), doc));
                    }
                )*
                entries
            }
        }

        impl $crate::state::object::Object for $name {
            fn kind(&self) -> $crate::state::Kind {
                <$name as $crate::state::object::Resource>::KIND
            }
            fn id(&self) -> &$crate::state::Id {
                &self.id
            }
            fn created(&self) -> i64 {
                self.created
            }
            fn to_doc(&self) -> $crate::state::document::Map {
                self.rest.overlaid(self.shown())
            }
            fn write_json(&self, out: &mut Vec<u8>) {
                use $crate::state::document::write::{FieldWriter, in_wire_order};
                use $crate::state::object::FieldValue;
                static FIELDS: std::sync::LazyLock<Vec<FieldWriter<$name>>> = std::sync::LazyLock::new(|| {
                    in_wire_order(vec![
                        $crate::resource!(@write_id $name $(, $owner)?),
                        FieldWriter {
                            key: "object",
                            is_absent: |_| false,
                            write: |_, out, _| $crate::state::document::write::write_text($object, out),
                        },
                        $(FieldWriter {
                            key: $crate::resource!(@key $field $($key)?),
                            is_absent: |object| FieldValue::is_absent(&object.$field),
                            write: |object, out, level| FieldValue::write_json(&object.$field, out, level),
                        },)*
                    ])
                });
                self.rest.write_under(self, &FIELDS, out);
            }
            fn document_mut(&mut self) -> Option<&mut $crate::state::document::Map> {
                Some(&mut self.rest)
            }
            fn weight(&self) -> usize {
                size_of::<$name>()
                    + self.rest.weight()
                    $( + $crate::state::object::FieldValue::weight(&self.$field) )*
                    $( + $crate::state::object::FieldValue::weight(&self.$hidden) )*
            }
            fn weight_beside(&self, earlier: &dyn $crate::state::object::Object) -> usize {
                match $crate::state::object::downcast::<$name>(earlier) {
                    None => $crate::state::object::Object::weight(self),
                    Some(earlier) => {
                        size_of::<$name>()
                            + self.rest.weight_beside(&earlier.rest)
                            $( + $crate::state::object::FieldValue::weight_beside(&self.$field, &earlier.$field) )*
                            $( + $crate::state::object::FieldValue::weight_beside(&self.$hidden, &earlier.$hidden) )*
                    }
                }
            }
            fn hidden_doc(&self) -> $crate::state::document::Map {
                #[allow(unused_mut, reason = "a resource may hide nothing")]
                let mut map = $crate::state::document::Map::new();
                $(
                    if let Some(doc) = $crate::state::object::FieldValue::write(&self.$hidden) {
                        map.set(stringify!($hidden), doc);
                    }
                )*
                map
            }
            fn shows_as(&self, other: &dyn $crate::state::object::Object) -> bool {
                use $crate::state::object::{FieldValue, downcast};
                downcast::<$name>(other).is_some_and(|other| {
                    self.id == other.id
                        $( && FieldValue::write(&self.$field) == FieldValue::write(&other.$field) )*
                        && self.rest == other.rest
                })
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
            fn into_any(self: std::sync::Arc<Self>) -> std::sync::Arc<dyn std::any::Any + Send + Sync> {
                self
            }
        }

        impl $crate::state::object::Resource for $name {
            const KIND: $crate::state::Kind = $crate::kind!($object);
            const FIELDS: &'static [$crate::state::object::TypedField] = &[
                $crate::state::object::TypedField::of::<$crate::state::Id>($crate::resource!(@id_key $($owner)?)),
                $crate::state::object::TypedField::of::<$crate::state::document::Text>("object"),
                $($crate::state::object::TypedField::of::<$ty>($crate::resource!(@key $field $($key)?)),)*
            ];

            fn from_docs(
                mut visible: $crate::state::document::Map,
                mut hidden: $crate::state::document::Map,
                created: i64,
            ) -> Result<Self, $crate::state::object::FieldError> {
                use $crate::state::object::{FieldValue, FieldError};
                let _ = visible.remove("object");
                let is_told = visible.has("created") || hidden.has("created");
                if !is_told {
                    // Only kinds that do not show `created` store it here; the other part ignores it.
                    hidden.set("created", created);
                    visible.set("created", created);
                }
                let id_key = $crate::resource!(@id_key $($owner)?);
                let id = FieldValue::read(visible.get(id_key).cloned())
                    .map_err(|expected| FieldError { field: id_key, expected })?;
                let _ = visible.remove("id");
                $(
                    let key = $crate::resource!(@key $field $($key)?);
                    let $field = FieldValue::read(visible.remove(key))
                        .map_err(|expected| FieldError { field: key, expected })?;
                )*
                $(
                    let $hidden = FieldValue::read(hidden.remove(stringify!($hidden)))
                        .map_err(|expected| FieldError { field: stringify!($hidden), expected })?;
                )*
                let shows_created = false $(|| $crate::resource!(@key $field $($key)?) == "created")*;
                if !is_told && !shows_created {
                    let _ = visible.remove("created");
                }
                Ok($name { id, $($field,)* $($hidden,)* rest: visible })
            }
        }
    };
    (@show_id $entries:ident, $object:ident) => {
        $entries.push((Text::fixed("id"), Doc::Text(Text::copy_of(&$object.id))));
    };
    (@show_id $entries:ident, $object:ident, $owner:ident) => {};
    (@write_id $name:ident) => {
        FieldWriter::<$name> {
            key: "id",
            is_absent: |_| false,
            write: |object, out, level| FieldValue::write_json(&object.id, out, level),
        }
    };
    (@write_id $name:ident, $owner:ident) => {
        FieldWriter::<$name> { key: "id", is_absent: |_| true, write: |_, _, _| {} }
    };
    (@id_key) => { "id" };
    (@id_key $owner:ident) => { stringify!($owner) };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}
