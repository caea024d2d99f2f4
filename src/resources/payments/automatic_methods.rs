//! Whether an intent takes whatever payment methods are on (intents-and-checkout 1.4), and which configuration says so.
//!
//! May use: documents, configurations as documents. Invariant: both kinds of intents read and write their
//! `automatic_payment_methods` here; who leaves the choice to the account shows the configuration that makes it (shapes 2.1).

use crate::contract::{In, require_record};
use crate::error::Result;
use crate::issuers;
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Kind, Tx};

/// Where an intent shows which configuration chose its payment methods.
const DETAILS: &str = "payment_method_configuration_details";

/// Leaves the choice of payment methods to the account's default configuration, whose parent is the platform's.
pub(super) fn turn_on(tx: &Tx, intent: &mut Map, allow_redirects: String) {
    let automatic = Map::from([("allow_redirects", Doc::from(allow_redirects)), ("enabled", true.into())]);
    intent.set("automatic_payment_methods", automatic);
    let is_connected = tx.account() != AccountKey::PLATFORM;
    let parent =
        is_connected.then(|| tx.read_within(AccountKey::PLATFORM, |tx| default_configuration(&tx.account_id())));
    intent.set(DETAILS, details(default_configuration(&tx.account_id()), parent));
}

/// The request names the payment methods.
pub(super) fn turn_off(intent: &mut Map) {
    intent.set("automatic_payment_methods", Doc::Null);
    intent.set(DETAILS, Doc::Null);
}

/// The form in which intents and sessions show a configuration.
pub(in crate::resources) fn details(id: String, parent: Option<String>) -> Map {
    Map::from([("id", Doc::from(id)), ("parent", parent.into())])
}

/// The id of the configuration that every account has: always the same for the same account.
pub(in crate::resources) fn default_configuration(account: &str) -> String {
    let spelt = |part: &str| issuers::fingerprint(part, account);
    format!("pmc_1{}{}", spelt("payment methods"), &spelt("configuration")[..7])
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

/// Shows the configuration that a request names in the intent.
///
/// # Errors
/// There is no such configuration.
pub(super) fn configure(tx: &Tx, intent: &mut Map, params: &Map) -> Result<()> {
    const KIND: Kind = crate::kind!("payment_method_configuration");
    let Some(id) = params.str(KIND.name()) else { return Ok(()) };
    require_record(tx, KIND, id, In::Param(KIND.name()))?;
    intent.set(DETAILS, details(id.to_owned(), None));
    Ok(())
}
