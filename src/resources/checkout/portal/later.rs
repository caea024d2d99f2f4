//! Changes that wait for the end of the period (`schedule_at_period_end`, billing-2 11.5): a schedule carries them out.
//!
//! May use: the registry's operations, subscriptions and their items. Invariant: until the period is over, the subscription bills what
//! it billed before.

use super::act::{perform, perform_on};
use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::{Recurrence, Subscription};
use crate::resources::catalog::prices::Price;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Object, Ref, Tx};

/// Puts a change of an item into a schedule: the one that manages the subscription, or a new one. `params` are those of
/// `POST /v1/subscriptions/:id`. Returns the subscription.
///
/// # Errors
/// A schedule refuses it.
pub(super) fn change(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    item: &SubscriptionItem,
    params: &Map,
) -> Result<Ref> {
    let schedule = match &subscription.schedule {
        Some(schedule) => Id::clone(schedule),
        None => {
            let from = Map::from([("from_subscription", subscription.id.to_string())]);
            perform_on(tx, ctx, "subscription_schedules.create", &[], from)?.id
        }
    };
    let items = subscription_items::of(tx, &subscription.id);
    let ends = items.iter().map(|item| item.current_period_end).min().unwrap_or_default();
    let stays: Vec<Doc> = items.iter().map(|item| kept(item).into()).collect();
    let becomes = items.iter().map(|one| match one.id == item.id {
        true => changed(one, params).into(),
        false => kept(one).into(),
    });
    let mut first = phase(subscription, stays);
    first.set("start_date", starts(tx, &schedule, subscription));
    first.set("end_date", ends);
    let mut second = phase(subscription, becomes.collect());
    second.set("proration_behavior", "none");
    if let Some(discounts) = params.get("discounts") {
        second.set("discounts", discounts.clone());
    }
    let phases = Doc::List(vec![first.into(), second.into()]);
    let sent = Map::from([("end_behavior", Doc::from("release")), ("phases", phases)]);
    perform(tx, ctx, "subscription_schedules.update", &schedule, sent)?;
    Ok(Ref::to(subscription))
}

/// When the current phase of a schedule began, in Unix seconds.
fn starts(tx: &Tx, schedule: &Id, subscription: &Subscription) -> i64 {
    let shown = tx.record(crate::kind!("subscription_schedule"), schedule).map(|record| record.object.to_doc());
    let current = shown.as_ref().and_then(|schedule| schedule.map("current_phase")?.int("start_date"));
    current.unwrap_or(subscription.current_period_start)
}

/// What a phase has of its subscription.
fn phase(subscription: &Subscription, items: Vec<Doc>) -> Map {
    let discounts = named(&subscription.discounts);
    let rates = ids(&subscription.default_tax_rates);
    Map::from([("default_tax_rates", rates), ("discounts", discounts), ("items", Doc::List(items))])
}

/// An item as it is, as an item of a phase.
fn kept(item: &SubscriptionItem) -> Map {
    let mut sent = Map::from([("price", Doc::from(item.price_id().to_owned()))]);
    if let Some(quantity) = item.quantity.0 {
        sent.set("quantity", quantity);
    }
    sent.set("discounts", named(&item.discounts));
    sent.set("tax_rates", ids(&item.tax_rates));
    sent.set("metadata", item.metadata.clone());
    sent
}

/// The same after the change.
fn changed(item: &SubscriptionItem, params: &Map) -> Map {
    let mut sent = kept(item);
    let change = params.list("items").and_then(|items| items.first()?.as_map());
    for key in ["price", "quantity"] {
        if let Some(value) = change.and_then(|change| change.get(key)) {
            sent.set(key, value.clone());
        }
    }
    sent
}

fn named(discounts: &[Id]) -> Doc {
    Doc::List(discounts.iter().map(|id| Map::from([("discount", id.to_string())]).into()).collect())
}

/// The ids of rates that are shown in full.
fn ids(rates: &[Doc]) -> Doc {
    let id = |rate: &Doc| rate.as_map()?.str("id").map(|id| Doc::from(id.to_owned()));
    Doc::List(rates.iter().filter_map(id).collect())
}

/// Whether a change waits for the end of the period (`schedule_at_period_end`).
pub(super) fn waits(item: &SubscriptionItem, price: &Price, feature: &Map) -> bool {
    let conditions = feature.map("schedule_at_period_end").and_then(|schedule| schedule.list("conditions"));
    let mut kinds = conditions.unwrap_or_default().iter().filter_map(|one| one.as_map()?.str("type"));
    let amount = |price: &Map| price.int("unit_amount");
    let new = price.to_doc();
    let recurrence = |price: &Map| Recurrence::of(price).map(|recurrence| recurrence.length());
    kinds.any(|kind| match kind {
        "decreasing_item_amount" => amount(&new) < amount(&item.price),
        "shortening_interval" => recurrence(&new) < recurrence(&item.price),
        _ => false,
    })
}
