//! The lines of a quote, all of them and those that are paid at first (billing 5.2).
//!
//! May use: the lines of objects. Invariant: only reads.

use std::sync::Arc;

use super::{LINE, Quote, amounts};
use crate::api::list;
use crate::contract::{Call, Ctx, In, Item, Join, Outcome, require};
use crate::error::Result;
use crate::generic::lines;
use crate::resources::catalog::prices::Price;
use crate::state::document::Doc;
use crate::state::{Record, Tx};

/// `GET /v1/quotes/:quote/line_items`.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let quote = require::<Quote>(tx, call.arg(0), In::Path)?;
    page(lines::of(tx, &quote.id), call)
}

/// `GET /v1/quotes/:quote/computed_upfront_line_items`.
pub(super) fn list_upfront(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let quote = require::<Quote>(tx, call.arg(0), In::Path)?;
    page(upfront(tx, &quote), call)
}

fn page(rows: Vec<Arc<Record>>, call: &Call<'_>) -> Result<Outcome> {
    let rows: Vec<Item> = rows.into_iter().map(|record| Item { shown: LINE, record }).collect();
    list::page_of(&rows, call, LINE.name()).map(Outcome::List)
}

fn upfront(tx: &Tx, quote: &Quote) -> Vec<Arc<Record>> {
    let mut rows = lines::of(tx, &quote.id);
    rows.retain(|record| {
        let shown = record.object.to_doc();
        let price = shown.map("price").and_then(|price| tx.get::<Price>(price.str("id")?));
        price.is_some_and(|price| amounts::is_upfront(quote, &price))
    });
    rows
}

/// What a quote shows when it is expanded.
pub(super) const JOINS: &[Join] = &[Join {
    field: "computed.upfront.line_items",
    doc: |tx, id| {
        let quote = tx.get::<Quote>(id)?;
        let rows = upfront(tx, &quote).iter().map(|record| Doc::Map(record.object.to_doc())).collect();
        let url = format!("/v1/quotes/{id}/computed_upfront_line_items");
        Some(list::envelope(url, rows, false).into())
    },
}];
