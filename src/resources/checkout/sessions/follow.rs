//! What becomes of a session when its intent moves (intents-and-checkout 3.2).
//!
//! May use: both kinds of intents, payment methods as documents. Invariant: it is the one place where a session gets
//! complete, or hears of a payment that came later.

use super::{KIND, Session};
use crate::contract::{resolve, show};
use crate::object::template;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::resources::payments::setup_intents::SetupIntent;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// A payment intent has another status: the session that it is of, if there is one, follows.
pub fn payment_moved(tx: &mut Tx, intent: &str) {
    let Some(session) = tx.having::<Session>("payment_intent", intent).into_iter().next() else { return };
    let Some(intent) = tx.get::<PaymentIntent>(intent) else { return };
    let waits_for_money = intent.status == "requires_action" && is_money_to_come(&intent);
    let (customer, method) = (intent.customer.clone(), intent.payment_method.clone());
    match intent.status.as_str() {
        "succeeded" if session.is_open() => complete(tx, &session.id, "paid", customer, method.as_deref()),
        "succeeded" if session.payment_status == "unpaid" => {
            tx.update::<Session>(&session.id, |session| "paid".clone_into(&mut session.payment_status));
        }
        "processing" | "requires_capture" if session.is_open() => {
            complete(tx, &session.id, "unpaid", customer, method.as_deref());
        }
        _ if waits_for_money && session.is_open() => complete(tx, &session.id, "unpaid", customer, method.as_deref()),
        "requires_payment_method" if session.status.as_deref() == Some("complete") => {
            tx.announce("checkout.session.async_payment_failed", &session.reference());
        }
        _ => {}
    }
}

/// What an intent held has been captured: the session that it is of, if there is one, is paid. The API has no event
/// for it: `checkout.session.async_payment_succeeded` is of methods that answer later.
pub fn payment_captured(tx: &mut Tx, intent: &str) {
    let Some(session) = tx.having::<Session>("payment_intent", intent).into_iter().next() else { return };
    tx.quietly(|tx| {
        tx.update::<Session>(&session.id, |session| "paid".clone_into(&mut session.payment_status));
    });
}

/// A voucher to pay at the till, or a bank transfer that is under way: the customer is done with the page.
fn is_money_to_come(intent: &PaymentIntent) -> bool {
    let action = intent.rest.map("next_action").and_then(|action| action.str("type"));
    action.is_some_and(|action| {
        ["boleto_display_details", "konbini_display_details", "multibanco_display_details", "oxxo_display_details"]
            .contains(&action)
            || action == "display_bank_transfer_instructions"
    })
}

/// As [`payment_moved`], for a setup intent.
pub fn setup_moved(tx: &mut Tx, intent: &str) {
    let Some(session) = tx.having::<Session>("setup_intent", intent).into_iter().find(|session| session.is_open())
    else {
        return;
    };
    let Some(intent) = tx.get::<SetupIntent>(intent).filter(|intent| intent.status == "succeeded") else { return };
    let (customer, method) = (intent.customer.clone(), intent.payment_method.clone());
    complete(tx, &session.id, "no_payment_required", customer, method.as_deref());
}

/// The customer is done with the page.
pub(super) fn complete(tx: &mut Tx, id: &str, payment_status: &str, customer: Option<Id>, method: Option<&str>) {
    let Some(session) = tx.get::<Session>(id) else { return };
    tx.unschedule(session.expires_at, &session.reference());
    let details = details(tx, &session, method);
    tx.update::<Session>(id, |session| {
        session.status = Some("complete".to_owned());
        payment_status.clone_into(&mut session.payment_status);
        session.url = None;
        session.customer = customer.or_else(|| session.customer.take());
        session.customer_details = details.into();
        session.rest.set("client_secret", Doc::Null);
        if let Some(Doc::Map(tax)) = session.rest.get_mut("automatic_tax")
            && tax.bool("enabled") == Some(true)
        {
            tax.set("status", "complete");
        }
    });
}

/// Who bought, as the page and the payment method tell.
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
    if session.mode == "setup" {
        // It is not asked for (the field's own documentation).
        details.set("address", Doc::Null);
    }
    details.set("tax_ids", Doc::List(Vec::new()));
    template::complete(&mut details, template::fields_at(KIND, &["customer_details"]));
    details
}
