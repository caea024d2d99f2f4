//! How a subscription is asked to end, and how it does (billing 2.11, billing-2 4.6).
//!
//! May use: items, bills, invoices. Invariant: one that is asked to end says when and why; at its end nothing of it is charged by
//! itself any more.

use std::sync::Arc;

use super::bill::{self, Collection, PeriodBill};
use super::{KIND, Period, Recurrence, Subscription, SubscriptionStatus, metered, proration, status};
use crate::contract::{self, Call, Ctx, Outcome, missing};
use crate::contract::{In, require_of};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items::{self, InvoiceItem};
use crate::resources::billing::invoices::{self, BillingReason, Invoice, NewLine, Purpose};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::catalog::discounts;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Ref, Tx};
use crate::time::calendar::Interval;

/// Why a subscription ends because somebody asked for it.
pub(super) const REQUESTED: &str = "cancellation_requested";

/// Applies `cancel_at` and `cancel_at_period_end`; `items` are those of the subscription, `now` is Unix seconds.
///
/// # Errors
/// Both are sent, or the end lies in the past.
pub(super) fn ask(subscription: &mut Subscription, items: &[Period], params: &Map, now: i64) -> Result<()> {
    let at_period_end = params.bool("cancel_at_period_end");
    if at_period_end == Some(true) && params.present("cancel_at").is_some() {
        return Err(ApiError::params_exclusive("cancel_at", "cancel_at_period_end"));
    }
    let ends = items.iter().map(|period| period.end);
    let earliest = || ends.clone().min().unwrap_or(subscription.current_period_end);
    let at = match (params.get("cancel_at"), at_period_end) {
        (Some(Doc::Int(at)), _) if *at <= now => return Err(ApiError::param_in_past("cancel_at", *at)),
        (Some(Doc::Int(at)), _) => Some(*at),
        (Some(Doc::Text(name)), _) if &**name == "min_period_end" => Some(earliest()),
        (Some(Doc::Text(_)), _) => ends.clone().max(),
        (None, Some(true)) => Some(earliest()),
        (Some(_), _) | (None, Some(false)) => None,
        (None, None) => return Ok(()),
    };
    plan_end(subscription, at, now);
    subscription.cancel_at_period_end = at_period_end == Some(true);
    Ok(())
}

/// A subscription is to end at a time, or no longer is; both in Unix seconds. It says since when, and why.
pub fn plan_end(subscription: &mut Subscription, at: Option<i64>, now: i64) {
    if at.is_some() && subscription.cancel_at.is_none() {
        subscription.canceled_at = Some(now);
        subscription.cancellation_details.set("reason", REQUESTED);
    }
    if at.is_none() && subscription.cancel_at.is_some() {
        subscription.canceled_at = None;
        subscription.cancellation_details.set("reason", Doc::Null);
    }
    subscription.cancel_at = at;
    subscription.cancel_at_period_end = false;
}

/// A subscription reaches the time at which it was to end.
pub(super) fn reach(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let at = subscription.cancel_at.unwrap_or_else(|| ctx.now_of(tx, subscription.clock()));
    status::end(tx, id, at, REQUESTED);
    contract::settle(tx, ctx);
    last_bill(tx, ctx, &subscription, at)
}

/// What is pending of a subscription that has ended, and what was used, is billed (billing 2.11).
fn last_bill(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, at: i64) -> Result<()> {
    match last_of(tx, subscription, at) {
        Some(bill) => bill::issue(tx, ctx, subscription, &bill, Collection::AfterAnHour).map(drop),
        None => Ok(()),
    }
}

/// What is left to bill at the end of a subscription, in Unix seconds; `None` is nothing.
fn last_of(tx: &Tx, subscription: &Subscription, at: i64) -> Option<PeriodBill> {
    let lines = used(tx, subscription, at);
    if lines.is_empty() && pending_of(tx, subscription).is_empty() {
        return None;
    }
    let period = Period { start: subscription.current_period_start, end: at };
    Some(PeriodBill { lines, ..PeriodBill::new(BillingReason::SubscriptionCycle, period) })
}

