//! The effects of a refund on its charge and on the balance, at once and later (core-payments 8.2, 8.4, 8.5).
//!
//! May use: charges, the balance. Invariant: money that was refunded and returned is refundable again.

use super::{Refund, RefundStatus, shares};
use crate::catalogue::{self, Type};
use crate::contract::{Ctx, DueOf, On, Reaction, Who};
use crate::error::{ApiError, Result};
use crate::issuers::{self, RefundOutcome};
use crate::money::RateSide;
use crate::object::template;
use crate::resources::customers::cash_balances;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind, SettlementCurrency};
use crate::resources::ledger::transfers::{Transfer, TransferReversal};
use crate::resources::payments::charges::Charge;
use crate::resources::payments::rails;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Ref, Tx};
use crate::time::calendar::DAY;
use std::sync::Arc;

/// The reason of the refund of an expired hold (core-payments 6.8.11).
const EXPIRED: &str = "expired_uncaptured_charge";

/// How long a pending refund of the test card takes, in seconds: thirty minutes, in which it can be canceled
/// (core-payments 8.5.5).
const SLOW_SECONDS: i64 = 30 * 60;

/// How long the customer can name an account, in seconds: 45 days.
const INSTRUCTIONS_SECONDS: i64 = 45 * DAY;

/// What comes later for a refund (core-payments 8.5.1, 8.5.2): the bank has taken a slow one, the customer has not said
/// where the money goes, or the card's bank sends it back.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(Refund, "refer", referred_at, refer),
    crate::due!(Refund, "succeed", |refund| refund.settle_at.0.filter(|_| refund.is(RefundStatus::Pending)), succeed),
    crate::due!(Refund, "expire", instructed_until, |tx, ctx, refund| {
        expire(tx, ctx, refund);
        Ok(())
    }),
    crate::due!(
        Refund,
        "fail",
        |refund| refund.send_back_at.0.filter(|_| refund.is(RefundStatus::Succeeded)),
        |tx, ctx, refund| {
            give_up(tx, ctx, refund, RefundStatus::Failed, "expired_or_canceled_card");
            Ok(())
        }
    ),
];

/// The network names a card's refund a few seconds after it was made (shapes 2.8).
const REFERENCE_SECONDS: i64 = 3;

/// When the network names it; `None` if it has, or never does.
fn referred_at(refund: &Refund) -> Option<i64> {
    let card = refund.rest.map("destination_details").and_then(|details| details.map("card"))?;
    let waits = refund.is(RefundStatus::Succeeded) && card.str("reference_status") == Some("pending");
    waits.then_some(refund.created + REFERENCE_SECONDS)
}

/// Sets the number by which the customer's bank finds the refund. No event of it is recorded.
fn refer(tx: &mut Tx, _: &Ctx<'_>, refund: &Arc<Refund>) -> Result<()> {
    let number = issuers::digits(&refund.id, &tx.account_id());
    tx.quietly(|tx| {
        tx.update::<Refund>(&refund.id, |refund| {
            let Some(Doc::Map(details)) = refund.rest.get_mut("destination_details") else { return };
            let Some(Doc::Map(card)) = details.get_mut("card") else { return };
            card.set("reference", number);
            card.set("reference_status", "available");
        });
    });
    Ok(())
}

fn instructed_until(refund: &Refund) -> Option<i64> {
    let details = refund.rest.map("next_action").and_then(|action| action.map("display_details"));
    details?.int("expires_at").filter(|_| refund.is(RefundStatus::RequiresAction))
}

fn succeed(tx: &mut Tx, _: &Ctx<'_>, refund: &Arc<Refund>) -> Result<()> {
    tx.update::<Refund>(&refund.id, |refund| {
        refund.status = Some(RefundStatus::Succeeded);
        let _ = refund.rest.remove("pending_reason");
    });
    Ok(())
}

/// The parameters of a refund.
#[derive(Default)]
pub(super) struct Wish {
    /// The refund's id, if it has one already.
    pub(super) id: Option<Id>,
    pub(super) amount: i64,
    pub(super) reason: Option<String>,
    pub(super) metadata: Map,
    pub(super) instructions_email: Option<String>,
    pub(super) refund_application_fee: bool,
    pub(super) reverse_transfer: bool,
}

