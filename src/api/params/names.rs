//! Names and shapes: which names of a form an operation does not know, and which type a form resembles.
//!
//! May use: the catalogue. Invariant: a value's text is only read to choose between alternatives.

use super::path::ParamPath;
use crate::catalogue::{self, Field, Type};
use crate::form::Form;
use crate::state::document::Text;

/// The bounds of a range.
pub(super) const RANGE_BOUNDS: [&str; 4] = ["gt", "gte", "lt", "lte"];

/// The unknown names, in the order in which they were sent, nested ones with their brackets (core-payments 1.6.2,
/// 1.6.3). A name in `ignored` is known at every level.
pub(super) fn unknown(fields: &'static [Field], entries: &[(Text, Form)], ignored: &[&str]) -> Vec<String> {
    let mut search = Search { ignored, found: Vec::new() };
    search.entries(fields, entries, None);
    search.found
}

struct Search<'a> {
    ignored: &'a [&'a str],
    found: Vec<String>,
}

impl Search<'_> {
    fn entries(&mut self, fields: &'static [Field], entries: &[(Text, Form)], parent: Option<&ParamPath<'_>>) {
        for (name, form) in entries {
            let path = ParamPath::at(parent, name);
            match catalogue::field(fields, name) {
                Some(field) => self.value(field.kind, form, &path),
                None if self.ignored.contains(&name.as_str()) => {}
                None => self.found.push(path.name()),
            }
        }
    }

    fn value(&mut self, kind: &'static Type, form: &Form, path: &ParamPath<'_>) {
        match (kind, form) {
            (_, Form::Value(_)) => {}
            (Type::Object(fields), Form::Map(entries)) => self.entries(fields, entries, Some(path)),
            (Type::Range, Form::Map(entries)) => {
                let unknown = entries.iter().filter(|(name, _)| !RANGE_BOUNDS.contains(&name.as_str()));
                self.found.extend(unknown.map(|(name, _)| path.below(name).name()));
            }
            (Type::Map(of), Form::Map(entries)) => {
                for (name, form) in entries.iter() {
                    self.value(of, form, &path.below(name));
                }
            }
            (Type::Array(of), Form::List(items)) => {
                for (i, item) in items.iter().enumerate() {
                    self.value(of, item, &path.item(i));
                }
            }
            (Type::Array(of), Form::Map(entries)) if is_numbered(entries) => {
                for (i, item) in entries.iter() {
                    self.value(of, item, &path.below(i));
                }
            }
            (Type::AnyOf(kinds), form) => {
                if let Some(kind) = resembled(kinds, form) {
                    self.value(kind, form, path);
                }
            }
            _ => {}
        }
    }
}

/// Whether every key is a number, as in `items[0]`, `items[1]`.
pub(super) fn is_numbered(entries: &[(Text, Form)]) -> bool {
    let is_number = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    !entries.is_empty() && entries.iter().all(|(key, _)| is_number(key))
}

/// Whether a text can be of this type.
pub(super) fn takes_text(kind: &Type) -> bool {
    match kind {
        Type::Object(_) | Type::FreeObject | Type::Map(_) | Type::Metadata | Type::Array(_) | Type::Expand => false,
        Type::AnyOf(kinds) => kinds.iter().any(|kind| takes_text(kind)),
        _ => true,
    }
}

/// The alternative for a list or an object: of those with its shape, the one with the fewest names that do not fit, or
/// the first of equals.
pub(super) fn resembled(kinds: &'static [&'static Type], form: &Form) -> Option<&'static Type> {
    match form {
        Form::Value(_) => None,
        _ => kinds.iter().copied().filter(|kind| has_shape(kind, form)).min_by_key(|kind| misfits(kind, form)),
    }
}

fn has_shape(kind: &Type, form: &Form) -> bool {
    match (kind, form) {
        (Type::Array(_) | Type::Expand, Form::List(_)) | (Type::Any, _) => true,
        (Type::Array(_) | Type::Expand, Form::Map(entries)) => is_numbered(entries),
        (Type::Object(_) | Type::FreeObject | Type::Map(_) | Type::Metadata | Type::Range, Form::Map(_)) => true,
        (Type::AnyOf(kinds), form) => kinds.iter().any(|kind| has_shape(kind, form)),
        _ => false,
    }
}

/// How many names are unknown or missing, and how many values belong to another alternative, such as `object=card` in a
/// bank account.
fn misfits(kind: &Type, form: &Form) -> usize {
    let (Type::Object(fields), Form::Map(entries)) = (kind, form) else { return 0 };
    let wrong = |name: &str, form: &Form| match (catalogue::field(fields, name).map(|field| field.kind), form) {
        (None, _) => true,
        (Some(Type::Enum(values)), Form::Value(value)) => !values.contains(&value.as_str()),
        _ => false,
    };
    let missing = |field: &&Field| field.required && !entries.iter().any(|(name, _)| *name == field.name);
    entries.iter().filter(|(name, form)| wrong(name, form)).count() + fields.iter().filter(missing).count()
}
