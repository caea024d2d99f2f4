//! Cycles: the end of a trial and of a period (billing 4.4 to 4.6, billing-2 4.3, 5.1, 18).
//!
//! May use: items, bills. Invariant: a period begins where the one before it ended; an invoice is made for what was rolled, once.

use super::bill::{self, Collection, PaymentBehavior, PeriodBill};
use super::charges::Billable;
use super::{Period, Subscription, SubscriptionStatus as Status, ends, metered, notices, setup, status};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items;
use crate::resources::billing::invoices::{self, BillingReason, Purpose};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::catalog::discounts::{self, Discount};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

crate::values! {
    /// What happens when a trial ends and nothing can be charged (billing 4.6).
    enum MissingMethod {
        Cancel = "cancel",
        CreateInvoice = "create_invoice",
        Pause = "pause",
    }
}

crate::values! {
    /// What becomes of invoices while collection is paused (billing 2.12).
    enum PausedCollection {
        KeepAsDraft = "keep_as_draft",
        MarkUncollectible = "mark_uncollectible",
        Void = "void",
    }
}

/// The current period of a subscription is over: the next one begins, and is billed.
pub(super) fn renew(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let bill = roll(tx, ctx, id)?;
    issue(tx, ctx, id, &bill)
}

/// The trial of a subscription is over (billing-2 4.1).
pub(super) fn end_trial(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let now = ctx.now_of(tx, subscription.clock());
    match missing_method(tx, &subscription) {
        Some(MissingMethod::Cancel) => {
            status::end(tx, id, now, "cancellation_requested");
            Ok(())
        }
        Some(MissingMethod::Pause) => {
            status::pause(tx, id, "trial_end_without_payment_method", now);
            Ok(())
        }
        Some(MissingMethod::CreateInvoice) | None => {
            tx.update::<Subscription>(id, |subscription| subscription.status = Status::Active);
            renew(tx, ctx, id)
        }
    }
}

/// What is to happen at the end of a trial, if nothing can be charged.
fn missing_method(tx: &Tx, subscription: &Subscription) -> Option<MissingMethod> {
    if !subscription.is_charged() || setup::has_method(tx, subscription) {
        return None;
    }
    let behavior = subscription.rest.map("trial_settings").and_then(|settings| settings.map("end_behavior"));
    behavior.and_then(|behavior| MissingMethod::parse(behavior.str("missing_payment_method")?))
}

/// A trial ends by a call where nothing can be charged: whether that paused or ended the subscription, as it is to (billing 2.5).
///
/// # Errors
/// An invoice is wanted that could not be paid.
pub(super) fn ends_unpaid(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, params: &Map) -> Result<bool> {
    let subscription = super::find(tx, id)?;
    let now = ctx.now_of(tx, subscription.clock());
    match missing_method(tx, &subscription) {
        None => return Ok(false),
        Some(MissingMethod::CreateInvoice) if PaymentBehavior::of(params) == PaymentBehavior::DefaultIncomplete => {
            return Ok(false);
        }
        Some(MissingMethod::CreateInvoice) => return Err(ApiError::invoice_lacks_method()),
        Some(MissingMethod::Cancel) => {}
        Some(MissingMethod::Pause) => {
            tx.update::<Subscription>(id, |subscription| {
                subscription.trial_end = Some(now);
                subscription.billing_cycle_anchor = now;
            });
            for item in subscription_items::of(tx, id) {
                tx.update::<SubscriptionItem>(&item.id, |item| item.current_period_end = now);
            }
            contract::settle(tx, ctx);
        }
    }
    notices::tell_of_trial_end(tx, id);
    end_trial(tx, ctx, id)?;
    Ok(true)
}

