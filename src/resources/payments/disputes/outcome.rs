//! How a dispute ends, which the evidence of a test says itself (core-payments 9.2.8 to 9.2.11).

use std::sync::Arc;

use super::{Dispute, open};
use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::customers::customer::Customer;
use crate::resources::ledger::balance::{self, Posting};
use crate::resources::payments::charges::Charge;
use crate::state::document::{Doc, Map};
use crate::state::{Due, Tx};

/// What is due when the evidence that Stripe knows itself is filled in.
pub(super) const FILL: &str = "fill";

/// Seconds after which that happens: "after a while" (core-payments 9.1).
pub(super) const FILL_AFTER_SECONDS: i64 = 60;

/// What is due when the bank has made up its mind.
const WIN: &str = "win";
const LOSE: &str = "lose";
const ESCALATE: &str = "escalate";

/// What a text among the evidence makes the bank do.
pub(super) fn of_text(text: &str) -> Option<&'static str> {
    match text.trim() {
        "winning_evidence" => Some(WIN),
        "losing_evidence" => Some(LOSE),
        "escalate_inquiry_evidence" => Some(ESCALATE),
        _ => None,
    }
}

/// What has become due for a dispute.
pub(super) fn due(tx: &mut Tx, ctx: &Ctx<'_>, due: &Due) -> Result<()> {
    let Some(dispute) = tx.get::<Dispute>(&due.about.id) else { return Ok(()) };
    let reviewed = matches!(dispute.status.as_str(), "under_review" | "warning_under_review");
    match &*due.what {
        FILL if !dispute.is_closed() => fill(tx, &dispute),
        WIN if reviewed => win(tx, ctx, &dispute),
        LOSE if reviewed => lose(tx, &dispute),
        ESCALATE if dispute.is_inquiry() && reviewed => escalate(tx, ctx, &dispute),
        _ => {}
    }
    Ok(())
}

/// The money comes back, the fee does not, and the charge can be refunded again. An inquiry just ends.
fn win(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>) {
    if dispute.is_inquiry() {
        return lose(tx, dispute);
    }
    let mut won = Dispute::clone(dispute);
    won.status = "won".to_owned();
    won.is_charge_refundable = true;
    let amount = dispute.withdrawn();
    if amount > 0 {
        let posting = Posting {
            kind: "adjustment",
            amount,
            fee: 0,
            application_fee: 0,
            currency: &dispute.currency,
            source: &dispute.id,
            description: Some(format!("Chargeback reversal for {}", dispute.charge)),
            available_on: balance::available_on(ctx.now),
        };
        let row = balance::post(tx, ctx, &posting);
        won.add_row(tx, &row);
    }
    tx.save(dispute, won);
}

/// The money stays away; an inquiry ends without a chargeback.
pub(super) fn lose(tx: &mut Tx, dispute: &Arc<Dispute>) {
    let status = if dispute.is_inquiry() { "warning_closed" } else { "lost" };
    tx.update::<Dispute>(&dispute.id, |dispute| dispute.status = status.to_owned());
}

/// An inquiry becomes a chargeback, which has to be answered again.
fn escalate(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>) {
    let mut chargeback = Dispute::clone(dispute);
    chargeback.status = "needs_response".to_owned();
    chargeback.is_charge_refundable = false;
    chargeback.evidence_details.set("due_by", open::due_by(ctx.now));
    if let Some(charge) = tx.get::<Charge>(&dispute.charge).filter(|charge| charge.is_card()) {
        let details = open::card_details(&charge, &dispute.reason, "chargeback");
        chargeback.rest.set("payment_method_details", details);
    }
    open::withdraw(tx, ctx, &mut chargeback, ctx.now);
    tx.save(dispute, chargeback);
}

/// What Stripe knows of the customer and the sale, where the seller has not said it (core-payments 9.1).
fn fill(tx: &mut Tx, dispute: &Arc<Dispute>) {
    let Some(charge) = tx.get::<Charge>(&dispute.charge) else { return };
    let customer = charge.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let customer = customer.map(|customer| crate::state::Object::to_doc(&*customer)).unwrap_or_default();
    let known = [
        ("customer_name", customer.present("name").or(customer.present("description")).cloned()),
        ("customer_email_address", customer.present("email").cloned()),
        ("product_description", charge.description.clone().map(Doc::from)),
    ];
    let mut evidence: Map = dispute.evidence.clone();
    for (key, value) in known {
        if let Some(value) = value.filter(|_| evidence.present(key).is_none()) {
            evidence.set(key, value);
        }
    }
    if evidence != dispute.evidence {
        tx.quietly(|tx| tx.update::<Dispute>(&dispute.id, |dispute| dispute.evidence = evidence));
    }
}
