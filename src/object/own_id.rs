//! Ids that the caller chooses, of customers, products, plans and coupons (core-payments 2, platform 6.1).
//!
//! May use: the versions. Invariant: an accepted id can be part of a path without encoding.

use crate::contract::Ctx;
use crate::contract::version::Gate;
use crate::error::{ApiError, Result};

/// Ids that the caller chooses contain only letters, digits, `_` and `-`.
const OWN_ID_CHARACTERS: Gate = Gate::since("2018-05-21");

/// The id in a request, if there is one.
///
/// # Errors
/// Characters other than `A-Z a-z 0-9 _ -`; before 2018-05-21 only those that a path cannot contain.
pub fn check<'p>(ctx: &Ctx<'_>, id: Option<&'p str>) -> Result<Option<&'p str>> {
    let Some(id) = id else { return Ok(None) };
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = |c: char| named(c) || (!ctx.version.has(OWN_ID_CHARACTERS) && c != '/' && !c.is_control());
    if id.is_empty() || !id.chars().all(fits) {
        return Err(ApiError::own_id_invalid(id));
    }
    Ok(Some(id))
}