/// The invoice of the end that is planned, in Unix seconds, as a preview, with what is pending or without.
///
/// # Errors
/// There will be none.
pub(super) fn preview_of_end(
    copy: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    (at, sweeps): (i64, bool),
) -> Result<Id> {
    match last_of(copy, subscription, at).filter(|bill| sweeps || !bill.lines.is_empty()) {
        Some(bill) => PeriodBill { sweeps, ..bill }.draft(copy, ctx, subscription, Purpose::Preview),
        None => Err(ApiError::nothing_upcoming(&subscription.customer)),
    }
}

/// What was used until a subscription ends at a time (Unix seconds), that second included; nothing while it is paused.
fn used(tx: &Tx, subscription: &Subscription, at: i64) -> Vec<NewLine> {
    if subscription.status == SubscriptionStatus::Paused {
        return Vec::new();
    }
    let ended = Subscription { ended_at: Some(at), ..subscription.clone() };
    metered::used_until(tx, &ended, at)
}

/// What is left of what is paid is given back, by pending items that no longer name the subscription (billing-2 4.6).
fn give_back(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, now: i64) -> Result<()> {
    let discounts = proration::discounts_of(tx, subscription, now);
    let about = proration::ProrationBasis { subscription, discounts: &discounts, moment: now };
    let items = subscription_items::of(tx, &subscription.id);
    let credits: Vec<_> = items.iter().flat_map(|item| proration::credits(tx, &about, item)).collect();
    proration::store(tx, ctx, subscription, &credits, true)
}

/// The last invoice of a subscription that ended now, as a preview; the caller throws everything away.
///
/// # Errors
/// Something cannot be billed; nothing is.
pub(super) fn preview(copy: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, prorates: bool) -> Result<Id> {
    let now = ctx.now_of(copy, subscription.clock());
    if prorates {
        give_back(copy, ctx, subscription, now)?;
    }
    let lines = used(copy, subscription, now);
    if lines.is_empty() && invoice_items::pending(copy, &subscription.customer).is_empty() {
        return Err(ApiError::nothing_upcoming(&subscription.customer));
    }
    let period = Period { start: subscription.start_date, end: now };
    let last = PeriodBill { lines, ..PeriodBill::new(BillingReason::SubscriptionCycle, period) };
    last.draft(copy, ctx, subscription, Purpose::Preview)
}

/// The last invoice, with all that is pending and what was used; it is told of at the place `mark` of the journal. One that gives
/// money back is written off: the money does not reach the customer's balance (billing 2.11, billing-2 4.6, 12.6).
fn bill_at_once(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, now: i64, mark: usize) -> Result<()> {
    let pending = invoice_items::pending(tx, &subscription.customer);
    let is_its = |item: &Arc<InvoiceItem>| item.subscription().is_none_or(|owner| owner == &*subscription.id);
    let lines = used(tx, subscription, now);
    if lines.is_empty() && !pending.iter().any(|item| item.currency == subscription.currency && is_its(item)) {
        return Ok(());
    }
    let period = Period { start: subscription.start_date, end: now };
    let last = PeriodBill { lines, ..PeriodBill::new(BillingReason::SubscriptionCycle, period) };
    let invoice = last.issue_at(tx, ctx, subscription, mark)?;
    if tx.get::<Invoice>(&invoice).is_some_and(|invoice| invoice.total < 0) {
        invoices::write_off(tx, ctx, &invoice, "subscription_canceled");
    }
    Ok(())
}

/// The pending items of a subscription alone.
fn pending_of(tx: &Tx, subscription: &Subscription) -> Vec<Arc<InvoiceItem>> {
    let mut items = invoice_items::pending(tx, &subscription.customer);
    items.retain(|item| item.subscription() == Some(&*subscription.id));
    items
}

/// The first invoice was not paid in time, or is no longer to be: it is void (billing-2 4.1).
///
/// # Errors
/// Its intent cannot be canceled.
pub fn expire(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let open = tx.having::<Invoice>("subscription", id).into_iter().find(|invoice| invoice.can_be_paid());
    match open {
        Some(invoice) => invoices::void_open(tx, ctx, &invoice.id)?,
        None => status::expire(tx, ctx, id),
    }
    contract::settle(tx, ctx);
    Ok(())
}

