//! The parameters of a new session: which ones need or exclude each other (intents-and-checkout 3.1).
//!
//! May use: the versions, prices as documents. Invariant: checked parameters can be stored as they were sent.

use super::asked::{CustomField, CustomFieldKind};
use super::{CHECKOUT_LATE_INTENTS, Session, SessionMode, SessionPaymentStatus, custom_amount, optional_items};
use crate::contract::{Ctx, resolve, show};
use crate::error::{ApiError, Result};
use crate::resources::payments::charges;
use crate::resources::payments::payment_intents;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};
use crate::time::calendar::{DAY, HOUR};

/// The largest number of lines in a session.
pub(super) const LINES_MAX: usize = 100;
/// The largest number of lines that recur in a session, and of those beside them that do not.
const SUBSCRIPTION_LINES_MAX: usize = 20;
/// The largest number of shipping options.
const SHIPPING_OPTIONS_MAX: usize = 5;
/// The shortest and the longest time until a session expires, in seconds.
const OPEN_SECONDS: (i64, i64) = (HOUR / 2, DAY);
/// Parameters that only some modes allow.
const OF_MODE: [(&str, &[&str]); 11] = [
    ("customer_creation", &["payment", "setup"]),
    ("invoice_creation", &["payment"]),
    ("line_items", &["payment", "subscription"]),
    ("optional_items", &["payment", "subscription"]),
    ("payment_method_collection", &["subscription"]),
    ("saved_payment_method_options", &["payment", "subscription"]),
    ("submit_type", &["payment", "subscription"]),
    ("payment_intent_data", &["payment"]),
    ("setup_intent_data", &["setup"]),
    ("shipping_options", &["payment"]),
    ("subscription_data", &["subscription"]),
];
/// Parameters of pages that Checkout shows, and not of a page that the shop puts together.
const OF_WHOLE_PAGES: [&str; 5] =
    ["after_expiration", "branding_settings", "custom_fields", "custom_text", "submit_type"];
/// The largest number of fields of the merchant's own.
const CUSTOM_FIELDS_MAX: usize = 3;
/// Pairs of parameters of which a session allows one.
const EXCLUSIVE: [(&str, &str); 3] =
    [("customer", "customer_email"), ("allow_promotion_codes", "discounts"), ("customer", "customer_creation")];
/// The older names of `ui_mode`.
const UI_MODES: [(&str, &str); 3] = [("hosted", "hosted_page"), ("embedded", "embedded_page"), ("custom", "elements")];

