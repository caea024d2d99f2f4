//! Metadata: the user's own keys and values (core-payments 1.8).
//!
//! May use: documents, limits. Invariant: a stored value is a string, and there are at most [`METADATA_KEYS_MAX`] of
//! them.

use crate::error::{ApiError, Result};
use crate::limits::METADATA_KEYS_MAX;
use crate::state::document::{Doc, Map};

/// Merges a `metadata` parameter into stored metadata: keys are added or replaced, a `null` removes its key, and `null`
/// for the whole parameter removes all.
///
/// # Errors
/// More keys than an object can have.
pub fn merge(current: &Map, change: Option<&Doc>) -> Result<Map> {
    let change = match change {
        None => return Ok(current.clone()),
        Some(Doc::Map(change)) => change,
        Some(_) => return Ok(Map::new()),
    };
    let mut merged = current.clone();
    for (key, value) in change.iter() {
        if value.is_null() {
            let _ = merged.remove(key);
        } else {
            merged.set(key.to_owned(), value.clone());
        }
    }
    if merged.len() > METADATA_KEYS_MAX {
        return Err(ApiError::metadata_too_many_keys(METADATA_KEYS_MAX));
    }
    Ok(merged)
}
