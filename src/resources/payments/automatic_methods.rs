//! Whether an intent takes whatever payment methods are on (intents-and-checkout 1.4, 1.16), and which configuration says so.
//!
//! May use: documents, configurations. Invariant: both kinds of intents read and write their `automatic_payment_methods`
//! here; who leaves the choice to the account shows the configuration that makes it (shapes 2.1).

use std::sync::Arc;

use crate::error::Result;
use crate::resources::payments::payment_method_configurations::{
    self as configurations, PaymentMethodConfiguration, Wanted,
};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Where an intent shows which configuration chose its payment methods.
const DETAILS: &str = "payment_method_configuration_details";

/// Leaves the choice of payment methods to a configuration.
pub(super) fn turn_on(intent: &mut Map, allow_redirects: String, configuration: &PaymentMethodConfiguration) {
    let automatic = Map::from([("allow_redirects", Doc::from(allow_redirects)), ("enabled", true.into())]);
    intent.set("automatic_payment_methods", automatic);
    intent.set(DETAILS, configuration.details());
}

/// The request names the payment methods.
pub(super) fn turn_off(intent: &mut Map) {
    intent.set("automatic_payment_methods", Doc::Null);
    intent.set(DETAILS, Doc::Null);
}

/// Whether an intent leaves the choice of payment methods to the account. `intent` is its document.
pub(super) fn is_on(intent: &Map) -> bool {
    intent.map("automatic_payment_methods").is_some_and(|automatic| automatic.bool("enabled") == Some(true))
}

/// Whether it does, and the customer may be sent to another page to pay or to agree.
pub(super) fn may_redirect(intent: &Map) -> bool {
    let redirects = intent.map("automatic_payment_methods").and_then(|automatic| automatic.str("allow_redirects"));
    is_on(intent) && redirects != Some("never")
}

/// Whether an intent that leaves the choice to a configuration takes a type: it is offered, or nobody turned it off.
pub(super) fn takes(tx: &Tx, intent: &Map, kind: &str) -> bool {
    let offered = intent.list("payment_method_types").unwrap_or_default();
    offered.iter().any(|offered| offered.as_str() == Some(kind))
        || configurations::takes(tx, &configuration(tx, intent), kind)
}

/// Shows the configuration that a request names in the intent.
///
/// # Errors
/// There is no such configuration, or it is not active.
pub(super) fn configure(tx: &Tx, intent: &mut Map, params: &Map) -> Result<()> {
    if params.str(configurations::KIND.name()).is_some() {
        intent.set(DETAILS, configurations::chosen(tx, params)?.details());
    }
    Ok(())
}

/// Offers the types again that the intent's configuration has on, after a change of what they have to fit.
///
/// # Errors
/// None is left.
pub(super) fn offer(tx: &Tx, intent: &mut Map, wanted: &Wanted<'_>) -> Result<()> {
    let types = configurations::offered(tx, &configuration(tx, intent), wanted)?;
    intent.set("payment_method_types", Doc::List(types));
    Ok(())
}

/// The configuration of an intent; the default one if it names none.
fn configuration(tx: &Tx, intent: &Map) -> Arc<PaymentMethodConfiguration> {
    let named = intent.map(DETAILS).and_then(|details| details.str("id"));
    named.and_then(|id| configurations::find(tx, id)).unwrap_or_else(|| configurations::default(tx))
}