/// The parameters in their newest form: with a mode, and with the newest name of `ui_mode`.
///
/// # Errors
/// No mode.
pub(super) fn in_newest_words(tx: &Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Map> {
    let mut params = sent.clone();
    if let Some((_, name)) = UI_MODES.iter().find(|(old, _)| sent.str("ui_mode") == Some(old)) {
        params.set("ui_mode", *name);
    }
    if sent.str("mode").is_none() {
        match sent.has("line_items") {
            // In older versions, a session without a recurring price is a payment.
            true if !ctx.version.has(CHECKOUT_LATE_INTENTS) => {
                params.set("mode", mode_of_lines(tx, sent));
            }
            _ => return Err(ApiError::param_missing("mode")),
        }
    }
    Ok(params)
}

/// Others do what managed payments would: take the money, and account for its taxes. That is not built.
///
/// # Errors
/// They are wanted.
pub(in crate::resources::checkout) fn check_managed(params: &Map) -> Result<()> {
    match params.map("managed_payments").and_then(|managed| managed.bool("enabled")) {
        Some(true) => Err(ApiError::not_implemented_feature("managed payments")),
        _ => Ok(()),
    }
}

/// Checks the parameters of a new session, except the prices of its lines.
///
/// # Errors
/// The first that is missing, or that another one excludes.
pub(super) fn check(ctx: &Ctx<'_>, params: &Map) -> Result<()> {
    let mode = params.str("mode").unwrap_or_default();
    for (a, b) in EXCLUSIVE {
        if is_said(params, a) && is_said(params, b) {
            return Err(ApiError::params_exclusive(a, b));
        }
    }
    if params.present("customer_update").is_some() && params.present("customer").is_none() {
        return Err(ApiError::session_updates_no_customer());
    }
    for (param, of) in OF_MODE {
        if params.present(param).is_some() && !of.contains(&mode) {
            return Err(ApiError::session_param_of_other_mode(param, mode));
        }
    }
    match (mode, lines(params).count()) {
        ("setup", _) if !["currency", "payment_method_types"].iter().any(|name| params.present(name).is_some()) => {
            return Err(ApiError::param_missing("currency"));
        }
        ("payment" | "subscription", 0) => return Err(ApiError::param_missing("line_items")),
        (_, count) if count > LINES_MAX => return Err(ApiError::array_too_long("line_items", LINES_MAX)),
        _ => {}
    }
    if params.list("shipping_options").is_some_and(|options| options.len() > SHIPPING_OPTIONS_MAX) {
        return Err(ApiError::array_too_long("shipping_options", SHIPPING_OPTIONS_MAX));
    }
    if params.list("discounts").is_some_and(|discounts| discounts.len() > 1) {
        return Err(ApiError::array_too_long("discounts", 1));
    }
    check_managed(params)?;
    check_addresses(params)?;
    check_custom_fields(params)?;
    match params.int("expires_at").map(|at| at - ctx.now) {
        Some(open) if open < OPEN_SECONDS.0 => Err(ApiError::session_expires_too_soon()),
        Some(open) if open > OPEN_SECONDS.1 => Err(ApiError::session_expires_too_late()),
        _ => Ok(()),
    }
}

/// Whether a parameter was sent; a flag that is false counts as not sent.
fn is_said(params: &Map, param: &str) -> bool {
    params.present(param).is_some_and(|value| value.as_bool() != Some(false))
}

/// The URL for the browser: `success_url` for a hosted page, `return_url` for an embedded one.
fn check_addresses(params: &Map) -> Result<()> {
    let ui_mode = params.str("ui_mode").unwrap_or("hosted_page");
    let (needed, others): (&'static str, &[&'static str]) = match is_hosted(params) {
        true => ("success_url", &["return_url", "redirect_on_completion", "permissions"]),
        false => ("return_url", &["success_url", "cancel_url"]),
    };
    let stays = params.str("redirect_on_completion") == Some("never");
    if params.present(needed).is_none() && !stays {
        return Err(ApiError::param_missing(needed));
    }
    if let Some(other) = others.iter().find(|other| params.present(other).is_some()) {
        return Err(ApiError::session_param_of_other_page(other, ui_mode));
    }
    let is_own = ui_mode == "elements";
    match OF_WHOLE_PAGES.iter().find(|param| is_own && params.present(param).is_some()) {
        Some(param) => Err(ApiError::session_param_of_other_page(param, ui_mode)),
        None => Ok(()),
    }
}

/// Fields of the merchant's own: not too many, and what is preset fits.
fn check_custom_fields(params: &Map) -> Result<()> {
    let fields = params.list("custom_fields").unwrap_or_default();
    if fields.len() > CUSTOM_FIELDS_MAX {
        return Err(ApiError::array_too_long("custom_fields", CUSTOM_FIELDS_MAX));
    }
    for (index, sent) in fields.iter().filter_map(Doc::as_map).enumerate() {
        let Some(field) = CustomField::of(sent) else { continue };
        let at = format!("custom_fields[{index}][{}]", field.kind.as_str());
        if field.kind == CustomFieldKind::Dropdown && field.options.is_empty() {
            return Err(ApiError::param_missing(&format!("{at}[options]")));
        }
        if !field.value.is_empty() && !field.takes(field.value) {
            return Err(ApiError::session_answer_unfit(&format!("{at}[default_value]")));
        }
    }
    Ok(())
}

/// Whether a session has a hosted page.
pub(super) fn is_hosted(params: &Map) -> bool {
    params.str("ui_mode").is_none_or(|mode| mode.starts_with("hosted"))
}

