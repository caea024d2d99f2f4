//! Thresholds: what was used is billed before its period is over when it reaches an amount or a number of units (billing-2 11.2).
//!
//! The API looks at them within minutes; here they are looked at as soon as usage, or an item that waits, is stored. May use: the
//! cycle, metered lines, bills. Invariant: what a threshold bills is noted with the item, so that the renewal bills the rest.

use std::sync::Arc;

use super::bill::PeriodBill;
use super::charges::Billable;
use super::{Period, Subscription, cycle, metered, pending_update};
use crate::contract::{self, Ctx, On, Reaction, Who};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items::{self, InvoiceItem};
use crate::resources::billing::invoices::{self, BillingReason, Invoice, NewLine, Purpose};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::state::document::{Doc, Map};
use crate::state::object::downcast;
use crate::state::{Id, Tx};
use crate::time::calendar::DAY;

const PARAM: &str = "billing_thresholds";

/// The smallest amount, in the currency's smallest unit.
const AMOUNT_MIN: i64 = 50;

/// How long before the end of a period no threshold is looked at, in seconds: the renewal is near.
const QUIET_SECONDS: i64 = DAY;

/// What a subscription follows: items that wait for its next invoice, such as prorations.
pub(super) const FOLLOWED: Reaction = Reaction {
    to: invoice_items::KIND,
    on: On::Change(|_, _| true),
    who: Who::Named(|item| downcast::<InvoiceItem>(item)?.subscription().map(Id::from)),
    run: check,
};

/// Checks the parameter of a subscription.
///
/// # Errors
/// An amount that is too small.
pub(super) fn check_params(params: &Map) -> Result<()> {
    let amount = params.map(PARAM).and_then(|thresholds| thresholds.int("amount_gte"));
    match amount {
        Some(amount) if amount < AMOUNT_MIN => Err(ApiError::param_below(&format!("{PARAM}[amount_gte]"), AMOUNT_MIN)),
        Some(_) | None => Ok(()),
    }
}

/// What was used of a metered item, and is not billed.
struct Accrued {
    billable: Billable,
    /// The span in which it was used, until now.
    span: Period,
    /// How much was used in it, with what is billed already.
    used: i64,
    /// How much of that is billed already.
    billed: i64,
}

impl Accrued {
    fn of(tx: &Tx, subscription: &Subscription, item: &Arc<SubscriptionItem>, now: i64) -> Option<Self> {
        let billable = Billable::of(tx, subscription, item).filter(|_| item.is_metered())?;
        let whole = metered::own_span(item, item.period());
        let used = metered::quantity(tx, subscription, item, whole);
        Some(Accrued { billable, span: Period { end: now, ..whole }, used, billed: item.billed_usage.of(whole.start) })
    }

    /// The threshold of its item, if it is reached.
    fn reached(&self) -> Option<i64> {
        let threshold = self.billable.item().usage_threshold();
        threshold.filter(|threshold| self.used.saturating_sub(self.billed) >= *threshold)
    }

    fn lines(&self) -> Vec<NewLine> {
        if self.used <= self.billed {
            return Vec::new();
        }
        self.billable.lines_beyond(self.billed, self.used, self.span)
    }
}

/// Bills what was used, and what waits, if that reaches a threshold of a subscription. In a trial, and in the last day of a period,
/// nothing does.
///
/// # Errors
/// What is to be billed cannot be billed.
pub fn check(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(subscription) = tx.get::<Subscription>(id).filter(|subscription| subscription.renews()) else {
        return Ok(());
    };
    let thresholds = subscription.rest.map(PARAM);
    let amount = thresholds.and_then(|thresholds| thresholds.int("amount_gte"));
    let items = subscription_items::of(tx, id);
    if amount.is_none() && items.iter().all(|item| item.usage_threshold().is_none()) {
        return Ok(());
    }
    let now = ctx.now_of(tx, subscription.clock());
    if now > subscription.current_period_end.saturating_sub(QUIET_SECONDS) {
        return Ok(());
    }
    let accrued: Vec<Accrued> = items.iter().filter_map(|item| Accrued::of(tx, &subscription, item, now)).collect();
    let period = Period { start: subscription.current_period_start, end: now };
    let lines = accrued.iter().flat_map(Accrued::lines).collect();
    let bill = PeriodBill { lines, ..PeriodBill::new(BillingReason::SubscriptionThreshold, period) };
    let amount = amount.filter(|amount| reaches(tx, ctx, &subscription, &bill, *amount));
    let reasons: Vec<(Id, i64)> =
        accrued.iter().filter_map(|one| Some((one.billable.item().id.clone(), one.reached()?))).collect();
    if amount.is_none() && reasons.is_empty() {
        return Ok(());
    }
    pending_update::replace(tx, ctx, id)?;
    let resets = thresholds.and_then(|thresholds| thresholds.bool("reset_billing_cycle_anchor")) == Some(true);
    let bill = if resets { restart(tx, ctx, id, (&accrued, bill), now)? } else { bill };
    note(tx, &accrued, resets.then_some(now));
    let subscription = super::find(tx, id)?;
    let invoice = bill.draft(tx, ctx, &subscription, Purpose::Bill)?;
    tell(tx, &invoice, amount, &reasons);
    cycle::collect(tx, ctx, &subscription, &invoice)
}

