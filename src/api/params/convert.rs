//! Turns a form into typed values by the types of the catalogue.
//!
//! May use: the catalogue, the errors, the limits. Invariant: a value has the type of its field, or is `null` where an
//! empty string unset it.

use std::fmt::Write as _;

use super::names::{RANGE_BOUNDS, is_numbered, resembled, takes_text};
use super::path::ParamPath;
use super::statement;
use crate::catalogue::{self, Field, Method, Operation, Returns, Type};
use crate::contract::Entry;
use crate::error::{ApiError, Result};
use crate::form::Form;
use crate::limits::{EXPAND_PATHS_MAX, METADATA_KEY_CHARACTERS_MAX, METADATA_KEYS_MAX, METADATA_VALUE_CHARACTERS_MAX};
use crate::state::document::{Doc, Map, Text};
use crate::url;

/// The paths of `expand`.
pub(super) fn expand(form: Form, path: &ParamPath<'_>) -> Result<Vec<String>> {
    let items = match form {
        Form::Value(value) if value.is_empty() => return Err(ApiError::param_empty(&path.name())),
        Form::List(items) => items,
        Form::Map(entries) if is_numbered(&entries) => {
            in_order(entries.into_list()).into_iter().map(|(_, item)| item).collect()
        }
        Form::Value(_) | Form::Map(_) => return Err(ApiError::param_not_array(&path.name())),
    };
    if items.len() > EXPAND_PATHS_MAX {
        return Err(ApiError::array_too_long(&path.name(), EXPAND_PATHS_MAX));
    }
    let text = |(i, item)| match item {
        Form::Value(value) => Ok(value.into()),
        other => Err(ApiError::param_not_string(&path.item(i).name(), &printed(&other))),
    };
    items.into_iter().enumerate().map(text).collect()
}

/// The entries of an object (without `parent`: of the whole form) in the catalogue's order, whatever order they were
/// sent in. The first wrong type is the error, or else the first missing parameter (core-payments 1.6, validation
/// order). Unknown names were refused before.
pub(super) fn fields(
    known: &'static [Field],
    mut entries: Vec<(Text, Form)>,
    parent: Option<&ParamPath<'_>>,
    shown: ShownFields,
) -> Result<Vec<(Text, Doc)>> {
    // Both sides are sorted by name and walked together.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut typed = Vec::with_capacity(entries.len());
    let mut sent = entries.into_iter().peekable();
    let mut missing = None;
    for wanted in known {
        while sent.next_if(|(name, _)| name.as_str() < wanted.name).is_some() {}
        let path = ParamPath::at(parent, wanted.name);
        match sent.next_if(|(name, _)| *name == wanted.name) {
            Some((_, form)) => typed.push((Text::fixed(wanted.name), field(wanted, form, &path, shown)?)),
            None if wanted.required && !(parent.is_some() && shown.merges && !shown.fields.is_empty()) => {
                missing = missing.or(Some(path));
            }
            None => {}
        }
    }
    match missing {
        None => Ok(typed),
        Some(path) => Err(ApiError::param_missing(&path.name())),
    }
}

/// The field of the call's answer with a parameter's name. It decides which text may be unset, which the parameter's
/// own type does not say: a text that is null when it is empty (core-payments 1.2.5, 3.3.9).
#[derive(Clone, Copy)]
pub(super) struct ShownFields {
    /// Whether the call is under `/v2`: `null` unsets anything, and times are texts.
    is_v2: bool,
    /// Whether the call writes: a filter may be any text.
    posts: bool,
    /// Whether the parameters are merged into an existing object, so that a part of an object may be sent
    /// (core-payments 1.2.8).
    merges: bool,
    /// The parameters with a text for the payer's statement.
    statements: &'static [&'static str],
    fields: &'static [Field],
}

impl ShownFields {
    pub(super) fn by(operation: &Operation, entry: &Entry) -> Self {
        let object = match operation.returns {
            Returns::Object([name]) => catalogue::object(name),
            _ => None,
        };
        let posts = operation.method == Method::Post;
        let merges = operation.name.ends_with(".update");
        let is_v2 = catalogue::is_v2(operation.path);
        let statements = entry.statements;
        ShownFields { is_v2, posts, merges, statements, fields: object.map_or(&[], |object| object.fields) }
    }

