//! The discount of a session: a coupon or a promotion code (billing 1.4 to 1.6).
//!
//! May use: discounts, promotion codes. Invariant: the discount of an open session is an offer; it is redeemed, and counted, when
//! the session is complete.

use super::{Session, SessionMode};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::pricing::Deduction;
use crate::resources::catalog::discounts::{self, Discount, Redeemable, Redemption};
use crate::resources::catalog::promotion_codes;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Id, Tx};

/// What the discount takes off the lines, which come to `amount` in the currency's smallest unit; the offer is kept.
///
/// # Errors
/// It can no longer be redeemed, or not for this.
pub(super) fn deduction(
    tx: &Tx,
    ctx: &Ctx<'_>,
    session: &mut Session,
    currency: &str,
    amount: i64,
) -> Result<Option<Deduction>> {
    let named = session.rest.list("discounts").and_then(|all| all.first()).and_then(Doc::as_map);
    let Some(named) = named else {
        session.discount = Doc::Null;
        return Ok(None);
    };
    let customer = session.customer.clone();
    let about = Redemption {
        owner: Map::from([("checkout_session", session.id.to_string())]),
        customer: customer.as_ref(),
        currency: Some(currency),
        amount: Some(amount),
        is_one_time: session.mode == SessionMode::Payment,
        now: ctx.now,
    };
    let redeemable = match (named.str("coupon"), named.str("promotion_code")) {
        (_, Some(code)) => Redeemable::promotion_code(tx, code, "discounts[0][promotion_code]", &about)?,
        (Some(coupon), None) => Redeemable::coupon(tx, coupon, "discounts[0][coupon]", &about)?,
        (None, None) => return Ok(None),
    };
    let mut offer = redeemable.offer(ctx, &about);
    if let Some(known) = offered(session, ctx.now).filter(|known| is_same(known, &offer)) {
        offer.id = known.id;
    }
    session.discount = offer.to_doc().into();
    Ok(redeemable.deduction(&offer.id, currency))
}

fn is_same(one: &Discount, other: &Discount) -> bool {
    (one.coupon(), &one.promotion_code) == (other.coupon(), &other.promotion_code)
}

/// The offer of a session.
fn offered(session: &Session, now: i64) -> Option<Discount> {
    Discount::from_docs(session.discount.as_map()?.clone(), Map::new(), now).ok()
}

/// A customer enters the text of a promotion code on the page; an empty one takes the code back.
///
/// # Errors
/// The session takes no codes, or there is no such code.
pub(super) fn enter(tx: &Tx, session: &mut Session, text: &str) -> Result<()> {
    if !session.takes_codes() {
        return if text.is_empty() { Ok(()) } else { Err(ApiError::session_takes_no_codes()) };
    }
    let code = match text {
        "" => None,
        text => {
            let found = promotion_codes::entered(tx, text, session.customer.as_ref());
            Some(found.ok_or_else(|| ApiError::session_code_unknown(text))?)
        }
    };
    let shown =
        code.map(|code| Map::from([("coupon", Doc::Null), ("promotion_code", code.id.to_string().into())]).into());
    session.rest.set("discounts", Doc::List(shown.into_iter().collect()));
    Ok(())
}

/// The session is complete: its discount is redeemed.
pub(super) fn redeem(tx: &mut Tx, ctx: &Ctx<'_>, session: &Session, customer: Option<&Id>) {
    let Some(mut offer) = offered(session, ctx.now) else { return };
    offer.customer = customer.cloned();
    let taken = offer.to_doc();
    discounts::take(tx, offer);
    tx.update::<Session>(&session.id, |session| session.discount = taken.into());
}
