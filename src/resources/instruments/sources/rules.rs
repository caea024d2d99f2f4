//! The life of a source: who may charge it, and what ends it (core-payments 5.5, 5.6).
//!
//! May use: the types of source. Invariant: a source that has ended does not change again.

use super::schemes::{Flow, SourceScheme};
use super::{Source, SourceStatus};
use crate::contract::{Asked, Ctx, Decision, DueOf, Question};
use crate::error::{ApiError, Result};
use crate::resources::decision;
use crate::state::Tx;
use crate::state::document::Doc;
use crate::state::object::Absent;
use std::sync::Arc;

/// Seconds after which a single-use source without a charge is canceled; the reference says "hours" (core-payments
/// 5.5.3).
const UNUSED_SECONDS_MAX: i64 = 6 * 3600;

/// Checks that a source can be charged with an amount (in the currency's smallest unit) in a currency (lower case), for
/// a customer or without one (core-payments 5.6).
///
/// # Errors
/// It is consumed or not ready, belongs to another customer, or the payment is larger than the source or in another
/// currency.
pub fn check_chargeable(source: &Source, customer: Option<&str>, amount: i64, currency: &str) -> Result<()> {
    check_status(source)?;
    match (source.customer.0.as_deref(), customer) {
        (Some(owner), None) => return Err(ApiError::source_belongs_to_customer(&source.id, owner)),
        (Some(owner), Some(customer)) if owner != customer => {
            return Err(ApiError::source_of_other_customer(&source.id, customer));
        }
        // A source without a customer can be charged for any customer.
        _ => {}
    }
    if let Some(own) = source.currency.as_deref().filter(|own| *own != currency) {
        return Err(ApiError::source_currency_differs(own));
    }
    if !source.is_reusable() && source.amount.is_some_and(|limit| amount > limit) {
        return Err(ApiError::charge_exceeds_source());
    }
    Ok(())
}

/// Checks that a source can be attached to a customer (core-payments 5.3.6, 5.3.7), which is refused even for its own
/// customer.
///
/// # Errors
/// It is attached to a customer, consumed, or not ready.
pub fn check_attachable(source: &Source) -> Result<()> {
    if source.customer.0.is_some() {
        return Err(ApiError::source_already_attached());
    }
    check_status(source)
}

/// Checks that a source is chargeable (core-payments 5.6.3, 5.6.4).
pub(super) fn check_status(source: &Source) -> Result<()> {
    match source.status {
        SourceStatus::Chargeable => Ok(()),
        SourceStatus::Consumed if source.is_reusable() => Err(ApiError::source_reusable_consumed()),
        SourceStatus::Pending | SourceStatus::Consumed | SourceStatus::Canceled | SourceStatus::Failed => {
            Err(ApiError::source_not_chargeable())
        }
    }
}

/// Consumes a source: it cannot be charged any more.
pub fn consume(tx: &mut Tx, id: &str) {
    tx.update::<Source>(id, |source| source.status = SourceStatus::Consumed);
}

/// Removes a source from its customer, which consumes it (core-payments 5.3.14).
pub fn detach(tx: &mut Tx, id: &str) {
    tx.update::<Source>(id, |source| {
        source.customer.0 = None;
        source.status = SourceStatus::Consumed;
    });
}

/// Records an attempt to charge the source: only a reusable source of a customer can be charged again (core-payments
/// 5.5.4 to 5.5.6, 5.6.9, 5.6.10, 5.6.16).
pub fn used(tx: &mut Tx, source: &Source) {
    if source.is_reusable() && source.customer.0.is_some() {
        return;
    }
    tx.update::<Source>(&source.id, |source| {
        source.make_checks();
        source.status = SourceStatus::Consumed;
    });
}

/// A tester decides about a pending source in place of the customer or the bank: it becomes chargeable, or fails
/// (core-payments 5.4.9, 5.5.1, 5.5.2).
pub(super) const DECISION: Decision = Decision { ask, decide };

fn ask(tx: &Tx, id: &str) -> Option<Question> {
    let source = tx.get::<Source>(id)?;
    Some(Question {
        secret: source.client_secret.clone(),
        title: source.kind.clone(),
        amount: source.amount.zip(source.currency.clone()),
        status: source.status.as_str(),
        is_open: source.status == SourceStatus::Pending,
        asked: Asked::Authorization,
    })
}

fn decide(tx: &mut Tx, _: &Ctx<'_>, id: &str, agreed: bool) -> Result<Option<String>> {
    let Some(source) = tx.get::<Source>(id) else { return Ok(None) };
    tx.update::<Source>(id, |source| settled(source, agreed));
    let return_url = source.rest.map("redirect").and_then(|redirect| redirect.str("return_url"));
    let query = [("client_secret", source.client_secret.as_str()), ("livemode", "false"), ("source", id)];
    Ok(return_url.map(|url| decision::with_query(url, &query)))
}

fn settled(source: &mut Source, succeeded: bool) {
    source.status = if succeeded { SourceStatus::Chargeable } else { SourceStatus::Failed };
    let received = source.amount.filter(|_| succeeded);
    if let Some(redirect) = source.nested("redirect") {
        redirect.set("status", if succeeded { "succeeded" } else { "failed" });
        redirect.set("failure_reason", if succeeded { Doc::Null } else { "declined".into() });
    }
    if let Some(hash) = source.nested("three_d_secure") {
        hash.set("authenticated", succeeded);
    }
    if let (Some(receiver), Some(amount)) = (source.nested("receiver"), received) {
        receiver.set("amount_received", amount);
    }
}

/// Notes what will happen to a new source by itself.
pub(super) fn plan(ctx: &Ctx<'_>, scheme: &SourceScheme, source: &mut Source) {
    if scheme.flow == Flow::Receiver {
        source.receive_at = Absent(test_payment(source).map(|_| ctx.now));
    } else if !source.is_reusable() && scheme.name != "card" {
        source.unused_until = Absent(Some(ctx.now + UNUSED_SECONDS_MAX));
    }
}

/// The money of a test payment arrives; a source that nobody uses ends.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(
        Source,
        "receive",
        |source| source.receive_at.0.filter(|_| source.status == SourceStatus::Pending),
        receive
    ),
    crate::due!(Source, "expire", expires_at, expire),
];

fn expires_at(source: &Source) -> Option<i64> {
    let is_unused =
        matches!(source.status, SourceStatus::Pending | SourceStatus::Chargeable) && source.customer.0.is_none();
    source.unused_until.0.filter(|_| is_unused)
}

/// The amount in an owner's address `amount_{n}@example.com` (core-payments 5.4.8).
fn test_payment(source: &Source) -> Option<i64> {
    let email = source.rest.map("owner")?.str("email")?;
    let (amount, _) = email.strip_prefix("amount_")?.split_once('@')?;
    amount.parse().ok().filter(|amount| *amount > 0)
}

fn receive(tx: &mut Tx, _: &Ctx<'_>, source: &Arc<Source>) -> Result<()> {
    let amount = test_payment(source);
    tx.update::<Source>(&source.id, |source| {
        settled(source, true);
        if let (Some(receiver), Some(amount)) = (source.nested("receiver"), amount) {
            receiver.set("amount_received", amount);
        }
    });
    Ok(())
}

fn expire(tx: &mut Tx, _: &Ctx<'_>, source: &Arc<Source>) -> Result<()> {
    tx.update::<Source>(&source.id, |source| source.status = SourceStatus::Canceled);
    Ok(())
}
