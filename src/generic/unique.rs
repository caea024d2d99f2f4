//! What no two objects of a kind may share: a price's lookup key, a promotion code (billing 1.2, 1.5).
//!
//! May use: the indexes of the kinds. Invariant: a value is refused while another object holds it, and a value that is
//! handed over has one holder.

use std::sync::Arc;

use super::shape::Shape;
use crate::api::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Kind, Record, Tx};

/// The field of a kind that no two objects share.
const UNIQUE: &[(&str, &str)] = &[
    ("billing.meter", "event_name"),
    ("entitlements.feature", "lookup_key"),
    ("price", "lookup_key"),
    ("promotion_code", "code"),
    ("radar.value_list", "alias"),
];

/// The field of a kind that no two objects share, for its index.
pub(super) fn field(kind: &str) -> Option<&'static str> {
    UNIQUE.iter().find(|(known, _)| *known == kind).map(|(_, field)| *field)
}

/// What the index of a unique field holds: codes are told apart without regard to case.
pub(super) fn key(kind: &str, value: &str) -> String {
    if kind == "promotion_code" { value.to_lowercase() } else { value.to_owned() }
}

/// Refuses an object whose unique value another holds; takes it from there when the request says so.
///
/// # Errors
/// The value is taken.
pub(super) fn check(tx: &mut Tx, kind: Kind, id: &str, body: &Map, sent: &Map) -> Result<()> {
    let Some(field) = field(kind.0) else { return Ok(()) };
    let Some(value) = body.str(field) else { return Ok(()) };
    let holders = tx.records_having(kind, field, &key(kind.0, value));
    let holder = holders.into_iter().find(|record| &**record.object.id() != id && holds(kind, record, body));
    let Some(holder) = holder else { return Ok(()) };
    let Some(mut shape) = Shape::of(&*holder.object).cloned() else { return Err(ApiError::internal()) };
    if kind.0 == "price" && sent.bool("transfer_lookup_key") == Some(true) {
        shape.body.set(field, crate::state::document::Doc::Null);
        tx.replace(Arc::new(shape));
        return Ok(());
    }
    Err(match kind.0 {
        "price" => ApiError::lookup_key_taken(holder.object.id()),
        "promotion_code" => ApiError::promotion_code_taken(value),
        _ => ApiError::value_taken(field, value),
    })
}

/// Whether the other object is in the way: an inactive code is free, and customers may have codes of their own.
fn holds(kind: Kind, record: &Record, body: &Map) -> bool {
    let other = record.object.to_doc();
    match kind.0 {
        "promotion_code" => {
            let active = |code: &Map| code.bool("active") == Some(true);
            active(&other) && active(body) && other.get("customer") == body.get("customer")
        }
        "billing.meter" => other.str("status") == Some("active"),
        _ => true,
    }
}
