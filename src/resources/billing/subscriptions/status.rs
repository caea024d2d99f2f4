//! The status of a subscription: how it follows its invoices, and what it becomes (billing-2 4.1, 6.3, 6.4).
//!
//! May use: invoices. Invariant: this is the only place where a status changes but for the end of a trial, and a final one never
//! does.

use std::sync::Arc;

use super::{Subscription, SubscriptionStatus, metered, pending_update, setup, thresholds};
use crate::contract::{Ctx, On, Reaction, Turn, Who};
use crate::error::Result;
use crate::resources::billing::invoices::{self, Invoice, InvoiceStatus};
use crate::resources::billing::subscription_items;
use crate::resources::catalog::discounts::{self, Discount};
use crate::resources::customers::customer;
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::settings;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, downcast};
use crate::state::{Edit, Id, Tx};

use SubscriptionStatus as Status;

/// The changes with events of their own.
pub(super) const TURNS: &[Turn] = &[
    crate::turn!(Subscription, ["customer.subscription.deleted"], |before, after| {
        after.status == Status::Canceled && before.is_none_or(|before| before.status != Status::Canceled)
    }),
    crate::turn!(Subscription, ["customer.subscription.updated", "customer.subscription.paused"], |before, after| {
        after.status == Status::Paused && before.is_some_and(|before| before.status != Status::Paused)
    }),
    crate::turn!(Subscription, ["customer.subscription.resumed", "customer.subscription.updated"], |before, after| {
        after.status != Status::Paused && before.is_some_and(|before| before.status == Status::Paused)
    }),
];

/// What a subscription follows: its items, its invoices, its discounts, its pending intent and its customer.
pub(super) const REACTIONS: &[Reaction] = &[
    subscription_items::FOLLOWED,
    pending_update::FOLLOWED,
    Reaction {
        to: invoices::KIND,
        on: On::Change(|_, _| true),
        who: Who::Named(|invoice| downcast::<Invoice>(invoice)?.subscription().map(Id::from)),
        run: follow,
    },
    Reaction {
        to: discounts::KIND,
        on: On::Deletion,
        who: Who::Named(|discount| downcast::<Discount>(discount)?.subscription.clone()),
        run: |tx, _, id| {
            forget_discounts(tx, id);
            Ok(())
        },
    },
    metered::FOLLOWED,
    thresholds::FOLLOWED,
    setup::FOLLOWED,
    Reaction {
        to: customer::KIND,
        on: On::Deletion,
        who: Who::Having("customer"),
        run: |tx, ctx, id| {
            let clock = tx.get::<Subscription>(id).and_then(|it| it.clock().map(str::to_owned));
            end(tx, id, ctx.now_of(tx, clock.as_deref()), super::ends::REQUESTED);
            Ok(())
        },
    },
];

/// What a subscription's invoices say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InvoiceStanding {
    /// There is none that counts.
    Nothing,
    /// There is none but void ones.
    Void,
    /// The newest that counts is paid, or nobody expects that it is.
    Settled,
    /// It waits for its first attempt, or for its due date.
    Waiting,
    /// It was tried, or is overdue, and is not paid.
    Failing,
    /// It is not tried again.
    GivenUp,
}

/// The newest invoice that counts: void ones and drafts do not (billing-2 6.4), nor that of a change that waits to be paid.
fn newest(tx: &Tx, subscription: &str) -> Option<Arc<Invoice>> {
    let pending = tx.get::<Subscription>(subscription).and_then(|it| it.pending_update_invoice.0.clone());
    let all = tx.having::<Invoice>("subscription", subscription);
    all.into_iter()
        .filter(|invoice| Some(&invoice.id) != pending.as_ref())
        .find(|invoice| !matches!(invoice.status, Some(InvoiceStatus::Void | InvoiceStatus::Draft) | None))
}

fn standing(tx: &Tx, subscription: &Subscription, newest: Option<&Invoice>) -> InvoiceStanding {
    let Some(invoice) = newest else {
        let all = tx.having::<Invoice>("subscription", &subscription.id);
        let is_void = all.iter().any(|invoice| invoice.status == Some(InvoiceStatus::Void));
        return if is_void { InvoiceStanding::Void } else { InvoiceStanding::Nothing };
    };
    match invoice.status {
        _ if invoice.is_given_up() => InvoiceStanding::GivenUp,
        Some(InvoiceStatus::Paid | InvoiceStatus::Uncollectible) => InvoiceStanding::Settled,
        Some(InvoiceStatus::Open) if invoice.has_failed() => InvoiceStanding::Failing,
        Some(InvoiceStatus::Open) => InvoiceStanding::Waiting,
        Some(InvoiceStatus::Void) => InvoiceStanding::Void,
        Some(InvoiceStatus::Draft) | None => InvoiceStanding::Nothing,
    }
}

