//! Checkout Sessions (intents-and-checkout 3.1): what their parameters need of each other, and what a page shows.
//!
//! May use: prices. Invariant: nothing is paid here.

use crate::api::error::{ApiError, Result};
use crate::generic::fill::Source;
use crate::resources;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

/// Checks the parameters of a new session.
///
/// # Errors
/// The first that is missing, or that does not go with the mode.
pub(super) fn check(tx: &Tx, sent: &Map) -> Result<()> {
    let Some(mode) = sent.str("mode") else { return Err(ApiError::param_missing("mode")) };
    if sent.present("customer").is_some() && sent.present("customer_email").is_some() {
        return Err(ApiError::params_exclusive("customer", "customer_email"));
    }
    let lines = sent.list("line_items").unwrap_or_default();
    match (mode, lines.is_empty()) {
        ("setup", false) => return Err(ApiError::session_setup_has_lines()),
        ("payment" | "subscription", true) => return Err(ApiError::param_missing("line_items")),
        _ => {}
    }
    if !is_embedded(sent) && sent.present("success_url").is_none() {
        return Err(ApiError::param_missing("success_url"));
    }
    let recurring = lines.iter().filter_map(Doc::as_map).filter(|line| is_recurring(tx, line)).count();
    match mode {
        "payment" if recurring > 0 => Err(ApiError::session_payment_is_recurring()),
        "subscription" if recurring == 0 => Err(ApiError::session_subscribes_to_nothing()),
        _ => Ok(()),
    }
}

fn is_embedded(sent: &Map) -> bool {
    sent.str("ui_mode").is_some_and(|mode| !mode.starts_with("hosted"))
}

fn is_recurring(tx: &Tx, line: &Map) -> bool {
    if let Some(described) = line.map("price_data") {
        return described.present("recurring").is_some();
    }
    let price = line.str("price").and_then(|id| resources::resolve(tx, Kind("price"), id));
    let price = price.and_then(|price| resources::show(price, Kind("price")));
    price.is_some_and(|price| price.present("recurring").is_some())
}

/// Sets where a session is shown, and what is to be paid for a mode without a payment.
pub(super) fn fields(source: &Source<'_>, body: &mut Map) {
    if is_embedded(source.sent) {
        body.set("url", Doc::Null);
        body.set("client_secret", format!("{}_secret_{}", source.id, source.ctx.ids.id("", 40)));
    }
    match source.sent.str("mode") {
        Some("setup") => {
            body.set("payment_status", "no_payment_required");
            body.set("payment_method_collection", Doc::Null);
        }
        Some("payment") if source.sent.present("customer").is_none() && body.present("customer_creation").is_none() => {
            body.set("customer_creation", "if_required");
        }
        _ => {}
    }
}
