//! How an intent is paid: the type of what pays decides.
//!
//! May use: charging as a value, instruments, the other side's page. Invariant: a rail makes charges and says how
//! an attempt went ([`Progress`]); what becomes of the intent is decided in [`outcome`](super::outcome) alone.

mod card;

use super::PaymentIntent;
use crate::api::error::{ApiError, Result};
use crate::api::operation::Ctx;
use crate::resources::charges::flow::Plan;
use crate::resources::decision::Asked;
use crate::resources::instrument::Instrument;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};
use crate::testdata::Verdict;

/// One way of being paid, for some types of payment method.
pub(super) struct Rail {
    /// The types.
    pub(super) types: &'static [&'static str],
    /// Begins an attempt: charges at once, or says what the customer has to do first.
    pub(super) attempt: fn(&mut Tx, &Ctx<'_>, &Trial) -> Result<Progress>,
    /// Goes on with an attempt that waited for the customer, who did what was asked (`true`) or refused it.
    pub(super) resume: fn(&mut Tx, &Ctx<'_>, &Trial, bool) -> Result<Progress>,
    /// What the page asks of the customer.
    pub(super) asked: Asked,
}

/// Every rail.
static RAILS: &[&Rail] = &[&card::RAIL];

/// The rail of an instrument. Legacy cards, and sources with a card, are cards.
///
/// # Errors
/// There is none for its type.
pub(super) fn of(instrument: &Instrument) -> Result<&'static Rail> {
    let kind = if instrument.card().is_some() { "card" } else { instrument.kind() };
    RAILS.iter().copied().find(|rail| rail.types.contains(&kind)).ok_or_else(|| {
        ApiError::not_implemented_feature(&format!("confirming a PaymentIntent with a payment method of type {kind}"))
    })
}

/// An attempt to have an intent paid.
pub(super) struct Trial {
    /// The intent with everything that the call said of it; what is stored may be older.
    pub(super) intent: PaymentIntent,
    /// What pays.
    pub(super) instrument: Instrument,
    /// What holds for this confirmation alone.
    pub(super) terms: Terms,
}

/// What a confirmation says and the intent does not keep.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// The customer is not there.
    pub(super) off_session: bool,
    /// Where the customer comes back to after a redirect.
    pub(super) return_url: Option<String>,
    /// The browser library carries out `next_action` itself.
    pub(super) use_stripe_sdk: bool,
    /// What would need the customer fails.
    pub(super) error_on_requires_action: bool,
    /// The mandate under which the payment method is charged.
    pub(super) mandate: Option<String>,
    /// The cardholder passed 3D Secure with somebody else (`payment_method_options[card][three_d_secure]`).
    pub(super) authenticated_elsewhere: bool,
}

impl Terms {
    /// The terms of a confirmation's parameters.
    pub(super) fn of(params: &Map) -> Self {
        let flag = |key| params.bool(key) == Some(true);
        // `off_session` may be one of the older words for it (intents-and-checkout 1.3).
        let off_session = match params.get("off_session") {
            Some(Doc::Bool(off)) => *off,
            Some(Doc::Text(text)) => matches!(text.as_ref(), "true" | "one_off" | "recurring"),
            _ => false,
        };
        Terms {
            off_session,
            return_url: params.str("return_url").map(str::to_owned),
            use_stripe_sdk: flag("use_stripe_sdk"),
            error_on_requires_action: flag("error_on_requires_action"),
            mandate: params.str("mandate").map(str::to_owned),
            authenticated_elsewhere: params
                .map("payment_method_options")
                .and_then(|options| options.map("card"))
                .is_some_and(|card| card.map("three_d_secure").is_some()),
        }
    }
}

/// How far an attempt got.
#[derive(Debug)]
pub enum Progress {
    /// The money was taken; the charge.
    Succeeded(Id),
    /// The money is held until it is captured; the charge.
    RequiresCapture(Id),
    /// The bank says later; the pending charge, when there is one already.
    Processing(Option<Id>),
    /// The customer has to do something first: the `next_action`.
    RequiresAction(Map),
    /// Refused.
    Declined {
        /// The charge that records the failure, when there is one.
        charge: Option<Id>,
        /// Why.
        error: ApiError,
    },
}

impl Trial {
    /// The charge that the intent asks for; `verdict` is what the card's issuer says, and `authenticated` whether
    /// its holder passed 3D Secure.
    fn plan(&self, verdict: Verdict, authenticated: bool) -> Plan {
        let intent = &self.intent;
        let mut details = Map::new();
        for key in super::fields::KEPT {
            if let Some(value) = intent.rest.present(key) {
                details.set(*key, value.clone());
            }
        }
        details.set("metadata", intent.metadata.clone());
        details.set("mandate", self.terms.mandate.clone());
        Plan {
            amount: intent.amount,
            currency: intent.currency.clone(),
            capture: !intent.holds(self.instrument.kind()),
            instrument: self.instrument.clone(),
            customer: intent.customer.clone(),
            payment_intent: Some(Id::clone(&intent.id)),
            verdict,
            authenticated,
            options: intent.options(self.instrument.kind()).cloned().unwrap_or_default(),
            details,
            ledger_later: intent.capture_method == "automatic_async",
        }
    }
}
