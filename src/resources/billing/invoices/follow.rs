//! What an invoice follows: its items, its customer, and the intents that pay it (billing 7.4, billing-2 12).
//!
//! May use: payment intents, invoice payments, customers. Invariant: it is the one place where an invoice hears of a payment.

use std::sync::Arc;

use super::{Invoice, InvoiceStatus, Unannounced, close, draft, due, finalize, payments, reference};
use crate::contract::{self, Ctx, On, Reaction, Who};
use crate::error::Result;
use crate::resources::billing::invoice_items::{self, InvoiceItem};
use crate::resources::billing::invoice_payments::{self, InvoicePayment, InvoicePaymentStatus};
use crate::resources::customers::customer::{self, Customer};
use crate::resources::customers::customer_balances;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::settings;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag, Resource, downcast};
use crate::state::{Id, Ref, Tx};

/// The declines after which a card is not charged again (billing-2 6.2).
const FOR_GOOD: [&str; 9] = [
    "incorrect_number",
    "lost_card",
    "pickup_card",
    "stolen_card",
    "revocation_of_authorization",
    "revocation_of_all_authorizations",
    "authentication_required",
    "highest_risk_level",
    "transaction_not_allowed",
];

pub(super) const REACTIONS: &[Reaction] = &[
    Reaction {
        to: invoice_items::KIND,
        on: On::Any,
        who: Who::Named(|item| downcast::<InvoiceItem>(item)?.invoice.clone()),
        run: |tx, ctx, invoice| draft::sync(tx, ctx, invoice),
    },
    Reaction {
        to: customer::KIND,
        on: On::Change(crate::when!(Customer, |before, after| before.is_some_and(|before| is_seen(before, after)))),
        who: Who::Having("draft_of"),
        run: |tx, ctx, invoice| tx.quietly(|tx| draft::sync(tx, ctx, invoice)),
    },
    Reaction {
        to: PaymentIntent::KIND,
        on: On::Change(|_, _| true),
        who: Who::Having("payment_intent"),
        run: follow_payment,
    },
];

/// Whether a draft shows what changed of its customer, is taxed by it, or is paid by it: a currency matters to a balance alone.
fn is_seen(before: &Customer, after: &Customer) -> bool {
    let shown = ["address", "name", "phone", "shipping", "tax_exempt"];
    let balance = |customer: &Customer| {
        let balance = customer.rest.int("balance").filter(|balance| *balance != 0);
        balance.map(|balance| (balance, customer.rest.str("currency").map(str::to_owned)))
    };
    before.email != after.email
        || balance(before) != balance(after)
        || shown.iter().any(|key| before.rest.get(key) != after.rest.get(key))
}

/// Brings an invoice into line with the intents that pay it.
///
/// # Errors
/// An intent that is no longer needed cannot be canceled.
pub(super) fn follow_payment(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(invoice) = tx.get::<Invoice>(id) else { return Ok(()) };
    let open: Vec<(Arc<InvoicePayment>, Arc<PaymentIntent>)> = tx
        .having::<InvoicePayment>("invoice", id)
        .into_iter()
        .filter(|payment| payment.status == InvoicePaymentStatus::Open)
        .filter_map(|payment| {
            let intent = tx.get::<PaymentIntent>(payment.payment_intent()?)?;
            Some((payment, intent))
        })
        .collect();
    let paid: Vec<_> = open.iter().filter(|(_, intent)| intent.status == IntentStatus::Succeeded).cloned().collect();
    if !paid.is_empty() {
        return note_paid(tx, ctx, &invoice, &paid);
    }
    for (payment, intent) in open {
        match intent.status {
            IntentStatus::Canceled if !payment.is_default => {
                let now = ctx.now_of(tx, invoice.clock());
                tx.update::<InvoicePayment>(&payment.id, |payment| payment.cancel(now));
            }
            IntentStatus::RequiresPaymentMethod if !intent.last_payment_error.is_null() => {
                note_failed(tx, ctx, id, &intent);
            }
            IntentStatus::RequiresAction => note_action(tx, ctx, id, &intent),
            IntentStatus::Canceled
            | IntentStatus::Processing
            | IntentStatus::RequiresCapture
            | IntentStatus::RequiresConfirmation
            | IntentStatus::RequiresPaymentMethod
            | IntentStatus::Succeeded => {}
        }
    }
    Ok(())
}

