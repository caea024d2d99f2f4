//! The end of a dispute, which the text of the evidence decides in a test (core-payments 9.2.8 to 9.2.11).
//!
//! May use: disputes, the balance. Invariant: a closed dispute does not change.

use std::sync::Arc;

use super::{Dispute, DisputeStatus, open};
use crate::contract::{Ctx, DueOf};
use crate::error::Result;
use crate::resources::customers::customer::Customer;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind};
use crate::resources::payments::charges::Charge;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;

/// Seconds after which the evidence that Stripe knows itself is filled in: "after a while" (core-payments 9.1).
pub(super) const FILL_AFTER_SECONDS: i64 = 60;

/// The evidence is filled in, and the bank makes up its mind.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(Dispute, "fill", |dispute| dispute.fill_at.0.filter(|_| !dispute.is_closed()), |tx, _, dispute| {
        fill(tx, dispute);
        Ok(())
    }),
    crate::due!(Dispute, "decide", |dispute| dispute.decide_at.0.filter(|_| verdict(dispute).is_some()), decide),
];

/// What the bank decides.
#[derive(Clone, Copy, Debug)]
pub(super) enum BankDecision {
    Win,
    Lose,
    Escalate,
}

/// What the evidence of a test makes the bank decide about a dispute under review.
pub(super) fn verdict(dispute: &Dispute) -> Option<BankDecision> {
    let reviewed = matches!(dispute.status, DisputeStatus::UnderReview | DisputeStatus::WarningUnderReview);
    match dispute.evidence.str("uncategorized_text").filter(|_| reviewed)?.trim() {
        "winning_evidence" => Some(BankDecision::Win),
        "losing_evidence" => Some(BankDecision::Lose),
        "escalate_inquiry_evidence" if dispute.is_inquiry() => Some(BankDecision::Escalate),
        _ => None,
    }
}

fn decide(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>) -> Result<()> {
    match verdict(dispute) {
        Some(BankDecision::Win) => win(tx, ctx, dispute),
        Some(BankDecision::Lose) => lose(tx, dispute),
        Some(BankDecision::Escalate) => escalate(tx, ctx, dispute),
        None => {}
    }
    Ok(())
}

/// Wins a dispute: the money is returned, the fee is not, and the charge can be refunded again. An inquiry is closed.
///
/// What was recorded of the fee differs: it came back in 2023 (connect-accounts 7.3), and was kept in 2026, of a platform's and of a
/// connected account's charges alike (core-payments 9.2). The newer recording holds.
fn win(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>) {
    if dispute.is_inquiry() {
        return lose(tx, dispute);
    }
    let mut won = Dispute::clone(dispute);
    won.status = DisputeStatus::Won;
    won.is_charge_refundable = true;
    // What was withdrawn comes back as it went, converted or not.
    let taken = dispute.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let amount = dispute.withdrawn();
    if amount > 0 {
        let (kind, available_on) = (RowKind::Adjustment, balance::available_on(tx, ctx.now));
        let back = match &taken {
            Some(taken) => taken.undone(kind, &dispute.id, available_on),
            None => Posting::new(kind, amount, &dispute.currency, &dispute.id, available_on),
        };
        let description = Some(format!("Chargeback reversal for {}", dispute.charge));
        let posting = Posting { amount, description, ..back };
        let row = balance::post(tx, ctx, &posting);
        won.add_row(tx, &row);
    }
    tx.save(dispute, won);
}

/// Loses a dispute: the money is not returned; an inquiry ends without a chargeback.
pub(super) fn lose(tx: &mut Tx, dispute: &Arc<Dispute>) {
    let status = if dispute.is_inquiry() { DisputeStatus::WarningClosed } else { DisputeStatus::Lost };
    tx.update::<Dispute>(&dispute.id, |dispute| dispute.status = status);
}

/// Turns an inquiry into a chargeback, which needs a new response.
fn escalate(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>) {
    let mut chargeback = Dispute::clone(dispute);
    chargeback.status = DisputeStatus::NeedsResponse;
    chargeback.is_charge_refundable = false;
    chargeback.evidence_details.set("due_by", open::due_by(ctx.now));
    if let Some(charge) = tx.get::<Charge>(&dispute.charge).filter(|charge| charge.is_card()) {
        let details = open::card_details(&charge, &dispute.reason, "chargeback");
        chargeback.rest.set("payment_method_details", details);
    }
    open::withdraw(tx, ctx, &mut chargeback, ctx.now);
    tx.save(dispute, chargeback);
}

/// Adds what Stripe knows of the customer and the sale, where the seller has sent nothing (core-payments 9.1).
fn fill(tx: &mut Tx, dispute: &Arc<Dispute>) {
    let charge = tx.get::<Charge>(&dispute.charge);
    let customer = charge.as_ref().and_then(|charge| charge.customer.as_ref()).and_then(|id| tx.get::<Customer>(id));
    let customer = customer.map(|customer| crate::state::Object::to_doc(&*customer)).unwrap_or_default();
    let known = [
        ("customer_name", customer.present("name").or(customer.present("description")).cloned()),
        ("customer_email_address", customer.present("email").cloned()),
        ("product_description", charge.and_then(|charge| charge.description.clone()).map(Doc::from)),
    ];
    let mut evidence: Map = dispute.evidence.clone();
    for (key, value) in known {
        if let Some(value) = value.filter(|_| evidence.present(key).is_none()) {
            evidence.set(key, value);
        }
    }
    tx.quietly(|tx| {
        tx.update::<Dispute>(&dispute.id, |dispute| {
            dispute.evidence = evidence;
            dispute.fill_at = Absent(None);
        });
    });
}
