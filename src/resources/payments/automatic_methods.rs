//! Whether an intent takes whatever payment methods are on (intents-and-checkout 1.4), and which configuration says so.
//!
//! May use: documents, configurations as documents. Invariant: both kinds of intents read their
//! `automatic_payment_methods` here.

use crate::contract::{In, require_record};
use crate::error::Result;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

/// Whether an intent leaves the choice of payment methods to the account. `intent` is its document.
pub(super) fn is_on(intent: &Map) -> bool {
    intent.map("automatic_payment_methods").is_some_and(|automatic| automatic.bool("enabled") == Some(true))
}

/// Whether it does, and the customer may be sent to another page to pay or to agree.
pub(super) fn may_redirect(intent: &Map) -> bool {
    let redirects = intent.map("automatic_payment_methods").and_then(|automatic| automatic.str("allow_redirects"));
    is_on(intent) && redirects != Some("never")
}

/// Shows the configuration that a request names in the intent.
///
/// # Errors
/// There is no such configuration.
pub(super) fn configure(tx: &Tx, intent: &mut Map, params: &Map) -> Result<()> {
    const KIND: Kind = crate::kind!("payment_method_configuration");
    let Some(id) = params.str(KIND.name()) else { return Ok(()) };
    require_record(tx, KIND, id, In::Param(KIND.name()))?;
    let details = Map::from([("id", Doc::from(id.to_owned())), ("parent", Doc::Null)]);
    intent.set("payment_method_configuration_details", details);
    Ok(())
}
