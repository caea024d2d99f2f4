//! The fields that an intent stores from its parameters (intents-and-checkout 1.1, 1.3, 1.4).
//!
//! May use: the catalogue's templates. Invariant: a stored field has the form of the answer.

use std::cell::LazyCell;

use super::options::set_options;
use super::{CaptureMethod, PaymentIntent};
use crate::contract::version::Gate;
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::instruments::payment_methods::{self, FutureUsage};
use crate::resources::payments::automatic_methods;
use crate::resources::payments::charges;
use crate::resources::payments::charges::flow::DETAILS;
use crate::resources::payments::payment_method_configurations::{self as configurations, Wanted};
use crate::resources::payments::rails::{self, Rail};
use crate::resources::tax::calculations::Calculation;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// Intents use automatic payment methods by default, so confirming needs a `return_url`.
pub(super) const AUTOMATIC_PAYMENT_METHODS: Gate = Gate::since("2023-08-16");

/// What an intent keeps as it was sent, besides the [`DETAILS`] of its charges.
const KEPT: &[&str] = &["amount_details", "excluded_payment_method_types", "hooks", "payment_details"];

/// How errors name an intent whose types nobody offers.
pub(super) const NOUN: &str = "Payment Intent";

/// Applies the parameters of a confirmation or an update to an open intent.
///
/// # Errors
/// An unknown type of payment method.
pub(super) fn apply(intent: &mut PaymentIntent, params: &Map) -> Result<()> {
    check_types(params)?;
    if let Some(usage) = params.get("setup_future_usage") {
        intent.setup_future_usage = usage.as_str().and_then(FutureUsage::parse);
    }
    if let Some(method) = params.str("capture_method").and_then(CaptureMethod::parse) {
        intent.capture_method = method;
    }
    let types = ["payment_method_types", "allowed_payment_method_types"].iter().find_map(|key| params.list(key));
    if let Some(types) = types {
        intent.rest.set("payment_method_types", Doc::List(payment_methods::distinct_types(types)));
        automatic_methods::turn_off(&mut intent.rest);
    }
    if let Some(allowed) = params.get("allowed_payment_method_types") {
        intent.rest.set("allowed_payment_method_types", payment_methods::distinct(allowed));
    }
    keep(&mut intent.rest, params);
    set_options(&mut intent.rest, params);
    Ok(())
}

/// Checks the connect parameters and the statement descriptor (intents-and-checkout 1.10, billing 6.3).
///
/// # Errors
/// A fee without another account or above the amount, an unknown destination, an unknown tax calculation, a descriptor for
/// cards, chosen types that do not fit.
pub(super) fn check(tx: &Tx, intent: &PaymentIntent, params: &Map) -> Result<()> {
    if ["amount", "application_fee_amount", "on_behalf_of", "transfer_data"].iter().any(|key| params.has(key)) {
        charges::check(tx, &intent.rest, intent.amount)?;
    }
    check_chosen(intent, params)?;
    if let Some(calculation) = calculation(params) {
        require::<Calculation>(tx, calculation, In::Param("hooks[inputs][tax][calculation]"))?;
    }
    // With automatic payment methods, the descriptor may be for another type.
    if params.present("statement_descriptor").is_some()
        && !automatic_methods::is_on(&intent.rest)
        && intent.types().any(|t| t == "card")
    {
        return Err(ApiError::intent_card_descriptor());
    }
    Ok(())
}

/// The tax calculation that the hooks name, in the parameters or in what an intent keeps of them (billing-2 9.6).
pub(super) fn calculation(of: &Map) -> Option<&str> {
    of.map("hooks")?.map("inputs")?.map("tax")?.str("calculation").filter(|id| !id.is_empty())
}

/// Types that were chosen one by one must support the currency and the capture method of the intent
/// (intents-and-checkout 1.4); automatic ones are checked when one of them pays.
///
/// # Errors
/// Some do not.
pub(super) fn check_chosen(intent: &PaymentIntent, params: &Map) -> Result<()> {
    const DEPENDS_ON: [&str; 4] =
        ["allowed_payment_method_types", "capture_method", "currency", "payment_method_types"];
    if automatic_methods::is_on(&intent.rest) || !DEPENDS_ON.iter().any(|param| params.has(param)) {
        return Ok(());
    }
    check_fit(intent.types(), &intent.currency, intent.capture_method == CaptureMethod::Manual)
}

/// Checks that types support a currency (three letters, lower case), and a later capture if the money `is_held`.
///
/// # Errors
/// Some do not.
pub(in crate::resources) fn check_fit<'t>(
    types: impl Iterator<Item = &'t str>,
    currency: &str,
    is_held: bool,
) -> Result<()> {
    let chosen: Vec<&Rail> = types.filter_map(rails::of).collect();
    let foreign: Vec<_> =
        chosen.iter().filter(|rail| !rail.takes(currency)).map(|rail| (rail.kind, rail.currencies)).collect();
    if !foreign.is_empty() {
        return Err(ApiError::intent_types_refuse_currency(currency, &foreign));
    }
    let at_once: Vec<_> = chosen.iter().filter(|rail| !rail.holds).map(|rail| rail.kind).collect();
    if is_held && !at_once.is_empty() {
        return Err(ApiError::intent_types_not_held(&at_once));
    }
    Ok(())
}

