//! Uploads, and requests to other services.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Fill::Int;
use crate::contract::version::Gate;
use crate::contract::{self, Change, Ctx, Entry, Include, Rewrite, Shown};
use crate::error::{ApiError, Result};
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
    body.set("url", (!is_private).then(|| source.ctx.link(&format!("/files/{}/contents", source.id))));
}

/// The purposes of files that a link may lead to (the documentation of `file` in `POST /v1/file_links`).
const LINKABLE: [&str; 14] = [
    "business_icon",
    "business_logo",
    "customer_signature",
    "dispute_evidence",
    "finance_report_run",
    "financial_account_statement",
    "identity_document_downloadable",
    "issuing_regulatory_reporting",
    "pci_document",
    "selfie",
    "sigma_scheduled_query",
    "tax_document_user_upload",
    "terminal_android_apk",
    "terminal_reader_splashscreen",
];

/// Checks that a link may lead to files of this purpose.
///
/// # Errors
/// It may not.
pub(crate) fn check_linkable(purpose: &str) -> Result<()> {
    if LINKABLE.contains(&purpose) { Ok(()) } else { Err(ApiError::file_not_linkable(&LINKABLE)) }
}

/// Creates the link that is requested with a file.
fn link(tx: &mut Tx, ctx: &Ctx<'_>, file: &str, _: &mut Map, sent: &Map) -> Result<()> {
    let Some(data) = sent.map("file_link_data").filter(|data| data.bool("create") == Some(true)) else { return Ok(()) };
    let describe = contract::with_rules(LINK).and_then(|entry| entry.describe).ok_or_else(ApiError::internal)?;
    check_linkable(sent.str("purpose").unwrap_or_default())?;
    let mut data = data.clone().with("file", file.to_owned());
    let _ = data.remove("create");
    describe(tx, ctx, &data).map(|_| ()).map_err(|error| error.inside("file_link_data"))
}

fn was_an_upload(file: &mut Map) {
    file.set("object", "file_upload");
}
