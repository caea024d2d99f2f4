//! What a credit note changes of its invoice (billing 5.4, billing-2 11.1, 12.5).
//!
//! May use: the invoice's intents. Invariant: an invoice of which all is credited is paid, and its intents are canceled.

use std::sync::Arc;

use super::{Invoice, finalize, follow, payments, reference};
use crate::contract::{Ctx, In, require};
use crate::error::Result;
use crate::resources::payments::charges::Charge;
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::state::{Id, Tx};

/// Takes off what is no longer asked for, and counts what was given back of what was paid.
///
/// # Errors
/// An intent that is no longer needed cannot be canceled.
pub fn take_off(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, (before_payment, after_payment): (i64, i64)) -> Result<()> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    let is_settled = before_payment > 0 && before_payment == invoice.amount_remaining;
    let now = ctx.now_of(tx, invoice.clock());
    let change = |invoice: &mut Invoice| {
        invoice.amount_due -= before_payment;
        invoice.amount_remaining -= before_payment;
        invoice.pre_payment_credit_notes_amount += before_payment;
        invoice.post_payment_credit_notes_amount += after_payment;
        if is_settled {
            finalize::pay_off(invoice, now);
        }
    };
    if !is_settled {
        tx.update::<Invoice>(id, change);
        let changed = require::<Invoice>(tx, id, In::Path)?;
        payments::follow_remaining(tx, &changed);
        return Ok(());
    }
    tx.job(|tx| {
        tx.update::<Invoice>(id, change);
        ((), ["invoice.updated", "invoice.paid", "invoice.payment_succeeded"].map(|event| (event, reference(id))))
    });
    follow::note_delinquency(tx, &invoice, false);
    payments::cancel(tx, ctx, &invoice, now)
}

/// An open invoice asks again for what a credit note had taken off.
pub fn give_back(tx: &mut Tx, id: &Id, amount: i64) {
    tx.update::<Invoice>(id, |invoice| {
        invoice.amount_due += amount;
        invoice.amount_remaining += amount;
        invoice.pre_payment_credit_notes_amount -= amount;
    });
    if let Some(invoice) = tx.get::<Invoice>(id) {
        payments::follow_remaining(tx, &invoice);
    }
}

/// The charge with which an intent was paid.
pub fn charge_of(tx: &Tx, intent: &str) -> Option<Arc<Charge>> {
    tx.get::<Charge>(tx.get::<PaymentIntent>(intent)?.latest_charge.as_ref()?)
}
