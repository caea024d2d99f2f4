//! From the parameters of a change to the items that a subscription will have (billing 2.4, billing-2 4.5).
//!
//! May use: prices, discounts, tax rates. Invariant: nothing is stored but the prices that were described and the discounts that were
//! redeemed; what is returned can be billed together.

use std::sync::Arc;

use super::choose::{Chosen, PriceUse, check_threshold, choose, discount};
use super::{ITEMS_MAX, SubscriptionItem, is_metered, of};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::billing::subscriptions::{Period, Recurrence, Subscription};
use crate::resources::catalog::prices::{Price, as_plan};
use crate::resources::catalog::tax_rates;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Object};

/// The items that a subscription will have by the `items` of a call, in order; `now` is Unix seconds. An item keeps its period, a new
/// one has that of others of its kind.
///
/// # Errors
/// An item that is none of the subscription's; none left, more than twenty, or two of one price; what a new item cannot be.
pub fn edited(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    (sent, prices): (&[Doc], PriceUse),
    now: i64,
) -> Result<Vec<Arc<SubscriptionItem>>> {
    let mut items = of(tx, &subscription.id);
    for (index, change) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let within = format!("items[{index}]");
        match change.str("id") {
            Some(id) => {
                let place = items.iter().position(|item| &*item.id == id);
                let place = place.ok_or_else(|| ApiError::subscription_item_missing(id))?;
                if change.bool("deleted") == Some(true) {
                    let _ = items.remove(place);
                } else {
                    let next = changed(tx, ctx, subscription, (&items[place], now), (change, prices), &within)?;
                    // One that stays as it is is the same.
                    if !next.shows_as(&*items[place]) {
                        items[place] = Arc::new(next);
                    }
                }
            }
            None => {
                let chosen = choose(tx, ctx, change, &within, prices)?;
                if items.len() >= ITEMS_MAX {
                    return Err(ApiError::subscription_is_full(&subscription.id, ITEMS_MAX));
                }
                let item = added(tx, ctx, subscription, &items, &chosen, now);
                items.push(Arc::new(item.map_err(|error| error.inside(&within))?));
            }
        }
    }
    check(subscription, &items)?;
    Ok(items)
}

/// Items can be billed together.
fn check(subscription: &Subscription, items: &[Arc<SubscriptionItem>]) -> Result<()> {
    if items.is_empty() {
        return Err(ApiError::subscription_needs_an_item());
    }
    let is_twice = |(place, item): &(usize, &Arc<SubscriptionItem>)| {
        items[..*place].iter().any(|other| other.price_id() == item.price_id())
    };
    if let Some((_, item)) = items.iter().enumerate().find(is_twice) {
        return Err(ApiError::subscription_price_added_twice(item.price_id()));
    }
    check_recurrences(items.iter().map(|item| item.recurrence()), subscription.is_flexible()).map(drop)
}

/// The shortest recurrence, of which all others are multiples; in classic mode they are all the same (billing-2 2.3).
///
/// # Errors
/// They do not go together.
pub fn check_recurrences(all: impl Iterator<Item = Recurrence>, is_flexible: bool) -> Result<Recurrence> {
    let all: Vec<Recurrence> = all.collect();
    let shortest = all.iter().copied().min_by_key(|one| one.length()).unwrap_or(Recurrence::Months(1));
    let fits = |one: &Recurrence| if is_flexible { one.is_multiple_of(shortest) } else { *one == shortest };
    if all.iter().all(fits) { Ok(shortest) } else { Err(ApiError::subscription_items_differ("interval")) }
}

/// An item after a change.
fn changed(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    (item, now): (&SubscriptionItem, i64),
    (sent, prices): (&Map, PriceUse),
    within: &str,
) -> Result<SubscriptionItem> {
    let mut item = item.clone();
    if ["plan", "price", "price_data"].iter().any(|name| sent.present(name).is_some()) {
        let chosen = choose(tx, ctx, sent, within, prices)?;
        check_currency(subscription, &chosen)?;
        let is_other = chosen.price.id.as_ref() != item.price_id();
        item.price = chosen.price.to_doc();
        item.plan = as_plan(&item.price).unwrap_or_default();
        // A price without a quantity is one of it (billing 2.2).
        if is_other || sent.int("quantity").is_some() {
            item.quantity = Absent(chosen.quantity);
        }
        if is_other {
            item.usage_from = Absent(item.is_metered().then_some(now));
        }
    } else if let Some(quantity) = sent.int("quantity") {
        if is_metered(&item.price) {
            return Err(ApiError::metered_item_has_no_quantity(within));
        }
        if let Some(price) = tx.get::<Price>(item.price_id()) {
            price.check_quantity(quantity).map_err(|error| error.inside(within))?;
        }
        item.quantity = Absent(Some(quantity));
    }
    describe(tx, &mut item, sent, within)?;
    let own = (&*item.discounts, sent.get("discounts"));
    let discounts = discount(tx, ctx, subscription, &item.id, own, now).map_err(|error| error.inside(within))?;
    item.discounts = discounts;
    Ok(item)
}

/// An item that is not stored yet.
fn added(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    items: &[Arc<SubscriptionItem>],
    chosen: &Chosen,
    now: i64,
) -> Result<SubscriptionItem> {
    check_currency(subscription, chosen)?;
    let recurrence = chosen.recurrence();
    let of_kind = of(tx, &subscription.id).into_iter().find(|item| item.recurrence() == recurrence);
    let period = match of_kind {
        Some(item) => item.period(),
        None if subscription.is_in_trial(now) => Period { start: now, end: subscription.trial_end.unwrap_or(now) },
        None => {
            let natural = recurrence.around(subscription.anchor(), now);
            Period { start: natural.start.max(subscription.start_date), ..natural }
        }
    };
    let mut item = super::new(tx, ctx, subscription, items, chosen, (period, now))?;
    item.usage_from = Absent(item.is_metered().then_some(now));
    Ok(item)
}

fn check_currency(subscription: &Subscription, chosen: &Chosen) -> Result<()> {
    let currency = &subscription.currency;
    if chosen.price.currency == *currency || chosen.price.in_currency(currency).is_some() {
        Ok(())
    } else {
        Err(ApiError::subscription_items_differ("currency"))
    }
}

/// The parameters that bill nothing.
fn describe(tx: &Tx, item: &mut SubscriptionItem, sent: &Map, within: &str) -> Result<()> {
    match sent.get("tax_rates") {
        Some(Doc::List(rates)) => {
            item.tax_rates = tax_rates::shown(tx, rates, "tax_rates").map_err(|error| error.inside(within))?;
        }
        Some(_) => item.tax_rates = Vec::new(),
        None => {}
    }
    check_threshold(sent, item.is_metered()).map_err(|error| error.inside(within))?;
    if let Some(thresholds) = sent.get("billing_thresholds") {
        item.rest.set("billing_thresholds", thresholds.clone());
    }
    item.metadata = metadata::merge(&item.metadata, sent.get("metadata"))?;
    Ok(())
}
