//! Which names of a form an operation does not know.

use crate::catalogue::{self, Field, Kind};
use crate::http::form::Form;

/// The unknown names, in the order sent, nested ones with their brackets (core-payments 1.6.2, 1.6.3).
pub(super) fn unknown(fields: &'static [Field], entries: &[(String, Form)]) -> Vec<String> {
    let mut out = Vec::new();
    for (name, form) in entries {
        match catalogue::field(fields, name) {
            None => out.push(name.clone()),
            Some(field) => below(field.kind, form, name, &mut out),
        }
    }
    out
}

fn below(kind: &'static Kind, form: &Form, prefix: &str, out: &mut Vec<String>) {
    match (kind, form) {
        (Kind::Object(fields), Form::Map(entries)) => {
            for (name, form) in entries {
                match catalogue::field(fields, name) {
                    None => out.push(format!("{prefix}[{name}]")),
                    Some(field) if has_names(form) => below(field.kind, form, &format!("{prefix}[{name}]"), out),
                    Some(_) => {}
                }
            }
        }
        (Kind::Range, Form::Map(entries)) => {
            let known = ["gt", "gte", "lt", "lte"];
            let unknown = entries.iter().filter(|(name, _)| !known.contains(&name.as_str()));
            out.extend(unknown.map(|(name, _)| format!("{prefix}[{name}]")));
        }
        (Kind::Map(of), Form::Map(entries)) => {
            for (name, form) in entries {
                below(of, form, &format!("{prefix}[{name}]"), out);
            }
        }
        (Kind::Array(of), Form::List(items)) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| has_names(item)) {
                below(of, item, &format!("{prefix}[{i}]"), out);
            }
        }
        (Kind::Array(of), Form::Map(entries)) if is_numbered(entries) => {
            for (i, item) in entries.iter().filter(|(_, item)| has_names(item)) {
                below(of, item, &format!("{prefix}[{i}]"), out);
            }
        }
        (Kind::AnyOf(kinds), form) => {
            if let Some(kind) = kinds.iter().copied().find(|kind| fits(kind, form)) {
                below(kind, form, prefix, out);
            }
        }
        _ => {}
    }
}

fn has_names(form: &Form) -> bool {
    !matches!(form, Form::Value(_))
}

/// Whether every key is a number, as in `items[0]`, `items[1]`.
pub(super) fn is_numbered(entries: &[(String, Form)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(key, _)| is_number(key))
}

fn is_number(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a form has the shape of a kind.
pub(super) fn fits(kind: &Kind, form: &Form) -> bool {
    match (kind, form) {
        (Kind::Object(fields), Form::Map(entries)) => {
            !is_numbered(entries) || entries.iter().all(|(key, _)| catalogue::field(fields, key).is_some())
        }
        (Kind::FreeObject | Kind::Map(_) | Kind::Metadata | Kind::Range, Form::Map(_)) => true,
        (Kind::Array(_) | Kind::Expand, Form::List(_)) => true,
        (Kind::Array(_) | Kind::Expand, Form::Map(entries)) => is_numbered(entries),
        (Kind::Any, _) => true,
        (Kind::AnyOf(kinds), form) => kinds.iter().any(|kind| fits(kind, form)),
        (Kind::Object(_) | Kind::FreeObject | Kind::Map(_) | Kind::Metadata | Kind::Array(_) | Kind::Expand, _) => {
            false
        }
        (_, Form::Value(_)) => true,
        _ => false,
    }
}
