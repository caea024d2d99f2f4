//! The operations without rules: objects are stored, shown, listed and changed by the catalogue alone.
//!
//! ```text
//! kinds/AREA (one declaration per kind)
//! catalogue ─▶ plan (the meaning of an operation) ─▶ operations ─▶ fit (parameters ─▶ fields)
//!              kinds (entries, blank forms)                     blank + source (values not sent)
//!                                                               verbs (declared changes of state)
//! ```
//!
//! May use: the catalogue, the registry's types, the state. Invariant: whatever is known of a kind is in its
//! declaration; what neither the catalogue nor a declaration explains answers 501.

// A rule that fails is never passed over.
#![deny(clippy::let_underscore_must_use)]

mod children;
pub mod coverage;
pub mod described;
mod filters;
mod kinds;
pub mod lines;
mod operations;
mod plan;
mod shape;
#[cfg(test)]
mod tests;
mod unique;
pub mod v2;

use std::sync::Arc;

use self::plan::OperationAction;
pub use self::shape::FileContent;
pub use self::v2::{ThinEvent, announce_thin};
use crate::catalogue::{self, Operation};
use crate::contract::{Behaviour, Ctx, Entry};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Object, Tx};

/// The function of the generic operations for an operation, and its kind.
pub fn bind(operation: &'static Operation) -> Option<(&'static Entry, Behaviour)> {
    if let Some((kind, behaviour)) = kinds::behaviour(operation.name) {
        return Some((entry(kind)?, behaviour));
    }
    let plan = kinds::plan(operation)?;
    let is_v2 = catalogue::is_v2(operation.path);
    let behaviour = match plan.action {
        OperationAction::Create if is_v2 => Behaviour::Write(v2::create),
        OperationAction::Retrieve if is_v2 => Behaviour::Read(v2::retrieve),
        OperationAction::Update if is_v2 => Behaviour::Write(v2::update),
        OperationAction::Delete if is_v2 => Behaviour::Write(v2::delete),
        OperationAction::List if is_v2 => Behaviour::Read(v2::list),
        OperationAction::Verb(_) if is_v2 => Behaviour::Write(v2::verb),
        OperationAction::Create => Behaviour::Write(operations::create),
        OperationAction::Retrieve => Behaviour::Read(operations::retrieve),
        OperationAction::Update => Behaviour::Write(operations::update),
        OperationAction::Delete => Behaviour::Write(operations::delete),
        OperationAction::List => Behaviour::Read(operations::list),
        OperationAction::RetrieveSingle => Behaviour::Read(operations::retrieve_single),
        OperationAction::UpdateSingle => Behaviour::Write(operations::update_single),
        OperationAction::Verb(_) => Behaviour::Write(operations::verb),
    };
    Some((entry(plan.kind)?, behaviour))
}

/// The content of an upload.
pub fn content(object: &dyn Object) -> Option<Arc<FileContent>> {
    shape::Shape::of(object)?.content.clone()
}

/// Checks that a link may lead to files of this purpose.
///
/// # Errors
/// It may not.
pub fn check_linkable(purpose: &str) -> Result<()> {
    kinds::check_linkable(purpose)
}

/// Stores a file without content, as if it had been uploaded, and returns its id.
///
/// # Errors
/// There is no room for it.
pub fn store_test_file(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    kind: Kind,
    filename: &str,
    purpose: &'static str,
) -> Result<String> {
    let info = kinds::of(kind).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let upload = Map::from([("filename", Doc::from(filename.to_owned())), ("size", "0".into())]);
    let sent = Map::from([("file", Doc::Map(upload)), ("purpose", purpose.into())]);
    let file = operations::make(tx, ctx, &sent, info, &id, |_| {})?;
    operations::store_upload(tx, ctx, info, &id, file, "").map(|_| id)
}

/// The entries of all kinds without rules.
pub fn entries() -> Vec<&'static Entry> {
    kinds::entries().collect()
}

/// The registry's entry of a kind without rules.
pub fn entry(kind: Kind) -> Option<&'static Entry> {
    kinds::of(kind).map(|info| &info.entry)
}
