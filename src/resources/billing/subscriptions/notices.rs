//! Notices: what is told before it happens (billing 4.3, billing-2 4.3, 10.4).
//!
//! May use: the cycle, on a copy. Invariant: each is told once for a period; a preview in a notice is what would be billed.

use super::{Subscription, SubscriptionStatus, preview, reference};
use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::billing::invoices::KIND as INVOICE;
use crate::settings;
use crate::state::object::Absent;
use crate::state::{Id, Ref, Tx};
use crate::time::calendar::DAY;

/// How long before its end a trial is told of, in seconds (billing-2 4.3).
const TRIAL_NOTICE_SECONDS: i64 = 3 * DAY;

/// Plans the notices of a subscription whose period or trial is new.
pub fn plan(tx: &Tx, ctx: &Ctx<'_>, subscription: &mut Subscription) {
    let now = ctx.now_of(tx, subscription.clock());
    let is_trial = subscription.status == SubscriptionStatus::Trialing || subscription.is_in_trial(now);
    let before_end = subscription.trial_end.map(|end| end - TRIAL_NOTICE_SECONDS);
    subscription.trial_will_end_at = Absent(before_end.filter(|at| is_trial && *at > now));
    let days = ctx.settings.number(&settings::UPCOMING_DAYS);
    let end = if is_trial { subscription.trial_end } else { Some(subscription.current_period_end) };
    let at = end.filter(|end| days > 0 && *end > now).map(|end| end - days * DAY);
    // A period that is shorter than the notice is told of when it begins, a trial is not.
    let at = if is_trial { at.filter(|at| *at > now) } else { at.map(|at| at.max(now)) };
    subscription.upcoming_at = Absent(at);
}

/// Names the event that a trial ends soon.
pub(super) fn tell_of_trial_end(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| tx.update::<Subscription>(id, |subscription| subscription.trial_will_end_at = Absent(None)));
    tx.announce("customer.subscription.trial_will_end", &reference(id));
}

/// As [`tell_of_trial_end`], of a trial that is over already: at the place `mark` of the journal, as the subscription is since.
pub(super) fn tell_of_trial_end_at(tx: &mut Tx, id: &Id, mark: usize) {
    tx.quietly(|tx| tx.update::<Subscription>(id, |subscription| subscription.trial_will_end_at = Absent(None)));
    tx.announce_at(mark, &["customer.subscription.trial_will_end"], &reference(id));
}

/// Names the event that an invoice comes soon, with a preview of it; none if the subscription ends first.
pub(super) fn tell_of_renewal(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    tx.quietly(|tx| tx.update::<Subscription>(id, |subscription| subscription.upcoming_at = Absent(None)));
    let subscription = super::find(tx, id)?;
    let end = subscription.trial_end.filter(|_| subscription.status == SubscriptionStatus::Trialing);
    let end = end.unwrap_or(subscription.current_period_end);
    if subscription.cancel_at.is_some_and(|at| at <= end) {
        return Ok(());
    }
    let mut copy = tx.rehearsal();
    let invoice = preview::next(&mut copy, ctx, id)?;
    tx.announce_from(&copy, "invoice.upcoming", &Ref { kind: INVOICE, id: invoice });
    Ok(())
}
