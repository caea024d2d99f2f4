//! Templates: the empty form of an object without the fields of its struct, and of what is inside it.
//!
//! May use: the catalogue, the empty forms. Invariant: a template contains only what follows from the response types and
//! from the declared defaults; a resource sets the fields that need a value of their own.

use std::sync::LazyLock;

use super::blank;
use crate::catalogue::{self, ByKind, Field};
use crate::state::Kind;
use crate::state::document::{Doc, Map};

static TEMPLATES: LazyLock<ByKind<Map>> = LazyLock::new(|| {
    crate::contract::entries()
        .iter()
        .filter_map(|entry| catalogue::object(entry.kind.name()).map(|object| (entry, object)))
        .map(|(entry, object)| {
            let mut empty = blank::of_object(object).body;
            for name in entry.fields.iter().map(|field| field.name).chain(["object"]) {
                let _ = empty.remove(name);
            }
            // Objects begin with a clone of it.
            (entry.kind, empty.into_base())
        })
        .collect()
});

/// The empty form of a kind, without the fields that its struct shows.
pub fn template(kind: Kind) -> Map {
    TEMPLATES.get(kind).cloned().unwrap_or_default()
}

/// The fields of a nested object of a kind, such as `["payment_method_details", "card"]` of a charge; none if it has no
/// fields of its own.
pub fn fields_at(kind: Kind, path: &[&str]) -> &'static [Field] {
    let root = catalogue::object(kind.name()).map_or(&[][..], |object| object.fields);
    path.iter().fold(root, |fields, key| match catalogue::field(fields, key).map(|field| field.kind) {
        Some(catalogue::Type::Object(inner) | catalogue::Type::Array(catalogue::Type::Object(inner))) => inner,
        _ => &[],
    })
}

/// The values that a field of a kind may have, such as `["tax_ids", "type"]`; none if it takes others.
pub fn values_at(kind: Kind, path: &[&str]) -> &'static [&'static str] {
    let Some((last, outer)) = path.split_last() else { return &[] };
    match catalogue::field(fields_at(kind, outer), last).map(|field| field.kind) {
        Some(catalogue::Type::Enum(values)) => values,
        _ => &[],
    }
}

/// The empty form of a nested object.
pub fn of_fields(fields: &'static [Field]) -> Map {
    let nulls = fields.iter().filter(|field| field.nullable && !field.optional);
    Map::from_entries(nulls.map(|field| (field.name.into(), Doc::Null)).collect())
}

/// Completes a nested object that was sent in part, such as an address with only a city (core-payments 3.1,
/// `shipping`): missing fields that may be null become null.
pub fn complete(object: &mut Map, fields: &'static [Field]) {
    for field in fields {
        match (object.get_mut(field.name), field.kind) {
            (Some(Doc::Map(inner)), catalogue::Type::Object(fields)) => complete(inner, fields),
            (None, _) if field.nullable && !field.optional => object.set(field.name, Doc::Null),
            _ => {}
        }
    }
}

/// As [`complete`], for the nested object at a key of a kind.
pub fn complete_key(kind: Kind, key: &'static str, value: &mut Doc) {
    let fields = catalogue::object(kind.name()).and_then(|object| catalogue::field(object.fields, key)).map(|f| f.kind);
    if let (Some(catalogue::Type::Object(fields)), Doc::Map(map)) = (fields, value) {
        complete(map, fields);
    }
}