/// `DELETE /v1/subscriptions/:id`, also under its customer.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = in_path(tx, call)?;
    let id = &subscription.id;
    if subscription.status == SubscriptionStatus::Incomplete {
        expire(tx, ctx, id)?;
        return Ok(Outcome::Done(Ref::to(&*subscription)));
    }
    end_at_once(tx, ctx, &subscription, &call.params)?;
    Ok(Outcome::Done(Ref::to(&*subscription)))
}

/// Ends a subscription now, by the parameters of `DELETE /v1/subscriptions/:id`.
///
/// # Errors
/// What is left to bill cannot be billed.
pub fn end_at_once(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Arc<Subscription>, params: &Map) -> Result<()> {
    let id = &subscription.id;
    let now = ctx.now_of(tx, subscription.clock());
    let prorates = params.bool("prorate") == Some(true);
    if prorates {
        give_back(tx, ctx, subscription, now)?;
    }
    let mark = tx.mark();
    tx.quietly(|tx| {
        tx.update::<Subscription>(id, |it| {
            it.cancel_at_period_end = false;
            it.canceled_at = Some(now);
            if let Some(sent) = params.map("cancellation_details") {
                describe(&mut it.cancellation_details, sent);
            }
        });
    });
    status::end(tx, id, now, REQUESTED);
    contract::settle(tx, ctx);
    if params.bool("invoice_now") == Some(true) {
        bill_at_once(tx, ctx, subscription, now, mark)?;
    } else if !prorates {
        // What was prorated and is billed by nothing any more is gone.
        for item in pending_of(tx, subscription).iter().filter(|item| item.proration) {
            invoice_items::remove(tx, &item.id);
        }
    }
    Ok(())
}

/// The subscription in a path that has not ended, also under its customer.
///
/// # Errors
/// There is none, it is another customer's, or it has ended.
pub(super) fn in_path(tx: &Tx, call: &Call<'_>) -> Result<Arc<Subscription>> {
    let id = call.args.last().map_or("", String::as_str);
    let owner = if call.args.len() > 1 { Some(customer::in_path(tx, call.arg(0))?) } else { None };
    let is_its = |it: &Subscription| owner.as_ref().is_none_or(|owner| owner.id == it.customer);
    let found = require_of::<Subscription>(tx, id, In::Path, is_its)?;
    if found.has_ended() { Err(missing(KIND, id, In::Path)) } else { Ok(found) }
}

/// What the customer says about the end.
pub(super) fn describe(details: &mut Map, sent: &Map) {
    for key in ["comment", "feedback", "feedback_option"] {
        if let Some(value) = sent.get(key) {
            details.set(key, if value.as_str() == Some("") { Doc::Null } else { value.clone() });
        }
    }
}

/// When pending items are billed next between periods, in Unix seconds.
pub(super) fn pending_items_at(subscription: &Subscription, now: i64) -> Option<i64> {
    let every = subscription.rest.map("pending_invoice_item_interval")?;
    let unit = every.str("interval").and_then(Interval::parse)?;
    Some(Recurrence::every(unit, every.int("interval_count").unwrap_or(1)).next(subscription.anchor(), now))
}

/// `DELETE /v1/subscriptions/:id/discount`, also under its customer.
pub(super) fn delete_discount(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = in_path(tx, call)?;
    let first = subscription.discounts.first().cloned().ok_or_else(ApiError::no_discount_of_subscription)?;
    for discount in &subscription.discounts {
        discounts::remove(tx, discount);
    }
    Ok(Outcome::Deleted(Ref { kind: discounts::KIND, id: first }))
}

/// `GET /v1/customers/:customer/subscriptions/:id/discount`.
pub(super) fn retrieve_discount(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = in_path(tx, call)?;
    let first = subscription.discounts.first().cloned().ok_or_else(ApiError::no_discount_of_subscription)?;
    Ok(Outcome::Done(Ref { kind: discounts::KIND, id: first }))
}

/// The periods of a subscription's items.
pub(super) fn periods(tx: &Tx, id: &str) -> Vec<Period> {
    subscription_items::of(tx, id).iter().map(|item| SubscriptionItem::period(item)).collect()
}
