//! The first invoice of a subscription: what is on it (billing-2 4.3, 4.4, 5.4).
//!
//! May use: items, invoice items. Invariant: a span is billed once; what nothing is due for has no line, but a trial has.

use super::charges::Billable;
use super::timing::Timing;
use super::{Period, Subscription, metered};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items;
use crate::resources::billing::invoices::NewLine;
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The largest number of elapsed periods of one item (billing-2 4.4).
const ELAPSED_MAX: usize = 250;

/// The largest number of one-off items (billing 2.2).
const ONE_OFF_MAX: usize = 20;

/// The lines of the first periods: trials, elapsed periods, whole ones, and parts unless nothing is prorated.
///
/// # Errors
/// More elapsed periods than an invoice has lines.
pub(super) fn lines(tx: &Tx, subscription: &Subscription, timing: &Timing, prorates: bool) -> Result<Vec<NewLine>> {
    let mut lines = Vec::new();
    for item in subscription_items::of(tx, &subscription.id) {
        let Some(billable) = Billable::of(tx, subscription, &item) else { continue };
        let period = item.period();
        if subscription.trial_end.is_some() {
            lines.push(billable.trial(period));
        } else if item.is_metered() {
            if prorates {
                lines.extend(elapsed_usage(tx, subscription, timing, &billable)?);
            }
            // In classic mode a metered item shows that nothing was used (billing-2 2.2).
            lines.extend(if subscription.is_flexible() { Vec::new() } else { billable.lines_of(0, period) });
        } else if prorates {
            lines.extend(elapsed(subscription, timing, &billable, &item)?);
            lines.extend(billable.part(subscription, period));
        } else if period.start == timing.now && billable.recurrence().is_whole(subscription.anchor(), period) {
            lines.extend(billable.lines(period));
        }
    }
    Ok(lines)
}

/// What a backdated item costs from its start to its current period: a line for each period, in classic mode one for all.
fn elapsed(
    subscription: &Subscription,
    timing: &Timing,
    billable: &Billable,
    item: &SubscriptionItem,
) -> Result<Vec<NewLine>> {
    let spans = elapsed_periods(subscription, timing, billable)?;
    let lines: Vec<NewLine> = spans.iter().flat_map(|span| billable.part(subscription, *span)).collect();
    if subscription.is_flexible() || lines.is_empty() {
        return Ok(lines);
    }
    let whole = Period { start: timing.start, end: item.current_period_start };
    let quantity = item.quantity.0.unwrap_or_default();
    Ok(vec![NewLine {
        amount: lines.iter().map(|line| line.amount).fold(0, i64::saturating_add),
        quantity,
        description: billable.prorated("Remaining", quantity, timing.start),
        proration: true,
        unit_amount_decimal: Doc::Null,
        ..billable.line(whole)
    }])
}

/// What was used of a backdated item before its current period, if anything was.
fn elapsed_usage(tx: &Tx, subscription: &Subscription, timing: &Timing, billable: &Billable) -> Result<Vec<NewLine>> {
    let mut spans = elapsed_periods(subscription, timing, billable)?;
    if let (false, Some(first), Some(last)) = (subscription.is_flexible(), spans.first(), spans.last()) {
        spans = vec![Period { start: first.start, end: last.end }];
    }
    Ok(spans.iter().flat_map(|span| metered::used(tx, subscription, billable, *span)).collect())
}

/// The periods of an item from the start of its subscription to its current one.
fn elapsed_periods(subscription: &Subscription, timing: &Timing, billable: &Billable) -> Result<Vec<Period>> {
    let end = billable.item().current_period_start;
    let mut spans = Vec::new();
    let mut start = timing.start;
    while start < end {
        let next = billable.recurrence().next(subscription.anchor(), start).min(end);
        spans.push(Period { start, end: next });
        start = next;
        if spans.len() > ELAPSED_MAX {
            return Err(ApiError::backdated_too_far(ELAPSED_MAX));
        }
    }
    Ok(spans)
}

/// `add_invoice_items`, as parameters of invoice items; without a period of their own they are for `period`.
///
/// # Errors
/// Too many of them.
pub(super) fn one_off(params: &Map, period: Period, now: i64) -> Result<Vec<Map>> {
    let sent = params.list("add_invoice_items").unwrap_or_default();
    if sent.len() > ONE_OFF_MAX {
        return Err(ApiError::array_too_long("add_invoice_items", ONE_OFF_MAX));
    }
    Ok(sent.iter().filter_map(Doc::as_map).map(|item| one_off_item(item, period, now)).collect())
}

fn one_off_item(sent: &Map, period: Period, now: i64) -> Map {
    let mut item = sent.clone();
    let wanted = sent.map("period");
    let side = |name: &str, usual: i64| {
        let side = wanted.and_then(|wanted| wanted.map(name));
        match side.and_then(|side| side.str("type")) {
            Some("timestamp") => side.and_then(|side| side.int("timestamp")).unwrap_or(usual),
            Some("now") => now,
            _ => usual,
        }
    };
    let own = Period { start: side("start", period.start), end: side("end", period.end) };
    item.set("period", own.shown());
    item
}

/// Whether a subscription without lines bills what is pending: one of metered items alone (billing-2 2.2).
pub(super) fn bills_pending_alone(tx: &Tx, subscription: &Subscription) -> bool {
    let is_metered = subscription_items::of(tx, &subscription.id).iter().all(|item| item.is_metered());
    let pending = invoice_items::pending(tx, &subscription.customer);
    is_metered && pending.iter().any(|item| item.currency == subscription.currency && item.subscription().is_none())
}
