//! Confirming an intent (intents-and-checkout 1.2, 1.5, 1.9, 1.11).

use super::PaymentIntent;
use super::create::{chosen, keep, set_options};
use crate::api::error::{ApiError, Result};
use crate::api::operation::{Attempt, Call, Ctx, KeyKind, Outcome};
use crate::resources::charges::flow::{self, Plan};
use crate::resources::instrument::Instrument;
use crate::resources::payment_methods::{self, PaymentMethod};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};
use crate::testdata::{Session, Verdict};

/// `POST /v1/payment_intents/:id/confirm`.
pub(super) fn confirm(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = find(tx, call.arg(0))?;
    let params = &call.params;
    let shown = reference(&intent.id);
    check_open(&intent, params).map_err(|error| error.embed("payment_intent", shown.clone()))?;
    let manual = intent.rest.str("confirmation_method") == Some("manual");
    if ctx.key == KeyKind::Publishable && manual {
        return Err(ApiError::intent_manual_needs_secret_key().embed("payment_intent", shown));
    }
    if let Some(instrument) = chosen(tx, ctx, params)? {
        let id = Id::clone(instrument.id());
        tx.update::<PaymentIntent>(&intent.id, |intent| intent.payment_method = Some(id));
    }
    tx.update::<PaymentIntent>(&intent.id, |intent| {
        keep(&mut intent.rest, params);
        set_options(&mut intent.rest, params);
        if let Some(usage) = params.get("setup_future_usage") {
            intent.setup_future_usage = usage.as_str().map(str::to_owned);
        }
        if let Some(method) = params.str("capture_method") {
            intent.capture_method = method.to_owned();
        }
    });
    run(tx, ctx, &intent.id, params)
}

/// The intent that a path names.
pub(super) fn find(tx: &Tx, id: &str) -> Result<std::sync::Arc<PaymentIntent>> {
    tx.get::<PaymentIntent>(id).ok_or_else(|| ApiError::missing_in_path("payment_intent", id, "intent"))
}

pub(super) fn reference(id: &Id) -> Ref {
    Ref { kind: PaymentIntent::KIND, id: Id::clone(id) }
}

fn check_open(intent: &PaymentIntent, params: &Map) -> Result<()> {
    if intent.is_open() {
        return Ok(());
    }
    if params.present("payment_method").is_some() || params.present("payment_method_data").is_some() {
        return Err(ApiError::intent_param_frozen("payment_method", &intent.status));
    }
    Err(ApiError::intent_cannot_confirm(&intent.status))
}

/// Confirms an intent that is stored and open; `params` are those of the call.
pub(super) fn run(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, params: &Map) -> Result<Outcome> {
    let intent = find(tx, id)?;
    let prepared = prepare(tx, ctx, &intent, params);
    // A refused confirmation leaves the intent as it was, and shows it.
    let (instrument, verdict) = prepared.map_err(|error| error.embed("payment_intent", reference(id)))?;
    let plan = plan(&intent, &instrument, verdict);
    let tried = Id::clone(instrument.id());
    tx.update::<PaymentIntent>(id, |intent| intent.tried = Some(tried));
    match flow::attempt(tx, ctx, plan) {
        Attempt::Approved(charge) => {
            approve(tx, ctx, id, &instrument, &charge)?;
            Ok(Outcome::Done(reference(id)))
        }
        Attempt::Declined { charge, error } => Ok(Outcome::Refused(decline(tx, id, &instrument, charge, error))),
        Attempt::NeedsAction => {
            Err(ApiError::not_implemented_feature("payments that the customer has to authenticate (3D Secure)"))
        }
    }
}

/// Everything that refuses a confirmation before the issuer is asked.
fn prepare(tx: &mut Tx, ctx: &Ctx<'_>, intent: &PaymentIntent, params: &Map) -> Result<(Instrument, Verdict)> {
    let Some(id) = &intent.payment_method else {
        return Err(ApiError::intent_lacks_method(intent.customer.as_deref()));
    };
    let off_session = is_off_session(params);
    if off_session && intent.setup_future_usage.is_some() {
        return Err(ApiError::intent_off_session_setup());
    }
    if intent.may_redirect() && !off_session && params.present("return_url").is_none() {
        return Err(ApiError::intent_needs_return_url());
    }
    let instrument = payment_methods::obtain(tx, ctx, id, "payment_method")?;
    if intent.tried.as_ref() != Some(id) {
        payment_methods::check_use(tx, &instrument, intent.customer.as_ref())?;
    }
    check_type(intent, instrument.kind())?;
    let Some(card) = instrument.card() else {
        return Err(ApiError::not_implemented_feature(&format!(
            "confirming a PaymentIntent with a payment method of type {}",
            instrument.kind()
        )));
    };
    let set_up = matches!(&instrument, Instrument::PaymentMethod(method) if method.set_up);
    let asked = intent.rest.map("payment_method_options").and_then(|options| options.map("card"));
    let asked = asked.and_then(|card| card.str("request_three_d_secure"));
    let session = Session { off_session, set_up, asks_for_3ds: matches!(asked, Some("any" | "challenge")) };
    let verdict = card.test_card().payment(session);
    if verdict == Verdict::Authenticate && params.bool("error_on_requires_action") == Some(true) {
        return Ok((instrument, Verdict::Decline(&crate::testdata::AUTHENTICATION_REQUIRED)));
    }
    Ok((instrument, verdict))
}