/// Money came.
fn note_paid(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    invoice: &Invoice,
    paid: &[(Arc<InvoicePayment>, Arc<PaymentIntent>)],
) -> Result<()> {
    let now = ctx.now_of(tx, invoice.clock());
    let id = &invoice.id;
    let amount: i64 = paid.iter().map(|(_, intent)| intent.amount_received).sum();
    let was_paid = invoice.status == Some(InvoiceStatus::Paid);
    let over = (invoice.amount_paid + amount - invoice.amount_due).max(0) - invoice.amount_overpaid;
    tx.quietly(|tx| {
        for (payment, intent) in paid {
            tx.update::<InvoicePayment>(&payment.id, |payment| payment.pay(intent.amount_received, now));
        }
        tx.update::<Invoice>(id, |invoice| {
            invoice.attempted = true;
            invoice.amount_paid += amount;
            invoice.amount_overpaid += over;
            invoice.amount_remaining = (invoice.amount_due - invoice.amount_paid).max(0);
            invoice.unannounced = Absent(None);
            invoice.failing = Flag(false);
            if invoice.amount_remaining == 0 && !was_paid {
                finalize::pay_off(invoice, now);
            }
        });
    });
    let Some(after) = tx.get::<Invoice>(id) else { return Ok(()) };
    let is_paid = after.status == Some(InvoiceStatus::Paid) && !was_paid;
    let before = invoice.unannounced.0.map_or(&["invoice.updated"][..], Unannounced::events);
    let news = is_paid.then_some(["invoice.paid", "invoice.payment_succeeded"]).into_iter().flatten();
    for event in before.iter().copied().chain(news) {
        tx.announce(event, &reference(id));
    }
    if over > 0 {
        tx.announce("invoice.overpaid", &reference(id));
        if let Some(customer) = &invoice.customer {
            let about = Map::from([("invoice", id.to_string())]);
            let change = (-over, invoice.currency.as_str());
            customer_balances::change(tx, ctx, customer, change, "invoice_overpaid", &about);
        }
    }
    if is_paid {
        // The events of the subscription and of the customer come before that of the payment (billing-2 12.4).
        contract::settle(tx, ctx);
        note_delinquency(tx, invoice, false);
    }
    for (payment, _) in paid {
        tx.announce("invoice_payment.paid", &Ref { kind: invoice_payments::KIND, id: Id::clone(&payment.id) });
    }
    if is_paid {
        return payments::cancel(tx, ctx, &after, now);
    }
    payments::follow_remaining(tx, &after);
    Ok(())
}

/// An attempt failed.
fn note_failed(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, intent: &PaymentIntent) {
    let heard = format!("failed {}", intent.latest_charge.as_deref().unwrap_or_default());
    if !is_news(tx, id, &heard) {
        return;
    }
    let error = intent.last_payment_error.as_map();
    let code = error.and_then(|error| error.str("decline_code").or_else(|| error.str("code")));
    let refused = intent.payment_method.clone().or_else(|| tried(error));
    let refused = refused.filter(|_| code.is_some_and(|code| FOR_GOOD.contains(&code)));
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.attempted = true;
            invoice.heard_of = Absent(Some(heard));
            invoice.refused_method = Absent(refused);
            invoice.lacks_method = Flag(false);
        });
    });
    fail(tx, ctx, id);
}

/// The method of an error.
fn tried(error: Option<&Map>) -> Option<Id> {
    let error = error?;
    let method = error.map("payment_method").or_else(|| error.map("source"));
    method.and_then(|method| method.str("id")).map(Id::from)
}

