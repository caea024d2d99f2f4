//! Reports.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::later::{Later, arrival};
use crate::api::list;
use crate::contract::Fill::{Now, Text};
use crate::contract::{Ctx, Entry};
use crate::error::{ApiError, Result};
use crate::generic::operations::arrive;
use crate::generic::{kinds, operations};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("reporting.report_run"),
            defaults: &[("status", Text("pending"))],
            dues: &[arrival(|tx, ctx, id| arrive(tx, ctx, crate::kind!("reporting.report_run"), id))],
            ..SHAPE
        },
        later: Some(&Later {
            from: ("status", "pending"),
            sets: &[("status", Text("succeeded")), ("succeeded_at", Now)],
            along: Some(result),
            event: "reporting.report_run.succeeded",
        }),
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("reporting.report_type"), is_known: Some(|_, _| true), ..SHAPE },
        ..PLAIN
    },
];

/// The file of a finished report. It has no rows: what a report is computed from is not built.
fn result(tx: &mut Tx, ctx: &Ctx<'_>, run: &str, body: &mut Map, _: &Map) -> Result<()> {
    let info = kinds::of(crate::kind!("file")).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let upload = Map::from([("filename", Doc::from(format!("{run}.csv"))), ("size", "0".into())]);
    let sent = Map::from([("file", Doc::Map(upload)), ("purpose", "finance_report_run".into())]);
    let file = operations::make(tx, ctx, &sent, info, &id, |_| {})?;
    let links = list::envelope(format!("/v1/file_links?file={id}"), Vec::new(), false);
    body.set("result", file.clone().with("links", links));
    // The event of the report shows it.
    tx.quietly(|tx| operations::store_upload(tx, ctx, info, &id, file, "")).map(drop)
}
