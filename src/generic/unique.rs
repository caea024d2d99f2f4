//! Unique values: a feature's lookup key, a meter's event.
//!
//! May use: the indexes of the kinds. Invariant: a value is refused while another object has it.

use super::kinds::KindInfo;
use crate::error::{ApiError, Result};
use crate::state::Tx;
use crate::state::document::Map;

/// Refuses an object whose unique value another object has.
///
/// # Errors
/// The value is taken.
pub(super) fn check(tx: &Tx, info: &KindInfo, id: &str, body: &Map) -> Result<()> {
    let Some(unique) = &info.declared.unique else { return Ok(()) };
    let Some(value) = body.str(unique.field) else { return Ok(()) };
    let holders = tx.records_having(info.kind(), unique.field, value);
    let mut others = holders.iter().filter(|record| &**record.object.id() != id);
    match others.any(|record| (unique.holds)(&record.object.to_doc())) {
        true => Err(ApiError::value_taken(unique.field, value)),
        false => Ok(()),
    }
}
