//! Looking an object up by its id, or the error that it does not exist (core-payments 1.7).
//!
//! May use: the registry, the errors, the state. Invariant: this is the only place where a missing object becomes an
//! error; noun and parameter come from the kind's entry.

use std::sync::Arc;

use super::Entry;
use super::registry::{entry, resolve};
use crate::error::{ApiError, Result};
use crate::state::object::Resource;
use crate::state::{Kind, Record, Tx};

/// The place of an id in a request.
#[derive(Clone, Copy, Debug)]
pub enum In<'p> {
    /// In the path, as the object of the operation: 404, with the `param` of the kind's entry.
    Path,
    /// In the path, under a name that differs from that in the kind's own paths: 404, with this `param`.
    PathAs(&'static str),
    /// In a parameter of this name, with brackets if it is nested: 400.
    Param(&'p str),
}

/// The object of a kind with this id.
///
/// # Errors
/// It does not exist, or was deleted.
pub fn require<T: Resource>(tx: &Tx, id: &str, place: In<'_>) -> Result<Arc<T>> {
    tx.get(id).ok_or_else(|| missing(T::KIND, id, place))
}

/// As [`require`], for an object that belongs to another, such as a refund to its charge; an object of another owner
/// does not exist here.
///
/// # Errors
/// It does not exist, was deleted, or belongs to another.
pub fn require_of<T: Resource>(tx: &Tx, id: &str, place: In<'_>, belongs: impl FnOnce(&T) -> bool) -> Result<Arc<T>> {
    tx.get::<T>(id).filter(|object| belongs(object)).ok_or_else(|| missing(T::KIND, id, place))
}

/// As [`require`], as a record, for kinds without a struct.
///
/// # Errors
/// It does not exist, or was deleted.
pub fn require_record<'tx>(tx: &'tx Tx, kind: Kind, id: &str, place: In<'_>) -> Result<&'tx Arc<Record>> {
    tx.record(kind, id).filter(|record| !record.deleted).ok_or_else(|| missing(kind, id, place))
}

/// As [`require_record`], also for objects of other kinds that answer as this kind.
///
/// # Errors
/// It does not exist, or was deleted.
pub fn require_shown<'tx>(tx: &'tx Tx, kind: Kind, id: &str, place: In<'_>) -> Result<&'tx Arc<Record>> {
    resolve(tx, kind, id).filter(|record| !record.deleted).ok_or_else(|| missing(kind, id, place))
}

/// Checks that a parameter refers to an object that may be used there.
///
/// # Errors
/// It does not exist, was deleted, or may not be used, such as an archived rate.
pub fn require_usable(tx: &Tx, kind: Kind, id: &str, param: &str) -> Result<()> {
    let record = require_shown(tx, kind, id, In::Param(param))?;
    let check = entry(kind).and_then(|entry| entry.check_use);
    check.map_or(Ok(()), |check| check(&*record.object, param))
}

/// The error that a kind has no object with this id.
pub fn missing(kind: Kind, id: &str, place: In<'_>) -> ApiError {
    match (entry(kind), place) {
        (Some(Entry { missing: Some(error), .. }), In::Path | In::PathAs(_)) => error(id),
        (Some(entry), In::Path) => missing_as(entry.noun, id, In::PathAs(entry.path_param)),
        (Some(entry), place) => missing_as(entry.noun, id, place),
        (None, place) => missing_as(kind.name(), id, place),
    }
}

/// As [`missing`], with another noun than that of the kind's entry.
pub fn missing_as(noun: &str, id: &str, place: In<'_>) -> ApiError {
    match place {
        In::Path => ApiError::missing_in_path(noun, id, "id"),
        In::PathAs(param) => ApiError::missing_in_path(noun, id, param),
        In::Param(param) => ApiError::missing_in_param(noun, id, param.to_owned()),
    }
}