    /// The answer below a field.
    fn below(self, name: &str) -> Self {
        let fields: &'static [Field] = match catalogue::field(self.fields, name).map(|field| field.kind) {
            Some(Type::Object(fields)) => fields,
            _ => &[],
        };
        ShownFields { fields, ..self }
    }

    fn can_be_unset(self, field: &Field) -> bool {
        let text = |kind: &Type| matches!(kind, Type::String { .. });
        let shown =
            || catalogue::field(self.fields, field.name).is_some_and(|shown| shown.nullable && text(shown.kind));
        field.emptyable || self.is_v2 || (self.posts && !field.required && text(field.kind) && shown())
    }
}

/// The value of a field.
fn field(field: &'static Field, form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    // A list of one empty text unsets a list as an empty text does (connect-accounts 3.4).
    if field.emptyable && is_empty_list(&form) {
        return Ok(Doc::Null);
    }
    if matches!(&form, Form::Value(value) if value.is_empty()) {
        if shown.can_be_unset(field) {
            return Ok(Doc::Null);
        }
        // An empty filter matches nothing; only a parameter can be unset.
        return Err(ApiError::param_empty(&path.name()));
    }
    let doc = value(field.kind, form, path, shown.below(field.name))?;
    if shown.statements.contains(&field.name)
        && let Some(text) = doc.as_str()
    {
        statement::check(text, &path.name())?;
    }
    if shown.posts
        && (field.name == "email" || field.name.ends_with("_email"))
        && let Some(text) = doc.as_str()
        && !is_email(text)
    {
        return Err(ApiError::email_invalid(&path.name(), text));
    }
    if shown.posts
        && is_url(field)
        && let Some(text) = doc.as_str()
    {
        url::check(text).map_err(|fault| ApiError::url_invalid(&path.name(), fault))?;
    }
    Ok(doc)
}

fn is_empty_list(form: &Form) -> bool {
    let is_empty = |item: &Form| matches!(item, Form::Value(text) if text.is_empty());
    match form {
        Form::List(items) => matches!(&items[..], [item] if is_empty(item)),
        Form::Map(items) => matches!(&items[..], [(name, item)] if *name == "0" && is_empty(item)),
        Form::Value(_) => false,
    }
}

/// Whether a parameter is the URL of a page or of a receiver: it is called so.
fn is_url(field: &Field) -> bool {
    (field.name == "url" || field.name.ends_with("_url")) && matches!(field.kind, Type::String { .. })
}

/// Text before one `@` and a domain of several labels behind it, without spaces (core-payments 1.6.14).
pub(crate) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        let mut labels = domain.split('.');
        let is_named = labels.clone().count() > 1 && labels.all(|label| !label.is_empty());
        !local.is_empty() && is_named && !domain.contains('@') && !text.contains(char::is_whitespace)
    })
}

fn value(kind: &'static Type, form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    match kind {
        Type::Object(fields) => object(fields, form, path, shown),
        Type::Array(of) => array(of, form, path, shown),
        Type::Map(of) => map(of, form, path, shown),
        Type::Metadata => metadata(form, path),
        Type::Range => range(form, path, shown),
        Type::AnyOf(kinds) => any_of(kinds, form, path, shown),
        Type::FreeObject => match form {
            Form::Value(_) => Err(ApiError::param_not_object(&path.name())),
            form => Ok(free(form)),
        },
        // The parts of an upload; the operation checks whether it is one.
        Type::Any | Type::File | Type::Ref(_) | Type::List(_) => Ok(free(form)),
        Type::Expand => expand(form, path).map(Doc::from),
        _ => match form {
            Form::Value(text) => scalar(kind, text, path, shown),
            other => Err(ApiError::param_not_string(&path.name(), &printed(&other))),
        },
    }
}

