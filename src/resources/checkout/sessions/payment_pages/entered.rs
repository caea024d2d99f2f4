//! The names that a browser has for what a customer enters (stripe-js 8.3).
//!
//! May use: the lines of a session. Invariant: an error names what was sent.

use super::super::Session;
use crate::contract::{In, missing_as};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// What has the same name.
const SAME: [&str; 8] =
    ["business_name", "email", "individual_name", "optional_items", "phone", "shipping", "shipping_rate", "tax_region"];

/// What else is sent to pay.
const TO_PAY: [&str; 5] =
    ["expected_amount", "payment_method", "payment_method_data", "return_url", "save_payment_method"];

const CODE: &str = "promotion_code";
const QUANTITY: &str = "updated_line_item_quantity";
const TAX_IDS: &str = "tax_id_collection";

/// What a customer enters, and its name when it is sent.
const RENAMED: [(&str, &str); 3] = [
    ("currency", "updated_currency"),
    ("remove_payment_method", "payment_method_to_detach"),
    ("tax_id", "tax_id_collection[tax_id]"),
];

/// What a call enters.
///
/// # Errors
/// A line of another session.
pub(super) fn of(tx: &Tx, session: &Session, params: &Map) -> Result<Map> {
    let mut entered = same(params);
    if let Some(code) = params.get(CODE) {
        entered.set(CODE, code.as_str().unwrap_or_default().to_owned());
    }
    for (own, sent) in [RENAMED[0], RENAMED[1]] {
        if let Some(value) = params.present(sent) {
            entered.set(own, value.clone());
        }
    }
    if let Some(id) = params.map(TAX_IDS).and_then(|ids| ids.present(RENAMED[2].0)) {
        entered.set(RENAMED[2].0, id.clone());
    }
    if let Some(line) = params.map(QUANTITY) {
        let id = line.str("line_item_id").unwrap_or_default();
        if !lines::of(tx, &session.id).iter().any(|known| known.object.id().as_ref() == id) {
            return Err(missing_as("item", id, In::Param(&format!("{QUANTITY}[line_item_id]"))));
        }
        let quantity = line.get("quantity").cloned().unwrap_or_default();
        entered.set("quantities", Map::from_entries(vec![(id.to_owned().into(), quantity)]));
    }
    Ok(entered)
}

/// What a call pays with, and enters with it.
pub(super) fn to_pay(params: &Map) -> Map {
    let mut chosen = same(params);
    for name in TO_PAY {
        if let Some(value) = params.present(name) {
            chosen.set(name, value.clone());
        }
    }
    if let Some(consent) = params.map("consent") {
        let said = |name: &str, yes: &str| consent.str(name).map(|said| Doc::Bool(said == yes));
        let said =
            [("promotions", said("promotions", "opt_in")), ("terms_of_service", said("terms_of_service", "accepted"))];
        let said = said.into_iter().filter_map(|(name, said)| Some((name.into(), said?)));
        chosen.set("consent", Map::from_entries(said.collect()));
    }
    chosen
}

fn same(params: &Map) -> Map {
    let sent = SAME.into_iter().filter_map(|name| Some((name.into(), params.present(name)?.clone())));
    Map::from_entries(sent.collect())
}

/// An error in the names of the call.
pub(super) fn as_sent(error: ApiError, params: &Map) -> ApiError {
    let line = params.map(QUANTITY).and_then(|line| line.str("line_item_id"));
    let error = match line {
        Some(line) => error.sent_as(&format!("quantities[{line}]"), &format!("{QUANTITY}[quantity]")),
        None => error,
    };
    RENAMED.iter().fold(error, |error, (own, sent)| error.sent_as(own, sent))
}
