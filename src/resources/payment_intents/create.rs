//! Creating an intent (intents-and-checkout 1.3, 1.4).

use super::{PaymentIntent, confirm};
use crate::api::error::{ApiError, Result};
use crate::api::operation::{Call, Ctx, Outcome};
use crate::api::versions::{AUTOMATIC_PAYMENT_METHODS, CAPTURE_ASYNC};
use crate::resources::customers::Customer;
use crate::resources::instrument::Instrument;
use crate::resources::{charges, metadata, payment_methods, template};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// What only makes sense when the intent is confirmed in the same call.
const CONFIRM_ONLY: &[&str] =
    &["error_on_requires_action", "mandate_data", "off_session", "return_url", "use_stripe_sdk"];

/// What an intent keeps as it was sent.
pub(super) const KEPT: &[&str] = &[
    "amount_details",
    "application_fee_amount",
    "customer_account",
    "description",
    "excluded_payment_method_types",
    "hooks",
    "on_behalf_of",
    "payment_details",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// The types that an account has enabled unless told otherwise (intents-and-checkout 1.3).
const ENABLED_TYPES: [&str; 2] = ["card", "link"];

/// `POST /v1/payment_intents`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let confirm = params.bool("confirm") == Some(true);
    if !confirm && let Some(param) = CONFIRM_ONLY.iter().find(|param| params.present(param).is_some()) {
        return Err(ApiError::intent_param_needs_confirm(param));
    }
    let mut intent = begin(tx, ctx, params)?;
    if let Some(instrument) = chosen(tx, ctx, params)? {
        payment_methods::check_use(tx, &instrument, intent.customer.as_ref())?;
        intent.choose(instrument.id());
        "requires_confirmation".clone_into(&mut intent.status);
    }
    let made = tx.insert(intent.clone());
    if confirm { confirm::run(tx, ctx, intent, params) } else { Ok(Outcome::Done(made)) }
}