/// Moves the items whose period is over into their next one, and describes what that costs.
///
/// # Errors
/// There is no such subscription.
pub(super) fn roll(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<PeriodBill> {
    let subscription = super::find(tx, id)?;
    let over = Period { end: subscription.current_period_end, ..subscription.period() };
    end_discounts(tx, ctx, &subscription, over.end);
    let subscription = super::find(tx, id)?;
    let due = |item: &SubscriptionItem| item.current_period_end <= over.end;
    let rolled: Vec<_> = subscription_items::of(tx, id).into_iter().filter(|item| due(item)).collect();
    let mut bill = PeriodBill::new(BillingReason::SubscriptionCycle, over);
    for item in rolled {
        let old = item.period();
        let mut next = Period { start: old.end, end: item.recurrence().next(subscription.anchor(), old.end) };
        // A subscription that ends within the period is billed for a part of it.
        if let Some(end) = subscription.cancel_at.filter(|end| (next.start + 1..next.end).contains(end)) {
            next.end = end;
        }
        tx.update::<SubscriptionItem>(&item.id, |item| {
            item.current_period_start = next.start;
            item.current_period_end = next.end;
        });
        let Some(item) = tx.get::<SubscriptionItem>(&item.id) else { continue };
        let Some(billable) = Billable::of(tx, &subscription, &item) else { continue };
        bill.lines.extend(if item.is_metered() {
            metered::lines(tx, &subscription, &billable, old)
        } else {
            billable.part(&subscription, next)
        });
    }
    Ok(bill)
}

/// Discounts that have ended are gone before the next period is billed, and nothing has them any more (billing-2 8.3).
fn end_discounts(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, at: i64) {
    let items = subscription_items::of(tx, &subscription.id);
    let all = subscription.discounts.iter().chain(items.iter().flat_map(|item| &item.discounts));
    let has_ended = |id: &&Id| tx.get::<Discount>(id).is_some_and(|discount| !discount.runs_at(at));
    let ended: Vec<Id> = all.filter(has_ended).cloned().collect();
    if !ended.is_empty() {
        ended.iter().for_each(|id| discounts::remove(tx, id));
        contract::settle(tx, ctx);
    }
}

/// Issues the invoice of a renewal, as the status and the paused collection say.
fn issue(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, bill: &PeriodBill) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let invoice = bill.draft(tx, ctx, &subscription, Purpose::Bill)?;
    collect(tx, ctx, &subscription, &invoice)
}

/// Does with the draft of a renewal what the status and the paused collection say.
///
/// # Errors
/// Its taxes cannot be computed.
pub(super) fn collect(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, invoice: &Id) -> Result<()> {
    let paused = subscription.pause_collection.as_ref().and_then(|it| PausedCollection::parse(it.str("behavior")?));
    let is_draft = subscription.status == Status::Unpaid || paused == Some(PausedCollection::KeepAsDraft);
    let collection = if is_draft { Collection::Draft } else { Collection::AfterAnHour };
    bill::collect(tx, ctx, &subscription.id, invoice, collection)?;
    match paused {
        Some(PausedCollection::Void) => invoices::void_draft(tx, ctx, invoice),
        Some(PausedCollection::MarkUncollectible) => invoices::write_off_draft(tx, ctx, invoice),
        Some(PausedCollection::KeepAsDraft) | None => Ok(()),
    }
}

/// Pending items are billed between periods (billing-2 5.4).
pub(super) fn bill_pending_items(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let now = ctx.now_of(tx, subscription.clock());
    let next = ends::pending_items_at(&subscription, now);
    tx.update::<Subscription>(id, |subscription| subscription.next_pending_invoice_item_invoice = next);
    let is_its = |item: &std::sync::Arc<invoice_items::InvoiceItem>| {
        item.subscription().is_none_or(|other| other == &**id) && item.currency == subscription.currency
    };
    if !invoice_items::pending(tx, &subscription.customer).iter().any(is_its) {
        return Ok(());
    }
    let period = Period { start: subscription.current_period_start, end: now };
    let bill = PeriodBill::new(BillingReason::AutomaticPendingInvoiceItemInvoice, period);
    issue(tx, ctx, id, &bill)
}

/// The parameter that pauses collection, as it is shown.
///
/// # Errors
/// It goes on in the past.
pub(super) fn paused_collection(sent: &Map, now: i64) -> Result<Map> {
    let resumes = sent.int("resumes_at");
    match resumes {
        Some(at) if at <= now => Err(ApiError::param_in_past("pause_collection[resumes_at]", at)),
        _ => Ok(Map::from([
            ("behavior", sent.get("behavior").cloned().unwrap_or_default()),
            ("resumes_at", Doc::from(resumes)),
        ])),
    }
}
