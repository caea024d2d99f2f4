//! The empty form of an object: its fields before any parameter is applied.
//!
//! May use: the catalogue and the declared defaults. Invariant: a required field is present, has a source for each
//! object, or must be sent; whether a new object shows a field is decided here alone.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::catalogue::{self, Field, ObjectType, Type};
use crate::contract::{self, Fill};
use crate::state::Kind;
use crate::state::document::{Doc, Map};

/// The empty form of a kind.
#[derive(Debug)]
pub(crate) struct Blank {
    /// The fields that are the same in every object.
    pub(crate) body: Map,
    /// The fields that each object computes: a path, the source of the value, and whether it may be null.
    pub(crate) fills: Vec<(String, &'static Fill, bool)>,
    /// The fields with a list, whose URL contains the object's id.
    pub(crate) lists: Vec<&'static str>,
}

/// The empty form of a kind.
pub(crate) fn of_object(object: &'static ObjectType) -> Blank {
    let mut maker = Maker { kind: object.kind, fills: Vec::new() };
    let mut body = maker.fields(object.fields, "");
    body.set("object", object.name);
    for (name, fill) in contract::entry(object.kind).map_or(&[][..], |entry| entry.unlisted) {
        if let Some(constant) = fill.constant() {
            body.set(*name, constant);
        }
    }
    let lists = object.fields.iter().filter(|field| !field.optional && matches!(field.kind, Type::List(_)));
    Blank { body, fills: maker.fills, lists: lists.map(|field| field.name).collect() }
}

impl Blank {
    /// The same, whose body is shared by the objects that begin with it.
    pub(crate) fn shared(self) -> Self {
        Blank { body: self.body.into_base(), ..self }
    }
}

/// The empty form of a nested object, at a path of a kind. It is made once: fields and paths are those of the catalogue.
pub(crate) fn of_nested(kind: Kind, fields: &'static [Field], path: &str) -> Arc<Blank> {
    static KNOWN: LazyLock<RwLock<NestedBlanks>> = LazyLock::new(RwLock::default);
    // A parameter of several forms has other fields at the same path.
    let of = (kind, fields.as_ptr().addr(), fields.len());
    let known = |all: &NestedBlanks| all.get(&of).and_then(|of_fields| of_fields.get(path)).cloned();
    if let Some(blank) = known(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return blank;
    }
    let mut maker = Maker { kind, fills: Vec::new() };
    let body = maker.fields(fields, path);
    let blank = Arc::new(Blank { body, fills: maker.fills, lists: Vec::new() }.shared());
    let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    all.entry(of).or_default().insert(path.to_owned(), Arc::clone(&blank));
    blank
}

/// By the kind and the place of the fields, then by the path.
type NestedBlanks = BTreeMap<(Kind, usize, usize), BTreeMap<String, Arc<Blank>>>;

struct Maker {
    kind: Kind,
    fills: Vec<(String, &'static Fill, bool)>,
}

impl Maker {
    fn fields(&mut self, fields: &'static [Field], below: &str) -> Map {
        let mut entries = Vec::with_capacity(fields.len());
        for field in fields {
            let path = if below.is_empty() { field.name.to_owned() } else { format!("{below}.{}", field.name) };
            if matches!(path.as_str(), "id" | "object") || is_shown_when_expanded(self.kind, &path) {
                continue;
            }
            if let Some(doc) = self.field(field, path) {
                entries.push((field.name.into(), doc));
            }
        }
        Map::from_entries(entries)
    }

    fn field(&mut self, field: &'static Field, path: String) -> Option<Doc> {
        if let Some(fill) = rule(self.kind, &path) {
            if let Some(constant) = fill.constant() {
                return Some(constant);
            }
            let is_null = is_null_when_unset(field, &path) && !matches!(fill, Fill::Absent);
            self.fills.push((path, fill, is_null));
            return None;
        }
        if is_null_when_unset(field, &path) {
            return Some(Doc::Null);
        }
        if field.optional {
            return None;
        }
        match field.kind {
            Type::Metadata | Type::Map(_) | Type::FreeObject => Some(Doc::Map(Map::new())),
            Type::Array(_) => Some(Doc::List(Vec::new())),
            Type::Object(fields) => Some(Doc::Map(self.fields(fields, &path))),
            Type::List(_) => {
                let url = format!("{}/{{id}}/{}", collection(self.kind.name()), field.name);
                Some(Doc::Map(crate::api::list::envelope(url, Vec::new(), false)))
            }
            // It must be sent.
            _ => None,
        }
    }
}

/// Whether a field without a value is shown as `null`: at the top of an object whatever may be null, whether or not its
/// type calls it optional (shapes 1.1); inside it, what is not optional.
pub(crate) fn is_null_when_unset(field: &Field, path: &str) -> bool {
    field.nullable && (!field.optional || !path.contains('.'))
}

/// Whether a field is only there when it is expanded, or added when the object is shown.
fn is_shown_when_expanded(kind: Kind, path: &str) -> bool {
    contract::entry(kind).is_some_and(|entry| {
        entry.includes.iter().any(|include| include.field == path) || entry.joins.iter().any(|join| join.field == path)
    })
}

/// The path of a kind's list.
fn collection(object: &str) -> &'static str {
    let mut creating = catalogue::operations().iter().filter(|operation| operation.method == catalogue::Method::Post);
    let creates = creating.find(|operation| {
        operation.name.ends_with(".create")
            && operation.path_params.is_empty()
            && matches!(operation.returns, catalogue::Returns::Object(names) if names.contains(&object))
    });
    creates.map_or("/v1", |operation| operation.path)
}

/// The default for a field of a kind.
pub(crate) fn rule(kind: Kind, path: &str) -> Option<&'static Fill> {
    contract::entry(kind)
        .map_or(&[][..], |entry| entry.defaults)
        .iter()
        .find(|(known, _)| is_at(known, path))
        .map(|(_, fill)| fill)
        .or_else(|| common(kind.name(), path))
}

/// Whether a default is for a path; a segment `*` of it matches any.
fn is_at(rule: &str, path: &str) -> bool {
    let mut segments = path.split('.');
    rule.split('.').all(|step| segments.next().is_some_and(|segment| step == "*" || step == segment))
        && segments.next().is_none()
}

/// The defaults of fields with these names in every kind.
fn common(object: &str, path: &str) -> Option<&'static Fill> {
    Some(match path {
        "livemode" => &Fill::Flag(false),
        "created" | "updated" if object.starts_with("v2.") => &Fill::Instant(0),
        "created" | "updated" => &Fill::Now,
        _ => return None,
    })
}
