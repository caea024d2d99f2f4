//! Ids that the caller chooses, of customers, products, plans and coupons (core-payments 2, platform 6.1).
//!
//! May use: the versions. Invariant: an id that is taken can stand in a path as it is.

use crate::contract::Ctx;
use crate::contract::version::Gate;
use crate::error::{ApiError, Result};

/// An id that the caller chooses has letters, digits, `_` and `-` alone.
const OWN_ID_CHARACTERS: Gate = Gate::since("2018-05-21");

/// The id that a request chooses, if it does.
///
/// # Errors
/// Other characters than `A-Z a-z 0-9 _ -`; before 2018-05-21 only those that a path cannot hold.
pub fn check<'p>(ctx: &Ctx<'_>, id: Option<&'p str>) -> Result<Option<&'p str>> {
    let Some(id) = id else { return Ok(None) };
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = |c: char| named(c) || (!ctx.version.has(OWN_ID_CHARACTERS) && c != '/' && !c.is_control());
    if id.is_empty() || !id.chars().all(fits) {
        return Err(ApiError::own_id_invalid(id));
    }
    Ok(Some(id))
}
