//! Checkout in the shop's own page: what a browser reads of a session, enters and confirms with its id (stripe-js 8.3).
//!
//! May use: the session with its rules, Elements. Invariant: what is entered here goes the way of what is entered on the session's
//! page; nothing here computes an amount or decides what is missing.

mod entered;
mod items;
mod recurring;
mod view;

use super::{Session, pay::pay};
use crate::contract::{Call, Ctx, In, Marked, Outcome, Public, Visible, require};
use crate::error::Result;
use crate::resources::payments::paying::Paid;
use crate::state::Tx;

/// A browser with the id of a session may do what the session's page lets its customer do.
const fn public(operation: &'static str) -> Public {
    Public { operation, needs_secret: false, params: &[], visible: Visible::All }
}

/// What a publishable key may do.
pub(super) const PUBLIC: &[Public] = &[
    public("payment_pages.retrieve"),
    public("payment_pages.init"),
    public("payment_pages.update"),
    public("payment_pages.confirm"),
];

/// What becomes of what no answer shows.
pub(super) const ADAPTIVE_PRICING: Marked = Marked::neutral(
    &["adaptive_pricing.allowed"],
    "a page shows the currencies that the prices have; none is converted into another",
)
.on(&["payment_pages.init"]);

/// A quantity for which a discount no longer holds.
pub(super) const DISCOUNT_ERRORS: Marked = Marked::neutral(
    &["updated_line_item_quantity.fail_update_on_discount_error"],
    "a quantity for which the discount no longer holds is always refused",
)
.on(&["payment_pages.update"]);

/// `GET /v1/payment_pages/:id`, `POST /v1/payment_pages/:id/init`.
pub(super) fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    shown(tx, ctx, call)
}

/// `POST /v1/payment_pages/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    let entered = entered::of(tx, &session, &call.params)?;
    if !call.params.is_empty() {
        super::enter(tx, ctx, &session.id, &entered).map_err(|error| entered::as_sent(error, &call.params))?;
    }
    shown(tx, ctx, call)
}

/// `POST /v1/payment_pages/:id/confirm` (intents-and-checkout 3.3).
pub(super) fn confirm(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    let chosen = entered::to_pay(&call.params);
    match pay(tx, ctx, &session.id, &chosen)? {
        Paid::Complete | Paid::Waiting(_) => shown(tx, ctx, call),
        Paid::Declined(error) => Ok(Outcome::Refused(error)),
    }
}

fn shown(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    Ok(Outcome::Value(view::page(tx, ctx, &session).into()))
}
