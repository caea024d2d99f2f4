//! Payment methods that the customer saved, saves now or removes (`saved_payment_method_options`, intents-and-checkout 3.1).
//!
//! May use: payment methods. Invariant: nobody is shown a payment method again who has not agreed to it, unless the session says so.

use super::{Session, SessionMode};
use crate::error::{ApiError, Result};
use crate::resources::instruments::payment_methods::{self, PaymentMethod};
use crate::resources::payments::paying::{self, Offer};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Whether a payment method may be shown to its customer again.
const REDISPLAY: &str = "allow_redisplay";

/// What a customer enters who wants the payment method to be saved.
const SAVE: &str = "save_payment_method";

/// What a customer enters who removes a saved payment method.
const REMOVE: &str = "remove_payment_method";

impl Session {
    /// The payment methods that the customer saved and is shown again, of the types that the session allows.
    pub fn saved_methods(&self, tx: &Tx) -> Vec<Offer> {
        let types = self.types().collect::<Vec<_>>();
        let Some(customer) = self.customer.as_deref() else { return Vec::new() };
        let always = [Doc::from("always")];
        let filters =
            self.rest.map("saved_payment_method_options").and_then(|options| options.list("allow_redisplay_filters"));
        let filters = filters.unwrap_or(&always);
        let is_shown = |offer: &Offer| {
            let method = tx.get::<PaymentMethod>(&offer.value);
            let redisplay = method.as_ref().and_then(|method| method.rest.str(REDISPLAY)).unwrap_or("unspecified");
            filters.iter().any(|filter| filter.as_str() == Some(redisplay))
        };
        paying::saved(tx, customer, &types).into_iter().filter(is_shown).collect()
    }

    /// Whether the customer is asked to save the payment method.
    pub fn asks_to_save(&self) -> bool {
        self.lets("payment_method_save")
    }

    /// Whether the customer may remove saved payment methods.
    pub fn lets_remove(&self) -> bool {
        self.lets("payment_method_remove")
    }

    fn lets(&self, option: &str) -> bool {
        self.rest.map("saved_payment_method_options").and_then(|options| options.str(option)) == Some("enabled")
    }

    /// Whether a payment method of a type is the customer's afterwards, without being asked.
    pub(super) fn keeps(&self, kind: &str) -> bool {
        let usage = |of: Option<&Map>| of.and_then(|of| of.str("setup_future_usage")).map(str::to_owned);
        let of_type = usage(self.rest.map("payment_method_options").and_then(|options| options.map(kind)));
        match self.mode {
            SessionMode::Setup | SessionMode::Subscription => true,
            SessionMode::Payment => {
                of_type.or_else(|| usage(self.intent_data.as_map())).is_some_and(|usage| usage != "none")
            }
        }
    }
}

/// Whether the customer wants the payment method to be saved.
pub(super) fn is_wanted(chosen: &Map) -> bool {
    chosen.bool(SAVE) == Some(true)
}

/// Takes what the customer wants to become of payment methods: removes a saved one.
///
/// # Errors
/// The session does not let them, or shows no such payment method.
pub(super) fn take(tx: &mut Tx, session: &Session, entered: &Map) -> Result<()> {
    if is_wanted(entered) && !session.asks_to_save() {
        return Err(ApiError::session_asks_not(SAVE));
    }
    let Some(gone) = entered.str(REMOVE) else { return Ok(()) };
    if !session.lets_remove() {
        return Err(ApiError::session_asks_not(REMOVE));
    }
    if !session.saved_methods(tx).iter().any(|offer| offer.value == gone) {
        return Err(ApiError::session_answer_unfit(REMOVE));
    }
    payment_methods::release(tx, gone);
    Ok(())
}

/// Says of a payment method that is new, and is kept, whether its customer is shown it again.
pub(super) fn note(tx: &mut Tx, session: &Session, method: &str, chosen: &Map) {
    let known = tx.get::<PaymentMethod>(method).filter(|method| method.customer.is_none());
    let Some(known) = known else { return };
    let wanted = is_wanted(chosen);
    if !wanted && !session.keeps(&known.kind) {
        return;
    }
    let decided = match session.mode {
        _ if wanted => "always",
        SessionMode::Setup => "always",
        SessionMode::Payment | SessionMode::Subscription => "limited",
    };
    let said = session.method_data.as_map().and_then(|data| data.str(REDISPLAY)).unwrap_or(decided).to_owned();
    tx.update::<PaymentMethod>(method, |method| method.rest.set(REDISPLAY, said));
}