/// `true`, or the older words for it.
fn is_off_session(params: &Map) -> bool {
    match params.get("off_session") {
        Some(Doc::Bool(off)) => *off,
        Some(Doc::Text(text)) => matches!(text.as_ref(), "true" | "one_off" | "recurring"),
        _ => false,
    }
}

fn check_type(intent: &PaymentIntent, kind: &str) -> Result<()> {
    let types: Vec<&str> =
        intent.rest.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str).collect();
    if intent.is_automatic() || types.contains(&kind) {
        return Ok(());
    }
    Err(ApiError::intent_type_not_allowed(kind, &types))
}

fn plan(intent: &PaymentIntent, instrument: &Instrument, verdict: Verdict) -> Plan {
    let mut details = Map::new();
    for key in super::create::KEPT.iter().chain(&["shipping"]) {
        if let Some(value) = intent.rest.present(key) {
            details.set(*key, value.clone());
        }
    }
    details.set("metadata", intent.metadata.clone());
    Plan {
        amount: intent.amount,
        currency: intent.currency.clone(),
        capture: intent.capture_method != "manual",
        instrument: instrument.clone(),
        customer: intent.customer.clone(),
        payment_intent: Some(Id::clone(&intent.id)),
        verdict,
        details,
        ledger_later: intent.capture_method == "automatic_async",
    }
}

fn approve(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, instrument: &Instrument, charge: &Id) -> Result<()> {
    let method = Id::clone(instrument.id());
    tx.update::<PaymentIntent>(id, |intent| {
        intent.latest_charge = Some(Id::clone(charge));
        intent.payment_method = Some(method);
        intent.last_payment_error = Doc::Null;
        intent.rest.set("next_action", Doc::Null);
        if intent.capture_method == "manual" {
            intent.status = "requires_capture".to_owned();
            intent.amount_capturable = intent.amount;
        } else {
            intent.status = "succeeded".to_owned();
            intent.amount_received = intent.amount;
        }
    });
    save(tx, ctx, id, instrument)
}

/// Attaches the payment method for later, or uses it up (intents-and-checkout 1.5, 1.6).
fn save(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, instrument: &Instrument) -> Result<()> {
    let Instrument::PaymentMethod(method) = instrument else { return Ok(()) };
    let intent = find(tx, id)?;
    let wanted = intent.setup_future_usage.as_deref();
    let keep = wanted.is_some();
    payment_methods::used(tx, &method.id, keep);
    if let (Some(customer), Some(usage)) = (&intent.customer, wanted) {
        payment_methods::attach(tx, ctx, &method.id, customer)?;
        if usage == "off_session" {
            tx.update::<PaymentMethod>(&method.id, |method| method.set_up = true);
        }
    }
    Ok(())
}

/// The intent takes another method; the error shows it as it then is (intents-and-checkout 1.9).
fn decline(tx: &mut Tx, id: &Id, instrument: &Instrument, charge: Option<Id>, error: ApiError) -> ApiError {
    if let Instrument::PaymentMethod(method) = instrument {
        payment_methods::used(tx, &method.id, false);
    }
    let method = Ref { kind: PaymentMethod::KIND, id: Id::clone(instrument.id()) };
    let shown = crate::resources::resolve(tx, method.kind, &method.id)
        .and_then(|record| crate::resources::show(record, method.kind))
        .unwrap_or_default();
    let mut error = error;
    if let Some(charge) = &charge {
        error = error.with("charge", charge.to_string());
    }
    let mut last = error.fields().clone();
    last.set("payment_method", shown);
    last.set("payment_method_type", instrument.kind().to_owned());
    tx.update::<PaymentIntent>(id, |intent| {
        intent.status = "requires_payment_method".to_owned();
        intent.payment_method = None;
        intent.last_payment_error = Doc::Map(last);
        intent.rest.set("next_action", Doc::Null);
        if charge.is_some() {
            intent.latest_charge = charge;
        }
    });
    error.embed("payment_intent", reference(id)).embed("payment_method", method)
}
