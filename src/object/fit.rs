//! Fitting: each parameter becomes the field of its name.
//!
//! May use: the catalogue, the empty forms, other objects. Invariant: a value has the type of its field; a parameter
//! without a field is left out.

use super::blank;
use super::blank::Blank;
use super::fill::{FillInput, set_at};
use crate::catalogue::{self, Field, Type};
use crate::contract::{self, Fill};
use crate::error::Result;
use crate::object::{metadata, template};
use crate::state::Kind;
use crate::state::document::{Doc, Map};

/// Merges parameters into objects of one kind.
pub(crate) struct Fitting<'a> {
    /// The input of values.
    pub(crate) source: &'a FillInput<'a>,
    /// The kind.
    pub(crate) object: &'static catalogue::ObjectType,
}

impl Fitting<'_> {
    /// Merges the parameters into an object.
    ///
    /// # Errors
    /// Too much metadata.
    pub(crate) fn overlay(&self, body: &mut Map, sent: &Map) -> Result<()> {
        if let Some(field) = catalogue::field(self.object.fields, "metadata") {
            let current = body.map("metadata").cloned().unwrap_or_default();
            if sent.has("metadata") || !field.optional {
                body.set("metadata", metadata::merge(&current, sent.get("metadata"))?);
            }
        }
        self.fields(body, self.object.fields, sent, "");
        Ok(())
    }

    /// Sets the missing fields of a new object, or of a new part of one.
    pub(crate) fn complete(&self, body: &mut Map, blank: &Blank, below: &str) {
        for (path, fill, nullable) in &blank.fills {
            let path = path.strip_prefix(below).unwrap_or(path).trim_start_matches('.');
            if super::fill::at(body, path).is_some() {
                continue;
            }
            match fill.value(self.source, body) {
                Some(value) => set_at(body, path, value),
                None if *nullable => set_at(body, path, Doc::Null),
                None => {}
            }
        }
    }

    fn fields(&self, target: &mut Map, fields: &'static [Field], sent: &Map, below: &str) {
        let renamed = contract::entry(self.object.kind).map_or(&[][..], |entry| entry.renamed);
        for (name, value) in sent.iter() {
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}.{name}") };
            if path == "metadata" || path == "id" || path == "object" {
                continue;
            }
            if let Some((_, alias)) = renamed.iter().find(|(param, _)| *param == path) {
                self.alias(target, fields, alias, value, below);
                continue;
            }
            let Some(field) = catalogue::field(fields, name) else {
                let provided = format!("{name}_provided");
                if catalogue::field(fields, &provided).is_some() {
                    target.set(provided, !value.is_null());
                }
                continue;
            };
            if value.is_null() {
                self.unset(target, field, &path);
            } else if let Some(shown) = self.fit(field.kind, value, target.get(name), &path) {
                target.set(field.name, shown);
            }
        }
    }

    /// A parameter that is shown under another name of the same object, or deeper in it.
    fn alias(&self, target: &mut Map, fields: &'static [Field], alias: &str, value: &Doc, below: &str) {
        let (first, rest) = alias.split_once('.').unwrap_or((alias, ""));
        let wrapped = rest.rsplit('.').filter(|part| !part.is_empty());
        let value = wrapped.fold(value.clone(), |inner, key| Doc::Map(Map::new().with(key.to_owned(), inner)));
        if catalogue::field(fields, first).is_some() {
            self.fields(target, fields, &Map::new().with(first.to_owned(), value), below);
        }
    }

    fn unset(&self, target: &mut Map, field: &'static Field, path: &str) {
        let rule = blank::rule(self.object.kind, path);
        if matches!(rule, Some(Fill::EmptyList)) {
            target.set(field.name, Doc::List(Vec::new()));
        } else if blank::is_null_when_unset(field, path) && !matches!(rule, Some(Fill::Absent)) {
            target.set(field.name, Doc::Null);
        } else if field.optional {
            let _ = target.remove(field.name);
        } else if let Some(blank) = rule.and_then(Fill::constant) {
            target.set(field.name, blank);
        } else {
            match field.kind {
                Type::Array(_) => target.set(field.name, Doc::List(Vec::new())),
                Type::Metadata | Type::Map(_) | Type::FreeObject => target.set(field.name, Map::new()),
                _ => {}
            }
        }
    }

    /// A value in the form of a field; `None` if the field cannot hold it.
    fn fit(&self, kind: &'static Type, value: &Doc, current: Option<&Doc>, path: &str) -> Option<Doc> {
        match (kind, value) {
            (Type::Object(fields), Doc::Map(sent)) => Some(self.object(fields, sent, current, path).into()),
            (Type::Array(of), Doc::List(items)) => {
                Some(Doc::List(items.iter().filter_map(|item| self.fit(of, item, None, path)).collect()))
            }
            (Type::Map(of), Doc::Map(sent)) => {
                let mut map = current.and_then(Doc::as_map).cloned().unwrap_or_default();
                for (key, value) in sent.iter() {
                    match self.fit(of, value, map.get(key), path) {
                        Some(value) => map.set(key.to_owned(), value),
                        None => {
                            let _ = map.remove(key);
                        }
                    }
                }
                Some(map.into())
            }
            (Type::Metadata, Doc::Map(sent)) => {
                let current = current.and_then(Doc::as_map).cloned().unwrap_or_default();
                metadata::merge(&current, Some(&Doc::Map(sent.clone()))).ok().map(Doc::Map)
            }
            (Type::FreeObject, Doc::Map(_)) | (Type::Any, _) => Some(value.clone()),
            (Type::Expandable(_), Doc::Text(_)) => Some(value.clone()),
            (Type::Ref(targets), Doc::Text(id)) => self.embedded(targets, id),
            (Type::Ref(targets), Doc::Map(sent)) => self.part(targets, sent, current),
            (Type::AnyOf(kinds), _) => kinds.iter().find_map(|kind| self.fit(kind, value, current, path)),
            (Type::Timestamp, Doc::Text(text)) if text == "now" => Some(Doc::Int(self.source.ctx.now)),
            _ => scalar(kind, value, path),
        }
    }

    fn object(&self, fields: &'static [Field], sent: &Map, current: Option<&Doc>, path: &str) -> Map {
        if let Some(Doc::Map(current)) = current {
            let mut map = current.clone();
            self.fields(&mut map, fields, sent, path);
            template::complete(&mut map, fields);
            return map;
        }
        let blank = blank::of_nested(self.object.kind, fields, path);
        let mut map = blank.body.clone();
        self.fields(&mut map, fields, sent, path);
        self.complete(&mut map, &blank, path);
        template::complete(&mut map, fields);
        map
    }

    /// An object that is shown in full where the request refers to it.
    fn embedded(&self, targets: &'static [&'static str], id: &str) -> Option<Doc> {
        targets.iter().filter(|target| !target.starts_with("deleted:")).find_map(|target| {
            let kind = Kind::named(target)?;
            contract::show(contract::resolve(self.source.tx, kind, id)?, kind).map(Doc::Map)
        })
    }

    /// An object without operations of its own, described in place.
    fn part(&self, targets: &'static [&'static str], sent: &Map, current: Option<&Doc>) -> Option<Doc> {
        let [target] = targets else { return None };
        let object = catalogue::object(target)?;
        if contract::has_rules(object.kind) || catalogue::field(object.fields, "id").is_some() {
            return None;
        }
        let inner = Fitting { source: self.source, object };
        let mut map = inner.object(object.fields, sent, current, "");
        map.set("object", object.name);
        Some(map.into())
    }
}

