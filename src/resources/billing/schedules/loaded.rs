//! Schedules that were loaded: from a dump, or from another account (billing 4.3).
//!
//! May use: its phases. Invariant: what lies before the time at which a schedule is loaded is taken as done.

use super::{PhaseSpan, ScheduleStatus, SubscriptionSchedule, begin, ends};
use crate::contract::Ctx;
use crate::error::Result;
use crate::state::{Edit, Ref, Tx};

/// Brings a schedule that was loaded to the present, without changing its subscription.
///
/// # Errors
/// None.
pub(super) fn imported(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(stored) = tx.get::<SubscriptionSchedule>(&about.id).filter(|stored| stored.is_active()) else {
        return Ok(());
    };
    let now = ctx.now_of(tx, stored.clock());
    let current = stored.phases().map(PhaseSpan::of).find(|span| (span.start..span.end).contains(&now));
    tx.quietly(|tx| match current {
        Some(span) => {
            let mut schedule = Edit::of(stored);
            begin::enter(&mut schedule, span, now);
            schedule.save(tx);
        }
        None => ends::finish(tx, &stored.id, ScheduleStatus::Completed, stored.end()),
    });
    Ok(())
}
