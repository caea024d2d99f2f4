//! Cards that a session does not take (`payment_method_options[card][restrictions]`, intents-and-checkout 3.1).
//!
//! May use: payment methods as documents. Invariant: a card of a blocked brand or funding pays nothing, whoever enters it.

use super::Session;
use crate::contract::{resolve, show};
use crate::error::{ApiError, Result};
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::Doc;
use crate::state::object::Resource;

/// The brands of cards by the names that block them.
const BRANDS: [(&str, &[&str]); 4] = [
    ("american_express", &["amex"]),
    ("discover_global_network", &["diners", "discover", "jcb", "unionpay"]),
    ("mastercard", &["mastercard"]),
    ("visa", &["visa"]),
];

/// Checks that a payment method is no card that is blocked.
///
/// # Errors
/// It is.
pub(super) fn check(tx: &Tx, session: &Session, method: &str) -> Result<()> {
    let options = session.rest.map("payment_method_options").and_then(|options| options.map("card"));
    let Some(rules) = options.and_then(|card| card.map("restrictions")) else { return Ok(()) };
    let method = resolve(tx, PaymentMethod::KIND, method).and_then(|record| show(record, PaymentMethod::KIND));
    let Some(card) = method.as_ref().and_then(|method| method.map("card")) else { return Ok(()) };
    let blocked = |key: &str| rules.list(key).unwrap_or_default().iter().filter_map(Doc::as_str).collect::<Vec<_>>();
    let brand = card.str("brand").unwrap_or_default();
    let is_brand = |name: &str| BRANDS.iter().any(|(known, brands)| *known == name && brands.contains(&brand));
    if blocked("brands_blocked").into_iter().any(is_brand) {
        return Err(ApiError::session_card_brand_blocked());
    }
    let funding = card.str("funding").unwrap_or_default();
    if blocked("funding_types_blocked").contains(&funding) {
        return Err(ApiError::session_card_funding_blocked(funding));
    }
    Ok(())
}
