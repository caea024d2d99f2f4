//! The currencies in which a session can be paid: those that all its prices have (`currency_options`, billing 1.2).
//!
//! May use: prices, the types of payment methods. Invariant: what an option comes to is what the session comes to once it is chosen.

use std::collections::BTreeSet;

use super::{Session, enter};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::resources::catalog::prices::Price;
use crate::resources::payments::payment_intents;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The currencies that a price has.
fn of_price(price: &Price) -> BTreeSet<String> {
    let others = price.currency_options.0.iter().flat_map(Map::iter).map(|(currency, _)| currency.to_owned());
    others.chain([price.currency.clone()]).collect()
}

/// The currencies that all prices of a session have, and in which something can pay.
fn common(tx: &Tx, session: &Session) -> BTreeSet<String> {
    let prices = lines::of(tx, &session.id).into_iter().filter_map(|record| {
        let shown = record.object.to_doc();
        tx.get::<Price>(shown.map("price")?.str("id")?)
    });
    let mut all = prices.map(|price| of_price(&price)).reduce(|one, other| &one & &other).unwrap_or_default();
    all.retain(|currency| session.types().any(|kind| payment_intents::fits(kind, currency, false)));
    all
}

/// What the session comes to in each currency, if there is a choice.
pub(super) fn options(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Vec<Map> {
    if !session.is_open() {
        return Vec::new();
    }
    let all = common(tx, session);
    if all.len() < 2 {
        return Vec::new();
    }
    let chosen = |currency: &str| {
        let entered = Map::from([("currency", currency.to_owned())]);
        tx.rehearse(|tx| {
            enter(tx, ctx, &session.id, &entered).ok()?;
            tx.get::<Session>(&session.id)?.amount_total
        })
    };
    let option = |currency: String| {
        let is_now = session.currency.as_ref() == Some(&currency);
        let amount = if is_now { session.amount_total } else { chosen(&currency) }?;
        Some(Map::from([("amount", Doc::from(amount)), ("currency", currency.into())]))
    };
    // A currency that a discount does not have is none.
    let options: Vec<Map> = all.into_iter().filter_map(option).collect();
    if options.len() < 2 { Vec::new() } else { options }
}

/// Takes the currency that the customer chose.
///
/// # Errors
/// Not all prices have it, or nothing can pay in it.
pub(super) fn choose(tx: &Tx, session: &mut Session, currency: &str) -> Result<()> {
    let currency = currency.to_lowercase();
    if session.currency.as_ref() == Some(&currency) {
        return Ok(());
    }
    if !common(tx, session).contains(&currency) {
        return Err(ApiError::session_answer_unfit("currency"));
    }
    session.currency = Some(currency);
    Ok(())
}
