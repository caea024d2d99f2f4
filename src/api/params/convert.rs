//! Turns a form into typed values by the kinds of the catalogue.

use std::fmt::Write as _;

use super::names::{fits, is_numbered};
use crate::api::error::{ApiError, Result};
use crate::catalogue::{self, Field, Kind};
use crate::http::form::Form;
use crate::limits::{EXPAND_PATHS_MAX, METADATA_KEY_CHARACTERS_MAX, METADATA_VALUE_CHARACTERS_MAX};
use crate::state::document::{Doc, Map, Text};

/// Where in the form a value stands; written out only for an error.
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Text,
}

impl<'a> Path<'a> {
    pub(super) fn root(name: &'static str) -> Self {
        Path { parent: None, segment: Text::Borrowed(name) }
    }

    fn below(&'a self, segment: impl Into<Text>) -> Path<'a> {
        Path { parent: Some(self), segment: segment.into() }
    }

    /// `a[b][0]`.
    fn name(&self) -> String {
        match self.parent {
            None => self.segment.clone().into_owned(),
            Some(parent) => format!("{}[{}]", parent.name(), self.segment),
        }
    }
}

/// The paths of `expand`.
pub(super) fn expand(form: Form, path: &Path<'_>) -> Result<Vec<String>> {
    let items = match form {
        Form::Value(value) if value.is_empty() => return Err(ApiError::param_empty(&path.name())),
        Form::Value(_) => return Err(ApiError::param_not_array(&path.name())),
        form => elements(form).ok_or_else(|| ApiError::param_not_array(&path.name()))?,
    };
    if items.len() > EXPAND_PATHS_MAX {
        return Err(ApiError::array_too_long(&path.name(), EXPAND_PATHS_MAX));
    }
    items
        .into_iter()
        .map(|item| match item {
            Form::Value(value) => Ok(value),
            other => Err(ApiError::param_not_string(&path.name(), &printed(&other))),
        })
        .collect()
}

/// The value of a field. `posts` is whether the call writes: a filter may hold any text.
pub(super) fn field(field: &'static Field, form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    if matches!(&form, Form::Value(value) if value.is_empty()) {
        if field.emptyable {
            return Ok(Doc::Null);
        }
        // A filter with nothing in it matches nothing; only a parameter can be meant to be unset.
        return Err(ApiError::param_empty(&path.name()));
    }
    let doc = value(field.kind, form, path, posts)?;
    if posts
        && matches!(field.name, "email" | "receipt_email")
        && let Some(text) = doc.as_str()
        && !is_email(text)
    {
        return Err(ApiError::email_invalid(&path.name(), text));
    }
    Ok(doc)
}

/// Something before and after one `@`, and no space.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(char::is_whitespace)
    })
}

fn value(kind: &'static Kind, form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    match kind {
        Kind::Object(fields) => object(fields, form, path, posts),
        Kind::Array(of) => array(of, form, path, posts),
        Kind::Map(of) => map(of, form, path, posts),
        Kind::Metadata => metadata(form, path),
        Kind::Range => range(form, path),
        Kind::AnyOf(kinds) => any_of(kinds, form, path, posts),
        Kind::FreeObject => match form {
            Form::Value(_) => Err(ApiError::param_not_object(&path.name())),
            form => Ok(free(form)),
        },
        Kind::Any | Kind::Ref(_) | Kind::List(_) => Ok(free(form)),
        Kind::Expand => expand(form, path).map(Doc::from),
        _ => match form {
            Form::Value(text) => scalar(kind, text, path),
            other => Err(ApiError::param_not_string(&path.name(), &printed(&other))),
        },
    }
}

fn scalar(kind: &'static Kind, text: String, path: &Path<'_>) -> Result<Doc> {
    if text.is_empty() {
        return Err(ApiError::param_empty(&path.name()));
    }
    match kind {
        Kind::Integer => integer(&text).map(Doc::Int).ok_or_else(|| ApiError::param_not_integer(&path.name(), &text)),
        Kind::Timestamp => integer(&text).map(Doc::Int).ok_or_else(|| ApiError::param_not_timestamp(&path.name())),
        Kind::Number => match text.parse::<f64>() {
            Ok(n) if n.is_finite() && is_decimal(&text) => Ok(Doc::Float(n)),
            _ => Err(ApiError::param_not_decimal(&path.name(), &text)),
        },
        Kind::Decimal if !is_decimal(&text) => Err(ApiError::param_not_decimal(&path.name(), &text)),
        Kind::Int64String if integer(&text).is_none() => Err(ApiError::param_not_integer(&path.name(), &text)),
        Kind::Boolean => match text.as_str() {
            "true" => Ok(Doc::Bool(true)),
            "false" => Ok(Doc::Bool(false)),
            _ => Err(ApiError::param_not_boolean(&path.name(), &text)),
        },
        Kind::Enum(values) => match values.iter().find(|value| **value == text) {
            Some(value) => Ok(Doc::from(*value)),
            None => Err(ApiError::param_not_in_enum(&path.name(), values)),
        },
        Kind::String { max_length } if *max_length > 0 && is_longer(&text, *max_length) => {
            Err(ApiError::param_too_long(&path.name(), &text, *max_length))
        }
        _ => Ok(Doc::from(text)),
    }
}

