//! What comes for a schedule without a call: its first phase, the next ones, its end, and the notice of it (billing 4.3,
//! billing-2 11.4).
//!
//! May use: its life. Invariant: all times follow from the schedule's own fields, by its own clock; a phase comes after an end of
//! the subscription, and before its trial ends and its period does.

use super::{SubscriptionSchedule, begin, ends};
use crate::contract::{DueClock, DueOf};
use crate::state::Rank;

pub(super) const DUES: &[DueOf] = &[
    DueOf {
        rank: Rank::Phase,
        clock: DueClock::Own,
        ..crate::due!(SubscriptionSchedule, "begin", |it| it.is_waiting().then(|| it.start()), |tx, ctx, it| {
            begin::begin(tx, ctx, &it.id)
        })
    },
    DueOf {
        rank: Rank::Phase,
        clock: DueClock::Own,
        ..crate::due!(
            SubscriptionSchedule,
            "change_phase",
            |it| it.current_span().filter(|_| it.is_active()).map(|span| span.end),
            |tx, ctx, it| begin::go_on(tx, ctx, &it.id)
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            SubscriptionSchedule,
            "tell_of_end",
            |it| it.expiring_at.0.filter(|_| it.is_active()),
            |tx, _, it| {
                ends::tell(tx, &it.id);
                Ok(())
            }
        )
    },
];
