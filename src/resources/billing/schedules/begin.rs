//! A schedule begins, and goes from one phase to the next (billing 5.3, billing-2 11.4).
//!
//! May use: subscriptions. Invariant: the schedule shows the phase that has begun before its subscription changes.

use std::sync::Arc;

use super::{PhaseSpan, ScheduleStatus, SubscriptionSchedule, ends, reference, subscription_of, terms};
use crate::contract::{self, Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::subscriptions::{self, FirstInvoice, Subscription};
use crate::resources::customers::customer::Customer;
use crate::state::document::Map;
use crate::state::object::{Absent, Flag};
use crate::state::{Edit, Id, Tx};
use crate::time::calendar::DAY;

/// How long before its end a schedule is told of, in seconds (billing-2 11.4).
const NOTICE_SECONDS: i64 = 7 * DAY;

/// The first phase of a schedule begins.
pub(super) fn begin(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let stored = require::<SubscriptionSchedule>(tx, id, In::Path)?;
    let mut schedule = Edit::of(stored);
    start(tx, ctx, &mut schedule)?;
    schedule.save(tx);
    Ok(())
}

/// Makes a schedule active, with its subscription, whose first invoice is a draft for an hour.
///
/// # Errors
/// Those of a new subscription.
pub(super) fn start(tx: &mut Tx, ctx: &Ctx<'_>, schedule: &mut SubscriptionSchedule) -> Result<()> {
    let customer = require::<Customer>(tx, &schedule.customer, In::Param("customer"))?;
    let phase = schedule.phases().next().cloned().ok_or_else(ApiError::internal)?;
    let now = ctx.now_of(tx, schedule.clock());
    let params = terms::of_start(schedule, &phase, now);
    let subscription = subscriptions::create::start_with(tx, ctx, &params, &customer, FirstInvoice::AfterAnHour)?;
    let id = Id::clone(&schedule.id);
    tx.update::<Subscription>(&subscription, |subscription| subscription.schedule = Some(id));
    contract::settle(tx, ctx);
    schedule.subscription = Some(subscription);
    enter(schedule, PhaseSpan::of(&phase), now);
    Ok(())
}

/// A phase is the current one; `now` is Unix seconds.
pub(super) fn enter(schedule: &mut SubscriptionSchedule, span: PhaseSpan, now: i64) {
    schedule.status = ScheduleStatus::Active;
    schedule.current_phase = Some(span.shown());
    plan_notice(schedule, now);
}

/// Plans the notice of the end of an active schedule; one that is shorter than the notice is told of at once.
pub(super) fn plan_notice(schedule: &mut SubscriptionSchedule, now: i64) {
    let end = schedule.end();
    let is_told = schedule.told_of.0 == Some(end);
    schedule.expiring_at = Absent((schedule.is_active() && !is_told).then_some((end - NOTICE_SECONDS).max(now)));
}

/// The current phase of a schedule is over: the next one begins, or it is the end.
pub(super) fn go_on(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let stored = require::<SubscriptionSchedule>(tx, id, In::Path)?;
    let Some(over) = stored.current_span() else { return Ok(()) };
    let next = stored.phases().find(|phase| PhaseSpan::of(phase).start == over.end).cloned();
    let Some(next) = next else { return ends::complete(tx, ctx, &stored) };
    let now = ctx.now_of(tx, stored.clock());
    let mut schedule = Edit::of(Arc::clone(&stored));
    enter(&mut schedule, PhaseSpan::of(&next), now);
    schedule.save(tx);
    let params = terms::of_change(tx, &stored, &next, now);
    change(tx, ctx, &stored, &params)
}

/// Changes the subscription of a schedule by parameters of `POST /v1/subscriptions/:id`. What happens meanwhile is no change of the
/// current phase.
///
/// # Errors
/// Those of the call.
pub(super) fn change(tx: &mut Tx, ctx: &Ctx<'_>, schedule: &SubscriptionSchedule, params: &Map) -> Result<()> {
    let subscription = subscription_of(tx, schedule).filter(|subscription| !subscription.has_ended());
    let Some(subscription) = subscription.filter(|_| !params.is_empty()) else { return Ok(()) };
    mark(tx, &schedule.id, true);
    // The schedule's own event comes first (billing-2 12.6).
    tx.announce("subscription_schedule.updated", &reference(&schedule.id));
    subscriptions::change::carry_out_planned(tx, ctx, &subscription, params)?;
    contract::settle(tx, ctx);
    mark(tx, &schedule.id, false);
    Ok(())
}

fn mark(tx: &mut Tx, id: &Id, changing: bool) {
    tx.quietly(|tx| tx.update::<SubscriptionSchedule>(id, |schedule| schedule.changing = Flag(changing)));
}
