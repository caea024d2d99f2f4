//! Objects with rules: their fields from parameters, by the catalogue and their declared defaults.
//!
//! May use: the parts of this folder. Invariant: a value that a rule sets replaces the one from here, never the
//! reverse.

use std::sync::LazyLock;

use super::blank::Blank;
use super::fill::FillInput;
use super::fit::Fitting;
use super::{blank, references};
use crate::catalogue::{self, ByKind};
use crate::contract::{self, Call, Ctx};
use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Kind, Tx};

/// The empty forms of the kinds with rules.
static BLANKS: LazyLock<ByKind<Blank>> = LazyLock::new(|| {
    let kinds = contract::entries().iter().filter_map(|entry| catalogue::object(entry.kind.name()));
    kinds.map(|object| (object.kind, blank::of_object(object).shared())).collect()
});

/// The fields of a new object of a kind from the parameters, with its defaults; `id` is its id.
///
/// # Errors
/// Too much metadata.
pub fn new(tx: &Tx, ctx: &Ctx<'_>, kind: Kind, id: &str, sent: &Map) -> Result<Map> {
    let object = catalogue::object(kind.name()).ok_or_else(ApiError::internal)?;
    let blank = BLANKS.get(kind).ok_or_else(ApiError::internal)?;
    let source = FillInput { tx, ctx, sent, id };
    let fitting = Fitting { source: &source, object };
    let mut body = blank.body.clone();
    body.set("id", id.to_owned());
    fitting.overlay(&mut body, sent)?;
    fitting.complete(&mut body, blank, "");
    Ok(body)
}

/// Merges parameters into the fields of an object.
///
/// # Errors
/// Too much metadata.
pub fn change(tx: &Tx, ctx: &Ctx<'_>, kind: Kind, body: &mut Map, sent: &Map) -> Result<()> {
    let object = catalogue::object(kind.name()).ok_or_else(ApiError::internal)?;
    let id = body.str("id").unwrap_or_default().to_owned();
    let source = FillInput { tx, ctx, sent, id: &id };
    Fitting { source: &source, object }.overlay(body, sent)
}

/// The fields that a dump may leave out, with their defaults.
pub fn blank_of(kind: Kind) -> Map {
    BLANKS.get(kind).map(|blank| blank.body.clone()).unwrap_or_default()
}

/// Checks every reference and every currency of a call that answers with a kind.
///
/// # Errors
/// The first object that does not exist, or the first unknown currency.
pub fn check_references(tx: &Tx, call: &Call<'_>, kind: Kind) -> Result<()> {
    let object = catalogue::object(kind.name()).ok_or_else(ApiError::internal)?;
    references::check(tx, call, object)
}

/// Checks what parameters of some names must be wherever they stand, of a call that looks up its references itself.
///
/// # Errors
/// What a rule refuses.
pub fn check_rules(tx: &Tx, call: &Call<'_>, kind: Kind) -> Result<()> {
    let object = catalogue::object(kind.name()).ok_or_else(ApiError::internal)?;
    references::check_rules(tx, call, object)
}
