//! What comes for a subscription without a call: its end, the end of its trial, its renewals, notices (billing 4.3, billing-2 10.4,
//! 18).
//!
//! May use: its life. Invariant: all times follow from the subscription's own fields, by its own clock; what lies before the time at
//! which a subscription was loaded is not done again.

use super::{Subscription, SubscriptionStatus, cycle, ends, notices, pause, pending_update};
use crate::contract::{DueClock, DueOf};
use crate::state::Rank;
use crate::time::calendar::HOUR;

use SubscriptionStatus as Status;

/// How long a first invoice may be unpaid, in seconds (billing-2 4.1).
const INCOMPLETE_SECONDS: i64 = 23 * HOUR;

pub(super) const DUES: &[DueOf] = &[
    DueOf {
        rank: Rank::Cancel,
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "cancel",
            |it| it.cancel_at.filter(|_| !it.has_ended() && it.status != Status::Incomplete),
            |tx, ctx, it| ends::reach(tx, ctx, &it.id)
        )
    },
    DueOf {
        rank: Rank::Cancel,
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "expire",
            |it| (it.status == Status::Incomplete).then_some(it.created + INCOMPLETE_SECONDS),
            |tx, ctx, it| ends::expire(tx, ctx, &it.id)
        )
    },
    DueOf {
        rank: Rank::Cancel,
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "give_up_resuming",
            |it| it.pending_update.as_ref().filter(|_| it.status == Status::Paused)?.int("expires_at"),
            |tx, ctx, it| pause::give_up(tx, ctx, &it.id)
        )
    },
    pending_update::EXPIRES,
    DueOf {
        rank: Rank::TrialEnd,
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "end_trial",
            |it| it.trial_end.filter(|_| it.status == Status::Trialing),
            |tx, ctx, it| cycle::end_trial(tx, ctx, &it.id)
        )
    },
    DueOf {
        rank: Rank::Renew,
        clock: DueClock::Own,
        ..crate::due!(Subscription, "renew", |it| it.renews().then_some(it.current_period_end), |tx, ctx, it| {
            cycle::renew(tx, ctx, &it.id)
        })
    },
    DueOf {
        rank: Rank::Renew,
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "bill_pending_items",
            |it| it.next_pending_invoice_item_invoice.filter(|_| it.renews()),
            |tx, ctx, it| cycle::bill_pending_items(tx, ctx, &it.id)
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "resume_collection",
            |it| it.pause_collection.as_ref().filter(|_| !it.has_ended())?.int("resumes_at"),
            |tx, _, it| {
                tx.update::<Subscription>(&it.id, |it| it.pause_collection = None);
                Ok(())
            }
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "tell_of_trial_end",
            |it| it.trial_will_end_at.0.filter(|_| it.status == Status::Trialing),
            |tx, _, it| {
                notices::tell_of_trial_end(tx, &it.id);
                Ok(())
            }
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Subscription,
            "tell_of_renewal",
            |it| it.upcoming_at.0.filter(|_| it.renews() || it.status == Status::Trialing),
            |tx, ctx, it| notices::tell_of_renewal(tx, ctx, &it.id)
        )
    },
];