fn scalar(kind: &'static Type, text: Text, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    if text.is_empty() {
        return Err(ApiError::param_empty(&path.name()));
    }
    match kind {
        Type::Integer => integer(&text).map(Doc::Int).ok_or_else(|| ApiError::param_not_integer(&path.name(), &text)),
        Type::Timestamp => integer(&text).map(Doc::Int).ok_or_else(|| ApiError::param_not_timestamp(&path.name())),
        Type::Number => match text.parse::<f64>() {
            Ok(n) if n.is_finite() && is_decimal(&text) => Ok(Doc::Float(n)),
            _ => Err(ApiError::param_not_decimal(&path.name(), &text)),
        },
        Type::Decimal if !is_decimal(&text) => Err(ApiError::param_not_decimal(&path.name(), &text)),
        Type::Int64String if integer(&text).is_none() => Err(ApiError::param_not_integer(&path.name(), &text)),
        Type::Boolean => {
            boolean(&text, shown.is_v2).map(Doc::Bool).ok_or_else(|| ApiError::param_not_boolean(&path.name(), &text))
        }
        Type::Enum(values) => match values.iter().find(|value| text == **value) {
            Some(value) => Ok(Doc::from(*value)),
            None => Err(ApiError::param_not_in_enum(&path.name(), values)),
        },
        Type::String { max_length } if *max_length > 0 && is_longer(&text, *max_length) => {
            let refusal = if statement::NAMES.contains(&path.last()) {
                ApiError::descriptor_too_long
            } else {
                ApiError::param_too_long
            };
            Err(refusal(&path.name(), &text, *max_length))
        }
        _ => Ok(Doc::from(text)),
    }
}

fn is_longer(text: &str, characters_max: u32) -> bool {
    let max = usize::try_from(characters_max).unwrap_or(usize::MAX);
    text.len() > max && text.chars().count() > max
}

/// `true` or `false`, under `/v1` in any letter case: older SDKs of Python and .NET send `True`.
fn boolean(text: &str, exact: bool) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ if exact => None,
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A sign and digits, or a whole number as Ruby's decimals write it (`0.1e2`).
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let (mantissa, exponent) = text.split_once('e')?;
    let (whole, fraction) = mantissa.split_once('.').filter(|(_, fraction)| !fraction.is_empty())?;
    let exponent =
        exponent.parse::<usize>().ok().filter(|exponent| (fraction.len()..=MOST_DIGITS).contains(exponent))?;
    let digits = [whole, fraction].concat();
    integer(&digits)?;
    format!("{digits}{}", "0".repeat(exponent - fraction.len())).parse().ok()
}

/// The digits of the largest whole number.
const MOST_DIGITS: usize = 19;

/// A sign, digits and at most one point.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    !(whole.is_empty() && part.is_empty()) && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit())
}

fn object(known: &'static [Field], form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    Ok(Doc::Map(Map::from_entries(fields(known, entries.into_list(), Some(path), shown)?)))
}

/// A list, whether appended to or numbered.
fn array(of: &'static Type, form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    let typed: Result<Vec<Doc>> = match form {
        Form::List(items) => {
            items.into_iter().enumerate().map(|(i, item)| value(of, item, &path.item(i), shown)).collect()
        }
        Form::Map(entries) if is_numbered(&entries) => {
            in_order(entries.into_list()).into_iter().map(|(i, item)| value(of, item, &path.below(&i), shown)).collect()
        }
        // SDKs of 2024 and 2025 send `include=…` under `/v2`, once or several times.
        Form::Value(_) if shown.is_v2 => value(of, form, &path.item(0), shown).map(|one| vec![one]),
        Form::Value(_) | Form::Map(_) => return Err(ApiError::param_not_array(&path.name())),
    };
    typed.map(Doc::List)
}

/// Numbered elements in the order of their numbers; missing numbers are skipped.
fn in_order(mut entries: Vec<(Text, Form)>) -> Vec<(Text, Form)> {
    // Compared without parsing, because a number may have any length: fewer significant digits are less.
    entries.sort_by(|(a, _), (b, _)| {
        let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    });
    entries
}

/// An object with free keys; an empty value unsets its key.
fn map(of: &'static Type, form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    let by_currency = path.last().ends_with("currency_options") || path.last().ends_with("_by_currency");
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (key, form) in entries.into_list() {
        let below = path.below(&key);
        if by_currency && key.contains(|c: char| c.is_ascii_uppercase()) {
            return Err(ApiError::currency_key_upper_case(&below.name(), &key));
        }
        let doc = match form {
            Form::Value(text) if text.is_empty() => Doc::Null,
            form => value(of, form, &below, shown)?,
        };
        typed.push((key, doc));
    }
    Ok(Doc::Map(Map::from_entries(typed)))
}

