//! What becomes of a session when its intent moves (intents-and-checkout 3.2).
//!
//! May use: both kinds of intents, payment methods as documents. Invariant: it is the one place where a session gets
//! complete, or hears of a payment that came later.

use super::{Session, SessionMode, SessionPaymentStatus, SessionStatus, discount, form, invoice, subscribe};
use crate::contract::{Ctx, On, Reaction, Who, resolve, show};
use crate::error::Result;
use crate::object::template;
use crate::resources::billing::invoices::Invoice;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::resources::payments::rails::redirects;
use crate::resources::payments::setup_intents::{SetupIntent, SetupStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::{Flag, Resource};
use crate::state::{Id, Tx};

/// What sessions follow: their intents.
pub(super) const REACTIONS: &[Reaction] = &[
    Reaction {
        to: PaymentIntent::KIND,
        on: On::Change(|_, _| true),
        who: Who::Having("payment_intent"),
        run: follow_payment,
    },
    Reaction {
        to: SetupIntent::KIND,
        on: On::Change(|_, _| true),
        who: Who::Having("setup_intent"),
        run: follow_setup,
    },
    Reaction {
        to: Invoice::KIND,
        on: On::Change(|_, _| true),
        who: Who::Having("pending_step"),
        run: subscribe::follow_invoice,
    },
    Reaction {
        to: SetupIntent::KIND,
        on: On::Change(|_, _| true),
        who: Who::Having("pending_step"),
        run: subscribe::follow_setup,
    },
];

/// Brings a session into line with its payment intent.
fn follow_payment(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(session) = tx.get::<Session>(id) else { return Ok(()) };
    let intent = session.payment_intent.as_ref().and_then(|id| tx.get::<PaymentIntent>(id));
    let Some(intent) = intent else { return Ok(()) };
    let fails = session.status == Some(SessionStatus::Complete) && intent.status == IntentStatus::RequiresPaymentMethod;
    if session.payment_failed.0 != fails {
        tx.update::<Session>(id, |session| session.payment_failed = Flag(fails));
    }
    let (customer, method) = (intent.customer.clone(), intent.payment_method.as_deref());
    match intent.status {
        IntentStatus::Succeeded if session.is_open() => {
            complete(tx, ctx, id, SessionPaymentStatus::Paid, customer, method)?;
        }
        IntentStatus::Succeeded if session.payment_status == SessionPaymentStatus::Unpaid => {
            settle_payment(tx, ctx, &session, &intent);
        }
        IntentStatus::Processing | IntentStatus::RequiresCapture if session.is_open() => {
            complete(tx, ctx, id, SessionPaymentStatus::Unpaid, customer, method)?;
        }
        IntentStatus::RequiresAction if session.is_open() && is_money_to_come(&intent) => {
            complete(tx, ctx, id, SessionPaymentStatus::Unpaid, customer, method)?;
        }
        _ => {}
    }
    Ok(())
}

/// The money of a session that is complete has come. The API has no event for what was held and is captured:
/// `checkout.session.async_payment_succeeded` is of methods that answer later.
fn settle_payment(tx: &mut Tx, ctx: &Ctx<'_>, session: &Session, intent: &PaymentIntent) {
    let payment = Some((&intent.id, intent.amount_received));
    let invoice = invoice::make(tx, ctx, session, session.customer.as_ref(), payment);
    let method = intent.payment_method.as_ref().and_then(|method| resolve(tx, PaymentMethod::KIND, method));
    let method = method.and_then(|record| show(record, PaymentMethod::KIND)).unwrap_or_default();
    let pay = |tx: &mut Tx| {
        tx.update::<Session>(&session.id, |session| {
            session.payment_status = SessionPaymentStatus::Paid;
            if let Some(invoice) = invoice {
                session.rest.set("invoice", invoice.to_string());
            }
        });
    };
    if intent.holds(method.str("type").unwrap_or("card")) { tx.quietly(pay) } else { pay(tx) }
}

/// A voucher to pay at the till, a bank transfer that is under way, or deposits that have to arrive first: the customer is done with
/// the page.
fn is_money_to_come(intent: &PaymentIntent) -> bool {
    let action = intent.rest.map("next_action").and_then(|action| action.str("type"));
    action.is_some_and(|action| {
        ["boleto_display_details", "konbini_display_details", "multibanco_display_details", "oxxo_display_details"]
            .contains(&action)
            || ["display_bank_transfer_instructions", "verify_with_microdeposits"].contains(&action)
    })
}

/// Brings a session into line with its setup intent.
fn follow_setup(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(session) = tx.get::<Session>(id).filter(|session| session.is_open()) else { return Ok(()) };
    let intent = session.setup_intent.as_ref().and_then(|id| tx.get::<SetupIntent>(id));
    let Some(intent) = intent.filter(|intent| intent.status == SetupStatus::Succeeded) else { return Ok(()) };
    let (customer, method) = (intent.customer.clone(), intent.payment_method.as_deref());
    complete(tx, ctx, id, SessionPaymentStatus::NoPaymentRequired, customer, method)
}

/// Completes a session: the customer is done with the page.
///
/// # Errors
/// There is none.
pub(super) fn complete(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    id: &str,
    payment_status: SessionPaymentStatus,
    customer: Option<Id>,
    method: Option<&str>,
) -> Result<()> {
    let Some(session) = tx.get::<Session>(id) else { return Ok(()) };
    let details = details(tx, &session, method);
    let customer = customer.or_else(|| session.customer.clone());
    // That of a subscription is redeemed by the subscription.
    if session.mode != SessionMode::Subscription {
        discount::redeem(tx, ctx, &session, customer.as_ref());
    }
    let is_paid = match payment_status {
        SessionPaymentStatus::NoPaymentRequired | SessionPaymentStatus::Paid => session.mode == SessionMode::Payment,
        SessionPaymentStatus::Unpaid => false,
    };
    let intent = session.payment_intent.as_ref().and_then(|intent| tx.get::<PaymentIntent>(intent));
    let payment = intent.as_ref().map(|intent| (&intent.id, intent.amount_received)).filter(|(_, paid)| *paid > 0);
    let invoice = is_paid.then(|| invoice::make(tx, ctx, &session, customer.as_ref(), payment)).flatten();
    let kind = method.and_then(|id| tx.get::<PaymentMethod>(id)).map(|method| method.kind.clone());
    let is_redirected = kind.is_some_and(|kind| redirects(&kind));
    let stays = session.rest.str("redirect_on_completion") == Some("if_required") && !is_redirected;
    tx.update::<Session>(id, |session| {
        session.status = Some(SessionStatus::Complete);
        session.stays = Flag(stays);
        session.payment_status = payment_status;
        session.url = None;
        session.customer = customer;
        if let Some(invoice) = invoice {
            session.rest.set("invoice", invoice.to_string());
        }
        form::show(session, details);
        session.rest.set("client_secret", Doc::Null);
    });
    Ok(())
}

/// The customer's details, from the page and the payment method.
fn details(tx: &Tx, session: &Session, method: Option<&str>) -> Map {
    let mut details = session.customer_details.as_map().cloned().unwrap_or_default();
    let method = method.and_then(|id| resolve(tx, PaymentMethod::KIND, id));
    let method = method.and_then(|record| show(record, PaymentMethod::KIND)).unwrap_or_default();
    let billing = method.map("billing_details").cloned().unwrap_or_default();
    for key in ["address", "email", "name", "phone"] {
        let is_whole = |value: &&Doc| value.as_map().is_none_or(|map| map.iter().any(|(_, part)| !part.is_null()));
        if let Some(value) = billing.present(key).filter(is_whole).filter(|_| details.present(key).is_none()) {
            details.set(key, value.clone());
        }
    }
    if details.map("address").is_none_or(|address| address.present("country").is_none()) {
        // Whoever pays with a card is asked for a country; the card says where it is from.
        let country = method.map("card").and_then(|card| card.str("country"));
        if let Some(country) = country {
            let mut address = Map::from([("country", country.to_owned())]);
            template::complete(&mut address, template::fields_at(super::KIND, &["customer_details", "address"]));
            details.set("address", address);
        }
    }
    if session.mode == SessionMode::Setup {
        // It is not requested (the field's own documentation).
        details.set("address", Doc::Null);
    }
    if details.present("tax_ids").is_none() {
        details.set("tax_ids", Doc::List(Vec::new()));
    }
    details
}
