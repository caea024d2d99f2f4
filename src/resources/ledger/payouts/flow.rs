//! The course of a payout: in transit at the end of its day, paid on its arrival date; an instant one at once
//! (core-payments 9.4.4, billing 6.7).
//!
//! May use: the balance, the bank test data. Invariant: a payout ends once.

use std::sync::Arc;

use super::create::begin;
use super::{Payout, PayoutMethod, PayoutStatus, fee};
use crate::contract::{Call, Ctx, DueOf, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::issuers::PayoutOutcome;
use crate::object::{metadata, template};
use crate::resources::connect::external_accounts::{self, ExternalAccount};
use crate::resources::instruments::cards::Card;
use crate::resources::ledger::balance::{self, Posting, RowKind};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Ref, Tx};
use crate::time::calendar;

/// A payout goes to the bank, an instant one at once, and is there on its arrival date. What an automatic one is made of can
/// be listed a moment after it was made.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(Payout, "submit", submitted_at, submit),
    crate::due!(Payout, "arrive", arrives_at, arrive),
    crate::due!(Payout, "reconcile", reconciled_at, reconcile),
];

fn reconciled_at(payout: &Payout) -> Option<i64> {
    (payout.rest.str("reconciliation_status") == Some("in_progress")).then_some(payout.created)
}

/// Emits `payout.reconciliation_completed`.
fn reconcile(tx: &mut Tx, _: &Ctx<'_>, payout: &Arc<Payout>) -> Result<()> {
    tx.update::<Payout>(&payout.id, |payout| payout.rest.set("reconciliation_status", "completed"));
    Ok(())
}

fn submitted_at(payout: &Payout) -> Option<i64> {
    let midnight = calendar::midnight(payout.created) + calendar::DAY;
    let at = if payout.method == PayoutMethod::Instant { payout.created } else { midnight };
    (payout.status == PayoutStatus::Pending).then_some(at)
}

fn arrives_at(payout: &Payout) -> Option<i64> {
    matches!(payout.status, PayoutStatus::Pending | PayoutStatus::InTransit).then_some(payout.arrival_date)
}

fn submit(tx: &mut Tx, _: &Ctx<'_>, payout: &Arc<Payout>) -> Result<()> {
    tx.update::<Payout>(&payout.id, |payout| payout.status = PayoutStatus::InTransit);
    Ok(())
}

/// Stores a payout, takes its money from the balance, and begins its course.
pub(super) fn send(tx: &mut Tx, ctx: &Ctx<'_>, mut payout: Payout) -> Ref {
    // The money of a reversal is available on its arrival date.
    let available_on = if payout.amount < 0 { payout.arrival_date } else { ctx.now };
    let description = payout.rest.str("description").unwrap_or("STRIPE PAYOUT").to_owned();
    payout.balance_transaction =
        Some(post(tx, ctx, &payout, RowKind::Payout, -payout.amount, Some(description), available_on));
    tx.insert(payout)
}

fn post(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    payout: &Payout,
    kind: RowKind,
    amount: i64,
    description: Option<String>,
    available_on: i64,
) -> Id {
    let (currency, source) = (payout.currency.as_str(), &*payout.id);
    let paid = payout.rest.int("application_fee_amount").filter(|_| kind == RowKind::Payout);
    let application_fee = paid.unwrap_or_default();
    let posting =
        Posting { application_fee, description, ..Posting::new(kind, amount, currency, source, available_on) };
    balance::post(tx, ctx, &posting)
}

/// The bank's reference of the payment.
pub(super) fn trace(status: &'static str, value: Doc) -> Map {
    Map::from([("status", Doc::from(status)), ("value", value)])
}

/// Where a payout goes; `None` once it was deleted.
fn destination(tx: &Tx, payout: &Payout) -> Option<ExternalAccount> {
    external_accounts::find(tx, payout.destination.as_deref()?)
}

