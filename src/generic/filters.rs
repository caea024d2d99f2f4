//! The filters of lists without rules: what is indexed, and what each row is asked.
//!
//! May use: the catalogue, the stored forms. Invariant: a filter that is sent either counts or is refused; none is
//! passed over.

use super::fill::at;
use super::plan::{Action, Link, Plan, WITHIN};
use super::shape::Shape;
use super::unique;
use crate::catalogue::{self, Kind as Type, Object as Description};
use crate::contract::Call;
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::{Filter, Kind, Object};

/// Parameters of lists that are no filters, or that the list itself understands.
const NO_FILTERS: &[&str] = &["created", "ending_before", "expand", "include", "limit", "page", "starting_after"];

/// What filters look at where that is not the field of their name: kind, parameter, path. Behind an array each
/// element counts.
const PATHS: &[(&str, &str, &str)] = &[
    ("billing.alert", "meter", "usage_threshold.meter"),
    ("issuing.personalization_design", "lookup_keys", "lookup_key"),
    ("invoice", "subscription", "parent.subscription_details.subscription"),
    ("product_catalog.trial_offer", "prices", "price"),
    ("subscription", "plan", "items.data.plan.id"),
    ("subscription", "price", "items.data.price.id"),
    ("v2.core.event", "types", "type"),
    ("v2.core.vault.us_bank_account", "verification_status", "verification.status"),
];

/// What an operation looks up by a field that no list filters by: kind, field.
const LOOKED_UP: &[(&str, &str)] =
    &[("apps.secret", "name"), ("billing.meter_event", "event_name"), ("v2.billing.meter_event", "event_name")];

fn path(kind: Kind, param: &str) -> &str {
    PATHS.iter().find(|(name, known, _)| *name == kind.0 && *known == param).map_or(param, |(.., path)| path)
}

/// The filters that have an index.
pub(super) fn of_kind(object: &'static Description, plans: &[Option<Plan>]) -> Vec<Filter> {
    let kind = Kind(object.name);
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
                Link::Field(field) => add(field, None),
                Link::Within => add(WITHIN, None),
            }
        }
        if matches!(plan.action, Action::List) {
            for param in operation.params.iter().filter(|param| is_indexed(object, param)) {
                add(param.name, target(object, param.name));
            }
        }
    }
    let looked_up = LOOKED_UP.iter().find(|(known, _)| *known == object.name).map(|(_, field)| *field);
    for field in unique::field(object.name).into_iter().chain(looked_up) {
        add(field, None);
    }
    filters
}

fn is_indexed(object: &Description, param: &catalogue::Field) -> bool {
    let scalar = matches!(param.kind, Type::String { .. } | Type::Enum(_) | Type::Boolean);
    scalar && !NO_FILTERS.contains(&param.name) && has_path(object, param.name) && !is_special(object.name, param.name)
}

/// The kind whose objects a filter names.
fn target(object: &Description, param: &str) -> Option<Kind> {
    let field = catalogue::field(object.fields, path(Kind(object.name), param))?;
    let Type::Expandable(targets) = field.kind else { return None };
    // Accounts are the platform's, whoever asks.
    targets.iter().find(|target| !target.starts_with("deleted:") && **target != "account").map(|target| Kind(target))
}

fn has_path(object: &Description, param: &str) -> bool {
    let first = path(Kind(object.name), param).split('.').next().unwrap_or_default();
    catalogue::field(object.fields, first).is_some()
}

/// The values that an object has for a filter.
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
        // An object that is shown whole counts by its id.
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

/// Whether a filter is more than a comparison with a field.
fn is_special(object: &str, param: &str) -> bool {
    matches!(
        (object, param),
        ("subscription", "status")
            | ("invoiceitem", "pending")
            | ("entitlements.feature", "archived")
            | ("subscription_schedule", "scheduled")
            | ("v2.core.account", "closed")
    )
}

/// A question that each row is asked.
pub(super) type Question = Box<dyn Fn(&dyn Object) -> bool>;

/// What the rows are asked besides the indexed filters.
///
/// # Errors
/// A filter that this server cannot answer.
pub(super) fn questions(kind: Kind, object: &Description, call: &Call<'_>) -> Result<Vec<Question>> {
    let mut all: Vec<Question> = Vec::new();
    if kind.0 == "subscription" {
        all.push(subscription_status(call.params.str("status")));
    }
    if kind.0 == "v2.core.account" {
        let closed = call.params.bool("closed").unwrap_or(false);
        all.push(Box::new(move |object| body(object).is_some_and(|body| body.bool("closed") == Some(closed))));
    }
    for param in call.operation.params {
        let Some(value) = call.params.get(param.name) else { continue };
        if NO_FILTERS.contains(&param.name)
            || is_indexed(object, param)
            || matches!((kind.0, param.name), ("subscription", "status") | ("v2.core.account", "closed"))
        {
            continue;
        }
        let question = special(kind, param.name, value).or_else(|| {
            has_path(object, param.name).then(|| compared(path(kind, param.name).to_owned(), value.clone()))
        });
        match question {
            Some(question) => all.push(question),
            None => return Err(ApiError::filter_not_implemented(param.name, call.operation.path)),
        }
    }
    Ok(all)
}

fn body(object: &dyn Object) -> Option<&Map> {
    Shape::of(object).map(|shape| &shape.body)
}

/// Without a status the ended ones are left out (billing 2.13).
fn subscription_status(wanted: Option<&str>) -> Question {
    let wanted = wanted.map(str::to_owned);
    Box::new(move |object| {
        let status = body(object).and_then(|body| body.str("status")).unwrap_or_default();
        let ended = matches!(status, "canceled" | "incomplete_expired");
        match wanted.as_deref() {
            None => !ended,
            Some("all") => true,
            Some("ended") => ended,
            Some(wanted) => status == wanted,
        }
    })
}

fn special(kind: Kind, param: &str, value: &Doc) -> Option<Question> {
    let flag = value.as_bool();
    Some(match (kind.0, param) {
        ("invoiceitem", "pending") => {
            Box::new(move |object| body(object).map(|body| body.present("invoice").is_none()) == flag)
        }
        ("entitlements.feature", "archived") => {
            Box::new(move |object| body(object).and_then(|body| body.bool("active")).map(|active| !active) == flag)
        }
        ("subscription_schedule", "scheduled") => {
            Box::new(move |object| body(object).map(|body| body.str("status") == Some("not_started")) == flag)
        }
        ("v2.core.account", "applied_configurations") => {
            let wanted = value.as_list()?.to_vec();
            Box::new(move |object| {
                let applied = body(object).and_then(|body| body.list("applied_configurations")).unwrap_or_default();
                wanted.iter().all(|one| applied.contains(one))
            })
        }
        ("v2.core.event", "object_id") => {
            let wanted = value.as_str()?.to_owned();
            Box::new(move |object| {
                let about = body(object).and_then(|body| body.map("related_object"));
                about.and_then(|about| about.str("id")) == Some(wanted.as_str())
            })
        }
        _ => return None,
    })
}

/// Whether what is at a path is the value, one of the values, or within the bounds.
fn compared(path: String, wanted: Doc) -> Question {
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