fn is_longer(text: &str, characters_max: u32) -> bool {
    let max = usize::try_from(characters_max).unwrap_or(usize::MAX);
    text.len() > max && text.chars().count() > max
}

/// A sign and digits, nothing else.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A sign, digits and at most one point.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    !(whole.is_empty() && part.is_empty()) && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit())
}

fn object(fields: &'static [Field], form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (name, form) in entries {
        // Unknown names were refused before.
        let Some(known) = catalogue::field(fields, &name) else { continue };
        let below = path.below(known.name);
        typed.push((Text::Borrowed(known.name), field(known, form, &below, posts)?));
    }
    let typed = Map::from_entries(typed);
    match fields.iter().find(|field| field.required && !typed.has(field.name)) {
        None => Ok(Doc::Map(typed)),
        Some(field) => Err(ApiError::param_missing(&path.below(field.name).name())),
    }
}

fn array(of: &'static Kind, form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    let items = elements(form).ok_or_else(|| ApiError::param_not_array(&path.name()))?;
    let items = items.into_iter().enumerate();
    let typed: Result<Vec<Doc>> = items.map(|(i, item)| value(of, item, &path.below(i.to_string()), posts)).collect();
    typed.map(Doc::List)
}

/// The elements of a list, whether appended or numbered; numbered ones are ordered by number.
fn elements(form: Form) -> Option<Vec<Form>> {
    match form {
        Form::List(items) => Some(items),
        Form::Map(mut entries) if is_numbered(&entries) => {
            // By value without parsing: fewer significant digits are less.
            entries.sort_by(|(a, _), (b, _)| {
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            });
            Some(entries.into_iter().map(|(_, item)| item).collect())
        }
        _ => None,
    }
}

fn map(of: &'static Kind, form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (name, form) in entries {
        let below = path.below(name.clone());
        typed.push((Text::Owned(name), value(of, form, &below, posts)?));
    }
    Ok(Doc::Map(Map::from_entries(typed)))
}

/// Metadata: values are strings, an empty one removes its key (core-payments 1.8).
fn metadata(form: Form, path: &Path<'_>) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (key, form) in entries {
        let Form::Value(value) = form else {
            return Err(ApiError::param_not_string(&path.below(key).name(), &printed(&form)));
        };
        let limit = |max: usize| u32::try_from(max).unwrap_or(u32::MAX);
        if is_longer(&key, limit(METADATA_KEY_CHARACTERS_MAX)) {
            return Err(ApiError::metadata_key_too_long(&key, METADATA_KEY_CHARACTERS_MAX));
        }
        if is_longer(&value, limit(METADATA_VALUE_CHARACTERS_MAX)) {
            return Err(ApiError::metadata_value_too_long(&value, METADATA_VALUE_CHARACTERS_MAX));
        }
        typed.push((Text::Owned(key), if value.is_empty() { Doc::Null } else { Doc::from(value) }));
    }
    Ok(Doc::Map(Map::from_entries(typed)))
}

/// A time, or bounds of it (core-payments 1.2.9).
fn range(form: Form, path: &Path<'_>) -> Result<Doc> {
    match form {
        Form::Value(text) => scalar(&Kind::Integer, text, path),
        Form::Map(entries) => {
            let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
            for (name, form) in entries {
                let below = path.below(name.clone());
                typed.push((Text::Owned(name), value(&Kind::Integer, form, &below, false)?));
            }
            Ok(Doc::Map(Map::from_entries(typed)))
        }
        Form::List(_) => Err(ApiError::param_not_object(&path.name())),
    }
}

/// The first alternative of the right shape that takes the value; the last one's error if none does.
fn any_of(kinds: &'static [&'static Kind], form: Form, path: &Path<'_>, posts: bool) -> Result<Doc> {
    let mut error = None;
    for kind in kinds.iter().filter(|kind| fits(kind, &form)) {
        match value(kind, form.clone(), path, posts) {
            Ok(doc) => return Ok(doc),
            Err(refused) => error = Some(refused),
        }
    }
    Err(error.unwrap_or_else(|| match form {
        Form::Value(_) => ApiError::param_not_object(&path.name()),
        other => ApiError::param_not_string(&path.name(), &printed(&other)),
    }))
}

fn free(form: Form) -> Doc {
    match form {
        Form::Value(text) => Doc::from(text),
        Form::List(items) => Doc::List(items.into_iter().map(free).collect()),
        Form::Map(entries) => {
            Doc::Map(Map::from_entries(entries.into_iter().map(|(key, form)| (Text::Owned(key), free(form))).collect()))
        }
    }
}

/// A form as the API's errors print it.
fn printed(form: &Form) -> String {
    let mut out = String::new();
    print_into(form, &mut out);
    out
}

fn print_into(form: &Form, out: &mut String) {
    // Writing to a string cannot fail.
    match form {
        Form::Value(text) => {
            let _ = write!(out, "{text:?}");
        }
        Form::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                print_into(item, out);
            }
            out.push(']');
        }
        Form::Map(entries) => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                let _ = write!(out, "{key:?}=>");
                print_into(item, out);
            }
            out.push('}');
        }
    }
}
