//! How events of schedules are made to happen to one of the user's own.
//!
//! May use: subscriptions. Invariant: nothing here makes an event by hand.

use std::sync::Arc;

use super::{SubscriptionSchedule, ends, subscription_of};
use crate::contract::{In, Trigger, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::subscriptions::{self, status};
use crate::state::Tx;

const ONE: &str = "/v1/subscription_schedules/{id}";

fn active(tx: &Tx, id: &str) -> Result<Arc<SubscriptionSchedule>> {
    let schedule = require::<SubscriptionSchedule>(tx, id, In::Path)?;
    if schedule.is_active() { Ok(schedule) } else { Err(ApiError::schedule_has_not_begun()) }
}

pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::post("subscription_schedule.created", "/v1/subscription_schedules", &[("from_subscription", "{id}")])
        .of(subscriptions::KIND),
    Trigger::update("subscription_schedule.updated", ONE),
    Trigger::post("subscription_schedule.canceled", "/v1/subscription_schedules/{id}/cancel", &[]),
    Trigger::post("subscription_schedule.released", "/v1/subscription_schedules/{id}/release", &[]),
    Trigger::rule(
        "subscription_schedule.expiring",
        |tx, _, id| {
            let schedule = active(tx, id)?;
            ends::tell(tx, &schedule.id);
            Ok(())
        },
        "its end is told now",
    ),
    Trigger::rule(
        "subscription_schedule.completed",
        |tx, ctx, id| {
            let schedule = active(tx, id)?;
            ends::complete(tx, ctx, &schedule)
        },
        "its last phase is over now",
    ),
    Trigger::rule(
        "subscription_schedule.aborted",
        |tx, ctx, id| {
            let schedule = active(tx, id)?;
            let subscription = subscription_of(tx, &schedule).ok_or_else(ApiError::schedule_has_not_begun)?;
            let now = ctx.now_of(tx, schedule.clock());
            status::end(tx, &subscription.id, now, "payment_failed");
            Ok(())
        },
        "its subscription ends because it was not paid",
    ),
];