fn scalar(kind: &'static Type, value: &Doc, path: &str) -> Option<Doc> {
    match (kind, value) {
        (Type::String { .. }, Doc::Text(text)) => Some(match path.rsplit(['.', '_']).next() {
            Some("currency") => Doc::from(text.to_lowercase()),
            _ => value.clone(),
        }),
        (Type::String { .. } | Type::Int64String, Doc::Int(n)) => Some(Doc::from(n.to_string())),
        (Type::Integer | Type::Timestamp, Doc::Int(_)) => Some(value.clone()),
        (Type::Number, Doc::Int(_) | Doc::Float(_)) => Some(value.clone()),
        (Type::Number, Doc::Text(text)) => text.parse().ok().map(Doc::Float),
        (Type::Decimal, Doc::Text(_)) | (Type::Int64String, Doc::Text(_)) => Some(value.clone()),
        (Type::Decimal, Doc::Int(n)) => Some(Doc::from(n.to_string())),
        (Type::Decimal, Doc::Float(n)) => Some(Doc::from(n.to_string())),
        (Type::Boolean, Doc::Bool(_)) => Some(value.clone()),
        (Type::Enum(values), Doc::Text(text)) => values.contains(&text.as_ref()).then(|| value.clone()),
        _ => None,
    }
}
