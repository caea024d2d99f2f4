//! What a subscription will cost after what is due now (stripe-js 6.1).
//!
//! May use: the amounts of the session, coupons. Invariant: the amounts are those that the session would come to without its beginning.

use super::super::{Session, SessionMode, amounts, subscribe};
use crate::contract::Ctx;
use crate::generic::lines;
use crate::resources::billing::subscriptions::Recurrence;
use crate::resources::catalog::coupons;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// What belongs to the beginning of a subscription.
const OF_THE_BEGINNING: [&str; 3] = ["billing_cycle_anchor", "trial_end", "trial_period_days"];

/// How often it is paid again, how much then, and when for the first time; null if it is paid once.
pub(super) fn shown(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Doc {
    let records = lines::of(tx, &session.id);
    let price =
        records.iter().find_map(|record| record.object.to_doc().map("price").filter(|price| recurs(price)).cloned());
    let Some(price) = price.filter(|_| session.mode == SessionMode::Subscription) else { return Doc::Null };
    let data = session.intent_data.as_map();
    let of_data = |key: &str| data.and_then(|data| data.get(key)).cloned().unwrap_or_default();
    let of_price =
        |key: &str| price.map("recurring").and_then(|recurring| recurring.get(key)).cloned().unwrap_or_default();
    Map::from([
        ("interval", of_price("interval")),
        ("interval_count", of_price("interval_count")),
        ("is_prorated", is_prorated(tx, ctx, session, &price).into()),
        ("due_next", due_next(tx, ctx, session).into()),
        ("trial_end", of_data("trial_end")),
        ("trial_period_days", of_data("trial_period_days")),
    ])
    .into()
}

fn recurs(price: &Map) -> bool {
    price.present("recurring").is_some()
}

/// Whether what is due now is for a part of a period.
fn is_prorated(tx: &Tx, ctx: &Ctx<'_>, session: &Session, price: &Map) -> bool {
    let Some(recurrence) = Recurrence::of(price) else { return false };
    let billed = subscribe::billed(tx, ctx, session, recurrence).ok().flatten();
    billed.is_some_and(|(anchor, period)| !recurrence.is_whole(anchor, period))
}

/// What a whole period costs, without what is paid once and without a discount that is given once.
fn due_next(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Option<Map> {
    tx.rehearse(|tx| {
        let mut later = session.clone();
        let mut data = later.intent_data.as_map().cloned().unwrap_or_default();
        for key in OF_THE_BEGINNING {
            let _ = data.remove(key);
        }
        later.intent_data = data.into();
        for line in lines::of(tx, &session.id) {
            if !line.object.to_doc().map("price").is_some_and(recurs) {
                lines::remove(tx, &line);
            }
        }
        if is_given_once(tx, session) {
            later.rest.set("discounts", Doc::List(Vec::new()));
        }
        amounts::total(tx, ctx, &mut later).ok()?;
        let details = later.rest.map("total_details");
        let part = |key: &str| details.and_then(|details| details.int(key)).unwrap_or_default();
        let all = [
            ("discount", part("amount_discount")),
            ("subtotal", later.amount_subtotal?),
            ("tax", part("amount_tax")),
            ("total", later.amount_total?),
        ];
        Some(Map::from(all.map(|(key, amount)| (key, Doc::from(amount)))))
    })
}

fn is_given_once(tx: &Tx, session: &Session) -> bool {
    let coupon =
        session.discount.as_map().and_then(|offer| offer.map("source")).and_then(|source| source.str("coupon"));
    let coupon = coupon.and_then(|id| tx.record(coupons::KIND, id));
    coupon.is_some_and(|coupon| coupon.object.to_doc().str("duration") == Some("once"))
}
