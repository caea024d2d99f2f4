//! How an intent is paid: the type of what pays decides.
//!
//! May use: charging as a value, instruments, the other side's page. Invariant: a rail makes charges and says how
//! an attempt went ([`Progress`]); what becomes of the intent is decided in [`outcome`](super::outcome) alone.

mod card;
mod debit;
pub(super) mod reconcile;
mod redirect;
pub(super) mod transfer;
mod voucher;

use super::confirm::reference;
use super::{CaptureMethod, PaymentIntent};
use crate::contract::{Asked, Attempt, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers::Verdict;
use crate::resources::instruments::mandates;
use crate::resources::instruments::payment_methods::{self, Instrument, PaymentMethod};
use crate::resources::payments::charges::flow::{self, ChargeAttempt};
use crate::resources::payments::charges::settle;
use crate::resources::payments::rails::{self, Action, Rail};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// One way of being paid, for some types of payment method.
pub(super) struct PaymentRail {
    /// Begins an attempt: charges at once, or says what the customer has to do first.
    pub(super) attempt: fn(&mut Tx, &Ctx<'_>, &Trial) -> Result<Progress>,
    /// Goes on with an attempt that waited for the customer, who did what was asked (`true`) or refused it.
    pub(super) resume: fn(&mut Tx, &Ctx<'_>, &Trial, bool) -> Result<Progress>,
    /// What the page asks of the customer.
    pub(super) asked: Asked,
}

/// The rail of an instrument. Legacy cards, and sources with a card, are cards.
///
/// # Errors
/// There is none for its type.
pub(super) fn of(instrument: &Instrument) -> Result<&'static PaymentRail> {
    if instrument.card().is_some() {
        return Ok(&card::RAIL);
    }
    let kind = instrument.kind();
    let facts = rails::of(kind).ok_or_else(|| {
        ApiError::not_implemented_feature(&format!("confirming a PaymentIntent with a payment method of type {kind}"))
    })?;
    Ok(match facts.action {
        Action::Debit => &debit::RAIL,
        Action::Transfer => &transfer::RAIL,
        Action::Boleto | Action::Oxxo | Action::Konbini | Action::Multibanco => &voucher::RAIL,
        _ => &redirect::RAIL,
    })
}

/// What every rail but that of cards checks before anybody pays, and what is known of the type.
///
/// # Errors
/// The type does not go with the intent's currency, its capture method or its `setup_future_usage`.
fn check(trial: &Trial) -> Result<&'static Rail> {
    let (intent, kind) = (&trial.intent, trial.instrument.kind());
    let facts = rails::of(kind).ok_or_else(ApiError::internal)?;
    if !facts.currencies.is_empty() && !facts.currencies.contains(&intent.currency.as_str()) {
        return Err(trial.refused(ApiError::intent_currency_unsupported(kind, &intent.currency, facts.currencies)));
    }
    if intent.holds(kind) && !facts.holds {
        return Err(trial.refused(ApiError::intent_type_not_held(kind)));
    }
    if intent.saves(kind).is_some() && !payment_methods::is_reusable(kind) {
        return Err(trial.refused(ApiError::intent_type_not_saved(kind)));
    }
    Ok(facts)
}

/// Sees to it that what needs the customer's mandate has one: the consent that was sent makes it.
///
/// # Errors
/// There is none.
fn consent(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, facts: &Rail) -> Result<()> {
    let Some(method) = trial.method().filter(|_| facts.needs_mandate) else { return Ok(()) };
    let intent = &trial.intent;
    let Some(acceptance) = &trial.terms.acceptance else {
        let agreed = trial.terms.mandate.is_some() || method.set_up || mandates::active(tx, &method.id).is_some();
        return if agreed { Ok(()) } else { Err(trial.refused(ApiError::intent_needs_mandate())) };
    };
    let once = Map::from([("amount", Doc::from(intent.amount)), ("currency", intent.currency.clone().into())]);
    let terms = mandates::MandateTerms {
        payment_method: &method.id,
        kind: &method.kind,
        acceptance,
        single_use: intent.saves(&method.kind).is_none().then_some(&once),
        options: trial.options().and_then(|options| options.map("mandate_options")),
        on_behalf_of: intent.rest.str("on_behalf_of"),
    };
    mandates::create(tx, ctx, &terms);
    Ok(())
}

/// The customer has done their part: the money comes, is held, or is on its way.
fn pay(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Progress {
    let mut plan = trial.plan(Verdict::Approve, false);
    let named = plan.details.present("mandate").is_some();
    if let Some(mandate) = trial.method().filter(|_| !named).and_then(|method| mandates::latest(tx, &method.id)) {
        plan.details.set("mandate", mandate.to_string());
    }
    if rails::settles_later(trial.instrument.kind()) {
        return Progress::Processing(Some(settle::begin(tx, ctx, plan)));
    }
    charge(tx, ctx, plan)
}

/// Charges the instrument, and says how far the attempt got.
fn charge(tx: &mut Tx, ctx: &Ctx<'_>, plan: ChargeAttempt) -> Progress {
    let capture = plan.capture;
    match flow::attempt(tx, ctx, plan) {
        Attempt::Approved(charge) if capture => Progress::Succeeded(charge),
        Attempt::Approved(charge) => Progress::RequiresCapture(charge),
        Attempt::Declined { charge, error } => Progress::Declined { charge, error },
        // The issuer of a card that passed 3D Secure does not ask for it again.
        Attempt::NeedsAction => Progress::Declined { charge: None, error: ApiError::intent_authentication_failed() },
    }
}

/// An attempt to have an intent paid.
pub(super) struct Trial {
    /// The intent with everything that the call said of it; what is stored may be older.
    pub(super) intent: Edit<PaymentIntent>,
    /// What pays.
    pub(super) instrument: Instrument,
    /// What holds for this confirmation alone.
    pub(super) terms: PaymentTerms,
}

/// What a confirmation says and the intent does not keep.
#[derive(Debug, Default)]
pub(super) struct PaymentTerms {
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
    /// The customer agrees to be debited: `mandate_data[customer_acceptance]`.
    pub(super) acceptance: Option<Map>,
}

impl PaymentTerms {
    /// The terms of a confirmation's parameters.
    pub(super) fn of(params: &Map) -> Self {
        let flag = |key| params.bool(key) == Some(true);
        // `off_session` may be one of the older words for it (intents-and-checkout 1.3).
        let off_session = match params.get("off_session") {
            Some(Doc::Bool(off)) => *off,
            Some(Doc::Text(text)) => matches!(text.as_ref(), "true" | "one_off" | "recurring"),
            _ => false,
        };
        PaymentTerms {
            off_session,
            return_url: params.str("return_url").map(str::to_owned),
            use_stripe_sdk: flag("use_stripe_sdk"),
            error_on_requires_action: flag("error_on_requires_action"),
            mandate: params.str("mandate").map(str::to_owned),
            acceptance: params.map("mandate_data").and_then(|data| data.map("customer_acceptance")).cloned(),
            authenticated_elsewhere: params
                .map("payment_method_options")
                .and_then(|options| options.map("card"))
                .is_some_and(|card| card.map("three_d_secure").is_some()),
        }
    }
}

/// How far an attempt got.
#[derive(Debug)]
pub(super) enum Progress {
    /// The money was taken; the charge.
    Succeeded(Id),
    /// The money is held until it is captured; the charge.
    RequiresCapture(Id),
    /// The bank says later; the pending charge, when there is one already.
    Processing(Option<Id>),
    /// The customer has to do something first: the `next_action`.
    RequiresAction(Map),
    /// As [`RequiresAction`](Self::RequiresAction); a test account's customer does it by themselves.
    ActsAlone {
        /// The `next_action`.
        next_action: Map,
        /// Whether they do it, or refuse.
        agrees: bool,
        /// When, in Unix seconds.
        at: i64,
    },
    /// Refused.
    Declined {
        /// The charge that records the failure, when there is one.
        charge: Option<Id>,
        /// Why.
        error: ApiError,
    },
}

impl Trial {
    /// An error of the confirmation, which shows the intent as it is stored.
    fn refused(&self, error: ApiError) -> ApiError {
        error.embed("payment_intent", reference(&self.intent.id))
    }

    /// A part of the intent's `payment_method_options` for the type that pays.
    fn options(&self) -> Option<&Map> {
        self.intent.options(self.instrument.kind())
    }

    /// The payment method that pays, if it is one.
    fn method(&self) -> Option<&PaymentMethod> {
        match &self.instrument {
            Instrument::PaymentMethod(method) => Some(method),
            _ => None,
        }
    }

    /// The charge that the intent asks for; `verdict` is what the card's issuer says, and `authenticated` whether
    /// its holder passed 3D Secure.
    fn plan(&self, verdict: Verdict, authenticated: bool) -> ChargeAttempt {
        let intent = &self.intent;
        let mut details = Map::new();
        for key in flow::DETAILS {
            if let Some(value) = intent.rest.present(key) {
                details.set(*key, value.clone());
            }
        }
        details.set("metadata", intent.metadata.clone());
        details.set("mandate", self.terms.mandate.clone());
        ChargeAttempt {
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
            ledger_later: intent.capture_method == CaptureMethod::AutomaticAsync,
        }
    }
}
