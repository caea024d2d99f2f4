//! Subscriptions that were loaded: from a dump, or from another account (billing 4.3).
//!
//! May use: items. Invariant: what lies before the time at which a subscription is loaded is taken as done, and billed by nothing.

use super::{Period, Subscription, SubscriptionStatus as Status};
use crate::contract::Ctx;
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::state::{Id, Tx};

/// Brings a subscription that was loaded to the present: its periods that are over, its trial, and its end.
pub fn catch_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id).filter(|stored| !stored.has_ended()) else { return };
    let now = ctx.now_of(tx, stored.clock());
    tx.quietly(|tx| {
        if let Some(at) = stored.cancel_at.filter(|at| *at <= now) {
            tx.update::<Subscription>(id, |subscription| {
                subscription.status = Status::Canceled;
                subscription.ended_at = subscription.ended_at.or(Some(at));
            });
            return;
        }
        if stored.status == Status::Trialing && !stored.is_in_trial(now) {
            tx.update::<Subscription>(id, |subscription| subscription.status = Status::Active);
        }
        if tx.get::<Subscription>(id).is_some_and(|stored| stored.renews()) {
            begin_present_periods(tx, &stored, now);
        }
    });
}

fn begin_present_periods(tx: &mut Tx, subscription: &Subscription, now: i64) {
    for item in subscription_items::of(tx, &subscription.id) {
        if item.current_period_end > now {
            continue;
        }
        let Period { start, end } = item.recurrence().around(subscription.anchor(), now);
        tx.update::<SubscriptionItem>(&item.id, |item| {
            item.current_period_start = start;
            item.current_period_end = end;
        });
    }
}
