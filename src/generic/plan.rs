//! The meaning of an operation without rules, from its method, its path and its answer.
//!
//! May use: the catalogue, the declarations. Invariant: a plan follows from the catalogue and the declarations alone;
//! an operation without a plan answers 501.

use super::kinds;
use super::kinds::declaration::Declaration;
use super::kinds::verb::Verb;
use crate::catalogue::{self, Find, Method, Operation, Returns};
use crate::contract;
use crate::state::Kind;

/// The action of an operation, its kind and its parents.
#[derive(Debug)]
pub(super) struct OperationPlan {
    /// The action.
    pub(super) action: OperationAction,
    /// The kind of its answer.
    pub(super) kind: Kind,
    /// The parent objects in the path, in order.
    pub(super) parents: Vec<Parent>,
}

/// The action of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum OperationAction {
    /// Stores the parameters as a new object.
    Create,
    /// Shows an object.
    Retrieve,
    /// Merges the parameters into an object.
    Update,
    /// Lists a kind, or the objects of a parent.
    List,
    /// Deletes an object and answers with its stub.
    Delete,
    /// Shows the one object of its kind, or the one of the parent.
    RetrieveSingle,
    /// Merges the parameters into that object.
    UpdateSingle,
    /// Carries out a declared verb.
    Verb(&'static Verb),
}

/// A parent object in the path.
#[derive(Debug)]
pub(super) struct Parent {
    /// Its kind.
    pub(super) kind: Kind,
    /// The name of the path's parameter.
    pub(super) param: &'static str,
    /// How the object is linked to its parent.
    pub(super) link: ParentLink,
}

/// How an object is linked to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParentLink {
    /// A field of the object holds the parent's id.
    Field(&'static str),
    /// The object does not show its parent; its stored form contains it.
    Within,
}

/// The name of the filter for [`ParentLink::Within`].
pub(super) const WITHIN: &str = "within";

/// Paths whose operations may have only a shape; those that move money under `/v2` may not.
const SHAPED: &[&str] = &["/v1/", "/v2/billing/", "/v2/commerce/", "/v2/core/"];

/// The plan of an operation without rules.
pub(super) fn plan(operation: &'static Operation) -> Option<OperationPlan> {
    if !SHAPED.iter().any(|root| operation.path.starts_with(root)) {
        return None;
    }
    let kind = answered_kind(&operation.returns).or_else(|| unnamed_kind(operation))?;
    let declared = kinds::declared(kind);
    if declared.absent.contains(&operation.name) {
        return None;
    }
    let action = action(operation, declared)?;
    // An object with rules is never written around its rules.
    if contract::has_rules(kind) {
        return None;
    }
    let own = match action {
        OperationAction::Retrieve | OperationAction::Update | OperationAction::Delete | OperationAction::Verb(_) => 1,
        _ => 0,
    };
    let parents = operation.path_params.len().checked_sub(own)?;
    let parents = (0..parents).map(|at| parent(operation, kind, at)).collect::<Option<_>>()?;
    Some(OperationPlan { action, kind, parents })
}

fn answered_kind(returns: &Returns) -> Option<Kind> {
    let names: &'static [&'static str] = match returns {
        Returns::Object(names) | Returns::List(names) => names,
        Returns::Deleted(name) => return Kind::named(name),
        Returns::SearchResult(_) | Returns::Stream | Returns::Other => return None,
    };
    names.iter().find_map(|name| Kind::named(name))
}

/// The kind of an operation under `/v2` whose answer has no type in the catalogue: a page, or a stub.
fn unnamed_kind(operation: &'static Operation) -> Option<Kind> {
    let mut declared = kinds::declarations();
    if let Some(about) = declared.find(|declared| declared.answers.contains(&operation.name)) {
        return Some(about.entry.kind);
    }
    let own = if operation.path.ends_with('}') { String::new() } else { "/x".to_owned() };
    let path = format!("{}{own}", operation.path.replace(['{', '}'], ""));
    match catalogue::find(Method::Get, &path) {
        Find::Operation(found) if catalogue::is_v2(operation.path) => answered_kind(&found.operation.returns),
        _ => None,
    }
}

fn action(operation: &'static Operation, declared: &'static Declaration) -> Option<OperationAction> {
    if let Some(verb) = declared.verbs.iter().find(|verb| verb.operation == operation.name) {
        return Some(OperationAction::Verb(verb));
    }
    let ends_with_id = operation.path.ends_with('}');
    let last = operation.name.rsplit('.').next().unwrap_or_default();
    match (last, operation.method, &operation.returns, ends_with_id) {
        ("list", Method::Get, Returns::Other, false) => Some(OperationAction::List),
        ("retrieve", Method::Get, Returns::Other, true) => Some(OperationAction::Retrieve),
        ("delete", Method::Delete, Returns::Other, true) => Some(OperationAction::Delete),
        ("create", Method::Post, Returns::Object(_), false) => Some(OperationAction::Create),
        ("list", Method::Get, Returns::List(_), false) => Some(OperationAction::List),
        ("retrieve", Method::Get, Returns::Object(_), true) => Some(OperationAction::Retrieve),
        ("retrieve", Method::Get, Returns::Object(_), false) => Some(OperationAction::RetrieveSingle),
        ("update", Method::Post, Returns::Object(_), true) => Some(OperationAction::Update),
        ("update", Method::Post, Returns::Object(_), false) => Some(OperationAction::UpdateSingle),
        ("delete", Method::Delete, Returns::Deleted(_), true) => Some(OperationAction::Delete),
        _ => None,
    }
}

/// The parent for the path's parameter at this position.
fn parent(operation: &'static Operation, kind: Kind, at: usize) -> Option<Parent> {
    let param = operation.path_params.get(at)?;
    let end = operation.path.find(&format!("{{{param}}}"))?;
    // Any segment matches the parameter.
    let path = format!("{}x", &operation.path[..end]).replace(['{', '}'], "");
    let parent = [Method::Get, Method::Post, Method::Delete].into_iter().find_map(|method| {
        match catalogue::find(method, &path) {
            Find::Operation(found) => answered_kind(&found.operation.returns),
            _ => None,
        }
    })?;
    let fields = catalogue::object(kind.name())?.fields;
    let own = parent.name().rsplit('.').next().unwrap_or(parent.name());
    let named = [own, param].into_iter().find_map(|name| catalogue::field(fields, name));
    let link =
        named.filter(|field| is_id(field.kind)).map_or(ParentLink::Within, |field| ParentLink::Field(field.name));
    Some(Parent { kind: parent, param, link })
}

fn is_id(kind: &catalogue::Type) -> bool {
    matches!(kind, catalogue::Type::Expandable(_) | catalogue::Type::String { .. })
}
