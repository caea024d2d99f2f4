//! Every operation that no resource with rules claims: stored, shown, listed and changed by the catalogue alone.
//!
//! ```text
//! catalogue ─▶ plan (what an operation means) ─▶ operations ─▶ fit (parameters ─▶ fields)
//!              kinds (entries, ids)                             blank + defaults (what nobody said)
//!                                                               verbs (the table of state changes)
//! ```
//!
//! May use: the catalogue, the registry's types, the state. Invariant: no resource is described here by code where a
//! row of a table can do it, and what neither explains answers 501.

mod blank;
mod children;
mod complete;
pub mod coverage;
mod defaults;
mod derive;
mod fill;
mod filters;
mod fit;
mod kinds;
mod operations;
mod plan;
mod references;
mod shape;
#[cfg(test)]
mod tests;
mod v2;
mod verbs;

use std::sync::Arc;

use self::plan::Action;
use crate::api::operation::Behaviour;
use crate::catalogue::{self, Operation};
use crate::resources::Entry;
use crate::state::{Kind, Object};

/// Parameters that are shown under another name: object, the parameter's path, the field.
const ALIASES: &[(&str, &str, &str)] = &[
    ("promotion_code", "coupon", "promotion.coupon"),
    ("invoice", "subscription", "parent.subscription_details.subscription"),
];

/// What the generic operations do for an operation, and the kind it belongs to.
pub fn bind(operation: &'static Operation) -> Option<(&'static Entry, Behaviour)> {
    let plan = kinds::plan(operation)?;
    let is_v2 = catalogue::is_v2(operation.path);
    let behaviour = match plan.action {
        Action::Create if is_v2 => Behaviour::Write(v2::create),
        Action::Retrieve if is_v2 => Behaviour::Read(v2::retrieve),
        Action::Update if is_v2 => Behaviour::Write(v2::update),
        Action::Delete if is_v2 => Behaviour::Write(v2::delete),
        Action::List if is_v2 => Behaviour::Read(v2::list),
        Action::Verb(_) if is_v2 => Behaviour::Write(v2::verb),
        Action::Ping => Behaviour::Write(v2::ping),
        Action::Stream => Behaviour::Write(v2::stream),
        Action::Create => Behaviour::Write(operations::create),
        Action::Retrieve => Behaviour::Read(operations::retrieve),
        Action::Update => Behaviour::Write(operations::update),
        Action::Delete => Behaviour::Write(operations::delete),
        Action::List => Behaviour::Read(operations::list),
        Action::RetrieveSingle => Behaviour::Read(operations::retrieve_single),
        Action::UpdateSingle => Behaviour::Write(operations::update_single),
        Action::Verb(_) => Behaviour::Write(operations::verb),
    };
    Some((entry(plan.kind)?, behaviour))
}

/// The bytes of an upload, in base64.
pub fn content(object: &dyn Object) -> Option<Arc<str>> {
    shape::Shape::of(object)?.content.clone()
}

/// The kind of uploads.
pub const FILE: Kind = Kind("file");

/// The registry's entry of a kind without rules.
pub fn entry(kind: Kind) -> Option<&'static Entry> {
    kinds::of(kind).map(|info| &info.entry)
}
