//! `expand`: which paths there are, checked before an operation runs (core-payments 1.10, platform 5.3).
//!
//! May use: the catalogue's response trees and the registry's includes. Invariant: a path that passes can be
//! followed by the renderer, or ends at something that is embedded already.

use crate::api::error::{ApiError, Result};
use crate::catalogue::{self, Field, Kind, Returns};
use crate::limits::EXPAND_LEVELS_MAX;
use crate::resources;

/// A step of the paths to expand, with what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The field.
    pub name: String,
    /// What to expand below it.
    pub children: Vec<Node>,
}

/// Merges paths into trees.
pub fn parse(paths: &[String]) -> Vec<Node> {
    let mut roots = Vec::new();
    for path in paths {
        let mut level = &mut roots;
        for name in path.split('.') {
            let at = level.iter().position(|node: &Node| node.name == name).unwrap_or_else(|| {
                level.push(Node { name: name.to_owned(), children: Vec::new() });
                level.len() - 1
            });
            level = &mut level[at].children;
        }
    }
    roots
}

/// Fields that the wire has and the types lack, or that are known and never there: expanding them
/// changes nothing (platform 5.3).
const EXTRA: &[(&str, &str)] = &[
    ("charge", "dispute"),
    ("charge", "invoice"),
    ("charge", "source"),
    ("charge", "refunds"),
    ("customer", "cash_balance"),
    ("customer", "invoice_credit_balance"),
    ("customer", "sources"),
    ("customer", "subscriptions"),
    ("customer", "tax"),
    ("customer", "tax_ids"),
    ("customer", "test_clock"),
    ("payment_intent", "invoice"),
    ("payment_intent", "last_payment_error"),
    ("payment_intent", "processing"),
    ("payment_intent", "source"),
];

/// Checks the paths of a call.
///
/// # Errors
/// The first path that cannot be expanded.
pub fn check_paths(returns: &Returns, paths: &[String]) -> Result<()> {
    paths.iter().try_for_each(|path| check_path(returns, path))
}

fn check_path(returns: &Returns, path: &str) -> Result<()> {
    let segments: Vec<&str> = path.split('.').collect();
    let refused = || ApiError::expand_invalid(path);
    let (objects, rest): (&'static [&'static str], &[&str]) = match returns {
        Returns::Object(objects) => (objects, &segments),
        Returns::List(objects) | Returns::SearchResult(objects) => match segments.as_slice() {
            ["data"] => return Ok(()),
            ["data", rest @ ..] => (objects, rest),
            ["total_count"] if matches!(returns, Returns::SearchResult(_)) => return Ok(()),
            [first, ..] => return Err(ApiError::expand_needs_data(first)),
            [] => return Err(refused()),
        },
        Returns::Deleted(_) | Returns::Stream | Returns::Other => return Err(refused()),
    };
    if rest.len() > EXPAND_LEVELS_MAX {
        return Err(ApiError::expand_too_deep(path));
    }
    if objects.iter().any(|object| is_expandable_in(object, rest)) { Ok(()) } else { Err(refused()) }
}

fn is_expandable_in(object: &str, segments: &[&str]) -> bool {
    let [first, rest @ ..] = segments else { return true };
    let name = object.strip_prefix("deleted:").unwrap_or(object);
    if EXTRA.contains(&(name, first)) && rest.is_empty() {
        return true;
    }
    let field = catalogue::object(name).and_then(|object| catalogue::field(object.fields, first));
    let included = resources::entries()
        .iter()
        .any(|entry| entry.kind.0 == name && entry.includes.iter().any(|include| include.field == *first));
    if included && field.is_none() {
        // A list that only older versions have: what is in it is checked where it is described.
        return rest.first().is_none_or(|segment| *segment == "data");
    }
    field.is_some_and(|field| is_expandable(field.kind, rest))
}

fn is_expandable(kind: &'static Kind, rest: &[&str]) -> bool {
    match kind {
        Kind::Expandable(targets) | Kind::Ref(targets) => {
            rest.is_empty() || targets.iter().any(|target| is_expandable_in(target, rest))
        }
        Kind::Array(of) => is_expandable(of, rest),
        Kind::List(of) => match rest {
            [] | ["data"] => true,
            ["data", rest @ ..] => is_expandable(of, rest),
            _ => false,
        },
        Kind::Object(fields) => match rest {
            [] => fields.iter().any(has_expandable),
            [first, rest @ ..] => catalogue::field(fields, first).is_some_and(|field| is_expandable(field.kind, rest)),
        },
        Kind::AnyOf(kinds) => kinds.iter().any(|kind| is_expandable(kind, rest)),
        _ => false,
    }
}

/// Whether a field is, or holds, something that can be expanded.
fn has_expandable(field: &Field) -> bool {
    fn holds(kind: &Kind) -> bool {
        match kind {
            Kind::Expandable(_) | Kind::Ref(_) | Kind::List(_) => true,
            Kind::Array(of) | Kind::Map(of) => holds(of),
            Kind::Object(fields) => fields.iter().any(has_expandable),
            Kind::AnyOf(kinds) => kinds.iter().any(|kind| holds(kind)),
            _ => false,
        }
    }
    holds(field.kind)
}
