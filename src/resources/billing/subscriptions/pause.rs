//! Pausing a subscription, and going on (billing 2.12, billing-2 4.8).
//!
//! May use: items, prorations, bills. Invariant: a paused subscription bills nothing until it is resumed; what resuming costs is paid before it
//! is active.

use super::bill::{self, Collection, PaymentBehavior, PeriodBill};
use super::charges::Billable;
use super::proration::{self, ProrationBasis};
use super::{Anchor, Period, Subscription, SubscriptionStatus as Status, ends, metered, setup, status};
use crate::contract::{self, Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::{self, BillingReason, Invoice, NewLine};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::state::document::Map;
use crate::state::{Id, Ref, Tx};
use crate::time::calendar::HOUR;

/// How long the invoice of a resumption may be unpaid, in seconds (billing-2 4.8).
const RESUMING_SECONDS: i64 = 23 * HOUR;

/// `POST /v1/subscriptions/:id/pause`.
pub(super) fn pause(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = ends::in_path(tx, call)?;
    let refusal = match subscription.status {
        _ if !subscription.is_flexible() => Some("its billing mode is `classic`"),
        _ if !subscription.is_charged() => Some("its invoices are sent"),
        _ if subscription.schedule.is_some() => Some("a schedule manages it"),
        Status::Trialing => Some("it is in a trial"),
        Status::Paused => Some("it is `paused` already"),
        Status::Incomplete => Some("it is `incomplete`"),
        Status::Canceled | Status::IncompleteExpired => Some("it has ended"),
        Status::Active | Status::PastDue | Status::Unpaid => None,
    };
    if let Some(why) = refusal {
        return Err(ApiError::subscription_cannot_pause(why));
    }
    let now = ctx.now_of(tx, subscription.clock());
    let is_billed = settle_accounts(tx, ctx, &subscription, &call.params, now)?;
    for item in subscription_items::of(tx, &subscription.id) {
        tx.update::<SubscriptionItem>(&item.id, |item| item.current_period_end = now);
    }
    contract::settle(tx, ctx);
    if is_billed && call.params.str("invoicing_behavior") == Some("invoice") {
        bill_pause(tx, ctx, &subscription, now)?;
    }
    status::pause(tx, &subscription.id, "pause_requested", now);
    if !setup::has_method(tx, &subscription) && subscription.pending_setup_intent.is_none() {
        setup::open(tx, ctx, &subscription.id)?;
    }
    Ok(Outcome::Done(Ref::to(&*subscription)))
}

/// What a pause gives back of the time that is paid, and what was used until then: pending items. Returns whether there are any.
fn settle_accounts(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, params: &Map, now: i64) -> Result<bool> {
    let part = |name: &str| {
        let part = params.map("bill_for").and_then(|bill_for| bill_for.map(name));
        part.and_then(|part| part.str("type")).unwrap_or("now")
    };
    let discounts = proration::discounts_of(tx, subscription, now);
    let from = |item: &SubscriptionItem| match part("unused_time_from") {
        "none" => None,
        "item_current_period_start" => Some(item.current_period_start),
        _ => Some(now),
    };
    let items = subscription_items::of(tx, &subscription.id);
    let given_back = items.iter().filter_map(|item| Some((item, from(item)?))).flat_map(|(item, moment)| {
        let basis = ProrationBasis { subscription, discounts: &discounts, moment };
        proration::credits(tx, &basis, item)
    });
    let given_back: Vec<_> = given_back.collect();
    let usage = match part("outstanding_usage_through") {
        "none" => Vec::new(),
        // What is used in the second of the pause belongs to the time before it.
        _ => metered::used_until(tx, &Subscription { ended_at: Some(now), ..subscription.clone() }, now),
    };
    if !given_back.is_empty() && !discounts.is_empty() && subscription.itemizes_discounts() {
        return Err(ApiError::not_implemented_feature("prorations with itemized discounts"));
    }
    proration::store(tx, ctx, subscription, &given_back, false)?;
    metered::store(tx, ctx, subscription, &usage)?;
    Ok(!given_back.is_empty() || !usage.is_empty())
}

/// What a pause gives back and charges is billed at once.
fn bill_pause(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, now: i64) -> Result<()> {
    let behavior = match setup::has_method(tx, subscription) {
        true => PaymentBehavior::AllowIncomplete,
        false => PaymentBehavior::DefaultIncomplete,
    };
    let period = Period { start: subscription.current_period_start, end: now };
    let bill = PeriodBill::new(BillingReason::SubscriptionUpdate, period);
    let subscription = super::find(tx, &subscription.id)?;
    bill::issue(tx, ctx, &subscription, &bill, Collection::AtOnce { behavior, off_session: true }).map(drop)
}

/// `POST /v1/subscriptions/:id/resume`.
pub(super) fn resume(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = ends::in_path(tx, call)?;
    let (id, params) = (&subscription.id, &call.params);
    let Some(bill) = bill_of_resumption(tx, ctx, &subscription, params)? else {
        status::resume(tx, id);
        return Ok(Outcome::Done(Ref::to(&*subscription)));
    };
    let (stored, now) = (super::find(tx, id)?, ctx.now_of(tx, subscription.clock()));
    let waits = params.str("payment_behavior") == Some("resume_on_payment_success") || !setup::has_method(tx, &stored);
    let expires = now + RESUMING_SECONDS;
    tx.update::<Subscription>(id, |subscription| {
        subscription.pending_update = Some(pending(expires));
    });
    if waits && !setup::has_method(tx, &stored) && stored.pending_setup_intent.is_none() {
        setup::open(tx, ctx, id)?;
    }
    let behavior = if waits { PaymentBehavior::DefaultIncomplete } else { PaymentBehavior::AllowIncomplete };
    let stored = super::find(tx, id)?;
    bill::issue(tx, ctx, &stored, &bill, Collection::AtOnce { behavior, off_session: true })?;
    Ok(Outcome::Done(Ref::to(&*subscription)))
}

/// The items of a paused subscription begin again, as the parameters of a resumption say; what that costs is the bill, if it costs
/// anything.
///
/// # Errors
/// It is not paused; a date for prorations that are not made.
pub(super) fn bill_of_resumption(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    params: &Map,
) -> Result<Option<PeriodBill>> {
    if subscription.status != Status::Paused {
        return Err(ApiError::subscription_is_not_paused());
    }
    let id = &subscription.id;
    let anchor = params.str("billing_cycle_anchor");
    let anchor = anchor.or_else(|| params.map("billing_cycle_anchor").and_then(|anchor| anchor.str("type")));
    let keeps_anchor = anchor == Some("unchanged");
    let now = ctx.now_of(tx, subscription.clock());
    let moment = match params.int("proration_date") {
        Some(_) if !keeps_anchor => return Err(ApiError::proration_date_and_anchor()),
        Some(_) if params.str("proration_behavior") == Some("none") => {
            return Err(ApiError::proration_date_without_prorations());
        }
        sent => sent,
    };
    if !keeps_anchor {
        tx.update::<Subscription>(id, |subscription| subscription.billing_cycle_anchor = now);
    }
    let prorates = !keeps_anchor || params.str("proration_behavior") != Some("none");
    let lines = begin_again(tx, id, (now, moment), prorates)?;
    contract::settle(tx, ctx);
    let at = Period { start: now, end: now };
    let bill = PeriodBill::new(BillingReason::SubscriptionCycle, at);
    Ok((!lines.is_empty()).then_some(PeriodBill { lines, ..bill }))
}

/// A change that waits for its payment, and changes nothing else.
fn pending(expires_at: i64) -> Map {
    let mut pending = Map::from(
        [
            "billing_cycle_anchor",
            "cancel_at_period_end",
            "discount",
            "discounts",
            "metadata",
            "subscription_items",
            "trial_end",
            "trial_from_plan",
        ]
        .map(|key| (key, crate::state::document::Doc::Null)),
    );
    pending.set("expires_at", expires_at);
    pending
}

/// The items begin their periods again, now; what they cost until the end, from a moment of the period if one is given.
fn begin_again(tx: &mut Tx, id: &Id, (now, moment): (i64, Option<i64>), prorates: bool) -> Result<Vec<NewLine>> {
    let subscription = super::find(tx, id)?;
    let anchor: Anchor = subscription.anchor();
    let mut lines = Vec::new();
    for item in subscription_items::of(tx, id) {
        let period = Period { start: now, end: item.recurrence().next(anchor, now) };
        tx.update::<SubscriptionItem>(&item.id, |item| {
            item.current_period_start = period.start;
            item.current_period_end = period.end;
        });
        let Some(item) = tx.get::<SubscriptionItem>(&item.id) else { continue };
        if let Some(billable) = Billable::of(tx, &subscription, &item).filter(|_| prorates && !item.is_metered()) {
            let whole = item.recurrence().around(anchor, now);
            let start = moment.unwrap_or(now);
            if !(whole.start..whole.end).contains(&start) {
                return Err(ApiError::proration_date_outside());
            }
            lines.extend(billable.part(&subscription, Period { start, ..period }));
        }
    }
    lines.retain(|line| line.amount != 0);
    Ok(lines)
}

/// The invoice of a resumption was not paid in time: it is void, and the subscription stays paused.
pub(super) fn give_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let subscription = super::find(tx, id)?;
    tx.update::<Subscription>(id, |subscription| subscription.pending_update = None);
    let latest = subscription.latest_invoice.as_ref().and_then(|invoice| tx.get::<Invoice>(invoice));
    match latest.filter(|invoice| invoice.is_open()) {
        Some(invoice) => invoices::void_open(tx, ctx, &invoice.id),
        None => Ok(()),
    }
}
