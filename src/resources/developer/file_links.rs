//! Links to files: addresses that give out the content of a file without a key, until they expire.
//!
//! May use: files as documents. Invariant: an expired link stays expired.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, Fill, In, Outcome, require, require_record};
use crate::error::{ApiError, Result};
use crate::generic;
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Edit, Id, Kind, Ref, Tx};

crate::resource! {
    /// A link to a file.
    FileLink = "file_link" {
        /// Unix seconds.
        created: i64,
        /// Whether it is over.
        expired: bool,
        /// Unix seconds; null for never.
        expires_at: Option<i64>,
        /// The file.
        file: Id,
        /// The address.
        url: Option<String>,
    }
    hidden {
    }
}

/// The kind, for references.
const KIND: Kind = FileLink::KIND;

/// The kind of files.
const FILE: Kind = crate::kind!("file");

/// `POST /v1/file_links`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let file = call.params.str("file").unwrap_or_default();
    let purpose = require_record(tx, FILE, file, In::Param("file"))?.object.to_doc();
    generic::check_linkable(purpose.str("purpose").unwrap_or_default())?;
    let id = insert(tx, ctx, &call.params)?;
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// A new link from the parameters of a request, or from `file_link_data`.
///
/// # Errors
/// A time to expire that is over.
fn insert(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Id> {
    check_future(ctx, sent.int("expires_at"))?;
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let mut shown = body::new(tx, ctx, KIND, &id, sent)?;
    shown.set("url", ctx.link(&format!("/links/{id}")));
    let link = FileLink::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(tx.insert(link).id)
}

fn check_future(ctx: &Ctx<'_>, at: Option<i64>) -> Result<()> {
    match at.filter(|at| *at <= ctx.now) {
        Some(at) => Err(ApiError::param_in_past("expires_at", at)),
        None => Ok(()),
    }
}

/// `POST /v1/file_links/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let link = require::<FileLink>(tx, call.arg(0), In::Path)?;
    if link.expired {
        return Err(ApiError::file_link_expired());
    }
    let mut sent: Map = Map::clone(&call.params);
    let mut changed = Edit::of(Arc::clone(&link));
    match sent.remove("expires_at") {
        Some(Doc::Null) => changed.expires_at = None,
        // The one text that it can be: `now`.
        Some(at) if at.as_str().is_some() => {
            changed.expires_at = Some(ctx.now);
            changed.expired = true;
        }
        Some(at) => {
            check_future(ctx, at.as_int())?;
            changed.expires_at = at.as_int();
        }
        None => {}
    }
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &sent)?;
    changed.rest = rest;
    changed.save(tx);
    Ok(Outcome::Done(Ref::to(&*link)))
}

/// The time is over. That is no event of the API.
fn expire(tx: &mut Tx, _: &Ctx<'_>, link: &Arc<FileLink>) -> Result<()> {
    tx.quietly(|tx| tx.update::<FileLink>(&link.id, |link| link.expired = true));
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: FileLink::FIELDS,
    noun: "file link",
    id: IdForm::of("link_"),
    path_param: "link",
    operations: &[
        ("file_links.create", Behaviour::Write(create)),
        ("file_links.retrieve", Behaviour::Retrieve),
        ("file_links.update", Behaviour::Write(update)),
        ("file_links.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("file", FileLink, |link| Some(&*link.file), Some(FILE)),
        crate::filter!("expired", FileLink, |link| Some(if link.expired { "true" } else { "false" })),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<FileLink>,
    describe: Some(insert),
    defaults: &[("expired", Fill::Flag(false))],
    dues: &[crate::due!(FileLink, "expire", |link| link.expires_at.filter(|_| !link.expired), expire)],
    ..Entry::PLAIN
};
