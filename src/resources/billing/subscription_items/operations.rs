//! The operations on single items: each is a change of the subscription (billing 2.1, billing-2 4.5, 12.5).
//!
//! May use: subscriptions. Invariant: an item changes by no other way than its subscription's.

use std::sync::Arc;

use super::{KIND, SubscriptionItem, of};
use crate::contract::{Call, Ctx, In, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::subscriptions::{self, Subscription, change};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Ref, Tx};

/// The parameters of these operations that are about the change, not about the item.
const OF_CHANGE: &[&str] = &["off_session", "payment_behavior", "proration_behavior", "proration_date"];

/// The name of the item within the change.
const WITHIN: &str = "items[0]";

/// `POST /v1/subscription_items`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.params.str("subscription").unwrap_or_default();
    let subscription = require::<Subscription>(tx, id, In::PathAs("subscription"))?;
    if subscription.has_ended() {
        return Err(missing(subscriptions::KIND, id, In::PathAs("subscription")));
    }
    body::check_references(tx, call, KIND)?;
    let known: Vec<Id> = of(tx, id).iter().map(|item| Id::clone(&item.id)).collect();
    run(tx, ctx, &subscription, &call.params, &Map::new())?;
    let made = of(tx, id).into_iter().find(|item| !known.contains(&item.id));
    match made {
        Some(item) => Ok(Outcome::Done(Ref::to(&*item))),
        // The change waits to be paid: the item is not the subscription's yet.
        None => waiting(tx, id, &known).map(Outcome::Value),
    }
}

/// The item of a change that waits.
fn waiting(tx: &Tx, subscription: &str, known: &[Id]) -> Result<Doc> {
    let subscription = subscriptions::find(tx, subscription)?;
    let items = subscription.pending_update.as_ref().and_then(|pending| pending.list("subscription_items"));
    let is_new = |item: &&Doc| {
        let id = item.as_map().and_then(|item| item.str("id"));
        id.is_some_and(|id| known.iter().all(|known| &**known != id))
    };
    items.unwrap_or_default().iter().find(is_new).cloned().ok_or_else(ApiError::internal)
}

/// `GET /v1/subscription_items/:item`.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    found(tx, call.arg(0)).map(|item| Outcome::Done(Ref::to(&*item)))
}

/// `POST /v1/subscription_items/:item`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let item = found(tx, call.arg(0))?;
    body::check_references(tx, call, KIND)?;
    let subscription = subscriptions::find(tx, &item.subscription)?;
    run(tx, ctx, &subscription, &call.params, &Map::from([("id", item.id.to_string())]))?;
    Ok(Outcome::Done(Ref::to(&*item)))
}

/// `DELETE /v1/subscription_items/:item`.
pub(super) fn delete(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let item = found(tx, call.arg(0))?;
    let subscription = subscriptions::find(tx, &item.subscription)?;
    let named = Map::from([("deleted", Doc::from(true)), ("id", item.id.to_string().into())]);
    run(tx, ctx, &subscription, &call.params, &named)?;
    Ok(Outcome::Deleted(Ref::to(&*item)))
}

/// An item; one that was deleted has its own error (billing-2 4.5).
fn found(tx: &Tx, id: &str) -> Result<Arc<SubscriptionItem>> {
    match tx.record(KIND, id) {
        Some(record) if record.deleted => Err(ApiError::subscription_item_is_deleted(id)),
        _ => require::<SubscriptionItem>(tx, id, In::Path),
    }
}

/// Changes one item of a subscription; errors name the parameters of this call.
fn run(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Arc<Subscription>, params: &Map, named: &Map) -> Result<()> {
    let (mut whole, mut item) = (Map::new(), named.clone());
    for (key, value) in params.iter().filter(|(key, _)| *key != "subscription") {
        let about = if OF_CHANGE.contains(&key) { &mut whole } else { &mut item };
        about.set(key.to_owned(), value.clone());
    }
    whole.set("items", Doc::List(vec![item.into()]));
    change::carry_out(tx, ctx, subscription, &whole).map_err(|error| error.outside(WITHIN))
}