/// Metadata: values are strings, an empty one removes its key (core-payments 1.8).
fn metadata(form: Form, path: &ParamPath<'_>) -> Result<Doc> {
    let Form::Map(entries) = form else { return Err(ApiError::param_not_object(&path.name())) };
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (key, form) in entries.into_list() {
        let Form::Value(value) = form else {
            return Err(ApiError::param_not_string(&path.below(&key).name(), &printed(&form)));
        };
        let limit = |max: usize| u32::try_from(max).unwrap_or(u32::MAX);
        if is_longer(&key, limit(METADATA_KEY_CHARACTERS_MAX)) {
            return Err(ApiError::metadata_key_too_long(&key, METADATA_KEY_CHARACTERS_MAX));
        }
        if is_longer(&value, limit(METADATA_VALUE_CHARACTERS_MAX)) {
            return Err(ApiError::metadata_value_too_long(&value, METADATA_VALUE_CHARACTERS_MAX));
        }
        typed.push((key, if value.is_empty() { Doc::Null } else { Doc::from(value) }));
    }
    // Together with existing keys it may still be too many, which the rule that merges them checks.
    if typed.iter().filter(|(_, value)| !value.is_null()).count() > METADATA_KEYS_MAX {
        return Err(ApiError::metadata_too_many_keys(METADATA_KEYS_MAX));
    }
    Ok(Doc::Map(Map::from_entries(typed)))
}

/// A time, or bounds of a time (core-payments 1.2.9). The only other range of the API is a top-up's amount.
fn range(form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    let of = if path.last() == "amount" { &Type::Integer } else { &Type::Timestamp };
    match form {
        Form::Value(text) if shown.is_v2 => instant(&text, path),
        Form::Value(text) => scalar(of, text, path, shown),
        Form::Map(entries) => {
            let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
            for (name, form) in entries.into_list() {
                let Some(bound) = RANGE_BOUNDS.iter().find(|bound| name == **bound) else { continue };
                let below = path.below(bound);
                let bound_doc = match form {
                    Form::Value(text) if shown.is_v2 => instant(&text, &below)?,
                    form => value(of, form, &below, ShownFields { posts: false, merges: false, fields: &[], ..shown })?,
                };
                typed.push((Text::fixed(bound), bound_doc));
            }
            Ok(Doc::Map(Map::from_entries(typed)))
        }
        Form::List(_) => Err(ApiError::param_not_object(&path.name())),
    }
}

/// A time in the form of `/v2`, in Unix seconds.
fn instant(text: &str, path: &ParamPath<'_>) -> Result<Doc> {
    let time: Option<jiff::Timestamp> = text.parse().ok();
    time.map(|time| Doc::Int(time.as_second())).ok_or_else(|| ApiError::param_not_instant(&path.name()))
}

/// A text has the first alternative that accepts it, or the last one's error; a list or object has the alternative that
/// it resembles most.
fn any_of(kinds: &'static [&'static Type], form: Form, path: &ParamPath<'_>, shown: ShownFields) -> Result<Doc> {
    if let Some(kind) = resembled(kinds, &form) {
        return value(kind, form, path, shown);
    }
    let text = match form {
        Form::Value(text) => text,
        other => return Err(ApiError::param_not_string(&path.name(), &printed(&other))),
    };
    let mut error = None;
    for kind in kinds.iter().copied().filter(|kind| takes_text(kind)) {
        match value(kind, Form::Value(text.clone()), path, shown) {
            Ok(doc) => return Ok(doc),
            Err(refused) => error = Some(refused),
        }
    }
    Err(error.unwrap_or_else(|| match kinds {
        [Type::Array(_), ..] => ApiError::param_not_array(&path.name()),
        _ => ApiError::param_not_object(&path.name()),
    }))
}

fn free(form: Form) -> Doc {
    match form {
        Form::Value(text) => Doc::from(text),
        Form::List(items) => Doc::List(items.into_iter().map(free).collect()),
        Form::Map(entries) => {
            Doc::Map(Map::from_entries(entries.into_list().into_iter().map(|(key, form)| (key, free(form))).collect()))
        }
    }
}

/// A form, as the API's errors print it.
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
