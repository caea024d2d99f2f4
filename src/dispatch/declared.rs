//! The operations that an entry only declares: retrieving, listing, changing the metadata.
//!
//! May use: the registry, lists, metadata. Invariant: what an operation does here follows from its entry and its path alone.

use std::sync::Arc;

use crate::api::list;
use crate::catalogue;
use crate::contract::{self, Call, Entry, In, Outcome, Under};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::state::{Record, Ref, Tx};

/// The last path argument, which is the id of the object.
pub(super) fn id<'c>(call: &'c Call<'_>) -> &'c str {
    call.args.last().map_or("", String::as_str)
}

/// The path argument with the id of an object of the entry's kind, though that of another follows; else the last one.
pub(super) fn owner_id<'c>(entry: &Entry, call: &'c Call<'_>) -> &'c str {
    let named = call.operation.path_params.iter().position(|name| *name == entry.path_param);
    named.map_or_else(|| id(call), |position| call.arg(position))
}

/// Shows the object.
pub(super) fn retrieve(tx: &Tx, entry: &Entry, call: &Call<'_>) -> Result<Outcome> {
    let id = id(call);
    // A deleted object of most kinds can no longer be retrieved.
    let shows_stub = matches!(call.operation.returns, catalogue::Returns::Object(names)
        if names.iter().any(|name| name.starts_with("deleted:")));
    let record = contract::resolve(tx, entry.kind, id)
        .filter(|record| !record.deleted || shows_stub)
        .ok_or_else(|| contract::missing(entry.kind, id, In::Path))?;
    let shown = Ref { kind: entry.kind, id: record.object.id().clone() };
    Ok(if record.deleted { Outcome::Deleted(shown) } else { Outcome::Done(shown) })
}

/// Shows the object, if it belongs to the parent in the path.
pub(super) fn retrieve_under(tx: &Tx, entry: &Entry, call: &Call<'_>, under: Under) -> Result<Outcome> {
    let record = child(tx, entry, call, under)?;
    Ok(Outcome::Done(Ref { kind: entry.kind, id: record.object.id().clone() }))
}

/// Lists what belongs to the parent in the path.
pub(super) fn list_under(tx: &Tx, entry: &'static Entry, call: &Call<'_>, under: Under) -> Result<Outcome> {
    require_parent(tx, entry, call, under)?;
    list::page(tx, entry, call, Some((under.filter, call.arg(0)))).map(|mut list| {
        list.counts = false;
        Outcome::List(list)
    })
}

/// Merges the metadata, and writes the other members in `kept` that were sent.
pub(super) fn update_metadata(
    tx: &mut Tx,
    entry: &Entry,
    call: &Call<'_>,
    under: Option<Under>,
    kept: &[&'static str],
) -> Result<Outcome> {
    let record = match under {
        Some(under) => child(tx, entry, call, under)?,
        None => contract::require_record(tx, entry.kind, id(call), In::Path)?,
    };
    let record = Arc::clone(record);
    let object = &record.object;
    let mut visible = object.to_doc();
    let current = visible.map("metadata").cloned().unwrap_or_default();
    visible.set("metadata", metadata::merge(&current, call.params.get("metadata"))?);
    for name in kept {
        if let Some(value) = call.params.get(name) {
            visible.set(*name, value.clone());
        }
    }
    let changed = (entry.import)(visible, object.hidden_doc(), object.created()).map_err(|_| ApiError::internal())?;
    tx.save_object(object, changed);
    Ok(Outcome::Done(Ref { kind: entry.kind, id: object.id().clone() }))
}

/// The object of a path whose first argument is its parent.
fn child<'tx>(tx: &'tx Tx, entry: &Entry, call: &Call<'_>, under: Under) -> Result<&'tx Arc<Record>> {
    require_parent(tx, entry, call, under)?;
    let record = contract::require_record(tx, entry.kind, id(call), In::Path)?;
    let filter = entry.filters.iter().find(|filter| filter.param == under.filter);
    match filter.filter(|filter| filter.has(&*record.object, call.arg(0))) {
        Some(_) => Ok(record),
        None => Err(contract::missing(entry.kind, id(call), In::Path)),
    }
}

fn require_parent(tx: &Tx, entry: &Entry, call: &Call<'_>, under: Under) -> Result<()> {
    let target = entry.filters.iter().find(|filter| filter.param == under.filter).and_then(|filter| filter.target);
    let target = target.ok_or_else(ApiError::internal)?;
    contract::require_record(tx, target, call.arg(0), In::PathAs(under.param)).map(drop)
}
