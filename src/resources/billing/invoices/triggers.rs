//! How events of invoices, and of what belongs to them, are made to happen.
//!
//! May use: payment intents, discounts. Invariant: what is done is what a call, or the customer with a test card, could do.

use std::sync::Arc;

use super::{Invoice, collect, draft, due, finalize, payments, terms};
use crate::contract::{Ctx, In, Trigger, require};
use crate::error::{ApiError, Result};
use crate::resources::catalog::discounts;
use crate::resources::customers::customer;
use crate::resources::payments::payment_intents::{self, PaymentIntent};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Kind, Tx};

const PAYMENT: Kind = crate::kind!("invoice_payment");
const PAY: &str = "/v1/invoices/{id}/pay";
/// What [`pay`] means.
pub const BY_CARD: &str = "The customer pays it with a test card";
/// What [`decline`] means.
pub const DECLINED: &str = "The customer tries a test card that is declined";
/// What [`ask`] means.
pub const ASKED: &str = "The customer tries a test card whose bank asks for them";

/// Of several ways for one event the first that works is taken.
pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::post("invoice.created", "/v1/invoices", &[("customer", "{id}")]).of(customer::KIND),
    Trigger::update("invoice.updated", "/v1/invoices/{id}"),
    Trigger::delete("invoice.deleted", "/v1/invoices/{id}"),
    Trigger::post("invoice.finalized", "/v1/invoices/{id}/finalize", &[]),
    Trigger::post("invoice.finalization_failed", "/v1/invoices/{id}/finalize", &[]),
    Trigger::post("invoice.paid", PAY, &[]),
    Trigger::rule("invoice.paid", pay, BY_CARD),
    Trigger::post("invoice.payment_succeeded", PAY, &[]),
    Trigger::rule("invoice.payment_succeeded", pay, BY_CARD),
    Trigger::post("invoice_payment.paid", PAY, &[]),
    Trigger::rule("invoice_payment.paid", pay, BY_CARD),
    Trigger::rule("invoice_payment.paid", pay, BY_CARD).of(PAYMENT).on("invoice"),
    Trigger::rule("invoice.payment_failed", decline, DECLINED),
    Trigger::rule("invoice.payment_action_required", ask, ASKED),
    Trigger::rule("invoice.will_be_due", remind, "It is told now that it will be due"),
    Trigger::rule("invoice.overdue", tell_that_it_is_overdue, "It is told now that it is overdue"),
    Trigger::rule("invoice.overpaid", overpay, "The customer pays more than is left, with a test card"),
    Trigger::post("invoice.sent", "/v1/invoices/{id}/send", &[]),
    Trigger::post("invoice.voided", "/v1/invoices/{id}/void", &[]),
    Trigger::post("invoice.marked_uncollectible", "/v1/invoices/{id}/mark_uncollectible", &[]),
    Trigger::rule("customer.discount.created", discount, "The draft gets ten percent off, by a new coupon"),
    Trigger::post("customer.discount.deleted", "/v1/invoices/{id}", &[("discounts", "")]),
];

/// An invoice is paid.
///
/// # Errors
/// It cannot be paid.
pub fn pay(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    pay_with(tx, ctx, id, "pm_card_visa")
}

/// A payment of an invoice fails.
///
/// # Errors
/// It cannot be paid.
pub fn decline(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    pay_with(tx, ctx, id, "pm_card_chargeDeclined")
}

/// A payment of an invoice waits for the customer.
///
/// # Errors
/// It cannot be paid.
pub fn ask(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    pay_with(tx, ctx, id, "pm_card_threeDSecure2Required")
}

/// Tries a test card, as the customer would on the invoice's page; a draft is finalized first.
fn pay_with(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, card: &'static str) -> Result<()> {
    let invoice = payable(tx, ctx, id)?;
    let terms = Map::from([("payment_method", card)]);
    collect::attempt(tx, ctx, &invoice.id, &terms, collect::Trier::Call).map(drop)
}

/// An invoice that can be paid.
fn payable(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Arc<Invoice>> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.is_draft() {
        finalize::complete(tx, ctx, &invoice.id)?;
    }
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.amount_remaining > 0 && invoice.can_be_paid() {
        Ok(invoice)
    } else {
        Err(ApiError::invoice_cannot_be_paid())
    }
}

/// What is paid beyond what is left, in the currency's smallest unit.
const BEYOND: i64 = 100;

fn overpay(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let invoice = payable(tx, ctx, id)?;
    let mut params = Map::from([("amount", Doc::from(invoice.amount_remaining + BEYOND))]);
    params.set("currency", invoice.currency.clone());
    params.set("customer", invoice.customer.as_ref().map(ToString::to_string));
    params.set("payment_method_types", Doc::List(vec!["card".into()]));
    params.set("capture_method", "automatic");
    let intent = payment_intents::open(tx, ctx, &params)?;
    let intent = require::<PaymentIntent>(tx, &intent, In::Path)?;
    payments::add(tx, ctx, &invoice, &intent);
    payment_intents::collect(tx, ctx, &intent.id, &Map::from([("payment_method", "pm_card_visa")])).map(drop)
}

fn remind(tx: &mut Tx, _: &Ctx<'_>, id: &str) -> Result<()> {
    let invoice = owed(tx, id)?;
    due::remind(tx, &invoice.id);
    Ok(())
}

fn tell_that_it_is_overdue(tx: &mut Tx, _: &Ctx<'_>, id: &str) -> Result<()> {
    let invoice = owed(tx, id)?;
    due::tell_that_it_is_overdue(tx, &invoice.id);
    Ok(())
}

/// An invoice that was sent, and is not paid.
fn owed(tx: &Tx, id: &str) -> Result<Arc<Invoice>> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    let is_owed = invoice.is_open() && !invoice.is_charged() && invoice.due_date.is_some();
    if is_owed { Ok(invoice) } else { Err(ApiError::invoice_not_owed(id)) }
}

fn discount(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if !invoice.is_draft() {
        return Err(ApiError::invoice_is_finalized("discounts"));
    }
    let coupon = discounts::ten_percent(tx, ctx)?;
    let wanted = Doc::List(vec![Map::from([("coupon", coupon.to_string())]).into()]);
    let mut changed = Edit::of(Arc::clone(&invoice));
    terms::discount(tx, ctx, &mut changed, &Map::from([("discounts", wanted)]))?;
    changed.save(tx);
    draft::sync(tx, ctx, &invoice.id)
}
