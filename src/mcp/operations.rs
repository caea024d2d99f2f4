//! The operations of the catalogue as tools name and show them.
//!
//! May use: the catalogue. Invariant: the id of an operation follows from its method and its path, as in the API's own description.

use serde_json::{Map as Json, Value, json};

use super::sentence;
use crate::catalogue::{self, API_VERSION, Field, Method, Operation, Type};
use crate::error::ApiError;

/// How many operations a search shows.
const FOUND_MAX: usize = 10;

/// How deep the fields of a parameter are shown.
const LEVELS_MAX: usize = 4;

/// The id of an operation, such as `GetCustomersCustomer`.
pub(super) fn id_of(operation: &Operation) -> String {
    let path = operation.path.strip_prefix("/v1/").unwrap_or(operation.path);
    let words = path.split(['/', '_', '.', '{', '}', '-']).filter(|word| !word.is_empty()).map(capital);
    std::iter::once(capital(&operation.method.as_str().to_ascii_lowercase())).chain(words).collect()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
    first.to_ascii_uppercase() + rest
}

/// The operation with an id, or with its name in SDKs, such as `customers.create`.
pub(super) fn find(id: &str) -> Result<&'static Operation, String> {
    let by_id = || catalogue::operations().iter().find(|operation| id_of(operation) == id);
    let found = catalogue::operation(id).or_else(by_id);
    found.ok_or_else(|| sentence(&ApiError::tool_operation_unknown(id)))
}

/// The operations that fit an intent and a resource best.
pub(super) fn search(intent: &str, resource: &str) -> Value {
    let (intent, resource) = (words(intent), words(resource));
    let mut found: Vec<(usize, usize, &Operation)> = catalogue::operations()
        .iter()
        .filter(|operation| !operation.legacy)
        .map(|operation| (points(operation, &intent, &resource), operation.path.len(), operation))
        .filter(|(points, ..)| *points > 0)
        .collect();
    // The best first; of equal ones that with the shorter path.
    found.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let rows: Vec<Value> = found.into_iter().take(FOUND_MAX).map(|(_, _, operation)| about(operation).into()).collect();
    json!({"openapi_spec_version": API_VERSION, "data": rows})
}

/// The words of a text in the singular.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.to_ascii_lowercase().trim_end_matches('s').to_owned()).collect()
}

/// How well an operation fits: words of the resource in its name count most.
fn points(operation: &Operation, intent: &[String], resource: &[String]) -> usize {
    let (about, verb) = operation.name.rsplit_once('.').unwrap_or((operation.name, ""));
    let (about, verb) = (words(about), words(verb));
    let fitting = resource.iter().filter(|word| about.contains(word) || verb.contains(word)).count();
    if fitting == 0 {
        return 0;
    }
    let does = |word: &String| {
        verb.contains(word)
            || match word.as_str() {
                "get" | "show" | "read" | "find" | "retrieve" => operation.method == Method::Get,
                "list" => verb.iter().any(|verb| verb == "list"),
                "make" | "add" | "new" => verb.iter().any(|verb| verb == "create"),
                "change" | "edit" | "set" => verb.iter().any(|verb| verb == "update"),
                "remove" => operation.method == Method::Delete,
                _ => false,
            }
    };
    let rest = about.iter().filter(|word| !resource.contains(word)).count();
    (10 * fitting + 8 * intent.iter().filter(|word| does(word)).count()).saturating_sub(3 * rest).max(1)
}

fn about(operation: &Operation) -> Json<String, Value> {
    let (resource, verb) = operation.name.rsplit_once('.').unwrap_or((operation.name, ""));
    let summary = format!("{}: {}", resource.replace(['.', '_'], " "), verb.replace('_', " "));
    [
        ("id", id_of(operation)),
        ("method", operation.method.as_str().to_owned()),
        ("path", operation.path.to_owned()),
        ("summary", summary),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.into()))
    .collect()
}

/// An operation with its parameters.
pub(super) fn details(id: &str) -> Result<Value, String> {
    let operation = find(id)?;
    let path: Json<String, Value> = operation
        .path_params
        .iter()
        .map(|name| ((*name).to_owned(), json!({"type": "string", "required": true})))
        .collect();
    let params = fields(operation.params, LEVELS_MAX);
    let (query, body) = match operation.method {
        Method::Get => (params, Json::new()),
        Method::Post | Method::Delete => (Json::new(), params),
    };
    let mut shown = about(operation);
    shown.insert("parameters".to_owned(), json!({"path": path, "query": query, "body": body}));
    shown.insert("openapi_spec_version".to_owned(), API_VERSION.into());
    Ok(shown.into())
}

fn fields(fields: &[Field], levels: usize) -> Json<String, Value> {
    let shown = fields.iter().filter(|field| !field.legacy);
    shown.map(|field| (field.name.to_owned(), parameter(field.kind, field.required, levels))).collect()
}

fn parameter(kind: &Type, required: bool, levels: usize) -> Value {
    let mut shown = json!({"type": name_of(kind), "required": required});
    match kind {
        Type::Enum(values) => shown["enum"] = json!(values),
        Type::Object(inner) if levels > 0 => shown["properties"] = fields(inner, levels - 1).into(),
        Type::Array(of) if levels > 0 => shown["items"] = parameter(of, false, levels - 1),
        Type::AnyOf(kinds) if levels > 0 => {
            shown["any_of"] = kinds.iter().map(|kind| parameter(kind, false, levels - 1)).collect();
        }
        _ => {}
    }
    shown
}

fn name_of(kind: &Type) -> &'static str {
    match kind {
        Type::String { .. } | Type::Decimal | Type::Int64String | Type::Enum(_) | Type::Expandable(_) | Type::File => {
            "string"
        }
        Type::Integer | Type::Timestamp => "integer",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Array(_) | Type::List(_) | Type::Expand => "array",
        Type::Object(_) | Type::FreeObject | Type::Map(_) | Type::Metadata | Type::Ref(_) => "object",
        Type::Range | Type::Any | Type::AnyOf(_) => "any",
    }
}
