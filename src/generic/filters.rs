//! The filters of lists without rules: which are indexed, and which are checked for each row.
//!
//! May use: the catalogue, the declarations, the stored forms. Invariant: a filter that is sent is applied or refused,
//! never ignored.

use super::kinds;
use super::plan::{OperationAction, OperationPlan, ParentLink, WITHIN};
use super::shape::Shape;
use crate::catalogue::{self, ObjectType, Type};
use crate::contract::Call;
use crate::error::{ApiError, Result};
use crate::object::fill::at;
use crate::state::document::{Doc, Map};
use crate::state::{Filter, Kind, Object};

/// Parameters of lists that are not filters, or that the list handles itself.
const NO_FILTERS: &[&str] = &["created", "ending_before", "expand", "include", "limit", "page", "starting_after"];

/// The path of the field that a filter compares.
fn path(kind: Kind, param: &str) -> &str {
    let declared = kinds::declared(kind).filters.iter().find(|filtered| filtered.param == param);
    declared.map_or(param, |filtered| filtered.path)
}

/// The filters that have an index.
pub(super) fn of_kind(object: &'static ObjectType, plans: &[Option<OperationPlan>]) -> Vec<Filter> {
    let kind = object.kind;
    let mut filters: Vec<Filter> = Vec::new();
    let mut add = |param: &'static str, target: Option<Kind>| {
        if !filters.iter().any(|filter| filter.param == param) {
            filters.push(Filter { param, values, target });
        }
    };
    let own =
        catalogue::operations().iter().zip(plans).filter_map(|(operation, plan)| Some((operation, plan.as_ref()?)));
    for (operation, plan) in own.filter(|(_, plan)| plan.kind == kind) {
        for parent in &plan.parents {
            match parent.link {
                ParentLink::Field(field) => add(field, None),
                ParentLink::Within => add(WITHIN, None),
            }
        }
        if matches!(plan.action, OperationAction::List) {
            for param in operation.params.iter().filter(|param| is_indexed(object, param)) {
                add(param.name, target(object, param.name));
            }
        }
    }
    let declared = kinds::declared(kind);
    for field in declared.unique.iter().map(|unique| unique.field).chain(declared.looked_up) {
        add(field, None);
    }
    filters
}

fn is_indexed(object: &ObjectType, param: &catalogue::Field) -> bool {
    let scalar = matches!(param.kind, Type::String { .. } | Type::Enum(_) | Type::Boolean);
    scalar && !NO_FILTERS.contains(&param.name) && has_path(object, param.name)
}

/// The kind of the objects that a filter refers to.
fn target(object: &ObjectType, param: &str) -> Option<Kind> {
    let field = catalogue::field(object.fields, path(object.kind, param))?;
    let Type::Expandable(targets) = field.kind else { return None };
    // Accounts belong to the platform, whichever account makes the request.
    let is_platforms = |kind: Kind| crate::contract::with_rules(kind).is_some_and(|entry| entry.events.of_own_account);
    targets.iter().filter_map(|target| Kind::named(target)).find(|kind| !is_platforms(*kind))
}

fn has_path(object: &ObjectType, param: &str) -> bool {
    let first = path(object.kind, param).split('.').next().unwrap_or_default();
    catalogue::field(object.fields, first).is_some()
}

/// The values of an object for a filter.
fn values(object: &dyn Object, param: &str, out: &mut dyn FnMut(&str)) {
    let Some(shape) = Shape::of(object) else { return };
    if param == WITHIN {
        if let Some(within) = &shape.within {
            out(within);
        }
        return;
    }
    each(&shape.body, path(object.kind(), param), &mut |value| match value {
        Doc::Text(text) => out(text),
        Doc::Bool(flag) => out(if *flag { "true" } else { "false" }),
        // An expanded object is compared by its id.
        Doc::Map(map) => map.str("id").into_iter().for_each(&mut *out),
        _ => {}
    });
}

/// Every value at a path.
fn each(map: &Map, path: &str, out: &mut dyn FnMut(&Doc)) {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(value) = map.get(first) else { return };
    let mut one = |value: &Doc| match value {
        Doc::Map(inner) if !rest.is_empty() => each(inner, rest, out),
        value if rest.is_empty() => out(value),
        _ => {}
    };
    match value {
        Doc::List(items) => items.iter().for_each(one),
        value => one(value),
    }
}

/// A check of each row.
pub(super) type RowCheck = Box<dyn Fn(&dyn Object) -> bool>;

/// The checks of each row besides the indexed filters.
///
/// # Errors
/// A filter that is not built.
pub(super) fn questions(kind: Kind, object: &ObjectType, call: &Call<'_>) -> Result<Vec<RowCheck>> {
    let mut all: Vec<RowCheck> = Vec::new();
    for param in call.operation.params {
        let Some(value) = call.params.get(param.name) else { continue };
        if NO_FILTERS.contains(&param.name) || is_indexed(object, param) {
            continue;
        }
        if !has_path(object, param.name) {
            return Err(ApiError::filter_not_implemented(param.name, call.operation.path));
        }
        all.push(compared(path(kind, param.name).to_owned(), value.clone()));
    }
    Ok(all)
}

fn body(object: &dyn Object) -> Option<&Map> {
    Shape::of(object).map(|shape| &shape.body)
}

/// Whether the value at a path equals the wanted one, is one of the wanted ones, or is within the bounds.
fn compared(path: String, wanted: Doc) -> RowCheck {
    Box::new(move |object| {
        let Some(body) = body(object) else { return false };
        let mut found = false;
        each(body, &path, &mut |value| found |= is_like(value, &wanted));
        found
    })
}

fn is_like(value: &Doc, wanted: &Doc) -> bool {
    match (value, wanted) {
        (value, Doc::List(any)) => any.iter().any(|one| is_like(value, one)),
        (Doc::Int(n), Doc::Map(bounds)) => {
            let above = |key: &str, holds: fn(&i64, &i64) -> bool| bounds.int(key).is_none_or(|bound| holds(n, &bound));
            above("gt", i64::gt) && above("gte", i64::ge) && above("lt", i64::lt) && above("lte", i64::le)
        }
        (Doc::Map(map), Doc::Map(parts)) => {
            parts.iter().all(|(key, part)| at(map, key).is_some_and(|value| is_like(value, part)))
        }
        (Doc::Map(map), Doc::Text(id)) => map.str("id") == Some(id),
        (value, wanted) => value == wanted,
    }
}