/// The intent before anything is known of how it is paid.
fn begin(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<PaymentIntent> {
    let amount = params.int("amount").unwrap_or_default();
    let currency = check_amount(amount, params.str("currency").unwrap_or_default())?;
    let customer = params.str("customer").map(|id| find_customer(tx, id)).transpose()?;
    let id: Id = ctx.ids.id_with("pi_", "3", 24).into();
    let mut rest = template::template(PaymentIntent::KIND);
    rest.set("amount_details", Map::from([("tip", Doc::Map(Map::new()))]));
    rest.set("livemode", false);
    rest.set("transfer_data", Doc::Null);
    keep(&mut rest, params);
    set_methods(&mut rest, params, ctx)?;
    rest.set("confirmation_method", params.str("confirmation_method").unwrap_or("automatic").to_owned());
    set_options(&mut rest, params);
    let async_capture = if ctx.version.has(CAPTURE_ASYNC) { "automatic_async" } else { "automatic" };
    Ok(PaymentIntent {
        created: ctx.now,
        amount,
        amount_capturable: 0,
        amount_received: 0,
        canceled_at: None,
        cancellation_reason: None,
        capture_method: params.str("capture_method").unwrap_or(async_capture).to_owned(),
        client_secret: Some(ctx.ids.id(&format!("{id}_secret_"), 25)),
        currency,
        customer,
        last_payment_error: Doc::Null,
        latest_charge: None,
        metadata: metadata::merge(&Map::new(), params.get("metadata"))?,
        payment_method: None,
        setup_future_usage: params.str("setup_future_usage").map(str::to_owned),
        status: "requires_payment_method".to_owned(),
        tried: None,
        authenticated: false,
        rest,
        id,
    })
}

/// An intent has its own words for an amount of nothing (core-payments 6.5).
pub(super) fn check_amount(amount: i64, currency: &str) -> Result<String> {
    if amount <= 0 {
        return Err(ApiError::intent_amount_too_low());
    }
    charges::flow::check_amount(amount, currency)
}

pub(super) fn find_customer(tx: &Tx, id: &str) -> Result<Id> {
    tx.get::<Customer>(id)
        .map(|customer| Id::clone(&customer.id))
        .ok_or_else(|| ApiError::missing_in_param("customer", id, "customer"))
}

/// Lays what a confirmation or an update may say of an open intent over it.
pub(super) fn apply(intent: &mut PaymentIntent, params: &Map) {
    if let Some(usage) = params.get("setup_future_usage") {
        intent.setup_future_usage = usage.as_str().map(str::to_owned);
    }
    if let Some(method) = params.str("capture_method") {
        method.clone_into(&mut intent.capture_method);
    }
    keep(&mut intent.rest, params);
    set_options(&mut intent.rest, params);
}

/// Lays what is kept as it was sent over the intent; `null` unsets.
pub(super) fn keep(rest: &mut Map, params: &Map) {
    for key in KEPT {
        if let Some(value) = params.get(key) {
            let mut change = Map::new();
            change.set(*key, value.clone());
            rest.merge(&change);
        }
    }
    match params.get("shipping") {
        Some(Doc::Map(shipping)) => {
            let mut merged = rest.map("shipping").cloned().unwrap_or_default();
            merged.merge(shipping);
            let mut merged = Doc::Map(merged);
            template::complete_key(PaymentIntent::KIND, "shipping", &mut merged);
            rest.set("shipping", merged);
        }
        Some(_) => rest.set("shipping", Doc::Null),
        None => {}
    }
}

/// Which types of payment method the intent takes (intents-and-checkout 1.3, 1.4).
fn set_methods(rest: &mut Map, params: &Map, ctx: &Ctx<'_>) -> Result<()> {
    let types = params.list("payment_method_types").or_else(|| params.list("allowed_payment_method_types"));
    let automatic = params.map("automatic_payment_methods").filter(|a| a.bool("enabled") == Some(true));
    if automatic.is_some() && params.has("payment_method_types") {
        return Err(ApiError::intent_types_and_automatic());
    }
    if automatic.is_some() && params.str("confirmation_method") == Some("manual") {
        return Err(ApiError::intent_manual_and_automatic());
    }
    if let Some(allowed) = params.get("allowed_payment_method_types") {
        rest.set("allowed_payment_method_types", allowed.clone());
    }
    let manual = params.str("confirmation_method") == Some("manual");
    let chosen_automatically = types.is_none() && !manual && ctx.version.has(AUTOMATIC_PAYMENT_METHODS);
    if let Some(automatic) = automatic {
        let redirects = automatic.str("allow_redirects").unwrap_or("always").to_owned();
        set_automatic(rest, redirects);
    } else if chosen_automatically && !params.has("automatic_payment_methods") {
        set_automatic(rest, "always".to_owned());
    }
    let enabled = rest.present("automatic_payment_methods").is_some();
    let types = match types {
        Some(types) => types.to_vec(),
        None if enabled => ENABLED_TYPES.iter().map(|kind| Doc::from(*kind)).collect(),
        None => vec![Doc::from("card")],
    };
    rest.set("payment_method_types", Doc::List(types));
    Ok(())
}

fn set_automatic(rest: &mut Map, allow_redirects: String) {
    let automatic = Map::from([("allow_redirects", Doc::from(allow_redirects)), ("enabled", true.into())]);
    rest.set("automatic_payment_methods", automatic);
}

/// `payment_method_options` with the defaults of the types that have some.
pub(super) fn set_options(rest: &mut Map, params: &Map) {
    let types = rest.list("payment_method_types").unwrap_or_default().to_vec();
    let mut options = rest.map("payment_method_options").cloned().unwrap_or_default();
    for kind in types.iter().filter_map(Doc::as_str).filter(|kind| !options.has(kind)).collect::<Vec<_>>() {
        match kind {
            "card" => options.set(
                "card",
                Map::from([
                    ("installments", Doc::Null),
                    ("mandate_options", Doc::Null),
                    ("network", Doc::Null),
                    ("request_three_d_secure", "automatic".into()),
                ]),
            ),
            "link" => options.set("link", Map::from([("persistent_token", Doc::Null)])),
            _ => {}
        }
    }
    if let Some(Doc::Map(sent)) = params.get("payment_method_options") {
        options.merge(sent);
    }
    rest.set("payment_method_options", options);
}

/// What `payment_method` or `payment_method_data` names.
pub(super) fn chosen(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Option<Instrument>> {
    if params.present("confirmation_token").is_some() {
        return Err(ApiError::not_implemented_feature("confirmation tokens"));
    }
    if let Some(id) = params.str("payment_method") {
        return payment_methods::obtain(tx, ctx, id, "payment_method").map(Some);
    }
    let Some(data) = params.map("payment_method_data") else { return Ok(None) };
    let id = payment_methods::create_from(tx, ctx, data, "payment_method_data")?;
    payment_methods::obtain(tx, ctx, &id, "payment_method").map(Some)
}