/// Whether a bill, with what waits and less its discounts, comes to an amount without taxes.
fn reaches(tx: &Tx, ctx: &Ctx<'_>, subscription: &Subscription, bill: &PeriodBill, amount: i64) -> bool {
    let waiting = invoice_items::pending(tx, &subscription.customer);
    let waiting = waiting.iter().filter(|item| {
        item.currency == subscription.currency && item.subscription().is_none_or(|other| other == &*subscription.id)
    });
    let lines = bill.lines.iter().map(|line| line.amount);
    let gross = lines.chain(waiting.map(|item| item.amount.max(0))).fold(0, i64::saturating_add);
    // Most usage reaches nothing: the invoice is made only if it may.
    if gross < amount {
        return false;
    }
    let mut copy = tx.rehearsal();
    let aside = Ctx { ids: ctx.ids.take(), settings: ctx.settings.clone(), ..*ctx };
    let made = bill.draft(&mut copy, &aside, subscription, Purpose::Preview);
    let invoice = made.ok().and_then(|id| copy.get::<Invoice>(&id));
    invoice.and_then(|invoice| invoice.rest.int("total_excluding_tax")).is_some_and(|total| total >= amount)
}

/// The period of a subscription is over now, as if it were its time: the next one begins, from which its periods are counted.
fn restart(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    id: &Id,
    (accrued, bill): (&[Accrued], PeriodBill),
    now: i64,
) -> Result<PeriodBill> {
    tx.quietly(|tx| {
        tx.update::<Subscription>(id, |subscription| {
            subscription.billing_cycle_anchor = now;
            subscription.rest.set("billing_cycle_anchor_config", Doc::Null);
        });
        for item in subscription_items::of(tx, id) {
            tx.update::<SubscriptionItem>(&item.id, |item| item.current_period_end = now);
        }
    });
    contract::settle(tx, ctx);
    let mut rolled = cycle::roll(tx, ctx, id)?;
    let is_usage = |line: &NewLine| accrued.iter().any(|one| one.billable.item().id == line.subscription_item);
    rolled.lines.retain(|line| !is_usage(line));
    rolled.lines.extend(bill.lines);
    contract::settle(tx, ctx);
    Ok(PeriodBill { lines: rolled.lines, ..PeriodBill::new(bill.reason, bill.period) })
}

/// Notes what of the usage is billed; in periods that begin at a time, in Unix seconds, what was used in that very second.
fn note(tx: &mut Tx, accrued: &[Accrued], restarts: Option<i64>) {
    for one in accrued {
        let id = &one.billable.item().id;
        let (start, billed) = match restarts {
            None => (one.span.start, one.used.max(one.billed)),
            Some(now) => (now, in_second(tx, one, now)),
        };
        tx.quietly(|tx| tx.update::<SubscriptionItem>(id, |item| item.billed_usage.note(start, billed)));
    }
}

/// What was used of an item in a second, in Unix seconds.
fn in_second(tx: &Tx, accrued: &Accrued, now: i64) -> i64 {
    let item = accrued.billable.item();
    let Some(subscription) = tx.get::<Subscription>(&item.subscription) else { return 0 };
    metered::quantity(tx, &subscription, item, Period { start: now, end: now.saturating_add(1) })
}

/// The invoice says which thresholds were reached, and by which of its lines.
fn tell(tx: &mut Tx, invoice: &Id, amount: Option<i64>, reasons: &[(Id, i64)]) {
    let lines = invoices::lines_of(tx, invoice);
    let reason = |(item, usage): &(Id, i64)| {
        let of_item = lines.iter().filter(|line| line.subscription_item() == Some(&**item));
        let ids = of_item.map(|line| Doc::from(line.id.to_string())).collect();
        Doc::from(Map::from([("line_item_ids", Doc::List(ids)), ("usage_gte", (*usage).into())]))
    };
    let shown = Map::from([
        ("amount_gte", Doc::from(amount)),
        ("item_reasons", Doc::List(reasons.iter().map(reason).collect())),
    ]);
    tx.quietly(|tx| tx.update::<Invoice>(invoice, |invoice| invoice.rest.set("threshold_reason", shown)));
}
