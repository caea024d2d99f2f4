//! The lines of objects with rules.
//!
//! May use: the generic operations. Invariant: computes no amounts; the owner of the lines does.

use std::sync::Arc;

use super::children;
use super::kinds::checkout;
use super::shape::Shape;
use crate::contract::{self, Ctx};
use crate::error::Result;
use crate::state::document::{Doc, Map};
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

/// Where an owner keeps, hidden, what each of its lines shows when it is expanded: `discounts` and `taxes`, by the line's id.
pub const OF_LINES: &str = "lines";

/// The discounts and taxes of a line that its owner keeps.
pub(super) fn kept(tx: &Tx, line: &str, field: &str) -> Option<Doc> {
    let within = tx.record(checkout::ITEM, line).and_then(|record| Shape::of(&*record.object)?.within.clone())?;
    let owner = checkout::OWNERS.iter().find_map(|owner| tx.record(owner.kind, &within))?;
    let hidden = owner.object.hidden_doc();
    let all = hidden.map(BREAKDOWN)?.map(OF_LINES)?;
    Some(in_full(tx, all.map(line)?.get(field), hidden.get(DISCOUNT)))
}

/// The hidden field of an owner for what its lines show when they are expanded.
pub const BREAKDOWN: &str = "breakdown";

/// The hidden field of an owner for its discount in full.
const DISCOUNT: &str = "discount";

/// Taxes or discounts, each with its rate or its discount in full.
pub fn in_full(tx: &Tx, all: Option<&Doc>, discount: Option<&Doc>) -> Doc {
    let whole = |part: &Doc| {
        let mut part = part.as_map().cloned().unwrap_or_default();
        let rate = part.str("rate").and_then(|id| contract::resolve(tx, checkout::RATE, id));
        if let Some(rate) = rate.and_then(|record| contract::show(record, checkout::RATE)) {
            part.set("rate", rate);
        }
        let kept = discount.filter(|_| part.has(DISCOUNT)).cloned();
        if let Some(discount) = kept.or_else(|| stored_discount(tx, part.str(DISCOUNT)?)) {
            part.set(DISCOUNT, discount);
        }
        Doc::from(part)
    };
    Doc::List(all.and_then(Doc::as_list).unwrap_or_default().iter().map(whole).collect())
}

/// A discount that is stored, in full.
fn stored_discount(tx: &Tx, id: &str) -> Option<Doc> {
    let record = contract::resolve(tx, checkout::DISCOUNT, id)?;
    contract::show(record, checkout::DISCOUNT).map(Doc::Map)
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