/// Merges the parameters that are stored as they are sent; `null` unsets.
pub(super) fn keep(rest: &mut Map, params: &Map) {
    for key in KEPT.iter().chain(DETAILS) {
        let Some(sent) = params.get(key) else { continue };
        let sent = match (*key, sent) {
            ("amount_details", Doc::Map(details)) => shown_details(details),
            ("amount_details", _) => no_details(),
            ("shipping", _) => charges::shipping(sent.clone()),
            _ => sent.clone(),
        };
        let mut kept = Map::new();
        kept.set(*key, rest.remove(key));
        kept.merge(&Map::from([(*key, sent)]));
        let mut value = kept.remove(key).unwrap_or_default();
        template::complete_key(PaymentIntent::KIND, key, &mut value);
        rest.set(*key, value);
    }
}

/// The empty form of `amount_details`.
pub(super) fn no_details() -> Doc {
    Map::from([("tip", Map::new())]).into()
}

/// The details without the line items, which are a list of their own.
fn shown_details(sent: &Map) -> Doc {
    let mut shown = sent.clone();
    for key in ["enforce_arithmetic_validation", "line_items"] {
        let _ = shown.remove(key);
    }
    shown.into()
}

/// The types are values of an enum that the parameter itself does not have.
fn check_types(params: &Map) -> Result<()> {
    let mut types = params.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str);
    match types.find(|name| !payment_methods::is_type(name)) {
        Some(unknown) => Err(ApiError::payment_method_type_invalid("payment_method_types", unknown)),
        None => Ok(()),
    }
}

/// What a payment wants of the types that are offered: they support its currency, and a later capture if the money `is_held`.
pub(in crate::resources) fn fits(kind: &str, currency: &str, is_held: bool) -> bool {
    rails::of(kind).is_none_or(|rail| rail.takes(currency) && (rail.holds || !is_held))
}

/// Offers the types again, if a request changes what they have to fit (intents-and-checkout 1.16).
///
/// # Errors
/// None is left.
pub(super) fn offer_again(tx: &Tx, intent: &mut PaymentIntent, params: &Map) -> Result<()> {
    const DEPENDS_ON: [&str; 4] =
        ["capture_method", "currency", "excluded_payment_method_types", "payment_method_configuration"];
    if !automatic_methods::is_on(&intent.rest) || !DEPENDS_ON.iter().any(|param| params.has(param)) {
        return Ok(());
    }
    let is_held = intent.capture_method == CaptureMethod::Manual;
    let excluded = intent.rest.list("excluded_payment_method_types").unwrap_or_default().to_vec();
    let fits = |kind: &str| fits(kind, &intent.currency, is_held);
    let wanted = Wanted { noun: NOUN, excluded: &excluded, fits: &fits };
    automatic_methods::offer(tx, &mut intent.rest, &wanted)?;
    set_options(&mut intent.rest, params);
    Ok(())
}

/// Sets the allowed types of payment method (intents-and-checkout 1.3, 1.4, 1.16): those that were sent, or those that the
/// configuration has on and that are `wanted`.
///
/// # Errors
/// Types together with automatic payment methods, an unknown type or configuration, no type that is left.
pub(in crate::resources) fn set_methods(
    tx: &Tx,
    ctx: &Ctx<'_>,
    rest: &mut Map,
    params: &Map,
    wanted: &Wanted<'_>,
) -> Result<()> {
    check_types(params)?;
    let types = params.list("payment_method_types").or_else(|| params.list("allowed_payment_method_types"));
    let automatic = params.map("automatic_payment_methods").filter(|a| a.bool("enabled") == Some(true));
    if automatic.is_some() && params.has("payment_method_types") {
        return Err(ApiError::intent_types_and_automatic());
    }
    if automatic.is_some() && params.str("confirmation_method") == Some("manual") {
        return Err(ApiError::intent_manual_and_automatic());
    }
    if let Some(allowed) = params.get("allowed_payment_method_types") {
        rest.set("allowed_payment_method_types", payment_methods::distinct(allowed));
    }
    let manual = params.str("confirmation_method") == Some("manual");
    let chosen_automatically = types.is_none() && !manual && ctx.version.has(AUTOMATIC_PAYMENT_METHODS);
    let named = configurations::named(tx, params)?;
    // Most requests name their types.
    let configuration = LazyCell::new(|| named.unwrap_or_else(|| configurations::default(tx)));
    if let Some(automatic) = automatic {
        let redirects = automatic.str("allow_redirects").unwrap_or("always").to_owned();
        automatic_methods::turn_on(rest, redirects, &configuration);
    } else if chosen_automatically && !params.has("automatic_payment_methods") {
        automatic_methods::turn_on(rest, "always".to_owned(), &configuration);
    }
    let enabled = rest.present("automatic_payment_methods").is_some();
    let types = match types {
        Some(types) => payment_methods::distinct_types(types),
        None if enabled => configurations::offered(tx, &configuration, wanted)?,
        None => vec![Doc::from("card")],
    };
    rest.set("payment_method_types", Doc::List(types));
    automatic_methods::configure(tx, rest, params)
}
