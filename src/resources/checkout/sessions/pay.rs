//! Paying a session, or setting up a payment method with it (intents-and-checkout 3.2).
//!
//! May use: both kinds of intents, customers, payment methods. Invariant: a session has one intent, which every attempt
//! to pay uses.

use super::{
    CHECKOUT_LATE_INTENTS, Session, SessionMode, SessionPaymentStatus, blocked, custom_amount, enter, follow, invoice,
    saved, subscribe, taxes,
};
use crate::contract::{self, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::links;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::operations;
use crate::resources::instruments::payment_methods::{self, FutureUsage, PaymentMethod};
use crate::resources::payments::paying::{self, Paid};
use crate::resources::payments::payment_intents::{self, IntentStatus, PaymentIntent};
use crate::resources::payments::setup_intents::{self, SetupIntent};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// The page of a session, the address in its `url`.
pub fn page(base_url: &str, id: &str) -> String {
    links::to(base_url, &format!("/c/pay/{id}"))
}

/// Where a customer comes back to from a bank's page.
fn return_page(ctx: &Ctx<'_>, id: &str) -> String {
    format!("{}/return", page(ctx.base_url, id))
}

/// Where a customer comes back to from a bank's page: of a page that the shop puts together, to that page.
fn comes_back(ctx: &Ctx<'_>, session: &Session, chosen: &Map) -> String {
    let own = || session.rest.str("return_url").filter(|_| session.rest.str("ui_mode") == Some("elements"));
    match chosen.str("return_url").or_else(own) {
        Some(url) => session.with_id(url),
        None => return_page(ctx, &session.id),
    }
}

/// Pays an open session, or sets up a payment method. `chosen` contains the payment method (`payment_method` or
/// `payment_method_data`), what the customer enters (see [`enter()`]), the amount that it saw (`expected_amount`), and where it comes
/// back to (`return_url`).
///
/// # Errors
/// There is no such session, it is not open, nothing was chosen, or the choice cannot be used here. Nothing is stored
/// then; a decline is not an error.
pub fn pay(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Paid> {
    enter(tx, ctx, id, chosen)?;
    let session = require::<Session>(tx, id, In::Path)?;
    if session.payment_status == SessionPaymentStatus::NoPaymentRequired && session.mode == SessionMode::Payment {
        check_entered(tx, id, chosen)?;
        let customer = buyer(tx, ctx, id, None)?;
        follow::complete(tx, ctx, id, SessionPaymentStatus::NoPaymentRequired, customer, None)?;
        return Ok(Paid::Complete);
    }
    if session.mode == SessionMode::Subscription && session.asks_no_method() {
        return subscribe::subscribe(tx, ctx, id, chosen);
    }
    if !["payment_method", "payment_method_data"].iter().any(|key| chosen.present(key).is_some()) {
        return Err(ApiError::session_lacks_method());
    }
    let done = match session.mode {
        SessionMode::Subscription => return subscribe::subscribe(tx, ctx, id, chosen),
        SessionMode::Setup | SessionMode::Payment => {
            let method = known_to_bank(tx, ctx, id, chosen)?;
            check_entered(tx, id, chosen)?;
            let is_setup = session.mode == SessionMode::Setup;
            if is_setup {
                set_up(tx, ctx, id, &method)?
            } else {
                charge(tx, ctx, id, &method, saved::is_wanted(chosen))?
            }
        }
    };
    // Whether the session is complete follows from its intent.
    contract::settle(tx, ctx);
    match done {
        Outcome::Refused(error) => Ok(Paid::Declined(error)),
        _ if require::<Session>(tx, id, In::Path)?.is_open() => Ok(Paid::Waiting(next_page(tx, ctx, id))),
        _ => Ok(Paid::Complete),
    }
}

/// A payment that waits for its customer is for another amount than the session's now, and is given up.
///
/// # Errors
/// Those of canceling it.
pub(super) fn take_back(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    let intent = session.payment_intent.as_ref().and_then(|id| tx.get::<PaymentIntent>(id));
    if let Some(intent) = intent.filter(|intent| intent.status == IntentStatus::RequiresAction) {
        tx.update::<Session>(id, |session| session.payment_intent = None);
        payment_intents::abandon(tx, ctx, &intent.id)?;
    }
    if session.begun.0.is_some() { subscribe::abandon(tx, ctx, id) } else { Ok(()) }
}

/// Everything is entered that the session asks for, and the amount is known, and the one that the customer saw.
pub(super) fn check_entered(tx: &Tx, id: &str, chosen: &Map) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    if taxes::lacks_place(&session) {
        return Err(ApiError::tax_location_invalid());
    }
    if custom_amount::is_missing(tx, &session) {
        return Err(ApiError::session_lacks_amount());
    }
    if let Some(missing) = session.missing().first() {
        return Err(ApiError::param_missing(missing));
    }
    match chosen.int("expected_amount") {
        Some(seen) if seen != session.amount_total.unwrap_or_default() => Err(ApiError::session_amount_differs()),
        _ => Ok(()),
    }
}

/// The payment method, with the billing details from the page.
pub(super) fn known_to_bank(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Map> {
    let Some(instrument) = payment_methods::chosen(tx, ctx, chosen)? else {
        return Err(ApiError::session_lacks_method());
    };
    let billing = tx.get::<PaymentMethod>(instrument.id()).and_then(|it| it.rest.map("billing_details").cloned());
    if let Some(billing) = &billing {
        enter::know(tx, ctx, id, billing)?;
    }
    let session = require::<Session>(tx, id, In::Path)?;
    let details = session.customer_details.as_map();
    let said =
        ["address", "email", "name", "phone"].map(|key| (key, details.and_then(|details| details.get(key)).cloned()));
    blocked::check(tx, &session, instrument.id())?;
    payment_methods::complete_billing(tx, instrument.id(), &Map::from(said));
    saved::note(tx, &session, instrument.id(), chosen);
    let mut terms = paying::terms(instrument.id(), comes_back(ctx, &session, chosen));
    // The browser's library asks for what is to be done inside the page of the shop.
    if ctx.key.is_public() {
        terms.set("use_stripe_sdk", true);
    }
    Ok(terms)
}

/// Confirms the session's payment intent.
fn charge(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, terms: &Map, is_saved: bool) -> Result<Outcome> {
    let intent = begin_payment(tx, ctx, id)?;
    let session = require::<Session>(tx, id, In::Path)?;
    let known = tx.get::<PaymentIntent>(&intent).and_then(|intent| intent.customer.clone());
    let method = terms.str("payment_method").and_then(|method| tx.get::<PaymentMethod>(method));
    let saves = is_saved || method.is_some_and(|method| session.keeps(&method.kind));
    let customer =
        buyer(tx, ctx, id, known.filter(|_| session.customer.is_none()).or_else(|| session.customer.clone()))?;
    let customer = match customer {
        None if saves => Some(make_customer(tx, ctx, &session)?),
        customer => customer,
    };
    let amount = session.amount_total.unwrap_or_default();
    let usage = session.intent_data.as_map().and_then(|data| data.str("setup_future_usage"));
    let usage = usage.and_then(FutureUsage::parse);
    tx.update::<PaymentIntent>(&intent, |intent| {
        intent.customer = customer;
        intent.amount = amount;
        if let Some(currency) = &session.currency {
            intent.currency = currency.clone().into();
        }
        intent.setup_future_usage = usage.or(is_saved.then_some(FutureUsage::OnSession));
        if let Some(shipping) = shipping(&session) {
            let mut whole = Map::from(["carrier", "tracking_number"].map(|key| (key, Doc::Null)));
            whole.merge(&shipping);
            intent.rest.set("shipping", whole);
        }
    });
    payment_intents::confirm_with(tx, ctx, &intent, terms)
}

/// Confirms the session's setup intent.
fn set_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Outcome> {
    let intent = begin_setup(tx, ctx, id)?;
    let session = require::<Session>(tx, id, In::Path)?;
    let known = tx.get::<SetupIntent>(&intent).and_then(|intent| intent.customer.clone());
    let customer = buyer(tx, ctx, id, session.customer.clone().or(known))?;
    tx.update::<SetupIntent>(&intent, |intent| intent.customer = customer);
    setup_intents::confirm_with(tx, ctx, &intent, chosen)
}

/// The customer of the payment: `known`, or a new one if the session creates one.
pub(super) fn buyer(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, known: Option<Id>) -> Result<Option<Id>> {
    let session = require::<Session>(tx, id, In::Path)?;
    if let Some(customer) = known.or_else(|| session.customer.clone()) {
        // Checkout sets the address of a customer who had none.
        let email = session.email().map(str::to_owned);
        if tx.get::<Customer>(&customer).is_some_and(|customer| customer.email.is_none()) {
            tx.update::<Customer>(&customer, |customer| customer.email = email);
        }
        if session.renames.0 {
            let details = session.customer_details.as_map();
            for key in ["business_name", "individual_name", "name"] {
                if let Some(name) = details.and_then(|details| details.present(key)).cloned() {
                    tx.update::<Customer>(&customer, |customer| customer.rest.set(key, name));
                }
            }
        }
        if let Some(shipping) = shipping(&session).filter(|_| session.keeps_shipping.0) {
            tx.update::<Customer>(&customer, |customer| customer.rest.set("shipping", shipping));
        }
        return Ok(Some(customer));
    }
    // An invoice is of a customer, and so is a subscription.
    let is_needed = session.mode == SessionMode::Subscription || invoice::is_wanted(&session);
    if session.rest.str("customer_creation") == Some("always") || is_needed {
        return make_customer(tx, ctx, &session).map(Some);
    }
    Ok(None)
}

fn make_customer(tx: &mut Tx, ctx: &Ctx<'_>, session: &Session) -> Result<Id> {
    let details = session.customer_details.as_map();
    let known = ["address", "business_name", "email", "individual_name", "name", "phone"];
    let said = known.into_iter().filter_map(|key| Some((key.into(), details?.present(key)?.clone())));
    let mut params = Map::from_entries(said.collect());
    if let Some(shipping) = shipping(session) {
        params.set("shipping", shipping);
    }
    if let Some(ids) = details.and_then(|details| details.present("tax_ids")) {
        params.set("tax_id_data", ids.clone());
    }
    operations::make(tx, ctx, &params)
}

/// Where the goods go, as customers and intents show it: with the phone number.
fn shipping(session: &Session) -> Option<Map> {
    let collected = session.rest.map("collected_information").and_then(|all| all.map("shipping_details"))?;
    let phone = session.customer_details.as_map().and_then(|details| details.get("phone"));
    Some(collected.clone().with("phone", phone.cloned().unwrap_or_default()))
}

/// Creates the intent together with the session: that of a setup always (shapes 2.5), that of a payment in older versions
/// (intents-and-checkout 3.1); one whose amount is not chosen waits for it.
///
/// # Errors
/// Those of the intent.
pub(super) fn begin_early(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    match session.mode {
        SessionMode::Payment
            if session.payment_status == SessionPaymentStatus::Unpaid
                && !ctx.version.has(CHECKOUT_LATE_INTENTS)
                && !custom_amount::is_missing(tx, &session) =>
        {
            begin_payment(tx, ctx, id).map(drop)
        }
        SessionMode::Setup => begin_setup(tx, ctx, id).map(drop),
        SessionMode::Payment | SessionMode::Subscription => Ok(()),
    }
}

/// The session's payment intent, created if there is none.
fn begin_payment(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Id> {
    let session = require::<Session>(tx, id, In::Path)?;
    if let Some(intent) = &session.payment_intent {
        return Ok(Id::clone(intent));
    }
    let mut params = intent_params(&session);
    params.set("amount", session.amount_total);
    params.set("currency", session.currency.clone());
    let intent = payment_intents::open(tx, ctx, &params)?;
    tx.update::<Session>(id, |session| session.payment_intent = Some(Id::clone(&intent)));
    Ok(intent)
}

/// The session's setup intent, created if there is none.
fn begin_setup(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Id> {
    let session = require::<Session>(tx, id, In::Path)?;
    if let Some(intent) = &session.setup_intent {
        return Ok(Id::clone(intent));
    }
    let intent = setup_intents::open(tx, ctx, &intent_params(&session))?;
    tx.update::<Session>(id, |session| session.setup_intent = Some(Id::clone(&intent)));
    Ok(intent)
}

/// The parameters of both kinds of intents.
fn intent_params(session: &Session) -> Map {
    let mut params = session.intent_data.as_map().cloned().unwrap_or_default();
    params.set("customer", session.customer.as_ref().map(ToString::to_string));
    params.set("payment_method_types", Doc::List(session.types().map(|kind| Doc::from(kind.to_owned())).collect()));
    if let Some(options) = session.rest.present("payment_method_options") {
        params.set("payment_method_options", options.clone());
    }
    params
}

/// The page for the customer's next action, if there is one.
fn next_page(tx: &Tx, ctx: &Ctx<'_>, id: &str) -> Option<String> {
    let session = tx.get::<Session>(id)?;
    let payment = session.payment_intent.as_ref().and_then(|id| tx.get::<PaymentIntent>(id));
    let setup = session.setup_intent.as_ref().and_then(|id| tx.get::<SetupIntent>(id));
    match (payment, setup) {
        (Some(intent), _) => page_of_payment(ctx, &intent, id),
        (None, Some(intent)) => page_of_setup(ctx, &intent, id),
        (None, None) => None,
    }
}

/// The page for the next action of a payment; the customer comes back to the session.
pub(super) fn page_of_payment(ctx: &Ctx<'_>, intent: &PaymentIntent, session: &str) -> Option<String> {
    let known = (&*intent.id, intent.client_secret.as_deref().unwrap_or_default());
    paying::page_of(ctx, intent.rest.map("next_action")?, known, &return_page(ctx, session))
}

/// The page for the next action of a setup; the customer comes back to the session.
pub(super) fn page_of_setup(ctx: &Ctx<'_>, intent: &SetupIntent, session: &str) -> Option<String> {
    let known = (&*intent.id, intent.client_secret.as_deref().unwrap_or_default());
    paying::page_of(ctx, intent.next_action.as_map()?, known, &return_page(ctx, session))
}
