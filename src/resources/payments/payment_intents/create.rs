//! Creating an intent (intents-and-checkout 1.3, 1.4).
//!
//! May use: the fields of intents, confirming. Invariant: an intent is stored before it is confirmed.

use super::fields::{NOUN, check, fits, keep, set_methods};
use super::options::set_options;
use super::{CaptureMethod, IntentStatus, PaymentIntent, confirm, line_items};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::{metadata, template};
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::confirmation_tokens;
use crate::resources::instruments::payment_methods::{self, FutureUsage};
use crate::resources::payments::charges;
use crate::resources::payments::payment_method_configurations::Wanted;
use crate::state::document::{Doc, Map, Text};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Edit, Id, Tx};

/// A payment intent's `capture_method` is `automatic_async` by default.
const CAPTURE_ASYNC: Gate = Gate::since("2024-04-10");

/// Parameters that need `confirm: true` (intents-and-checkout 1.4).
const CONFIRM_ONLY: &[&str] = &[
    "confirmation_token",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
    "off_session",
    "return_url",
    "use_stripe_sdk",
];

/// Whether a parameter asks for something of a confirmation; a flag that is false asks for nothing
/// (intents-and-checkout 1.4).
pub(in crate::resources::payments) fn asks(params: &Map, param: &str) -> bool {
    params.present(param).is_some_and(|value| value.as_bool() != Some(false))
}

/// The parameter with a new security code for a saved card; it belongs to a confirmation (core-payments 5.1).
pub(super) const CVC_TOKEN: &str = "payment_method_options[card][cvc_token]";

/// The token of a security code.
pub(super) fn cvc_token(params: &Map) -> Option<&str> {
    params.map("payment_method_options")?.map("card")?.str("cvc_token")
}

/// `POST /v1/payment_intents`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params: &Map = &call.params;
    let confirm = params.bool("confirm") == Some(true);
    if !confirm && let Some(param) = CONFIRM_ONLY.iter().find(|param| asks(params, param)) {
        return Err(ApiError::intent_param_needs_confirm(param));
    }
    if !confirm && cvc_token(params).is_some() {
        return Err(ApiError::intent_param_needs_confirm(CVC_TOKEN));
    }
    let params = confirmation_tokens::apply(tx, ctx, params)?;
    let params = params.as_ref();
    let mut intent = begin(tx, ctx, params)?;
    check(tx, &intent, params)?;
    if let Some(instrument) = payment_methods::chosen(tx, ctx, params)? {
        payment_methods::check_use(tx, &instrument, intent.customer.as_ref())?;
        intent.choose(instrument.id());
        intent.status = IntentStatus::RequiresConfirmation;
    }
    let made = tx.insert(intent);
    line_items::replace(tx, ctx, &made.id, params);
    if !confirm {
        return Ok(Outcome::Done(made));
    }
    confirm::run(tx, ctx, Edit::of(require(tx, &made.id, In::Path)?), params)
}

/// Creates an intent for another resource, which confirms it; `params` are those of a call.
///
/// # Errors
/// Those of the call.
pub(in crate::resources) fn open(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let intent = begin(tx, ctx, params)?;
    check(tx, &intent, params)?;
    let id = Id::clone(&intent.id);
    tx.insert(intent);
    Ok(id)
}

/// The intent without a payment method.
fn begin(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<PaymentIntent> {
    let amount = params.int("amount").unwrap_or_default();
    let currency = check_amount(amount, params.str("currency").unwrap_or_default())?;
    let customer = params.str("customer").map(|id| find_customer(tx, id)).transpose()?;
    let id: Id = super::ENTRY.id.draw(&ctx.ids).into();
    let mut rest = template::template(PaymentIntent::KIND);
    charges::name_application(tx, &mut rest);
    keep(&mut rest, params);
    let is_held = params.str("capture_method") == Some(CaptureMethod::Manual.as_str());
    let excluded = params.list("excluded_payment_method_types").unwrap_or_default();
    let wanted = Wanted { noun: NOUN, excluded, fits: &|kind| fits(kind, &currency, is_held) };
    set_methods(tx, ctx, &mut rest, params, &wanted)?;
    rest.set("confirmation_method", params.str("confirmation_method").unwrap_or("automatic").to_owned());
    set_options(&mut rest, params);
    let is_async = ctx.version.has(CAPTURE_ASYNC);
    let usual = if is_async { CaptureMethod::AutomaticAsync } else { CaptureMethod::Automatic };
    Ok(PaymentIntent {
        created: ctx.now,
        amount,
        amount_capturable: 0,
        amount_received: 0,
        canceled_at: None,
        cancellation_reason: None,
        capture_method: params.str("capture_method").and_then(CaptureMethod::parse).unwrap_or(usual),
        client_secret: Some(Text::from(ctx.ids.id(&format!("{id}_secret_"), 25))),
        currency,
        customer,
        last_payment_error: Doc::Null,
        latest_charge: None,
        metadata: metadata::merge(&Map::new(), params.get("metadata"))?,
        payment_method: None,
        setup_future_usage: params.str("setup_future_usage").and_then(FutureUsage::parse),
        status: IntentStatus::RequiresPaymentMethod,
        tried: None,
        authenticated: false,
        acts_at: Absent(None),
        agrees: Absent(None),
        held_until: Absent(None),
        wrong_verifications: Absent(None),
        increments: Absent(None),
        makes_default: Flag(false),
        rest,
        id,
    })
}

/// Intents have their own error for an amount of zero (core-payments 6.5).
pub(super) fn check_amount(amount: i64, currency: &str) -> Result<Text> {
    if amount <= 0 {
        return Err(ApiError::intent_amount_too_low());
    }
    charges::flow::check_amount(amount, currency)
}

pub(super) fn find_customer(tx: &Tx, id: &str) -> Result<Id> {
    require::<Customer>(tx, id, In::Param("customer")).map(|customer| Id::clone(&customer.id))
}
