//! A schedule follows its subscription and its customer (billing-2 11.4).
//!
//! May use: subscriptions and their items. Invariant: a schedule whose subscription has ended is in a final state; the items of the
//! current phase are the subscription's.

use super::ends;
use super::{EndBehavior, PhaseSpan, ScheduleStatus, SubscriptionSchedule, subscription_of};
use crate::contract::{Ctx, On, Reaction, Who};
use crate::error::Result;
use crate::resources::billing::subscription_items;
use crate::resources::billing::subscriptions::{self, Subscription};
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// Why a subscription ends that was not paid.
const UNPAID: &str = "payment_failed";

/// What schedules follow.
pub(super) const REACTIONS: &[Reaction] = &[
    Reaction { to: subscriptions::KIND, on: On::Change(|_, _| true), who: Who::Having("subscription"), run: follow },
    Reaction {
        to: customer::KIND,
        on: On::Deletion,
        who: Who::Having("customer"),
        run: |tx, ctx, id| {
            let Some(schedule) = tx.get::<SubscriptionSchedule>(id).filter(|schedule| schedule.is_live()) else {
                return Ok(());
            };
            let now = ctx.now_of(tx, schedule.clock());
            ends::finish(tx, id, ScheduleStatus::Canceled, now);
            Ok(())
        },
    },
];

/// Brings a schedule into line with its subscription.
fn follow(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(schedule) = tx.get::<SubscriptionSchedule>(id).filter(|schedule| schedule.is_active()) else {
        return Ok(());
    };
    let Some(subscription) = subscription_of(tx, &schedule) else { return Ok(()) };
    match subscription.ended_at.filter(|_| subscription.has_ended()) {
        Some(at) if subscription.cancellation_details.str("reason") == Some(UNPAID) => ends::abort(tx, id, at),
        Some(at) if schedule.end_behavior == EndBehavior::Cancel && at >= schedule.end() => {
            ends::finish(tx, id, ScheduleStatus::Completed, at);
        }
        Some(at) => ends::finish(tx, id, ScheduleStatus::Canceled, at),
        None if schedule.changing.0 => {}
        None => take_items(tx, &schedule, &subscription),
    }
    Ok(())
}

/// What was changed of the subscription's items directly is a change of the current phase.
fn take_items(tx: &mut Tx, schedule: &SubscriptionSchedule, subscription: &Subscription) {
    let (Some(span), Some(phase)) = (schedule.current_span(), schedule.current()) else { return };
    let shown: Vec<&Map> = phase.list("items").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    let items = subscription_items::of(tx, &subscription.id);
    let is_same = items.len() == shown.len()
        && items.iter().all(|item| {
            let is_it =
                |one: &&Map| one.str("price") == Some(item.price_id()) && one.int("quantity") == item.quantity.0;
            shown.iter().any(is_it)
        });
    if is_same {
        return;
    }
    let items: Vec<Doc> = items
        .iter()
        .map(|item| {
            let known = shown.iter().find(|one| one.str("price") == Some(item.price_id()));
            Doc::from(super::create::shown_item(item, known.copied()))
        })
        .collect();
    tx.update::<SubscriptionSchedule>(&schedule.id, |schedule| {
        let current = schedule.phases.iter_mut().filter_map(|phase| match phase {
            Doc::Map(phase) => Some(phase),
            _ => None,
        });
        for phase in current.filter(|phase| PhaseSpan::of(phase) == span) {
            phase.set("items", Doc::List(items.clone()));
        }
    });
}
