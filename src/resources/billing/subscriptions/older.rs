//! What older versions show of subscriptions (billing-2 14.2, shapes 6).
//!
//! May use: discounts. Invariant: reads what an event takes along, never the state.

use std::sync::Arc;

use super::{KIND, Subscription};
use crate::contract::version::Gate;
use crate::contract::{Change, Ctx, Rewrite, Seen, Undocumented};
use crate::error::{ApiError, Result};
use crate::resources::catalog::discounts;
use crate::resources::catalog::prices;
use crate::state::document::{Doc, Map};
use crate::state::{Record, Tx};

/// Periods moved into the items, and only lists of discounts are left.
const BASIL: Gate = Gate::since("2025-03-31.basil");

/// The newest first.
pub(super) const CHANGES: &[Change] = &[
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "current_period_end", find: itself, older: showed_its_period }),
        what: "subscription.current_period_start, subscription.current_period_end",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::Alone(|subscription| prices::said_how_usage_adds_up(subscription, "plan"))),
        what: "subscription.plan.aggregate_usage",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "discount", find: discount_of, older: showed_its_discount }),
        what: "subscription.discount",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "coupon", find: coupon_of, older: showed_the_coupon }),
        what: "subscription.discount.coupon",
    },
    Change { since: Gate::since("2020-08-27"), older: None, what: "subscription.tax_percent" },
    Change {
        since: Gate::since("2019-10-17"),
        older: Some(Rewrite::Alone(|subscription| {
            let method = subscription.get("collection_method").cloned();
            subscription.set("billing", method);
            let start = subscription.get("start_date").cloned();
            subscription.set("start", start);
        })),
        what: "subscription.billing, since then subscription.collection_method; subscription.start",
    },
];

/// The only price and its quantity, outside of `items`, which versions before clover know (shapes 3.2), and the only discount where
/// the catalogue does not know it (shapes 3.3).
pub(super) const PARAMS: &[Undocumented] = &[
    alone("subscriptions.create", "plan"),
    alone("subscriptions.create", "quantity"),
    alone("subscriptions.update", "plan"),
    alone("subscriptions.update", "quantity"),
    alone("customers.subscriptions.create", "coupon"),
    alone("customers.subscriptions.create", "plan"),
    alone("customers.subscriptions.create", "promotion_code"),
    alone("customers.subscriptions.create", "quantity"),
    alone("customers.subscriptions.update", "coupon"),
    alone("customers.subscriptions.update", "plan"),
    alone("customers.subscriptions.update", "promotion_code"),
    alone("customers.subscriptions.update", "quantity"),
];

/// The first version without them.
const WITHOUT: Gate = Gate::since("2025-09-30.clover");

/// The only item, as the parameters outside of `items` describe it; `None` if they are not sent.
///
/// # Errors
/// The version does not know them, `items` are sent too, or the quantity is no number.
pub(super) fn only_item(ctx: &Ctx<'_>, params: &Map) -> Result<Option<Map>> {
    let Some(name) = ["plan", "quantity"].into_iter().find(|name| params.has(name)) else { return Ok(None) };
    if params.has("items") && params.has("quantity") {
        return Err(ApiError::items_and_quantity());
    }
    if ctx.version.has(WITHOUT) {
        return Err(ApiError::params_unknown(&[name.to_owned()]));
    }
    let mut item = Map::new();
    if let Some(plan) = params.str("plan") {
        item.set("plan", plan.to_owned());
    }
    if let Some(sent) = params.str("quantity") {
        let quantity: i64 = sent.parse().map_err(|_| ApiError::param_not_integer("quantity", sent))?;
        item.set("quantity", quantity);
    }
    Ok(Some(item).filter(|_| !params.has("items")))
}

const fn alone(operation: &'static str, name: &'static str) -> Undocumented {
    Undocumented { operation, name }
}

fn itself(tx: &Tx, subscription: Seen<'_>) -> Option<Arc<Record>> {
    tx.record(KIND, &subscription.id()).cloned()
}

fn showed_its_period(shown: &mut Map, record: Option<&Record>) {
    let Some(subscription) = record.and_then(|record| record.get::<Subscription>()) else { return };
    shown.set("current_period_start", subscription.current_period_start);
    shown.set("current_period_end", subscription.current_period_end);
}

fn discount_of(tx: &Tx, subscription: Seen<'_>) -> Option<Arc<Record>> {
    discounts::first_of(tx, subscription).cloned()
}

fn showed_its_discount(subscription: &mut Map, discount: Option<&Record>) {
    subscription.set("discount", discount.map(|discount| discount.object.to_doc()));
}

fn coupon_of(tx: &Tx, subscription: Seen<'_>) -> Option<Arc<Record>> {
    discounts::coupon_of(tx, Seen::Object(&*discounts::first_of(tx, subscription)?.object))
}

fn showed_the_coupon(subscription: &mut Map, coupon: Option<&Record>) {
    if let Some(Doc::Map(discount)) = subscription.get_mut("discount") {
        discounts::showed_its_coupon(discount, coupon);
    }
}
