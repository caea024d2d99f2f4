//! Actions of readers: an action stays in progress, because there is no reader.
//!
//! May use: the generic operations. Invariant: nothing is paid by an action.

use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::generic::shape::Shape;
use crate::generic::{kinds, operations};
use crate::object::references;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Ref, Tx};

const READER: Kind = crate::kind!("terminal.reader");

/// Starts an action of a reader, which replaces the one before.
pub(super) fn act(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let info = kinds::of(READER).ok_or_else(ApiError::internal)?;
    let id = call.arg(0);
    let mut idle = Shape::to_change(tx, READER, id)?;
    references::check(tx, call, info.object)?;
    let kind = call.operation.name.rsplit('.').next().unwrap_or_default();
    idle.body.set("action", Doc::Null);
    tx.quietly(|tx| idle.save(tx));
    let action = Map::from([("status", Doc::from("in_progress")), ("type", Doc::from(kind.to_owned()))]);
    let sent: Map = (*call.params).clone();
    let action = action.with(kind.to_owned(), sent);
    let record = tx.record(READER, id).cloned().ok_or_else(ApiError::internal)?;
    operations::change_part(tx, ctx, info, &record, &Map::from([("action", action)]))?;
    Ok(Outcome::Done(Ref { kind: READER, id: record.object.id().clone() }))
}
