//! Invoices of what is paid already: a Checkout Session with `invoice_creation` (intents-and-checkout 3.7, billing-2 5.2).
//!
//! May use: invoice items and payments, customers. Invariant: such an invoice is never a draft that anybody sees, takes nothing from
//! the customer's balance, and moves no money.

use super::{Invoice, create, draft, finalize, reference};
use crate::contract::{Ctx, In, require};
use crate::error::Result;
use crate::resources::billing::invoice_items;
use crate::resources::billing::invoice_payments::{self, InvoicePayment, NewPayment};
use crate::state::document::Map;
use crate::state::{Id, Ref, Tx};

/// What was paid.
#[derive(Debug)]
pub struct PaidSale<'a> {
    /// Who paid.
    pub customer: &'a Id,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The lines: `price`, `quantity`, and what an item has besides.
    pub lines: Vec<Map>,
    /// The discounts, which were redeemed.
    pub discounts: Vec<Id>,
    /// The intent that paid, and how much, in the currency's smallest unit; `None` if there was nothing to pay.
    pub payment: Option<(&'a Id, i64)>,
    /// Other parameters of the invoice.
    pub params: Map,
}

/// Makes the invoice of what was paid, with the events of an invoice that is made and paid at once.
///
/// # Errors
/// It cannot have these parameters.
pub fn bill(tx: &mut Tx, ctx: &Ctx<'_>, sale: &PaidSale<'_>) -> Result<Id> {
    invoice_items::note_currency(tx, sale.customer, sale.currency);
    let (id, payment) = tx.quietly(|tx| make(tx, ctx, sale))?;
    let is_paid = tx.get::<Invoice>(&id).is_some_and(|invoice| invoice.amount_remaining == 0);
    let paid = is_paid.then_some(["invoice.paid", "invoice.payment_succeeded"]).into_iter().flatten();
    for event in ["invoice.created", "invoice.finalized"].into_iter().chain(paid) {
        tx.announce(event, &reference(&id));
    }
    if let Some(payment) = payment {
        tx.announce("invoice_payment.paid", &Ref { kind: invoice_payments::KIND, id: payment });
    }
    Ok(id)
}

fn make(tx: &mut Tx, ctx: &Ctx<'_>, sale: &PaidSale<'_>) -> Result<(Id, Option<Id>)> {
    let id = create::sold(tx, ctx, &sale.params, (sale.customer, sale.currency), &sale.lines)?;
    tx.update::<Invoice>(&id, |invoice| invoice.discounts.clone_from(&sale.discounts));
    draft::sync(tx, ctx, &id)?;
    let mut invoice = crate::state::Edit::of(require::<Invoice>(tx, &id, In::Path)?);
    let now = ctx.now_of(tx, invoice.clock());
    finalize::seal(tx, ctx, &mut invoice, now);
    invoice.starting_balance = 0;
    invoice.ending_balance = Some(0);
    invoice.amount_due = invoice.total;
    invoice.amount_paid = sale.payment.map_or(0, |(_, amount)| amount);
    invoice.amount_remaining = invoice.amount_due.saturating_sub(invoice.amount_paid);
    invoice.attempted = true;
    let payment = sale.payment.map(|(intent, amount)| {
        let about = NewPayment {
            invoice: &id,
            payment_intent: intent,
            amount: invoice.total,
            currency: sale.currency,
            is_default: true,
            now,
        };
        let payment = invoice_payments::add(tx, ctx, &about);
        tx.update::<InvoicePayment>(&payment, |payment| payment.pay(amount, now));
        invoice.payment_intents.push(Id::clone(intent));
        payment
    });
    if invoice.amount_remaining == 0 {
        finalize::pay_off(&mut invoice, now);
    }
    invoice.save(tx);
    Ok((id, payment))
}