/// What goes to others of a payment fits its total (billing 6.3).
///
/// # Errors
/// Those of the intent that will pay it.
pub(super) fn check_shares(tx: &Tx, session: &Session) -> Result<()> {
    let is_paid_for = session.mode == SessionMode::Payment && session.payment_status == SessionPaymentStatus::Unpaid;
    let data = session.intent_data.as_map().filter(|_| is_paid_for && !custom_amount::is_missing(tx, session));
    let Some((data, total)) = data.zip(session.amount_total) else { return Ok(()) };
    charges::check(tx, data, total).map_err(|error| error.inside("payment_intent_data"))
}

/// Checks the lines of a new session: their prices and quantities.
///
/// # Errors
/// A price that does not fit the mode, an archived price, no quantity, or rates that depend on an address; of optional items too.
pub(in crate::resources::checkout) fn check_lines(tx: &Tx, mode: &str, params: &Map) -> Result<()> {
    let recurring = lines(params).filter(|line| is_recurring(tx, line)).count();
    let optional = params.list("optional_items").unwrap_or_default().iter().filter_map(Doc::as_map);
    let (optional, recurring_options) =
        (optional.clone().count(), optional.filter(|item| is_recurring(tx, item)).count());
    let all = lines(params).count() + optional;
    let all_recurring = recurring + recurring_options;
    match mode {
        "payment" if recurring > 0 => return Err(ApiError::session_payment_is_recurring("line_items")),
        "subscription" if recurring == 0 => return Err(ApiError::session_subscribes_to_nothing()),
        "subscription" if all_recurring.max(all - all_recurring) > SUBSCRIPTION_LINES_MAX => {
            return Err(ApiError::array_too_long("line_items", SUBSCRIPTION_LINES_MAX));
        }
        "payment" if all > LINES_MAX => return Err(ApiError::array_too_long("line_items", LINES_MAX)),
        _ => {}
    }
    for (index, line) in lines(params).enumerate().filter(|(_, line)| line.str("id").is_none()) {
        let at = format!("line_items[{index}]");
        match (line.str("price"), line.map("price_data")) {
            (Some(_), Some(_)) => return Err(ApiError::params_exclusive("price", "price_data").inside(&at)),
            (None, None) => return Err(ApiError::one_param_of("price", "price_data").inside(&at)),
            (Some(id), None) if price(tx, id).is_some_and(|price| price.bool("active") == Some(false)) => {
                return Err(ApiError::price_inactive().inside(&at));
            }
            _ => {}
        }
        match line.int("quantity") {
            None if mode == "payment" => return Err(ApiError::line_needs_quantity(index)),
            Some(quantity) if quantity < 1 => {
                return Err(ApiError::param_below(&format!("{at}[quantity]"), 1));
            }
            _ => {}
        }
    }
    optional_items::check(tx, mode, params)
}

/// The mode in which lines are sold: whether something of them recurs.
pub(in crate::resources::checkout) fn mode_of_lines(tx: &Tx, params: &Map) -> &'static str {
    if lines(params).any(|line| is_recurring(tx, line)) { "subscription" } else { "payment" }
}

/// The types of a payment must fit its intent, which may be made when it is paid (intents-and-checkout 1.4).
///
/// # Errors
/// Some do not support the currency, or a later capture.
pub(super) fn check_types(session: &Session) -> Result<()> {
    let Some(currency) = session.currency.as_deref().filter(|_| session.mode == SessionMode::Payment) else {
        return Ok(());
    };
    let capture = session.intent_data.as_map().and_then(|data| data.str("capture_method"));
    payment_intents::check_fit(session.types(), currency, capture == Some("manual"))
}

/// The lines that were sent.
fn lines(params: &Map) -> impl Iterator<Item = &Map> {
    params.list("line_items").unwrap_or_default().iter().filter_map(Doc::as_map)
}

fn is_recurring(tx: &Tx, line: &Map) -> bool {
    let named = || line.str("price").and_then(|id| price(tx, id));
    let price = line.map("price_data").cloned().or_else(named);
    price.is_some_and(|price| price.present("recurring").is_some())
}

/// A price as it is shown, with or without rules.
pub(super) fn price(tx: &Tx, id: &str) -> Option<Map> {
    const PRICE: Kind = crate::kind!("price");
    resolve(tx, PRICE, id).and_then(|record| show(record, PRICE))
}
