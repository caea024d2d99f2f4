//! Parts of objects: the items of a subscription, the lines of a session.
//!
//! May use: the generic operations. Invariant: an object shows a part as the part's own address does.

use std::sync::LazyLock;

use super::plan::WITHIN;
use super::shape::Shape;
use super::{kinds, operations};
use crate::catalogue::ByKind;
use crate::contract::{self, Ctx, Owner};
use crate::error::{ApiError, Result};
use crate::object::fill::set_at;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Record, Ref, Tx};

/// Parts of an object that are objects themselves.
struct Parts {
    /// The kind of the parts.
    kind: Kind,
    /// Their place in the owner.
    place: &'static Owner,
}

/// The parts of each kind with parts.
static PARTS: LazyLock<ByKind<Parts>> = LazyLock::new(|| {
    let entries = contract::all_entries();
    let places = entries.flat_map(|entry| entry.part_of.iter().map(|place| (entry.kind, place)));
    places.map(|(kind, place)| (place.kind, Parts { kind, place })).collect()
});

/// Creates, changes and removes the parts in a request, and shows them in the owner.
///
/// # Errors
/// A part that cannot be created.
pub(super) fn apply(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, id: &str, body: &mut Map, sent: &Map) -> Result<()> {
    let Some(parts) = PARTS.get(kind) else { return Ok(()) };
    let param = parts.place.param;
    if let Some(described) = sent.list(param) {
        // Lists show the newest first; lines without a list of their own are in the order in which they were sent.
        let mut described: Vec<(usize, &Doc)> = described.iter().enumerate().collect();
        if parts.place.link.is_none() {
            described.reverse();
        }
        for (i, part) in described {
            let Doc::Map(part) = part else { continue };
            let made = make_part(tx, ctx, parts, id, part);
            made.map_err(|error| error.inside(&format!("{param}[{i}]")))?;
        }
    }
    show(tx, parts, id, body);
    Ok(())
}

fn make_part(tx: &mut Tx, ctx: &Ctx<'_>, parts: &Parts, whole: &str, sent: &Map) -> Result<()> {
    let info = kinds::of(parts.kind).ok_or_else(ApiError::internal)?;
    let known = sent.str("id").and_then(|id| tx.record(info.kind(), id)).filter(|record| !record.deleted).cloned();
    if let Some(known) = known {
        if sent.bool("deleted") == Some(true) {
            tx.delete_any(&Ref { kind: info.kind(), id: known.object.id().clone() });
            return Ok(());
        }
        return operations::change_part(tx, ctx, info, &known, sent);
    }
    let id = info.new_id(ctx);
    let body = operations::make(tx, ctx, sent, info, &id, |body| {
        if let Some(link) = parts.place.link {
            body.set(link, whole.to_owned());
        }
    })?;
    let within = parts.place.link.is_none().then(|| Id::from(whole));
    operations::store(tx, ctx, info, &id, within, body);
    Ok(())
}

/// Shows the parts in the owner, with the fields that follow from them.
fn show(tx: &Tx, parts: &Parts, whole: &str, body: &mut Map) {
    let Owner { param, link, .. } = parts.place;
    let mut records = tx.records_having(parts.kind, link.unwrap_or(WITHIN), whole);
    records.reverse();
    let rows: Vec<Map> = records.iter().map(|record| record.object.to_doc()).collect();
    match link {
        Some(_) => {
            if let Some(currency) =
                rows.first().and_then(|row| row.map("price")).and_then(|price| price.get("currency"))
            {
                body.set("currency", currency.clone());
            }
            set_at(body, &format!("{param}.data"), Doc::List(rows.into_iter().map(Doc::Map).collect()));
        }
        None => totals(body, &rows),
    }
}

/// The sums of the lines.
fn totals(body: &mut Map, rows: &[Map]) {
    let Some(first) = rows.first() else { return };
    if let Some(currency) = first.get("currency") {
        body.set("currency", currency.clone());
    }
    for field in ["amount_subtotal", "amount_total"] {
        if body.has(field) {
            body.set(field, rows.iter().filter_map(|row| row.int(field)).fold(0, i64::saturating_add));
        }
    }
}

/// Updates the owner of a part that was created, changed or deleted at its own address.
pub(super) fn show_in_whole(tx: &mut Tx, part: &Record) {
    let places = contract::entry(part.object.kind()).map_or(&[][..], |entry| entry.part_of);
    let Some((place, link)) = places.iter().find_map(|place| Some((place, place.link?))) else { return };
    let Some(parts) = PARTS.get(place.kind) else { return };
    let body = part.object.to_doc();
    let Some(whole) = body.str(link) else { return };
    let Some(record) = tx.record(place.kind, whole).filter(|record| !record.deleted).cloned() else { return };
    let Some(mut shape) = Shape::edit(&record) else { return };
    show(tx, parts, whole, &mut shape.body);
    shape.save(tx);
}
