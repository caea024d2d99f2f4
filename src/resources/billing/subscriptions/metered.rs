//! Usage: what metered items bill, after the time in which it was used (billing 5.1, billing-2 2.2, 11.2).
//!
//! May use: meters and usage records, charges, invoices and their items, thresholds. Invariant: usage is billed once, by the price at
//! the time; what is used in a trial is free.

use std::sync::Arc;

use super::charges::Billable;
use super::{Period, Subscription, thresholds};
use crate::contract::{Ctx, On, Reaction, Who};
use crate::error::Result;
use crate::resources::billing::invoice_items::{self, NewProration};
use crate::resources::billing::invoices::{self, BillingReason, Invoice, InvoiceLine, NewLine};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::usage::{self, Meter, hours::MeterHour, usage_records};
use crate::state::document::Doc;
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Ref, Tx};

/// What a subscription follows: usage of its customer, which may come while a renewal is a draft, or reach a threshold (billing-2
/// 11.2).
pub(super) const FOLLOWED: Reaction = Reaction {
    to: MeterHour::KIND,
    on: On::Any,
    who: Who::Sharing("customer", |hour| downcast::<MeterHour>(hour).map(|hour| Id::clone(&hour.customer))),
    run: follow,
};

/// The lines of a metered item for a period, also if nothing was used.
pub(super) fn lines(tx: &Tx, subscription: &Subscription, billable: &Billable, period: Period) -> Vec<NewLine> {
    let span = own_span(billable.item(), period);
    let used = quantity(tx, subscription, billable.item(), span);
    billable.lines_beyond(billable.item().billed_usage.of(span.start), used, span)
}

/// The part of a period in which usage is an item's own.
pub(super) fn own_span(item: &SubscriptionItem, period: Period) -> Period {
    Period { start: item.usage_from.0.map_or(period.start, |from| from.max(period.start)), ..period }
}

/// The same, if anything was used.
pub(super) fn used(tx: &Tx, subscription: &Subscription, billable: &Billable, period: Period) -> Vec<NewLine> {
    let lines = lines(tx, subscription, billable, period);
    if lines.iter().all(|line| line.quantity == 0) { Vec::new() } else { lines }
}

/// What all metered items used in their current periods until a time, in Unix seconds.
pub(super) fn used_until(tx: &Tx, subscription: &Subscription, end: i64) -> Vec<NewLine> {
    let items = subscription_items::of(tx, &subscription.id).into_iter().filter(|item| item.is_metered());
    let billables = items.filter_map(|item| Billable::of(tx, subscription, &item));
    let of = |billable: Billable| {
        let start = billable.item().current_period_start;
        used(tx, subscription, &billable, Period { start, end })
    };
    billables.flat_map(of).collect()
}

/// What an item used in a span of time: by the meter of its price, or by the usage records of versions before meters.
pub(super) fn quantity(tx: &Tx, subscription: &Subscription, item: &SubscriptionItem, span: Period) -> i64 {
    if is_tried(subscription, span) {
        return 0;
    }
    // Nothing comes after the second in which a subscription ends: it belongs to what was used.
    let end = if subscription.ended_at == Some(span.end) { span.end.saturating_add(1) } else { span.end };
    let span = span.start..end;
    match item.meter() {
        Some(meter) => tx
            .get::<Meter>(meter)
            .map_or(0, |meter| usage::of(tx, &meter.id, &subscription.customer, span).quantity(&meter)),
        None => usage_records::total(tx, &item.id, &span),
    }
}

/// Whether a span of time lies in the trial.
fn is_tried(subscription: &Subscription, span: Period) -> bool {
    let begins = subscription.trial_start.is_none_or(|start| start <= span.start);
    begins && subscription.trial_end.is_some_and(|end| span.end <= end)
}

/// Usage has come: drafts bill it, or it reaches a threshold.
fn follow(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    bill_again(tx, ctx, id)?;
    thresholds::check(tx, ctx, id)
}

/// The metered lines of a subscription's drafts are computed again. Not those of a threshold: the next invoice has what comes.
fn bill_again(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(subscription) = tx.get::<Subscription>(id) else { return Ok(()) };
    let drafts = tx.having::<Invoice>("draft_of", &subscription.customer);
    let items = if drafts.is_empty() { Vec::new() } else { subscription_items::of(tx, id) };
    let is_its = |invoice: &&Arc<Invoice>| {
        invoice.subscription() == Some(&**id) && invoice.billing_reason != Some(BillingReason::SubscriptionThreshold)
    };
    for invoice in drafts.iter().filter(is_its) {
        for item in items.iter().filter(|item| item.is_metered()) {
            bill_item_again(tx, ctx, &subscription, item, &invoice.id)?;
        }
    }
    Ok(())
}

/// The lines of one metered item in a draft, for each period that they bill.
fn bill_item_again(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    item: &Arc<SubscriptionItem>,
    invoice: &Id,
) -> Result<()> {
    let Some(billable) = Billable::of(tx, subscription, item) else { return Ok(()) };
    let is_its = |line: &Arc<InvoiceLine>| {
        line.subscription_item() == Some(&*item.id) && line.price() == Some(&*billable.price().id)
    };
    let mut left: Vec<_> = invoices::lines_of(tx, invoice).into_iter().filter(is_its).collect();
    while let Some(period) = left.first().and_then(|line| period_of(line)) {
        let (same, others) = left.into_iter().partition::<Vec<_>, _>(|line| period_of(line) == Some(period));
        let used = quantity(tx, subscription, item, period);
        let new = billable.lines_beyond(item.billed_usage.of(period.start), used, period);
        invoices::replace_of_subscription(tx, ctx, invoice, &same, &new)?;
        left = others;
    }
    Ok(())
}

fn period_of(line: &InvoiceLine) -> Option<Period> {
    let period = line.rest.map("period")?;
    Some(Period { start: period.int("start")?, end: period.int("end")? })
}

/// Stores usage as pending items, with their events, for the next invoice.
///
/// # Errors
/// There is no such customer.
pub(super) fn store(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, lines: &[NewLine]) -> Result<()> {
    for line in lines {
        let new = NewProration {
            customer: &subscription.customer,
            currency: &line.currency,
            amount: line.amount,
            description: &line.description,
            period: line.period.clone(),
            price: &line.price,
            product: &line.product,
            quantity: line.quantity,
            tax_rates: line.tax_rates.clone(),
            is_usage: true,
            of: Some((&subscription.id, &line.subscription_item, Doc::Null)),
        };
        let id = tx.quietly(|tx| invoice_items::prorate(tx, ctx, &new))?;
        tx.announce("invoiceitem.created", &Ref { kind: invoice_items::KIND, id });
    }
    Ok(())
}