fn is_news(tx: &Tx, id: &Id, heard: &str) -> bool {
    let invoice = tx.get::<Invoice>(id);
    invoice.is_some_and(|invoice| {
        invoice.heard_of.0.as_deref() != Some(heard)
            && matches!(invoice.status, Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible))
    })
}

/// Names the events of an attempt that failed, and plans the next one (billing-2 12.4).
pub(super) fn fail(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(invoice) = tx.get::<Invoice>(id) else { return };
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.unannounced = Absent(None);
            invoice.failing = Flag(true);
        });
    });
    tx.announce("invoice.updated", &reference(id));
    if invoice.unannounced.0.is_some() {
        tx.announce("invoice.finalized", &reference(id));
    }
    let next = due::next_attempt(ctx.now_of(tx, invoice.clock()), &ctx.settings, &invoice);
    let is_first = invoice.is_first() && next.is_none();
    if next != invoice.next_payment_attempt || is_first {
        tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.next_payment_attempt = next));
        tx.announce("invoice.updated", &reference(id));
    }
    tx.announce("invoice.payment_failed", &reference(id));
    // The subscription's event comes before the customer's (billing-2 12.4).
    contract::settle(tx, ctx);
    if invoice.is_charged() && !is_first {
        note_delinquency(tx, &invoice, true);
    }
    let is_charged = invoice.is_open() && invoice.auto_advance && invoice.is_charged();
    let is_over = is_charged && next.is_none() && !invoice.lacks_method.0;
    if is_over && ctx.settings.is_on(&settings::WRITE_OFF_UNPAID_INVOICES) {
        close::write_off(tx, ctx, id, close::MAX_ATTEMPTS);
    }
}

/// The due date of an invoice that was sent has passed.
pub(super) fn lapse(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    contract::settle(tx, ctx);
    if let Some(invoice) = tx.get::<Invoice>(id) {
        note_delinquency(tx, &invoice, true);
    }
}

/// The customer has to act. A bank that asks refuses for good what is tried without them: the attempts go on counting (billing-2 6.2).
fn note_action(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, intent: &PaymentIntent) {
    let heard = format!("action {}", action_of(intent));
    if !is_news(tx, id, &heard) {
        return;
    }
    let Some(invoice) = tx.get::<Invoice>(id) else { return };
    let now = ctx.now_of(tx, invoice.clock());
    let planned = invoice.next_payment_attempt.filter(|at| *at > now);
    let next = planned.or_else(|| due::next_attempt(now, &ctx.settings, &invoice));
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.heard_of = Absent(Some(heard));
            invoice.unannounced = Absent(None);
            invoice.failing = Flag(true);
            invoice.next_payment_attempt = next;
            invoice.refused_method = Absent(intent.payment_method.clone());
        });
    });
    let finalized = invoice.unannounced.0.is_some().then_some("invoice.finalized");
    // A first invoice has not failed yet (billing-2 16).
    let failed = (!invoice.is_first()).then_some("invoice.payment_failed");
    let updated = failed.map(|_| "invoice.updated");
    let events = updated.into_iter().chain(finalized).chain(["invoice.payment_action_required"]);
    for event in events.chain(failed) {
        tx.announce(event, &reference(id));
    }
}

/// What the customer is asked for, told apart from the action before.
fn action_of(intent: &PaymentIntent) -> String {
    let method = intent.payment_method.as_deref().unwrap_or_default();
    format!("{method} {}", intent.latest_charge.as_deref().unwrap_or_default())
}

/// Whether a customer is delinquent says what happened to one of its invoices most recently, whichever it is.
pub(super) fn note_delinquency(tx: &mut Tx, invoice: &Invoice, is_delinquent: bool) {
    let Some(customer) = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id)) else { return };
    if (customer.rest.bool("delinquent") == Some(true)) != is_delinquent {
        tx.update::<Customer>(&customer.id, |customer| customer.rest.set("delinquent", Doc::Bool(is_delinquent)));
    }
}
