//! The status of a subscription: how it follows its invoices, and how it ends (billing-2 4.1, 6.3, 6.4).
//!
//! May use: invoices. Invariant: this is the only place where a status changes, and a final one never does.

use std::sync::Arc;

use super::{KIND, Subscription, SubscriptionStatus};
use crate::contract::{Call, Ctx, In, On, Outcome, Reaction, Turn, Who, missing, require};
use crate::error::Result;
use crate::resources::billing::invoices::{self, Invoice, InvoiceStatus};
use crate::resources::billing::subscription_items;
use crate::state::document::{Doc, Map};
use crate::state::object::downcast;
use crate::state::{Edit, Id, Ref, Tx};

use SubscriptionStatus as Status;

/// The changes with events of their own.
pub(super) const TURNS: &[Turn] =
    &[crate::becomes!(Subscription, ["customer.subscription.deleted"], |subscription| subscription.status
        == Status::Canceled)];

/// What a subscription follows: its items, and its invoices.
pub(super) const REACTIONS: &[Reaction] = &[
    subscription_items::FOLLOWED,
    Reaction {
        to: invoices::KIND,
        on: On::Change(|_, _| true),
        who: Who::Named(|invoice| downcast::<Invoice>(invoice)?.subscription().map(Id::from)),
        run: follow,
    },
];

/// What a subscription's invoices say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// There is none, or none that counts.
    Nothing,
    /// The newest that counts is paid, or nobody expects that it is.
    Settled,
    /// It waits for its first attempt, or for its due date.
    Waiting,
    /// It was tried and is not paid.
    Failing,
}

/// The newest invoice that counts: void ones and drafts do not (billing-2 6.4).
fn newest(tx: &Tx, subscription: &str) -> Option<Arc<Invoice>> {
    let all = tx.having::<Invoice>("subscription", subscription);
    all.into_iter().find(|invoice| !matches!(invoice.status, Some(InvoiceStatus::Void | InvoiceStatus::Draft) | None))
}

fn standing(tx: &Tx, subscription: &str) -> Standing {
    let Some(invoice) = newest(tx, subscription) else { return Standing::Nothing };
    match invoice.status {
        Some(InvoiceStatus::Paid | InvoiceStatus::Uncollectible) => Standing::Settled,
        Some(InvoiceStatus::Open) if invoice.has_failed() => Standing::Failing,
        Some(InvoiceStatus::Open) => Standing::Waiting,
        Some(InvoiceStatus::Draft | InvoiceStatus::Void) | None => Standing::Nothing,
    }
}

/// Brings a subscription into line with its invoices.
///
/// # Errors
/// None yet.
pub fn follow(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(stored) = tx.get::<Subscription>(id) else { return Ok(()) };
    let standing = standing(tx, id);
    let now = ctx.now_of(tx, stored.clock());
    let running = if stored.is_in_trial(now) { Status::Trialing } else { Status::Active };
    let next = match (stored.status, standing) {
        (Status::Incomplete, Standing::Settled) => running,
        (Status::PastDue | Status::Unpaid, Standing::Settled | Standing::Nothing) => Status::Active,
        (Status::Active, Standing::Failing) => Status::PastDue,
        (Status::Incomplete, Standing::Nothing | Standing::Waiting | Standing::Failing)
        | (Status::PastDue | Status::Unpaid, Standing::Waiting | Standing::Failing)
        | (Status::Active, Standing::Nothing | Standing::Settled | Standing::Waiting)
        | (Status::Trialing | Status::Paused | Status::Canceled | Status::IncompleteExpired, _) => stored.status,
    };
    if next != stored.status {
        tx.update::<Subscription>(id, |subscription| subscription.status = next);
    }
    Ok(())
}

/// A new subscription of which nothing is to be paid first is active, or in its trial.
pub(super) fn begin(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    let status = if stored.is_in_trial(ctx.now_of(tx, stored.clock())) { Status::Trialing } else { Status::Active };
    if stored.status == Status::Incomplete {
        tx.update::<Subscription>(id, |subscription| subscription.status = status);
    }
}

/// Ends a subscription at a time, in Unix seconds, for a reason; when it was asked to end before, it says so still.
pub fn end(tx: &mut Tx, id: &Id, at: i64, reason: &'static str) {
    let Some(stored) = tx.get::<Subscription>(id).filter(|stored| !stored.has_ended()) else { return };
    let mut ended = Edit::of(stored);
    ended.status = Status::Canceled;
    ended.canceled_at = ended.canceled_at.or(Some(at));
    ended.ended_at = Some(at);
    if ended.cancellation_details.present("reason").is_none() {
        ended.cancellation_details.set("reason", reason);
    }
    ended.save(tx);
}

/// `DELETE /v1/subscriptions/:id`.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = require::<Subscription>(tx, call.arg(0), In::Path)?;
    if subscription.has_ended() {
        return Err(missing(KIND, call.arg(0), In::Path));
    }
    let now = ctx.now_of(tx, subscription.clock());
    if let Some(sent) = call.params.map("cancellation_details") {
        tx.quietly(|tx| tx.update::<Subscription>(&subscription.id, |it| describe(&mut it.cancellation_details, sent)));
    }
    tx.quietly(|tx| {
        tx.update::<Subscription>(&subscription.id, |it| {
            it.cancel_at_period_end = false;
            it.canceled_at = Some(now);
        });
    });
    end(tx, &subscription.id, now, "cancellation_requested");
    Ok(Outcome::Done(Ref::to(&*subscription)))
}

/// What the customer says about the end.
pub(super) fn describe(details: &mut Map, sent: &Map) {
    for key in ["comment", "feedback", "feedback_option"] {
        if let Some(value) = sent.get(key) {
            details.set(key, if value.as_str() == Some("") { Doc::Null } else { value.clone() });
        }
    }
}
