//! Changes that wait to be paid (billing 2.6, billing-2 4.7).
//!
//! May use: changes, invoices. Invariant: a subscription has at most one; it is applied when its invoice is paid, and is gone when the
//! invoice is void.

use std::sync::Arc;

use super::change::{self, NextTerms};
use super::{KIND, Subscription, find, reference};
use crate::contract::{self, Ctx, DueClock, DueOf, On, Reaction, Who};
use crate::error::Result;
use crate::resources::billing::invoices::{self, Invoice, InvoiceStatus};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Object, Resource, downcast};
use crate::state::{Id, Rank, Tx};
use crate::time::calendar::HOUR;

/// How long a change waits at the most, in seconds.
const WAITS: i64 = 23 * HOUR;

/// A change follows its invoice.
pub(super) const FOLLOWED: Reaction = Reaction {
    to: invoices::KIND,
    on: On::Change(|_, _| true),
    who: Who::Named(|invoice| downcast::<Invoice>(invoice)?.subscription().map(Id::from)),
    run: follow,
};

/// A change that nobody has paid is gone.
pub(super) const EXPIRES: DueOf = DueOf {
    rank: Rank::Cancel,
    clock: DueClock::Own,
    ..crate::due!(
        Subscription,
        "expire_pending_update",
        |it| it.pending_update.as_ref().filter(|_| it.pending_update_invoice.0.is_some())?.int("expires_at"),
        |tx, ctx, subscription| expire(tx, ctx, &subscription.id)
    )
};

/// Drops a change that nobody has paid, with its invoice.
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    take(tx, ctx, id)?;
    tx.announce("customer.subscription.pending_update_expired", &reference(id));
    Ok(())
}

/// Notes the invoice that a change is to wait for, before anybody tries to pay it.
pub(super) fn expect(tx: &mut Tx, id: &Id, invoice: &Id) {
    let invoice = Id::clone(invoice);
    tx.quietly(|tx| {
        tx.update::<Subscription>(id, |subscription| subscription.pending_update_invoice = Absent(Some(invoice)));
    });
}

/// Nothing waits any more.
pub(super) fn forget(tx: &mut Tx, id: &Id) {
    if tx.get::<Subscription>(id).is_some_and(|subscription| subscription.pending_update_invoice.0.is_some()) {
        tx.quietly(|tx| {
            tx.update::<Subscription>(id, |subscription| {
                subscription.pending_update = None;
                subscription.pending_update_invoice = Absent(None);
            });
        });
    }
}

/// Keeps a change until its invoice is paid; `now` is Unix seconds.
pub(super) fn park(tx: &mut Tx, id: &Id, target: &NextTerms, (keeps_items, invoice): (bool, &Id), now: i64) {
    let Some(subscription) = tx.get::<Subscription>(id) else { return };
    let ends = [subscription.trial_end, Some(subscription.current_period_end)];
    let soonest = ends.into_iter().flatten().filter(|end| *end > now).min();
    let latest = now + WAITS;
    let items = || Doc::List(target.items.iter().map(|item| item.to_doc().into()).collect());
    let pending = Map::from([
        ("billing_cycle_anchor", Doc::from(target.anchor)),
        ("cancel_at_period_end", Doc::Null),
        ("discount", Doc::Null),
        ("discounts", Doc::Null),
        ("expires_at", soonest.map_or(latest, |end| end.min(latest)).into()),
        ("metadata", Doc::Null),
        ("subscription_items", if keeps_items { Doc::Null } else { items() }),
        ("trial_end", target.trial_end.into()),
        ("trial_from_plan", Doc::Null),
    ]);
    tx.quietly(|tx| {
        tx.update::<Subscription>(id, |subscription| {
            subscription.pending_update = Some(pending);
            subscription.pending_update_invoice = Absent(Some(Id::clone(invoice)));
        });
    });
}

/// A new change replaces the one that waits, whose invoice is void.
///
/// # Errors
/// The invoice cannot be void.
pub(super) fn replace(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    if find(tx, id)?.pending_update_invoice.0.is_some() { take(tx, ctx, id) } else { Ok(()) }
}

/// Drops a change with its invoice.
fn take(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let invoice = find(tx, id)?.pending_update_invoice.0.clone();
    forget(tx, id);
    if let Some(invoice) = invoice.and_then(|id| tx.get::<Invoice>(&id)).filter(|invoice| invoice.is_open()) {
        invoices::void_open(tx, ctx, &invoice.id)?;
    }
    Ok(())
}

fn follow(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(subscription) = tx.get::<Subscription>(id) else { return Ok(()) };
    let (Some(pending), Some(invoice)) = (&subscription.pending_update, &subscription.pending_update_invoice.0) else {
        return Ok(());
    };
    match tx.get::<Invoice>(invoice).and_then(|invoice| invoice.status) {
        Some(InvoiceStatus::Paid) => {
            let now = ctx.now_of(tx, subscription.clock());
            let target = target(tx, id, pending, now);
            let before = tx.record(KIND, id).cloned();
            forget(tx, id);
            change::apply(tx, ctx, id, &target, now)?;
            contract::settle(tx, ctx);
            tx.announce("customer.subscription.pending_update_applied", &reference(id));
            if let Some(before) = before {
                tx.announce_change("customer.subscription.updated", &reference(id), &before);
            }
        }
        Some(InvoiceStatus::Void) => tx.update::<Subscription>(id, |subscription| {
            subscription.pending_update = None;
            subscription.pending_update_invoice = Absent(None);
        }),
        Some(InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Uncollectible) | None => {}
    }
    Ok(())
}

/// What a subscription is to become, as its `pending_update` says.
fn target(tx: &Tx, id: &str, pending: &Map, now: i64) -> NextTerms {
    let stored = subscription_items::of(tx, id);
    let last = stored.last().map_or(0, |item| item.position);
    let read = |(place, item): (usize, &Map)| {
        let known = stored.iter().find(|known| Some(&*known.id) == item.str("id"));
        let position = known.map_or(last + 1 + i64::try_from(place).unwrap_or_default(), |known| known.position);
        let hidden = Map::from([("position", position)]);
        SubscriptionItem::from_docs(item.clone(), hidden, item.int("created").unwrap_or(now)).ok().map(Arc::new)
    };
    let items = match pending.list("subscription_items") {
        Some(items) => items.iter().filter_map(Doc::as_map).enumerate().filter_map(read).collect(),
        None => stored.clone(),
    };
    NextTerms { items, anchor: pending.int("billing_cycle_anchor"), trial_end: pending.int("trial_end") }
}
