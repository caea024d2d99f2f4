//! An amount that the customer chooses: of a price with `custom_unit_amount` (billing 1.2, intents-and-checkout 3.8).
//!
//! May use: prices. Invariant: what was chosen is within the bounds of the price; without it, the price's preset holds.

use std::sync::Arc;

use super::Session;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::resources::catalog::prices::Price;
use crate::state::document::Map;
use crate::state::object::Absent;
use crate::state::{Record, Tx};

/// What the customer chooses between.
fn bounds(price: &Price) -> Option<&Map> {
    price.rest.map("custom_unit_amount")
}

/// The price of a line.
fn price_of(tx: &Tx, line: &Record) -> Option<Arc<Price>> {
    tx.get::<Price>(line.object.to_doc().map("price")?.str("id")?)
}

/// The unit amount of a price that the customer chooses, in the currency's smallest unit; 0 until there is one. `None` for
/// another price.
pub(super) fn of(session: &Session, price: &Price) -> Option<i64> {
    let preset = bounds(price)?.int("preset");
    Some(session.chosen_amount.0.or(preset).unwrap_or_default())
}

/// The amount that the page asks for; the value is the one so far.
pub fn asked(tx: &Tx, session: &Session) -> Option<i64> {
    lines::of(tx, &session.id).iter().find_map(|line| of(session, &*price_of(tx, line)?))
}

/// Whether the customer has yet to choose.
pub(super) fn is_missing(tx: &Tx, session: &Session) -> bool {
    asked(tx, session) == Some(0)
}

/// Takes the amount that the customer chose.
///
/// # Errors
/// Nothing is to be chosen, or the amount is out of bounds.
pub(super) fn choose(tx: &Tx, session: &mut Session, amount: i64) -> Result<()> {
    let lines = lines::of(tx, &session.id);
    let price = lines.iter().filter_map(|line| price_of(tx, line)).find(|price| bounds(price).is_some());
    let Some(price) = price else { return Err(ApiError::session_amount_is_fixed()) };
    let bound = |key: &str| bounds(&price).and_then(|bounds| bounds.int(key));
    let (least, most) = (bound("minimum").unwrap_or(1), bound("maximum"));
    if amount < least {
        return Err(ApiError::param_below("amount", least));
    }
    if let Some(most) = most.filter(|most| amount > *most) {
        return Err(ApiError::param_above("amount", most));
    }
    session.chosen_amount = Absent(Some(amount));
    Ok(())
}
