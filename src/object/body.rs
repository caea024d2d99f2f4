//! The fields of objects with rules, as far as the catalogue and their declared defaults say them.
//!
//! May use: the parts of the generic operations. Invariant: what a rule says is laid over what comes from here, never
//! under it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::blank::Blank;
use super::fill::Source;
use super::fit::Fitting;
use super::{blank, references};
use crate::catalogue;
use crate::contract::{self, Call, Ctx};
use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Kind, Tx};

/// The empty forms of the kinds with rules.
static BLANKS: LazyLock<BTreeMap<&'static str, Blank>> = LazyLock::new(|| {
    let kinds = contract::entries().iter().filter_map(|entry| catalogue::object(entry.kind.0));
    kinds.map(|object| (object.name, blank::of_object(object))).collect()
});

/// What a new object of a kind shows of the parameters, with its defaults; `id` is its own.
///
/// # Errors
/// Too much metadata.
pub fn new(tx: &Tx, ctx: &Ctx<'_>, kind: Kind, id: &str, sent: &Map) -> Result<Map> {
    let object = catalogue::object(kind.0).ok_or_else(ApiError::internal)?;
    let blank = BLANKS.get(object.name).ok_or_else(ApiError::internal)?;
    let source = Source { tx, ctx, sent, id, parents: &[] };
    let fitting = Fitting { source: &source, object };
    let mut body = blank.body.clone();
    body.set("id", id.to_owned());
    fitting.overlay(&mut body, sent)?;
    fitting.complete(&mut body, blank, "");
    Ok(body)
}

/// Lays parameters over what an object of a kind shows.
///
/// # Errors
/// Too much metadata.
pub fn change(tx: &Tx, ctx: &Ctx<'_>, kind: Kind, body: &mut Map, sent: &Map) -> Result<()> {
    let object = catalogue::object(kind.0).ok_or_else(ApiError::internal)?;
    let id = body.str("id").unwrap_or_default().to_owned();
    let source = Source { tx, ctx, sent, id: &id, parents: &[] };
    Fitting { source: &source, object }.overlay(body, sent)
}

/// What a dump may leave out of an object of a kind: every field's default.
pub fn blank_of(kind: Kind) -> Map {
    BLANKS.get(kind.0).map(|blank| blank.body.clone()).unwrap_or_default()
}

/// Checks every reference and every currency of a call that answers with a kind.
///
/// # Errors
/// The first that names nothing.
pub fn check_references(tx: &Tx, call: &Call<'_>, kind: Kind) -> Result<()> {
    let object = catalogue::object(kind.0).ok_or_else(ApiError::internal)?;
    references::check(tx, call, object)
}