/// Refunds money: it leaves the balance, and the charge counts it.
///
/// # Errors
/// The customer must name an account, and no e-mail address is known.
pub(super) fn refund(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, wish: Wish) -> Result<Id> {
    let outcome = outcome(charge);
    let instructions = instructions(ctx, charge, &wish)?;
    let (refund_application_fee, reverse_transfer) = (wish.refund_application_fee, wish.reverse_transfer);
    let mut refund = begin(ctx, charge, wish);
    if reverse_transfer {
        let reversal = shares::reverse_transfer(tx, ctx, charge, &refund);
        refund.rest.set("transfer_reversal", reversal.map(|id| id.to_string()));
    }
    if refund_application_fee {
        shares::refund_fee(tx, ctx, charge, refund.amount);
    }
    if let Some(reversal) = shares::reverse_source(tx, ctx, charge, &refund) {
        show_reversal(&mut refund, &reversal);
    }
    let kind = if charge.is_card() { RowKind::Refund } else { RowKind::PaymentRefund };
    refund.balance_transaction = Some(post(tx, ctx, charge, &refund, kind, -refund.amount));
    if outcome == RefundOutcome::PendThenSucceed {
        refund.status = Some(RefundStatus::Pending);
        refund.rest.set("pending_reason", "processing");
    }
    if let Some(next_action) = instructions {
        refund.status = Some(RefundStatus::RequiresAction);
        refund.rest.set("next_action", next_action);
    }
    match outcome {
        RefundOutcome::Succeed => {}
        RefundOutcome::PendThenSucceed => refund.settle_at = Absent(Some(ctx.now + SLOW_SECONDS)),
        // It fails after the answer.
        RefundOutcome::SucceedThenFail => refund.send_back_at = Absent(Some(ctx.now)),
    }
    let (id, amount) = (Id::clone(&refund.id), refund.amount);
    tx.insert(refund);
    tx.update::<Charge>(&charge.id, |charge| charge.count_refund(amount));
    if let Some(customer) = charge.customer.as_ref().filter(|_| charge.rail() == "customer_balance") {
        cash_balances::give_back(tx, ctx, customer, &id, amount, &charge.currency);
    }
    Ok(id)
}

/// The refund of a payment from a transfer names the transfer's reversal twice (connect-accounts 7.2).
fn show_reversal(refund: &mut Refund, reversal: &Id) {
    for field in ["source_transfer_reversal", "transfer_reversal"] {
        refund.rest.set(field, reversal.to_string());
    }
}

/// The `next_action` of a refund for which the customer must name an account: an e-mail asks for it (core-payments
/// 8.2.2).
fn instructions(ctx: &Ctx<'_>, charge: &Charge, wish: &Wish) -> Result<Option<Map>> {
    if rails::of(charge.rail()).is_none_or(|rail| rail.refunds_to.is_none()) {
        return Ok(None);
    }
    let told = charge.rest.map("billing_details").and_then(|details| details.str("email"));
    let email = wish.instructions_email.as_deref().or(told);
    let email = email.ok_or_else(|| ApiError::param_missing("instructions_email"))?;
    let sent = Map::from([("email_sent_at", Doc::from(ctx.now)), ("email_sent_to", email.to_owned().into())]);
    let details = Map::from([("email_sent", Doc::from(sent)), ("expires_at", (ctx.now + INSTRUCTIONS_SECONDS).into())]);
    Ok(Some(Map::from([("display_details", Doc::from(details)), ("type", "display_details".into())])))
}

/// The refund at the destination of a transfer that is reversed, unless there is one: its payment is taken back.
fn take_back(tx: &mut Tx, ctx: &Ctx<'_>, reversal: &Id) -> Result<()> {
    let Some(reversal) = tx.get::<TransferReversal>(reversal) else { return Ok(()) };
    let transfer = tx.get::<Transfer>(&reversal.transfer);
    let there = transfer.as_ref().and_then(|transfer| tx.state().account(transfer.destination.as_ref()?));
    let payment = transfer.as_ref().and_then(|transfer| transfer.destination_payment.0.clone());
    let (Some(there), Some(payment), Some(id)) = (there, payment, reversal.destination_payment_refund.clone()) else {
        return Ok(());
    };
    tx.within(there, |tx| {
        let Some(payment) = tx.get::<Charge>(&payment).filter(|_| tx.record(Refund::KIND, &id).is_none()) else {
            return;
        };
        let amount = reversal.amount;
        let mut refund = begin(ctx, &payment, Wish { amount, id: Some(id), ..Wish::default() });
        show_reversal(&mut refund, &reversal.id);
        refund.balance_transaction = Some(post(tx, ctx, &payment, &refund, RowKind::PaymentRefund, -amount));
        tx.insert(refund);
        tx.update::<Charge>(&payment.id, |charge| charge.count_refund(amount));
    });
    Ok(())
}

