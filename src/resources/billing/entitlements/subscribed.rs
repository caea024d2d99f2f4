//! What a subscription grants (billing-2 11.6).
//!
//! May use: subscriptions and items, the features of products. Invariant: only reads; who asks keeps the answer.

use super::product_features;
use crate::contract::When;
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::{Subscription, SubscriptionStatus};
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Object, Tx};

/// Whether a subscription of a status grants the features of its products.
fn grants(status: SubscriptionStatus) -> bool {
    match status {
        SubscriptionStatus::Active | SubscriptionStatus::PastDue | SubscriptionStatus::Trialing => true,
        SubscriptionStatus::Canceled
        | SubscriptionStatus::Incomplete
        | SubscriptionStatus::IncompleteExpired
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Unpaid => false,
    }
}

/// A subscription's customer, and the features that it grants by what its products have now, each once. A deleted subscription
/// grants nothing.
pub(super) fn granted(tx: &Tx, id: &str) -> Option<(Id, Vec<Id>)> {
    let record = tx.record(Subscription::KIND, id)?;
    let subscription = downcast::<Subscription>(&*record.object)?;
    let mut features = Vec::new();
    if !record.deleted && grants(subscription.status) {
        let items = subscription_items::of(tx, id);
        let products = items.iter().filter_map(|item| product(item));
        for feature in products.flat_map(|product| product_features::of_product(tx, product)) {
            if !features.contains(&feature) {
                features.push(feature);
            }
        }
    }
    Some((Id::clone(&subscription.customer), features))
}

/// The product of an item.
fn product(item: &SubscriptionItem) -> Option<&str> {
    item.price.str("product")
}

/// A change of a subscription that changes what it grants.
pub(super) const STATUS: When = crate::when!(Subscription, |before, after| {
    before.is_none_or(|before| grants(before.status) != grants(after.status))
});

/// A change of an item that changes what its subscription grants: it has another product, or its next period begins. What products
/// get or lose in between waits for that (billing-2 11.6).
pub(super) const ITEM: When = crate::when!(SubscriptionItem, |before, after| {
    before.is_none_or(|before| {
        product(before) != product(after) || before.current_period_start != after.current_period_start
    })
});

/// The subscription of an item.
pub(super) fn of_item(item: &dyn Object) -> Option<Id> {
    downcast::<SubscriptionItem>(item).map(|item| Id::clone(&item.subscription))
}