fn arrive(tx: &mut Tx, ctx: &Ctx<'_>, payout: &Arc<Payout>) -> Result<()> {
    if let Some(PayoutOutcome::Failed(code)) = destination(tx, payout).map(|external| external.payout_outcome()) {
        put_back(tx, ctx, payout, PayoutStatus::Failed, Some(code));
        return Ok(());
    }
    let value = format!("{:015}", ctx.ids.number(1_000_000_000_000_000));
    tx.update::<Payout>(&payout.id, |payout| {
        payout.status = PayoutStatus::Paid;
        payout.rest.set("trace_id", trace("supported", value.into()));
    });
    Ok(())
}

/// Fails a payout, also a paid one, as the bank does (billing 6.7).
///
/// # Errors
/// The payout has failed, was canceled or was reversed.
pub fn fail(tx: &mut Tx, ctx: &Ctx<'_>, payout: &str) -> Result<()> {
    let is_out = |payout: &Payout| {
        matches!(payout.status, PayoutStatus::Pending | PayoutStatus::InTransit | PayoutStatus::Paid)
            && payout.reversed_by.is_none()
    };
    let found = tx.get::<Payout>(payout).filter(|payout| is_out(payout));
    let payout = found.ok_or_else(|| ApiError::payout_not_out(payout))?;
    let is_card = payout.rest.str("type") == Some(Card::KIND.name());
    let code = if is_card { "could_not_process" } else { "account_closed" };
    put_back(tx, ctx, &payout, PayoutStatus::Failed, Some(code));
    Ok(())
}

/// Returns the money of a failed or canceled payout (billing 6.7), with the fee for it.
fn put_back(tx: &mut Tx, ctx: &Ctx<'_>, payout: &Payout, status: PayoutStatus, code: Option<&'static str>) {
    let kind = if code.is_some() { RowKind::PayoutFailure } else { RowKind::PayoutCancel };
    let row = post(tx, ctx, payout, kind, payout.amount, None, ctx.now);
    fee::give_back(tx, ctx, payout);
    let message = code.and_then(ApiError::payout_failure);
    tx.update::<Payout>(&payout.id, |payout| {
        payout.status = status;
        payout.failure_balance_transaction = Some(row);
        payout.rest.set("failure_code", code);
        payout.rest.set("failure_message", message);
        payout.rest.set("trace_id", trace("unsupported", Doc::Null));
    });
    if let Some(external) = destination(tx, payout).filter(|_| code.is_some()) {
        // Nothing more is sent there by a schedule until it is changed.
        external.set_errored(tx);
    }
}

/// `POST /v1/payouts/:id/cancel`.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let payout = require::<Payout>(tx, call.arg(0), In::Path)?;
    if payout.status != PayoutStatus::Pending || payout.automatic {
        return Err(ApiError::payout_not_cancelable(payout.status.as_str()));
    }
    put_back(tx, ctx, &payout, PayoutStatus::Canceled, None);
    Ok(Outcome::Done(Ref::to(&*payout)))
}

/// `POST /v1/payouts/:id/reverse`: creates a payout in the other direction.
pub(super) fn reverse(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let payout = require::<Payout>(tx, call.arg(0), In::Path)?;
    let from = destination(tx, &payout).filter(|external| matches!(external.bank_country(), Some("US" | "CA")));
    let reversible = tx.account() != AccountKey::PLATFORM
        && payout.status == PayoutStatus::Paid
        && payout.reversed_by.is_none()
        && payout.original_payout.is_none()
        && payout.amount > 0;
    let from = from.filter(|_| reversible).ok_or_else(ApiError::payout_not_reversible)?;
    let metadata = metadata::merge(&Map::new(), call.params.get("metadata"))?;
    let mut back = begin(ctx, -payout.amount, payout.currency.clone(), &from, PayoutMethod::Standard);
    back.metadata = metadata;
    back.original_payout = Some(Id::clone(&payout.id));
    let by = Id::clone(&back.id);
    let about = send(tx, ctx, back);
    tx.update::<Payout>(&payout.id, |payout| payout.reversed_by = Some(by));
    Ok(Outcome::Done(about))
}

/// Completes a payout of a dump.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<Payout>(&about.id, |payout| {
        let mut rest = template::template(Payout::KIND);
        rest.merge(&payout.rest);
        payout.rest = rest;
    });
    Ok(())
}
