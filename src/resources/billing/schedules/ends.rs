//! The ends of a schedule: it is released or canceled, or its last phase is over (billing 5.3, billing-2 11.4, 12.6).
//!
//! May use: subscriptions. Invariant: what is released or over leaves its subscription free; a final status stays.

use std::sync::Arc;

use super::{EndBehavior, ScheduleStatus, SubscriptionSchedule, reference, subscription_of};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::subscriptions::{self, Subscription};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag};
use crate::state::{Edit, Id, Tx};

/// The schedule in a path, if it is live; `verb` and `participle` are for the error: `cancel`, `canceled`.
///
/// # Errors
/// There is none, or it is in a final state.
pub(super) fn live(tx: &Tx, call: &Call<'_>, verb: &str, participle: &str) -> Result<Arc<SubscriptionSchedule>> {
    let schedule = require::<SubscriptionSchedule>(tx, call.arg(0), In::Path)?;
    if schedule.is_live() {
        Ok(schedule)
    } else {
        Err(ApiError::schedule_is_final(verb, schedule.status.as_str(), participle))
    }
}

/// `POST /v1/subscription_schedules/:schedule/release`.
pub(super) fn release(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = live(tx, call, "release", "released")?;
    let now = ctx.now_of(tx, stored.clock());
    let keeps_end = call.params.bool("preserve_cancel_date") == Some(true);
    let subscription = stored.subscription.clone();
    tx.quietly(|tx| {
        tx.update::<SubscriptionSchedule>(&stored.id, |schedule| {
            schedule.status = ScheduleStatus::Released;
            schedule.released_at = Some(now);
            schedule.released_subscription = schedule.subscription.take();
            schedule.current_phase = None;
            schedule.expiring_at = Absent(None);
        });
    });
    tx.announce("subscription_schedule.updated", &reference(&stored.id));
    if let Some(subscription) = subscription {
        let ends = stored.ends_subscription_at().is_some() && !keeps_end;
        let_go(tx, &subscription, ends, now);
    }
    tx.announce("subscription_schedule.released", &reference(&stored.id));
    Ok(Outcome::Done(reference(&stored.id)))
}

/// A subscription is managed by nothing any more, and goes on if it was to end with its schedule.
fn let_go(tx: &mut Tx, id: &Id, clears_end: bool, now: i64) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    let mut subscription = Edit::of(stored);
    subscription.schedule = None;
    if clears_end {
        subscriptions::plan_end(&mut subscription, None, now);
    }
    subscription.save(tx);
}

/// `POST /v1/subscription_schedules/:schedule/cancel`: its subscription ends, too.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = live(tx, call, "cancel", "canceled")?;
    let now = ctx.now_of(tx, stored.clock());
    if let Some(subscription) = subscription_of(tx, &stored).filter(|subscription| !subscription.has_ended()) {
        let wants = |name: &str| Doc::from(call.params.bool(name) != Some(false));
        let params = Map::from(["invoice_now", "prorate"].map(|name| (name, wants(name))));
        // The schedule follows its end.
        subscriptions::end_at_once(tx, ctx, &subscription, &params)?;
    }
    if tx.get::<SubscriptionSchedule>(&stored.id).is_some_and(|schedule| schedule.is_live()) {
        finish(tx, &stored.id, ScheduleStatus::Canceled, now);
    }
    Ok(Outcome::Done(reference(&stored.id)))
}

/// A schedule is in a final state; `at` is Unix seconds.
pub(super) fn finish(tx: &mut Tx, id: &Id, status: ScheduleStatus, at: i64) {
    tx.update::<SubscriptionSchedule>(id, |schedule| {
        schedule.status = status;
        match status {
            ScheduleStatus::Canceled => schedule.canceled_at = Some(at),
            ScheduleStatus::Completed => schedule.completed_at = Some(at),
            ScheduleStatus::Active | ScheduleStatus::NotStarted | ScheduleStatus::Released => {}
        }
        schedule.current_phase = None;
        schedule.expiring_at = Absent(None);
    });
}

/// Its subscription was not paid: it is canceled, and says so.
pub(super) fn abort(tx: &mut Tx, id: &Id, at: i64) {
    tx.quietly(|tx| finish(tx, id, ScheduleStatus::Canceled, at));
    tx.update::<SubscriptionSchedule>(id, |schedule| schedule.aborted = Flag(true));
}

/// The last phase of a schedule is over: its subscription goes on, or ends (billing 5.3).
///
/// # Errors
/// What is to be billed at the end cannot be billed.
pub(super) fn complete(tx: &mut Tx, ctx: &Ctx<'_>, stored: &SubscriptionSchedule) -> Result<()> {
    let now = ctx.now_of(tx, stored.clock());
    let subscription = subscription_of(tx, stored).filter(|subscription| !subscription.has_ended());
    match stored.end_behavior {
        EndBehavior::Cancel => {
            if let Some(subscription) = subscription {
                subscriptions::end_at_once(tx, ctx, &subscription, &Map::from([("invoice_now", true)]))?;
            }
        }
        EndBehavior::None | EndBehavior::Release | EndBehavior::Renew => {
            if let Some(subscription) = subscription {
                let_go(tx, &subscription.id, false, now);
            }
        }
    }
    finish(tx, &stored.id, ScheduleStatus::Completed, now);
    Ok(())
}

/// Names the event that a schedule ends soon.
pub(super) fn tell(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| {
        tx.update::<SubscriptionSchedule>(id, |schedule| {
            schedule.told_of = Absent(Some(schedule.end()));
            schedule.expiring_at = Absent(None);
        });
    });
    tx.announce("subscription_schedule.expiring", &reference(id));
}
