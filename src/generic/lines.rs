//! The lines of objects with rules.
//!
//! May use: the generic operations. Invariant: computes no amounts; the owner of the lines does.

use std::sync::Arc;

use super::children;
use super::kinds::checkout;
use super::shape::Shape;
use crate::contract::Ctx;
use crate::error::Result;
use crate::state::document::Map;
use crate::state::{Kind, Record, Ref, Tx};

/// Creates and changes the lines of an object in a request, with the prices that are described in place.
///
/// # Errors
/// A line that cannot be created.
pub fn make(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, id: &str, sent: &Map) -> Result<()> {
    children::apply(tx, ctx, kind, id, &mut Map::new(), sent)
}

/// The lines of an object, in the order in which they were sent.
pub fn of(tx: &Tx, whole: &str) -> Vec<Arc<Record>> {
    checkout::line_items(tx, whole)
}

/// Sets fields of a line.
pub fn set(tx: &mut Tx, line: &Record, fields: &Map) {
    let Some(mut shape) = Shape::edit(line) else { return };
    shape.body.merge(fields);
    shape.save(tx);
}

/// Removes a line.
pub fn remove(tx: &mut Tx, line: &Record) {
    tx.delete_any(&Ref { kind: line.object.kind(), id: line.object.id().clone() });
}
