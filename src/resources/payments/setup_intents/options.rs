//! The types of a setup intent, and the options of each (intents-and-checkout 2.1).
//!
//! May use: the catalogue. Invariant: `payment_method_options` shows only options of its type.

use super::{SetupIntent, rails};
use crate::catalogue::{self, Field, Type};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::instruments::payment_methods;
use crate::resources::payments::automatic_methods;
use crate::resources::payments::payment_intents;
use crate::resources::payments::payment_method_configurations::Wanted;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

const EXCLUDED: &str = "excluded_payment_method_types";

const OPTIONS: &str = "payment_method_options";

/// The types of a new intent.
///
/// # Errors
/// Types together with automatic payment methods, a type that cannot be set up, or an unknown configuration.
pub(super) fn choose_types(tx: &Tx, ctx: &Ctx<'_>, rest: &mut Map, params: &Map) -> Result<()> {
    check_types(params)?;
    let excluded = params.list(EXCLUDED).unwrap_or_default();
    payment_intents::set_methods(tx, ctx, rest, params, &wanted(excluded))
}

/// Changes the types of an intent, or undoes a change (`null`).
///
/// # Errors
/// As [`choose_types`].
pub(super) fn change_types(tx: &Tx, rest: &mut Map, params: &Map) -> Result<()> {
    check_types(params)?;
    for key in ["allowed_payment_method_types", EXCLUDED] {
        if let Some(value) = params.get(key) {
            rest.set(key, payment_methods::distinct(value));
        }
    }
    let types = params.list("payment_method_types").or_else(|| params.list("allowed_payment_method_types"));
    if let Some(types) = types {
        rest.set("payment_method_types", Doc::List(payment_methods::distinct_types(types)));
        automatic_methods::turn_off(rest);
    }
    automatic_methods::configure(tx, rest, params)?;
    let depends = [EXCLUDED, "payment_method_configuration"].iter().any(|param| params.has(param));
    if depends && automatic_methods::is_on(rest) {
        let excluded = rest.list(EXCLUDED).unwrap_or_default().to_vec();
        automatic_methods::offer(tx, rest, &wanted(&excluded))?;
    }
    Ok(())
}

/// What a setup wants of the types that are offered: they can be set up.
fn wanted(excluded: &[Doc]) -> Wanted<'_> {
    Wanted { noun: "Setup Intent", excluded, fits: &rails::can_be_set_up }
}

fn check_types(params: &Map) -> Result<()> {
    let types = params.list("payment_method_types").unwrap_or_default();
    match types.iter().filter_map(Doc::as_str).find(|kind| !rails::can_be_set_up(kind)) {
        Some(kind) => Err(ApiError::setup_type_unsupported(kind)),
        None => Ok(()),
    }
}

/// Merges `payment_method_options` into those of the intent; types with options begin with their defaults.
pub(super) fn set_options(intent: &mut SetupIntent, params: &Map) {
    let mut options = intent.rest.map(OPTIONS).cloned().unwrap_or_default();
    for kind in intent.texts("payment_method_types") {
        if !options.has(kind)
            && let Some(defaults) = defaults(kind)
        {
            options.set(kind.to_owned(), defaults);
        }
    }
    if let Some(sent) = params.map(OPTIONS) {
        let fields = template::fields_at(SetupIntent::KIND, &[OPTIONS]);
        options.merge(&shown(sent, fields));
        template::complete(&mut options, fields);
        if let Some(moto) = sent.map("card").and_then(|card| card.bool("moto")) {
            intent.moto = moto;
        }
    }
    intent.rest.set(OPTIONS, options);
}

fn defaults(kind: &str) -> Option<Map> {
    let fields = template::fields_at(SetupIntent::KIND, &[OPTIONS, kind]);
    let empty = template::of_fields(fields);
    match kind {
        "card" => Some(empty.with("request_three_d_secure", "automatic")),
        "link" => Some(empty.with("persistent_token", Doc::Null)),
        "us_bank_account" | "acss_debit" => Some(empty.with("verification_method", "automatic")),
        _ => None,
    }
}

/// The options that were sent, without those that the type does not show.
fn shown(sent: &Map, fields: &'static [Field]) -> Map {
    let mut kept = Map::new();
    for (key, value) in sent.iter() {
        let Some(field) = catalogue::field(fields, key) else { continue };
        match (value, field.kind) {
            (Doc::Map(inner), Type::Object(fields)) => kept.set(key.to_owned(), shown(inner, fields)),
            _ => kept.set(key.to_owned(), value.clone()),
        }
    }
    kept
}

/// An option of a type.
pub(super) fn option<'i>(intent: &'i SetupIntent, kind: &str, key: &str) -> Option<&'i Doc> {
    intent.rest.map(OPTIONS)?.map(kind)?.present(key)
}
