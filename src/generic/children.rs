//! Objects that are made with another: the items of a subscription, the lines of a session.
//!
//! May use: the generic operations. Invariant: what is shown inside an object is what its own address answers.

use std::sync::Arc;

use super::fill::set_at;
use super::plan::WITHIN;
use super::shape::Shape;
use super::{kinds, operations};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::resources::connect::accounts;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Record, Ref, Tx};

/// Parts of an object that are objects of their own.
struct Parts {
    /// The whole.
    whole: &'static str,
    /// The parameter that describes them.
    param: &'static str,
    /// What each of them is.
    kind: &'static str,
    /// The field of a part that names the whole, when it shows it; its list is then embedded under `param`.
    link: Option<&'static str>,
}

const PARTS: &[Parts] = &[
    Parts { whole: "checkout.session", param: "line_items", kind: "item", link: None },
    Parts { whole: "payment_link", param: "line_items", kind: "item", link: None },
    Parts { whole: "quote", param: "line_items", kind: "item", link: None },
    Parts { whole: "subscription", param: "items", kind: "subscription_item", link: Some("subscription") },
];

/// Makes, changes and removes the parts that a request describes, and shows them in the whole.
///
/// # Errors
/// A part that cannot be made.
pub(super) fn apply(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, id: &str, body: &mut Map, sent: &Map) -> Result<()> {
    if kind.0 == "file" {
        link(tx, ctx, id, body, sent)?;
    }
    let Some(parts) = PARTS.iter().find(|parts| parts.whole == kind.0) else { return Ok(()) };
    if let Some(described) = sent.list(parts.param) {
        // Lists show the newest first; lines without a list of their own stand in the order in which they were sent.
        let mut described: Vec<(usize, &Doc)> = described.iter().enumerate().collect();
        if parts.link.is_none() {
            described.reverse();
        }
        for (i, part) in described {
            let Doc::Map(part) = part else { continue };
            let made = make_part(tx, ctx, parts, id, part);
            made.map_err(|error| error.inside(&format!("{}[{i}]", parts.param)))?;
        }
    }
    show(tx, parts, id, body);
    Ok(())
}

fn make_part(tx: &mut Tx, ctx: &Ctx<'_>, parts: &Parts, whole: &str, sent: &Map) -> Result<()> {
    let info = kinds::of(Kind(parts.kind)).ok_or_else(ApiError::internal)?;
    let known = sent.str("id").and_then(|id| tx.record(info.kind(), id)).filter(|record| !record.deleted).cloned();
    if let Some(known) = known {
        if sent.bool("deleted") == Some(true) {
            tx.delete_any(&Ref { kind: info.kind(), id: known.object.id().clone() });
            return Ok(());
        }
        return operations::change_part(tx, ctx, info, &known, sent);
    }
    let id = info.new_id(ctx);
    let body = operations::make(tx, ctx, sent, info, &id, &[], |body| {
        if let Some(link) = parts.link {
            body.set(link, whole.to_owned());
        }
    })?;
    let within = parts.link.is_none().then(|| Id::from(whole));
    operations::store(tx, ctx, info, &id, within, body);
    Ok(())
}

/// Shows the parts in the whole, with what follows from them.
fn show(tx: &Tx, parts: &Parts, whole: &str, body: &mut Map) {
    let kind = Kind(parts.kind);
    let mut records = tx.records_having(kind, parts.link.unwrap_or(WITHIN), whole);
    records.reverse();
    let rows: Vec<Map> = records.iter().map(|record| record.object.to_doc()).collect();
    match parts.link {
        Some(_) => {
            if let Some(currency) =
                rows.first().and_then(|row| row.map("price")).and_then(|price| price.get("currency"))
            {
                body.set("currency", currency.clone());
            }
            set_at(body, &format!("{}.data", parts.param), Doc::List(rows.into_iter().map(Doc::Map).collect()));
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

/// The link that is made with a file.
fn link(tx: &mut Tx, ctx: &Ctx<'_>, file: &str, body: &mut Map, sent: &Map) -> Result<()> {
    let Some(data) = sent.map("file_link_data").filter(|data| data.bool("create") == Some(true)) else { return Ok(()) };
    let info = kinds::of(Kind("file_link")).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let data = data.clone().with("file", file.to_owned());
    let link =
        operations::make(tx, ctx, &data, info, &id, &[], |_| {}).map_err(|error| error.inside("file_link_data"))?;
    let list = crate::api::list::envelope(format!("/v1/file_links?file={file}"), vec![Doc::Map(link.clone())], false);
    operations::store(tx, ctx, info, &id, None, link);
    body.set("links", list);
    Ok(())
}

/// A part was made, changed or deleted at its own address: the whole shows it.
pub(super) fn show_in_whole(tx: &mut Tx, part: &Record) {
    if part.object.kind().0 == "person" {
        return accounts::follow_person(tx, part);
    }
    let Some(parts) = PARTS.iter().find(|parts| Kind(parts.kind) == part.object.kind()) else { return };
    let body = part.object.to_doc();
    let Some(whole) = parts.link.and_then(|link| body.str(link)) else { return };
    let Some(record) = tx.record(Kind(parts.whole), whole).filter(|record| !record.deleted).cloned() else { return };
    let Some(mut shape) = Shape::of(&*record.object).cloned() else { return };
    show(tx, parts, whole, &mut shape.body);
    tx.replace(Arc::new(shape));
}

/// The lines of an object, in the order in which they were sent.
pub(super) fn lines(tx: &Tx, whole: &str) -> Vec<Arc<Record>> {
    tx.records_having(Kind("item"), WITHIN, whole)
}
