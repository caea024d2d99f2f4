//! What older versions show of subscriptions (billing-2 14.2, shapes 6).
//!
//! May use: discounts. Invariant: reads what an event takes along, never the state.

use std::sync::Arc;

use super::{KIND, Subscription};
use crate::contract::version::Gate;
use crate::contract::{Change, Rewrite, Undocumented};
use crate::resources::catalog::discounts;
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

/// The only price and its quantity, outside of `items`, which versions before clover know (shapes 3.2).
pub(super) const PARAMS: &[Undocumented] = &[
    alone("subscriptions.create", "plan"),
    alone("subscriptions.create", "quantity"),
    alone("customers.subscriptions.create", "plan"),
    alone("customers.subscriptions.create", "quantity"),
];

const fn alone(operation: &'static str, name: &'static str) -> Undocumented {
    Undocumented { operation, name }
}

fn itself(tx: &Tx, subscription: &Map) -> Option<Arc<Record>> {
    tx.record(KIND, subscription.str("id")?).cloned()
}

fn showed_its_period(shown: &mut Map, record: Option<&Record>) {
    let Some(subscription) = record.and_then(|record| record.get::<Subscription>()) else { return };
    shown.set("current_period_start", subscription.current_period_start);
    shown.set("current_period_end", subscription.current_period_end);
}

fn discount_of(tx: &Tx, subscription: &Map) -> Option<Arc<Record>> {
    let first = subscription.list("discounts")?.first()?.as_str()?;
    tx.record(discounts::KIND, first).cloned()
}

fn showed_its_discount(subscription: &mut Map, discount: Option<&Record>) {
    subscription.set("discount", discount.map(|discount| discount.object.to_doc()));
}

fn coupon_of(tx: &Tx, subscription: &Map) -> Option<Arc<Record>> {
    let first = subscription.list("discounts")?.first()?.as_str()?;
    discounts::coupon_of(tx, &tx.record(discounts::KIND, first)?.object.to_doc())
}

fn showed_the_coupon(subscription: &mut Map, coupon: Option<&Record>) {
    if let Some(Doc::Map(discount)) = subscription.get_mut("discount") {
        discounts::showed_its_coupon(discount, coupon);
    }
}