/// Releases a hold: the charge counts it as refunded, and no money moves (core-payments 8.3.15).
pub(super) fn void(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, wish: Wish) -> Id {
    let amount = wish.amount;
    let id = note_void(tx, ctx, charge, wish);
    tx.update::<Charge>(&charge.id, |charge| charge.count_refund(amount));
    id
}

/// The refund of a released hold; it has no balance transaction.
fn note_void(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, wish: Wish) -> Id {
    let mut refund = begin(ctx, charge, wish);
    if charge.is_card() {
        let card = Map::from([("type", "reversal")]);
        refund.rest.set("destination_details", Map::from([("card", Doc::from(card)), ("type", "card".into())]));
    }
    tx.insert(refund).id
}

/// What refunds follow: a charge that releases what it holds or held, and a transfer that is reversed.
pub(super) const REACTIONS: &[Reaction] = &[
    Reaction {
        to: Charge::KIND,
        on: On::Change(crate::when!(Charge, |before, after| after.released.0.is_some()
            && before.is_none_or(|before| before.released != after.released))),
        who: Who::New,
        run: note_release,
    },
    Reaction {
        to: TransferReversal::KIND,
        on: On::Change(|before, _| before.is_none()),
        who: Who::New,
        run: take_back,
    },
];

/// The refund that stands for what a charge released, unless there is one; of the two, the charge alone has an event
/// (core-payments 10.3.15).
fn note_release(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) -> Result<()> {
    let Some(charge) = tx.get::<Charge>(charge) else { return Ok(()) };
    let is_void = |refund: &Arc<Refund>| refund.balance_transaction.is_none();
    let Some(amount) = charge.released.0.filter(|_| !tx.having("charge", &charge.id).iter().any(is_void)) else {
        return Ok(());
    };
    let reason = charge.expired.0.then(|| EXPIRED.to_owned());
    tx.quietly(|tx| note_void(tx, ctx, &charge, Wish { amount, reason, ..Wish::default() }));
    Ok(())
}

fn outcome(charge: &Charge) -> RefundOutcome {
    let number = charge.card_number.as_deref();
    number.map_or(RefundOutcome::Succeed, |number| issuers::for_number(number).card.refund)
}

/// The ordinary form of a refund; its id has the family of its charge.
fn begin(ctx: &Ctx<'_>, charge: &Charge, wish: Wish) -> Refund {
    let form = if charge.is_card() { super::ENTRY.id } else { super::OTHER_RAILS_ID };
    let family = if charge.payment_intent.is_some() { "3" } else { "1" };
    let mut rest = template::template(Refund::KIND);
    rest.set("customer", charge.customer.as_ref().map(ToString::to_string));
    rest.set("payment_method", charge.payment_method.as_ref().map(ToString::to_string));
    rest.set("reason", wish.reason);
    if let Some(details) = destination(charge) {
        rest.set("destination_details", details);
    }
    if let Some(email) = wish.instructions_email {
        rest.set("instructions_email", email);
    }
    Refund {
        id: wish.id.unwrap_or_else(|| form.led_by(family).draw(&ctx.ids).into()),
        created: ctx.now,
        amount: wish.amount,
        balance_transaction: None,
        charge: Some(Id::clone(&charge.id)),
        currency: charge.currency.to_string(),
        metadata: wish.metadata,
        payment_intent: charge.payment_intent.clone(),
        status: Some(RefundStatus::Succeeded),
        settle_at: Absent(None),
        send_back_at: Absent(None),
        rest,
    }
}

/// The destination of the money, for rails that show it.
fn destination(charge: &Charge) -> Option<Map> {
    if charge.is_card() {
        let card = Map::from([
            ("reference_status", "pending"),
            ("reference_type", "acquirer_reference_number"),
            ("type", "refund"),
        ]);
        return Some(Map::from([("card", Doc::from(card)), ("type", "card".into())]));
    }
    let kind = rails::of(charge.rail()).and_then(|rail| rail.refunds_to).unwrap_or(charge.rail()).to_owned();
    let details = catalogue::field(catalogue::object(Refund::KIND.name())?.fields, "destination_details")?;
    let Type::Object(rails) = details.kind else { return None };
    let own = match catalogue::field(rails, &kind)?.kind {
        Type::Object(fields) => template::of_fields(fields),
        _ => Map::new(),
    };
    Some(Map::from([("type".to_owned(), Doc::from(kind.clone())), (kind, own.into())]))
}

