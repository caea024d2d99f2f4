//! From an id to the object that it names, or to the error that there is none (core-payments 1.7).
//!
//! May use: the registry, the errors, the state. Invariant: this is the only place where an id that names nothing
//! becomes an error; what the error calls the kind and the parameter, the kind's entry says.

use std::sync::Arc;

use super::Entry;
use super::registry::{entry, resolve};
use crate::error::{ApiError, Result};
use crate::state::object::Resource;
use crate::state::{Kind, Record, Tx};

/// Where a request names an object.
#[derive(Clone, Copy, Debug)]
pub enum In<'p> {
    /// In the path, which names the object that the operation is about: 404, with the `param` of the kind's entry.
    Path,
    /// In the path, which calls the id otherwise than the kind's own paths do: 404, with this `param`.
    PathAs(&'static str),
    /// In a parameter of this name, in brackets where it is nested: 400.
    Param(&'p str),
}

/// The object of a kind that an id names.
///
/// # Errors
/// There is none, or it was deleted.
pub fn require<T: Resource>(tx: &Tx, id: &str, place: In<'_>) -> Result<Arc<T>> {
    tx.get(id).ok_or_else(|| missing(T::KIND, id, place))
}

/// As [`require`], for an object that belongs to another, such as a refund to its charge: one that belongs elsewhere is
/// not there.
///
/// # Errors
/// There is none, it was deleted, or it is another's.
pub fn require_of<T: Resource>(tx: &Tx, id: &str, place: In<'_>, belongs: impl FnOnce(&T) -> bool) -> Result<Arc<T>> {
    tx.get::<T>(id).filter(|object| belongs(object)).ok_or_else(|| missing(T::KIND, id, place))
}

/// As [`require`], as a record, for kinds without a struct of their own.
///
/// # Errors
/// There is none, or it was deleted.
pub fn require_record<'tx>(tx: &'tx Tx, kind: Kind, id: &str, place: In<'_>) -> Result<&'tx Arc<Record>> {
    tx.record(kind, id).filter(|record| !record.deleted).ok_or_else(|| missing(kind, id, place))
}

/// As [`require_record`], for objects of other kinds too that answer as this kind.
///
/// # Errors
/// There is none, or it was deleted.
pub fn require_shown<'tx>(tx: &'tx Tx, kind: Kind, id: &str, place: In<'_>) -> Result<&'tx Arc<Record>> {
    resolve(tx, kind, id).filter(|record| !record.deleted).ok_or_else(|| missing(kind, id, place))
}

/// The error that an id names no object of a kind.
pub fn missing(kind: Kind, id: &str, place: In<'_>) -> ApiError {
    match (entry(kind), place) {
        (Some(Entry { missing: Some(error), .. }), In::Path | In::PathAs(_)) => error(id),
        (Some(entry), In::Path) => missing_as(entry.noun, id, In::PathAs(entry.path_param)),
        (Some(entry), place) => missing_as(entry.noun, id, place),
        (None, place) => missing_as(kind.0, id, place),
    }
}

/// As [`missing`], where the error calls the object by another noun than its kind's entry does.
pub fn missing_as(noun: &str, id: &str, place: In<'_>) -> ApiError {
    match place {
        In::Path => ApiError::missing_in_path(noun, id, "id"),
        In::PathAs(param) => ApiError::missing_in_path(noun, id, param),
        In::Param(param) => ApiError::missing_in_param(noun, id, param.to_owned()),
    }
}
