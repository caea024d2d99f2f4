//! Creating a confirmation token, in a browser or with the test helper.
//!
//! May use: payment methods. Invariant: a token stores the parameters of the later confirmation.

use super::ConfirmationToken;
use crate::contract::{Call, Ctx, Outcome, resolve, show};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::instruments::mandates;
use crate::resources::instruments::payment_methods::{self, PaymentMethod};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::time::calendar::HOUR;

/// How long a token is valid, in seconds: twelve hours.
const LIFE_SECONDS: i64 = 12 * HOUR;

/// The parameters that a token shows as they were sent.
const SHOWN: &[&str] = &["payment_method_options", "return_url", "setup_future_usage", "shipping"];

/// The parameters of the later confirmation.
const SAID: &[&str] = &[
    "client_context",
    "mandate_data",
    "payment_method",
    "payment_method_data",
    "set_as_default_payment_method",
    "use_stripe_sdk",
];

/// `POST /v1/confirmation_tokens`, `POST /v1/test_helpers/confirmation_tokens`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params: &Map = &call.params;
    let preview = preview(tx, ctx, params)?;
    let mut says = Map::new();
    for key in SHOWN.iter().chain(SAID) {
        if let Some(value) = params.present(key) {
            says.set(*key, value.clone());
        }
    }
    // The browser's library handles actions unless another value is sent, and has the customer's consent where a debit
    // needs it.
    if !says.has("use_stripe_sdk") {
        says.set("use_stripe_sdk", true);
    }
    if !says.has("mandate_data") && preview.str("type").is_some_and(mandates::are_needed_to_set_up) {
        let acceptance = Map::from([("type", Doc::from("online")), ("online", Map::new().into())]);
        says.set("mandate_data", Map::from([("customer_acceptance", acceptance)]));
    }
    let token = ConfirmationToken {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        expires_at: Some(ctx.now + LIFE_SECONDS),
        payment_intent: None,
        setup_intent: None,
        rest: shown(&says, preview),
        says,
    };
    Ok(Outcome::Done(tx.insert(token)))
}

fn shown(says: &Map, preview: Map) -> Map {
    let mut rest = template::template(ConfirmationToken::KIND);
    for key in SHOWN.iter().copied().chain(["use_stripe_sdk", "mandate_data"]) {
        let mut value = says.get(key).cloned().unwrap_or_default();
        template::complete_key(ConfirmationToken::KIND, key, &mut value);
        rest.set(key, value);
    }
    if let Some(Doc::Map(data)) = rest.get_mut("mandate_data")
        && let Some(Doc::Map(acceptance)) = data.get_mut("customer_acceptance")
    {
        // Data for an earlier or offline acceptance is dropped: a customer in a browser accepts now.
        *acceptance = Map::from(["online", "type"].map(|key| (key, acceptance.get(key).cloned().unwrap_or_default())));
        if let Some(Doc::Map(online)) = acceptance.get_mut("online") {
            let _ = online.remove("infer_from_client");
        }
    }
    rest.set("livemode", false);
    rest.set("payment_method_preview", preview);
    rest
}

/// The payment method that the confirmation will create or use; here only its preview.
fn preview(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Map> {
    const NAMES: (&str, &str) = ("payment_method", "payment_method_data");
    match (params.present(NAMES.0), params.present(NAMES.1)) {
        (None, None) => return Err(ApiError::one_param_of(NAMES.0, NAMES.1)),
        (Some(_), Some(_)) => return Err(ApiError::params_exclusive(NAMES.0, NAMES.1)),
        _ => {}
    }
    let shown = tx.rehearse(|tx| {
        let instrument = payment_methods::chosen(tx, ctx, params)?.ok_or_else(ApiError::internal)?;
        let record = resolve(tx, PaymentMethod::KIND, instrument.id());
        Ok(record.and_then(|record| show(record, PaymentMethod::KIND)).unwrap_or_default())
    })?;
    let fields = template::fields_at(ConfirmationToken::KIND, &["payment_method_preview"]);
    let mut preview = Map::new();
    for field in fields {
        if let Some(value) = shown.get(field.name) {
            preview.set(field.name, value.clone());
        }
    }
    template::complete(&mut preview, fields);
    Ok(preview)
}
