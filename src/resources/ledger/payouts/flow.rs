//! The way of a payout: submitted at the end of its day, there on its arrival date; an instant one at once
//! (core-payments 9.4.4, billing 6.7).

use super::Payout;
use super::create::{self, begin};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::issuers::PayoutOutcome;
use crate::object::{metadata, template};
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::ledger::balance::{self, Posting};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Account, Due, Id, Ref, Tx};
use crate::time::calendar;

/// What is due when a payout goes to the bank.
const SUBMIT: &str = "submit";

/// What is due when it should be there.
const ARRIVE: &str = "arrive";

/// Stores a payout: its money leaves the balance, and it goes its way.
pub(super) fn send(tx: &mut Tx, ctx: &Ctx<'_>, mut payout: Payout) -> Ref {
    // What is called back is there when it arrives.
    let available_on = if payout.amount < 0 { payout.arrival_date } else { ctx.now };
    let description = payout.rest.str("description").unwrap_or("STRIPE PAYOUT").to_owned();
    payout.balance_transaction =
        Some(post(tx, ctx, &payout, "payout", -payout.amount, Some(description), available_on));
    let about = tx.insert(payout.clone());
    plan(tx, &payout);
    about
}

fn plan(tx: &mut Tx, payout: &Payout) {
    let about = Ref::to(payout);
    let instant = payout.method == "instant";
    let midnight = calendar::midnight(payout.created) + calendar::DAY;
    if payout.status == "pending" {
        tx.schedule(if instant { payout.created } else { midnight }, about.clone(), SUBMIT);
    }
    tx.schedule(payout.arrival_date, about, ARRIVE);
}

fn post(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    payout: &Payout,
    kind: &'static str,
    amount: i64,
    description: Option<String>,
    available_on: i64,
) -> Id {
    let (currency, source) = (payout.currency.as_str(), &*payout.id);
    balance::post(
        tx,
        ctx,
        &Posting { kind, amount, fee: 0, application_fee: 0, currency, source, description, available_on },
    )
}

/// What the bank calls the payment.
pub(super) fn trace(status: &'static str, value: Doc) -> Map {
    Map::from([("status", Doc::from(status)), ("value", value)])
}

/// What has become due for a payout.
pub(super) fn due(tx: &mut Tx, ctx: &Ctx<'_>, due: &Due) -> Result<()> {
    let Some(payout) = tx.get::<Payout>(&due.about.id) else { return Ok(()) };
    match (&*due.what, payout.status.as_str()) {
        (SUBMIT, "pending") => {
            tx.update::<Payout>(&payout.id, |payout| payout.status = "in_transit".to_owned());
        }
        (ARRIVE, "pending" | "in_transit") => arrive(tx, ctx, &payout),
        _ => {}
    }
    Ok(())
}

fn arrive(tx: &mut Tx, ctx: &Ctx<'_>, payout: &Payout) {
    let bank = payout.destination.as_ref().and_then(|id| tx.get::<BankAccount>(id));
    if let Some(PayoutOutcome::Failed(code)) = bank.map(|bank| create::outcome(&bank)) {
        return put_back(tx, ctx, payout, "failed", Some(code));
    }
    let value = format!("{:015}", ctx.ids.number(1_000_000_000_000_000));
    tx.update::<Payout>(&payout.id, |payout| {
        payout.status = "paid".to_owned();
        payout.rest.set("trace_id", trace("supported", value.into()));
    });
}

/// The bank rejects a payout, also one that had arrived (billing 6.7).
///
/// # Errors
/// The payout has ended already, or was called back.
pub fn fail(tx: &mut Tx, ctx: &Ctx<'_>, payout: &str) -> Result<()> {
    let is_out = |payout: &Payout| {
        matches!(payout.status.as_str(), "pending" | "in_transit" | "paid") && payout.reversed_by.is_none()
    };
    let found = tx.get::<Payout>(payout).filter(|payout| is_out(payout));
    let payout = found.ok_or_else(|| ApiError::payout_not_out(payout))?;
    put_back(tx, ctx, &payout, "failed", Some("account_closed"));
    Ok(())
}

/// The money comes back: the payout failed or was canceled (billing 6.7).
fn put_back(tx: &mut Tx, ctx: &Ctx<'_>, payout: &Payout, status: &'static str, code: Option<&'static str>) {
    let kind = if code.is_some() { "payout_failure" } else { "payout_cancel" };
    let row = post(tx, ctx, payout, kind, payout.amount, None, ctx.now);
    let message = code.and_then(ApiError::payout_failure);
    tx.update::<Payout>(&payout.id, |payout| {
        payout.status = status.to_owned();
        payout.failure_balance_transaction = Some(row);
        payout.rest.set("failure_code", code);
        payout.rest.set("failure_message", message);
        payout.rest.set("trace_id", trace("unsupported", Doc::Null));
    });
}

/// `POST /v1/payouts/:id/cancel`.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let payout = require::<Payout>(tx, call.arg(0), In::Path)?;
    if payout.status != "pending" || payout.automatic {
        return Err(ApiError::payout_not_cancelable(&payout.status));
    }
    put_back(tx, ctx, &payout, "canceled", None);
    Ok(Outcome::Done(Ref::to(&*payout)))
}

/// `POST /v1/payouts/:id/reverse`: a payout the other way.
pub(super) fn reverse(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let payout = require::<Payout>(tx, call.arg(0), In::Path)?;
    let bank = payout.destination.as_ref().and_then(|id| tx.get::<BankAccount>(id));
    let country = bank.as_ref().and_then(|bank| bank.rest.str("country"));
    let reversible = tx.account() != Account::PLATFORM
        && payout.status == "paid"
        && payout.reversed_by.is_none()
        && payout.original_payout.is_none()
        && matches!(country, Some("US" | "CA"));
    if !reversible {
        return Err(ApiError::payout_not_reversible());
    }
    let metadata = metadata::merge(&Map::new(), call.params.get("metadata"))?;
    let mut back = begin(ctx, -payout.amount, payout.currency.clone(), payout.destination.clone(), "standard");
    back.metadata = metadata;
    back.original_payout = Some(Id::clone(&payout.id));
    let by = Id::clone(&back.id);
    let about = send(tx, ctx, back);
    tx.update::<Payout>(&payout.id, |payout| payout.reversed_by = Some(by));
    Ok(Outcome::Done(about))
}

/// Completes a payout of a dump, and sees to it that it arrives.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) {
    tx.update::<Payout>(&about.id, |payout| {
        let mut rest = template::template(Payout::KIND);
        rest.merge(&payout.rest);
        payout.rest = rest;
    });
    let open = |payout: &std::sync::Arc<Payout>| matches!(payout.status.as_str(), "pending" | "in_transit");
    if let Some(payout) = tx.get::<Payout>(&about.id).filter(open) {
        plan(tx, &payout);
    }
}
