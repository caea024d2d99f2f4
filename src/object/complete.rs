//! Checks that a new object has every field that its type requires.
//!
//! May use: the catalogue. Invariant: a checked object has the required fields at every level.

use crate::catalogue::{Field, Type};
use crate::state::document::{Doc, Map};

/// The first required field that is missing, with the name of its parameter.
pub(crate) fn missing(fields: &'static [Field], body: &Map) -> Option<String> {
    fields.iter().find_map(|field| match body.get(field.name) {
        None if field.optional || field.legacy => None,
        None => Some(field.name.to_owned()),
        Some(value) => missing_in(field.kind, value).map(|inner| below(field.name, &inner)),
    })
}

/// `a` and `b[c]` become `a[b][c]`.
fn below(name: &str, inner: &str) -> String {
    match inner.split_once('[') {
        Some((first, rest)) => format!("{name}[{first}][{rest}"),
        None => format!("{name}[{inner}]"),
    }
}

fn missing_in(kind: &'static Type, value: &Doc) -> Option<String> {
    match (kind, value) {
        (Type::Object(fields), Doc::Map(map)) => missing(fields, map),
        (Type::Array(of), Doc::List(items)) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| missing_in(of, item).map(|inner| below(&i.to_string(), &inner))),
        (Type::Map(of), Doc::Map(map)) => {
            map.iter().find_map(|(key, value)| missing_in(of, value).map(|inner| below(key, &inner)))
        }
        _ => None,
    }
}