/// What a status becomes by what the invoices say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStatus {
    Stay,
    Become(Status),
    /// What the setting says about the last attempt.
    GiveUp,
    /// The first invoice is never paid.
    Expire,
    /// It was paused, and goes on.
    Resume,
}

fn next(subscription: &Subscription, standing: InvoiceStanding, running: Status) -> NextStatus {
    let waits_to_resume = subscription.pending_update.is_some();
    match (subscription.status, standing) {
        (Status::Incomplete, InvoiceStanding::Settled) => NextStatus::Become(running),
        (Status::Incomplete, InvoiceStanding::Void) => NextStatus::Expire,
        (Status::PastDue | Status::Unpaid, InvoiceStanding::Settled | InvoiceStanding::Void) => {
            NextStatus::Become(Status::Active)
        }
        (Status::Active, InvoiceStanding::Failing) => NextStatus::Become(Status::PastDue),
        (Status::Active | Status::PastDue, InvoiceStanding::GivenUp) => NextStatus::GiveUp,
        (Status::Paused, InvoiceStanding::Settled) if waits_to_resume => NextStatus::Resume,
        (Status::Paused, InvoiceStanding::Failing | InvoiceStanding::GivenUp) if waits_to_resume => {
            NextStatus::Become(Status::PastDue)
        }
        (
            Status::Incomplete,
            InvoiceStanding::Nothing | InvoiceStanding::Waiting | InvoiceStanding::Failing | InvoiceStanding::GivenUp,
        )
        | (Status::PastDue, InvoiceStanding::Nothing | InvoiceStanding::Waiting | InvoiceStanding::Failing)
        | (
            Status::Unpaid,
            InvoiceStanding::Nothing | InvoiceStanding::Waiting | InvoiceStanding::Failing | InvoiceStanding::GivenUp,
        )
        | (
            Status::Active,
            InvoiceStanding::Nothing | InvoiceStanding::Void | InvoiceStanding::Settled | InvoiceStanding::Waiting,
        )
        | (Status::Trialing | Status::Paused | Status::Canceled | Status::IncompleteExpired, _) => NextStatus::Stay,
    }
}

/// Brings a subscription into line with its invoices.
///
/// # Errors
/// None.
pub fn follow(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(stored) = tx.get::<Subscription>(id) else { return Ok(()) };
    let latest = match stored.status {
        Status::Paused => stored.latest_invoice.as_ref().and_then(|invoice| tx.get::<Invoice>(invoice)),
        _ => newest(tx, id),
    };
    let now = ctx.now_of(tx, stored.clock());
    let running = if stored.is_in_trial(now) { Status::Trialing } else { Status::Active };
    match next(&stored, standing(tx, &stored, latest.as_deref()), running) {
        NextStatus::Stay => {}
        NextStatus::Become(status) => tx.update::<Subscription>(id, |subscription| {
            subscription.status = status;
            if stored.status == Status::Paused {
                leave_pause(subscription);
            }
        }),
        NextStatus::GiveUp => give_up(tx, ctx, id, now),
        NextStatus::Expire => expire(tx, ctx, id),
        NextStatus::Resume => resume(tx, id),
    }
    if let Some(invoice) = latest.filter(|invoice| invoice.is_paid()) {
        keep_method(tx, id, &invoice);
    }
    Ok(())
}

/// The last attempt to charge an invoice has failed.
fn give_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, now: i64) {
    match ctx.settings.choice(&settings::AFTER_LAST_RETRY) {
        "unpaid" => become_of(tx, id, Status::Unpaid),
        "past_due" => become_of(tx, id, Status::PastDue),
        _ => end(tx, id, now, "payment_failed"),
    }
}

fn become_of(tx: &mut Tx, id: &Id, status: Status) {
    if tx.get::<Subscription>(id).is_some_and(|stored| stored.status != status) {
        tx.update::<Subscription>(id, |subscription| subscription.status = status);
    }
}

