//! Whether an intent takes whatever payment methods are on (intents-and-checkout 1.4).
//!
//! May use: documents. Invariant: both kinds of intents read their `automatic_payment_methods` here.

use crate::state::document::Map;

/// Whether an intent leaves the choice of payment methods to the account. `intent` is its document.
pub(super) fn is_on(intent: &Map) -> bool {
    intent.map("automatic_payment_methods").is_some_and(|automatic| automatic.bool("enabled") == Some(true))
}

/// Whether it does, and the customer may be sent to another page to pay or to agree.
pub(super) fn may_redirect(intent: &Map) -> bool {
    let redirects = intent.map("automatic_payment_methods").and_then(|automatic| automatic.str("allow_redirects"));
    is_on(intent) && redirects != Some("never")
}