/// Stores a balance transaction of a refund. The refund of pending money is pending too, and becomes available with the
/// charge's balance transaction.
fn post(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, refund: &Refund, kind: RowKind, amount: i64) -> Id {
    let row = charge.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let available_on = row.as_ref().map_or(ctx.now, |row| row.available_on.max(ctx.now));
    let about = charge.description.as_ref().map_or(String::new(), |text| format!(" ({text})"));
    let what = if amount < 0 { "REFUND" } else { "REFUND FAILURE" };
    let paid = if charge.is_card() { "CHARGE" } else { "PAYMENT" };
    // What comes back is what was taken; what is taken goes where the payment went, at the other rate (connect-accounts
    // 7.4).
    let taken = refund.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let settlement = match &row {
        Some(row) => SettlementCurrency::like(row, &refund.currency, RateSide::Selling),
        None => SettlementCurrency::of(tx, &refund.currency, RateSide::Selling),
    };
    let moved = match taken.as_deref() {
        Some(taken) => taken.undone(kind, &refund.id, available_on),
        None => Posting::settled(kind, amount, &settlement, &refund.id, available_on),
    };
    balance::post(tx, ctx, &Posting { description: Some(format!("{what} FOR {paid}{about}")), ..moved })
}

/// Returns the money: the refund ends, and the charge can be refunded again (core-payments 8.5.3, 8.5.5).
pub(super) fn give_up(tx: &mut Tx, ctx: &Ctx<'_>, refund: &Refund, status: RefundStatus, reason: &'static str) {
    let charge = refund.charge.as_ref().and_then(|id| tx.get::<Charge>(id));
    let row = match (&charge, &refund.balance_transaction) {
        (Some(charge), Some(_)) => Some(post(tx, ctx, charge, refund, RowKind::RefundFailure, refund.amount)),
        _ => None,
    };
    tx.update::<Refund>(&refund.id, |refund| {
        refund.status = Some(status);
        refund.rest.set("failure_reason", reason);
        let _ = (refund.rest.remove("pending_reason"), refund.rest.remove("next_action"));
        if let Some(row) = row {
            refund.rest.set("failure_balance_transaction", row.to_string());
        }
    });
    if let Some(charge) = charge {
        // Only the refund emits an event (core-payments 10.4.5).
        tx.quietly(|tx| tx.update::<Charge>(&charge.id, |charge| charge.count_refund(-refund.amount)));
    }
}

/// Fails a refund, as the customer's bank does (core-payments 8.5.2).
///
/// # Errors
/// The refund has ended, moved no money, or did not go to a bank.
pub fn fail(tx: &mut Tx, ctx: &Ctx<'_>, refund: &str) -> Result<()> {
    let is_out = |refund: &Refund| {
        let is_between_accounts = refund.rest.present("source_transfer_reversal").is_some();
        !is_between_accounts && matches!(refund.status, Some(RefundStatus::Pending | RefundStatus::Succeeded))
    };
    let found = tx.get::<Refund>(refund).filter(|refund| is_out(refund) && refund.balance_transaction.is_some());
    let refund = found.ok_or_else(|| ApiError::refund_not_out(refund))?;
    give_up(tx, ctx, &refund, RefundStatus::Failed, "expired_or_canceled_card");
    Ok(())
}

/// The customer names an account: the refund is on its way.
///
/// # Errors
/// The customer was not asked, or is too late.
pub fn instruct(tx: &mut Tx, ctx: &Ctx<'_>, refund: &str) -> Result<()> {
    let found = tx.get::<Refund>(refund).filter(|refund| refund.status == Some(RefundStatus::RequiresAction));
    let refund = found.ok_or_else(|| ApiError::refund_not_waiting(refund))?;
    tx.update::<Refund>(&refund.id, |refund| {
        refund.status = Some(RefundStatus::Pending);
        refund.rest.set("pending_reason", "processing");
        let _ = refund.rest.remove("next_action");
        refund.settle_at = Absent(Some(ctx.now));
    });
    Ok(())
}

/// The customer does not name an account: the money is returned.
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, refund: &Arc<Refund>) {
    give_up(tx, ctx, refund, RefundStatus::Failed, "unknown");
}

/// Completes a refund of a dump.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<Refund>(&about.id, |refund| {
        let mut rest = template::template(Refund::KIND);
        rest.merge(&refund.rest);
        refund.rest = rest;
    });
    let refund = tx.get::<Refund>(&about.id).filter(|refund| refund.rest.str("reason") == Some(EXPIRED));
    if let Some(charge) = refund.and_then(|refund| refund.charge.clone()) {
        tx.update::<Charge>(&charge, |charge| charge.expired = Flag(true));
    }
    Ok(())
}
