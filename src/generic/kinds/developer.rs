//! Uploads, and requests to other services.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Fill::{Flag, Int};
use crate::contract::version::Gate;
use crate::contract::{Change, Ctx, Entry, Include, Rewrite, Shown};
use crate::error::{ApiError, Result};
use crate::generic::{kinds, operations};
use crate::object::fill::FillInput;
use crate::state::document::Map;
use crate::state::{Kind, Tx};
use crate::time::calendar::DAY;

/// The kind of links to files.
const LINK: Kind = crate::kind!("file_link");

/// How long evidence is kept, in days (shapes 2.8).
const EVIDENCE_DAYS: i64 = 270;

/// The purposes of files that nobody may fetch (shapes 2.8).
const PRIVATE: [&str; 2] = ["account_requirement", "identity_document"];

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("file"),
            named_by: &["file"],
            defaults: &[("size", Int(0))],
            changes: &[Change {
                since: Gate::since("2018-09-24"),
                older: Some(Rewrite::Alone(was_an_upload)),
                what: "file.object was file_upload",
            }],
            includes: &[Include {
                field: "links",
                shown: Shown::Always,
                total_count: false,
                rows: |tx, file| tx.records_having(LINK, "file", file),
                url: |file| format!("/v1/file_links?file={file}"),
            }],
            ..SHAPE
        },
        before: Some(uploaded),
        derive: Some(upload),
        along: Some(link),
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("file_link"), defaults: &[("expired", Flag(false))], ..SHAPE },
        derive: Some(address),
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("forwarding.request"), references: &[("payment_method", &[])], ..SHAPE },
        ..PLAIN
    },
];

/// The purposes that take documents and pictures alone (core-payments 9.1).
const DOCUMENTS: &[&str] = &["dispute_evidence"];

/// The types of documents and pictures, and the endings of their names.
const DOCUMENT_TYPES: &[(&str, &[&str])] =
    &[("application/pdf", &["pdf"]), ("image/jpeg", &["jpeg", "jpg"]), ("image/png", &["png"])];

/// A file needs its content, and has a type that its purpose takes.
fn uploaded(_: &mut Tx, _: &Ctx<'_>, sent: &Map) -> Result<Map> {
    let Some(file) = sent.map("file") else { return Err(ApiError::param_not_object("file")) };
    let ending = ending(file);
    let is_document = DOCUMENT_TYPES.iter().any(|(mime, endings)| {
        file.str("type") == Some(mime) || ending.as_deref().is_some_and(|ending| endings.contains(&ending))
    });
    if sent.str("purpose").is_some_and(|purpose| DOCUMENTS.contains(&purpose)) && !is_document {
        let types: Vec<&str> = DOCUMENT_TYPES.iter().map(|(mime, _)| *mime).collect();
        return Err(ApiError::file_type_unsupported(&types));
    }
    Ok(sent.clone())
}

/// The ending of a file's name.
fn ending(file: &Map) -> Option<String> {
    file.str("filename")?.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())
}

/// The fields of a file that come from the upload.
fn upload(source: &FillInput<'_>, body: &mut Map) {
    let Some(sent) = source.sent.map("file") else { return };
    let name = sent.str("filename").unwrap_or_default();
    let size = sent.str("size").and_then(|size| size.parse::<i64>().ok()).unwrap_or_default();
    body.set("filename", name.to_owned());
    body.set("size", size);
    body.set("type", ending(sent));
    let purpose = source.sent.str("purpose").unwrap_or_default();
    if purpose == "dispute_evidence" {
        body.set("expires_at", source.ctx.now + EVIDENCE_DAYS * DAY);
    }
    let is_private = PRIVATE.contains(&purpose);
    body.set("url", (!is_private).then(|| format!("{}/_pinstripe/files/{}", source.ctx.base_url, source.id)));
}

/// The URL of a link.
fn address(source: &FillInput<'_>, body: &mut Map) {
    let file = source.sent.str("file").unwrap_or_default();
    body.set("url", format!("{}/_pinstripe/files/{file}", source.ctx.base_url));
}

/// Creates the link that is requested with a file.
fn link(tx: &mut Tx, ctx: &Ctx<'_>, file: &str, _: &mut Map, sent: &Map) -> Result<()> {
    let Some(data) = sent.map("file_link_data").filter(|data| data.bool("create") == Some(true)) else { return Ok(()) };
    let info = kinds::of(LINK).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let data = data.clone().with("file", file.to_owned());
    let link = operations::make(tx, ctx, &data, info, &id, |_| {}).map_err(|error| error.inside("file_link_data"))?;
    operations::store(tx, ctx, info, &id, None, link);
    Ok(())
}

fn was_an_upload(file: &mut Map) {
    file.set("object", "file_upload");
}
