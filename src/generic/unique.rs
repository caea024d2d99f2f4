//! What no two objects of a kind may share: a feature's lookup key, a meter's event.
//!
//! May use: the indexes of the kinds. Invariant: a value is refused while another object holds it.

use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Kind, Record, Tx};

/// The field of a kind that no two objects share.
const UNIQUE: &[(&str, &str)] =
    &[("billing.meter", "event_name"), ("entitlements.feature", "lookup_key"), ("radar.value_list", "alias")];

/// The field of a kind that no two objects share, for its index.
pub(super) fn field(kind: &str) -> Option<&'static str> {
    UNIQUE.iter().find(|(known, _)| *known == kind).map(|(_, field)| *field)
}

/// Refuses an object whose unique value another holds.
///
/// # Errors
/// The value is taken.
pub(super) fn check(tx: &Tx, kind: Kind, id: &str, body: &Map) -> Result<()> {
    let Some(field) = field(kind.0) else { return Ok(()) };
    let Some(value) = body.str(field) else { return Ok(()) };
    let holders = tx.records_having(kind, field, value);
    let taken = holders.iter().any(|record| &**record.object.id() != id && holds(kind, record));
    if taken { Err(ApiError::value_taken(field, value)) } else { Ok(()) }
}

/// Whether the other object is in the way: the event of a meter that is off is free.
fn holds(kind: Kind, record: &Record) -> bool {
    kind.0 != "billing.meter" || record.object.to_doc().str("status") == Some("active")
}