/// The payment method that paid becomes the subscription's own, if it is to.
fn keep_method(tx: &mut Tx, id: &Id, invoice: &Invoice) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    if !setup::saves_method(&stored) || stored.rest.present("default_payment_method").is_some() {
        return;
    }
    let intent = invoice.payment_intent().and_then(|intent| tx.get::<PaymentIntent>(intent));
    if let Some(method) = intent.and_then(|intent| intent.payment_method.clone()) {
        tx.update::<Subscription>(id, |it| it.rest.set("default_payment_method", method.to_string()));
    }
}

/// A new subscription of which nothing is to be paid first is active, or in its trial.
pub(super) fn begin(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    let status = if stored.is_in_trial(ctx.now_of(tx, stored.clock())) { Status::Trialing } else { Status::Active };
    if stored.status == Status::Incomplete {
        tx.update::<Subscription>(id, |subscription| subscription.status = status);
    }
}

/// A change is not paid, and nobody has tried to: the client does it (billing 2.6).
pub(super) fn wait_for_payment(tx: &mut Tx, id: &Id) {
    if tx.get::<Subscription>(id).is_some_and(|stored| stored.status == Status::Active) {
        become_of(tx, id, Status::PastDue);
    }
}

/// A trial that a call has set, moved or ended begins or is over; `now` is Unix seconds.
pub(super) fn follow_trial(tx: &mut Tx, id: &Id, now: i64) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    match (stored.status, stored.is_in_trial(now)) {
        (Status::Active | Status::PastDue | Status::Unpaid, true) => become_of(tx, id, Status::Trialing),
        (Status::Trialing, false) => become_of(tx, id, Status::Active),
        (Status::Canceled | Status::Incomplete | Status::IncompleteExpired | Status::Paused | Status::Trialing, _)
        | (Status::Active | Status::PastDue | Status::Unpaid, false) => {}
    }
}

/// Ends a subscription at a time, in Unix seconds, for a reason; when it was asked to end before, it says so still. Its invoices no
/// longer go on by themselves.
pub fn end(tx: &mut Tx, id: &Id, at: i64, reason: &'static str) {
    let Some(stored) = tx.get::<Subscription>(id).filter(|stored| !stored.has_ended()) else { return };
    let mut ended = Edit::of(stored);
    ended.status = Status::Canceled;
    ended.canceled_at = ended.canceled_at.or(Some(at));
    ended.ended_at = Some(at);
    ended.pending_update = None;
    ended.pending_update_invoice = Absent(None);
    if ended.cancellation_details.present("reason").is_none() {
        ended.cancellation_details.set("reason", reason);
    }
    ended.save(tx);
    for invoice in tx.having::<Invoice>("subscription", id) {
        invoices::stop(tx, &invoice.id);
    }
}

/// A subscription whose first invoice is never paid has ended; that is no event of its own (billing-2 17).
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id).filter(|stored| stored.status == Status::Incomplete) else { return };
    let now = ctx.now_of(tx, stored.clock());
    tx.update::<Subscription>(id, |subscription| {
        subscription.status = Status::IncompleteExpired;
        subscription.canceled_at = Some(now);
        subscription.ended_at = Some(now);
    });
}

/// A subscription bills nothing for a while; `kind` says why, `at` is Unix seconds.
pub(super) fn pause(tx: &mut Tx, id: &Id, kind: &'static str, at: i64) {
    tx.update::<Subscription>(id, |subscription| {
        subscription.status = Status::Paused;
        let paused = Map::from([
            ("subscription", Doc::from(Map::from([("type", kind)]))),
            ("transitioned_at", at.into()),
            ("type", "subscription".into()),
        ]);
        subscription.rest.set("status_details", Map::from([("paused", paused)]));
    });
}

/// A paused subscription goes on.
pub(super) fn resume(tx: &mut Tx, id: &Id) {
    tx.update::<Subscription>(id, |subscription| {
        subscription.status = Status::Active;
        leave_pause(subscription);
    });
}

fn leave_pause(subscription: &mut Subscription) {
    subscription.pending_update = None;
    let _ = subscription.rest.remove("status_details");
}

/// A discount that has ended is the subscription's no more.
fn forget_discounts(tx: &mut Tx, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    let is_there = |discount: &Id| tx.get::<Discount>(discount).is_some();
    let left: Vec<Id> = stored.discounts.iter().filter(|discount| is_there(discount)).cloned().collect();
    if left.len() != stored.discounts.len() {
        tx.update::<Subscription>(id, |subscription| subscription.discounts = left);
    }
    subscription_items::forget_discounts(tx, id);
}
