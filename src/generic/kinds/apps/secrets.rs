//! Secrets of apps, which are found by name and scope.
//!
//! May use: the generic operations. Invariant: a scope has one secret of a name.

use std::sync::Arc;

use crate::contract::{Call, Ctx, In, Outcome, missing_as};
use crate::error::{ApiError, Result};
use crate::generic::{kinds, operations};
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Record, Ref, Tx};

const SECRET: Kind = crate::kind!("apps.secret");

/// Creates a secret, or replaces the one with the same name and scope.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Some(known) = named(tx, call) else { return operations::create(tx, ctx, call) };
    let info = kinds::of(SECRET).ok_or_else(ApiError::internal)?;
    operations::change_part(tx, ctx, info, &known, &call.params)?;
    Ok(Outcome::Done(Ref { kind: SECRET, id: known.object.id().clone() }))
}

/// Shows the secret with this name and scope.
pub(super) fn find(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    Ok(Outcome::Done(Ref { kind: SECRET, id: required(tx, call)?.object.id().clone() }))
}

/// Deletes the secret with this name and scope, and shows it in full.
pub(super) fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let record = required(tx, call)?;
    tx.delete_any(&Ref { kind: SECRET, id: record.object.id().clone() });
    Ok(Outcome::Value(record.object.to_doc().with("deleted", true).into()))
}

fn required(tx: &Tx, call: &Call<'_>) -> Result<Arc<Record>> {
    let name = call.params.str("name").unwrap_or_default();
    named(tx, call).ok_or_else(|| missing_as("secret", name, In::PathAs("name")))
}

fn named(tx: &Tx, call: &Call<'_>) -> Option<Arc<Record>> {
    let part =
        |map: Option<&Map>, key: &str| map.and_then(|map| map.present(key)).and_then(Doc::as_str).map(str::to_owned);
    let scope = |map: Option<&Map>| (part(map, "type"), part(map, "user"));
    let wanted = scope(call.params.map("scope"));
    let mut found = tx.records_having(SECRET, "name", call.params.str("name").unwrap_or_default()).into_iter();
    found.find(|record| scope(record.object.to_doc().map("scope")) == wanted)
}
