//! The discounts of quotes and of their lines (billing 1.6, billing-2 8).
//!
//! May use: discounts. Invariant: the discounts of a quote are offers: they are redeemed, and counted, by what it leads to.

use super::{Quote, ids, shown_ids};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::resources::catalog::discounts::{Discount, Redeemable, Redemption};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// Offers the discounts that the parameters name, for the quote and for its lines.
///
/// # Errors
/// One does not exist, can no longer be redeemed, or does not fit what it is to reduce.
pub(super) fn offer(tx: &mut Tx, ctx: &Ctx<'_>, quote: &mut Quote, params: &Map) -> Result<()> {
    match params.get("discounts") {
        Some(Doc::List(wanted)) => quote.discounts = offered(tx, ctx, quote, wanted)?,
        Some(_) => quote.discounts = Vec::new(),
        None => {}
    }
    let lines: Vec<(String, Doc)> =
        quote.line_discounts.iter().map(|(line, wanted)| (line.to_owned(), wanted.clone())).collect();
    for (index, (line, wanted)) in lines.into_iter().enumerate() {
        let wanted = match wanted {
            // What was offered before.
            Doc::List(wanted) if wanted.iter().all(|one| one.as_str().is_some()) => continue,
            Doc::List(wanted) => wanted,
            _ => Vec::new(),
        };
        let ids = offered(tx, ctx, quote, &wanted).map_err(|error| error.inside(&format!("line_items[{index}]")))?;
        quote.line_discounts.set(line, shown_ids(&ids));
    }
    Ok(())
}

fn offered(tx: &mut Tx, ctx: &Ctx<'_>, quote: &Quote, wanted: &[Doc]) -> Result<Vec<Id>> {
    let customer = quote.customer.clone();
    let about = Redemption {
        owner: Map::new(),
        customer: customer.as_ref(),
        currency: quote.currency.as_deref(),
        amount: None,
        is_one_time: quote.computed.map("recurring").is_none(),
        now: ctx.now_of(tx, quote.clock()),
    };
    let mut all = Vec::with_capacity(wanted.len());
    for (index, item) in wanted.iter().filter_map(Doc::as_map).enumerate() {
        let within = |name: &str| format!("discounts[{index}][{name}]");
        let redeemable = match (item.str("coupon"), item.str("promotion_code"), item.str("discount")) {
            (Some(coupon), None, None) => Redeemable::coupon(tx, coupon, &within("coupon"), &about)?,
            (None, Some(code), None) => Redeemable::promotion_code(tx, code, &within("promotion_code"), &about)?,
            (None, None, Some(known)) => {
                all.push(Id::from(known));
                continue;
            }
            (None, None, None) => return Err(ApiError::param_missing(&within("coupon"))),
            _ => return Err(ApiError::params_exclusive(&within("coupon"), &within("promotion_code"))),
        };
        let offer = redeemable.offer(ctx, &about);
        all.push(Id::clone(&offer.id));
        tx.quietly(|tx| tx.insert(offer));
    }
    Ok(all)
}

/// Discounts by what they were offered for, as parameters name them.
pub(super) fn names(tx: &Tx, discounts: &[Id]) -> Doc {
    let name = |id: &Id| {
        let discount = tx.get::<Discount>(id)?;
        Some(Doc::Map(match (&discount.promotion_code, discount.coupon()) {
            (Some(code), _) => Map::from([("promotion_code", code.to_string())]),
            (None, Some(coupon)) => Map::from([("coupon", coupon.to_owned())]),
            (None, None) => return None,
        }))
    };
    Doc::List(discounts.iter().filter_map(name).collect())
}

/// The discounts of a line.
pub(super) fn of_line(quote: &Quote, line: &str) -> Vec<Id> {
    ids(quote.line_discounts.get(line))
}
