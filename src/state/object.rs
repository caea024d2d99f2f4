//! Stored objects: a plain struct that is read from and written to a document.
//!
//! May use: [`document`](super::document). Invariant: `from_docs(to_doc(x), hidden_doc(x))` is `x`, so that an export
//! can be imported.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use super::document::{Doc, Map};
pub use super::field::{Absent, FieldValue, Flag};
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
    /// A member of [`to_doc`](Self::to_doc).
    fn member(&self, key: &str) -> Option<Cow<'_, Doc>> {
        self.to_doc().remove(key).map(Cow::Owned)
    }
    /// A member that is a text.
    fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.member(key)?.as_str().map(|text| Cow::Owned(text.to_owned()))
    }
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
            fn member(&self, key: &str) -> Option<std::borrow::Cow<'_, $crate::state::document::Doc>> {
                use std::borrow::Cow;
                use $crate::state::object::FieldValue;
                if key == $crate::resource!(@id_key $($owner)?) {
                    return FieldValue::write(&self.id).map(Cow::Owned);
                }
                if key == "object" {
                    return Some(Cow::Owned($object.into()));
                }
                $(
                    if key == $crate::resource!(@key $field $($key)?) {
                        return FieldValue::write(&self.$field).map(Cow::Owned);
                    }
                )*
                self.rest.get(key).map(Cow::Borrowed)
            }
            fn text(&self, key: &str) -> Option<std::borrow::Cow<'_, str>> {
                use std::borrow::Cow;
                use $crate::state::object::FieldValue;
                if key == $crate::resource!(@id_key $($owner)?) {
                    return Some(Cow::Borrowed(&self.id));
                }
                if key == "object" {
                    return Some(Cow::Borrowed($object));
                }
                $(
                    if key == $crate::resource!(@key $field $($key)?) {
                        return FieldValue::as_text(&self.$field).map(Cow::Borrowed);
                    }
                )*
                self.rest.str(key).map(Cow::Borrowed)
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
                        $( && FieldValue::shows_as(&self.$field, &other.$field) )*
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
