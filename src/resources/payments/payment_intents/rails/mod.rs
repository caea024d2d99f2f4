//! How an intent is paid, by the type of its payment method.
//!
//! May use: charging as a value, instruments, the decision page. Invariant: a rail makes charges and returns the
//! [`Progress`] of an attempt; only [`outcome`](super::outcome) changes the intent.

mod card;
mod debit;
pub(super) mod reconcile;
mod redirect;
pub(super) mod transfer;
mod voucher;

use super::confirm::reference;
use super::create::cvc_token;
use super::{CaptureMethod, PaymentIntent};
use crate::contract::{Asked, Attempt, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers::Verdict;
use crate::resources::connect::standing;
use crate::resources::instruments::mandates;
use crate::resources::instruments::payment_methods::{self, Instrument, PaymentMethod};
use crate::resources::payments::charges;
use crate::resources::payments::charges::flow::{self, ChargeAttempt};
use crate::resources::payments::charges::settle;
use crate::resources::payments::rails::{self, Action, Rail};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// One way to pay, for some types of payment method.
pub(super) struct PaymentRail {
    /// Begins an attempt: charges at once, or returns the customer's next action.
    pub(super) attempt: fn(&mut Tx, &Ctx<'_>, &Trial) -> Result<Progress>,
    /// Continues an attempt after the customer acted (`true`) or refused.
    pub(super) resume: fn(&mut Tx, &Ctx<'_>, &Trial, bool) -> Result<Progress>,
    /// What the page asks the customer for.
    pub(super) asked: Asked,
}

/// The rail of an instrument. Legacy cards, and sources with a card, are cards.
///
/// # Errors
/// Its type has none.
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

/// Continues an attempt after the customer acted (`agreed`) or refused. It is declined if those who would get the money take none
/// any more: no call is there to refuse.
///
/// # Errors
/// Those of the rail.
pub(super) fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    match check_receivers(tx, &trial.intent) {
        Err(error) if agreed => Ok(Progress::Declined { charge: None, error }),
        _ => (of(&trial.instrument)?.resume)(tx, ctx, trial, agreed),
    }
}

/// Whether those who get the money of an intent still take it.
fn check_receivers(tx: &Tx, intent: &PaymentIntent) -> Result<()> {
    standing::check_charges(tx)?;
    charges::check_parties(tx, &intent.rest)
}

/// The checks of every rail except cards, and the row of the type.
///
/// # Errors
/// The type does not support the intent's currency, its capture method or its `setup_future_usage`.
fn check(trial: &Trial) -> Result<&'static Rail> {
    let (intent, kind) = (&trial.intent, trial.instrument.kind());
    let facts = rails::of(kind).ok_or_else(ApiError::internal)?;
    if !facts.takes(&intent.currency) {
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

/// Makes sure that a type that needs a mandate has one: the sent acceptance creates it.
///
/// # Errors
/// There is none.
fn consent(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, facts: &Rail) -> Result<()> {
    let Some(method) = trial.method().filter(|_| facts.needs_mandate) else { return Ok(()) };
    let intent = &trial.intent;
    let Some(acceptance) = &trial.terms.acceptance else {
        let agreed = trial.terms.mandate.is_some() || method.set_up || mandates::active(tx, &method.id).is_some();
        let lacking = match intent.saves(&method.kind) {
            Some(_) => ApiError::intent_setup_needs_mandate(&method.kind),
            None => ApiError::intent_needs_mandate(),
        };
        return if agreed { Ok(()) } else { Err(trial.refused(lacking)) };
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

/// The customer has acted: the money is captured, held, or on its way.
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

/// An attempt to pay an intent.
pub(super) struct Trial {
    /// The intent with the parameters of the call; the stored one may be older.
    pub(super) intent: Edit<PaymentIntent>,
    /// The instrument that pays.
    pub(super) instrument: Instrument,
    /// The parameters of this confirmation alone.
    pub(super) terms: PaymentTerms,
}

/// The parameters of a confirmation that the intent does not store.
#[derive(Debug, Default)]
pub(super) struct PaymentTerms {
    /// The customer is not present.
    pub(super) off_session: bool,
    /// If their bank asks for them, the payment waits for them, present or not.
    pub(super) waits_for_customer: bool,
    /// Where the customer returns to after a redirect.
    pub(super) return_url: Option<String>,
    /// The browser library handles `next_action` itself.
    pub(super) use_stripe_sdk: bool,
    /// A payment that would need an action fails.
    pub(super) error_on_requires_action: bool,
    /// The mandate for the charge.
    pub(super) mandate: Option<String>,
    /// The token of the card's security code.
    pub(super) cvc_token: Option<String>,
    /// The cardholder passed 3D Secure with another provider (`payment_method_options[card][three_d_secure]`).
    pub(super) authenticated_elsewhere: bool,
    /// The customer's consent to a debit: `mandate_data[customer_acceptance]`.
    pub(super) acceptance: Option<Map>,
}

impl PaymentTerms {
    /// The terms of a confirmation's parameters.
    pub(super) fn of(params: &Map) -> Self {
        let flag = |key| params.bool(key) == Some(true);
        // `off_session` can be one of its older values (intents-and-checkout 1.3).
        let off_session = match params.get("off_session") {
            Some(Doc::Bool(off)) => *off,
            Some(Doc::Text(text)) => matches!(text.as_ref(), "true" | "one_off" | "recurring"),
            _ => false,
        };
        PaymentTerms {
            off_session,
            waits_for_customer: false,
            return_url: params.str("return_url").map(str::to_owned),
            use_stripe_sdk: flag("use_stripe_sdk"),
            error_on_requires_action: flag("error_on_requires_action"),
            mandate: params.str("mandate").map(str::to_owned),
            cvc_token: cvc_token(params).map(str::to_owned),
            acceptance: params.map("mandate_data").and_then(|data| data.map("customer_acceptance")).cloned(),
            authenticated_elsewhere: params
                .map("payment_method_options")
                .and_then(|options| options.map("card"))
                .is_some_and(|card| card.map("three_d_secure").is_some()),
        }
    }
}

/// The progress of an attempt.
#[derive(Debug)]
pub(super) enum Progress {
    /// The money was captured; the charge.
    Succeeded(Id),
    /// The money is held until it is captured; the charge.
    RequiresCapture(Id),
    /// The bank will answer later; the pending charge, if there is one.
    Processing(Option<Id>),
    /// The customer must act first: the `next_action`.
    RequiresAction(Map),
    /// As [`RequiresAction`](Self::RequiresAction); the customer of a test account acts without a tester.
    ActsAlone {
        /// The `next_action`.
        next_action: Map,
        /// Whether the customer agrees or refuses.
        agrees: bool,
        /// When, in Unix seconds.
        at: i64,
    },
    /// Declined.
    Declined {
        /// The failed charge, if there is one.
        charge: Option<Id>,
        /// The error.
        error: ApiError,
    },
}

impl Trial {
    /// An error of the confirmation, which contains the stored intent.
    fn refused(&self, error: ApiError) -> ApiError {
        error.embed("payment_intent", reference(&self.intent.id))
    }

    /// The intent's `payment_method_options` for the type that pays.
    fn options(&self) -> Option<&Map> {
        self.intent.options(self.instrument.kind())
    }

    /// The payment method that pays, if the instrument is one.
    fn method(&self) -> Option<&PaymentMethod> {
        match &self.instrument {
            Instrument::PaymentMethod(method) => Some(method),
            _ => None,
        }
    }

    /// The charge for the intent; `verdict` is that of the card's issuer, and `authenticated` whether the cardholder
    /// passed 3D Secure.
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
