//! Confirming a setup intent (intents-and-checkout 2.2, 2.3).
//!
//! May use: payment methods, the rails of setups. Invariant: a refused confirmation leaves the stored intent as it was.

use std::sync::Arc;

use super::create::{check_use, choose_method, method_reference, reference};
use super::rails::{self, SetupRail};
use super::{SetupIntent, action, options, outcome};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::issuers::{Circumstances, Decline, Verdict};
use crate::resources::instruments::confirmation_tokens;
use crate::resources::instruments::mandates;
use crate::resources::instruments::payment_methods::{self, FutureUsage, Instrument};
use crate::resources::payments::automatic_methods;
use crate::resources::payments::client_context;
use crate::resources::payments::setup_attempts::{self, AttemptStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::Flag;
use crate::state::{Edit, Id, Tx};

/// `POST /v1/setup_intents/:id/confirm`.
pub(super) fn confirm(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    confirm_with(tx, ctx, call.arg(0), &call.params)
}

/// Confirms an intent with the parameters of a call.
///
/// # Errors
/// It does not exist, or the confirmation is refused: the stored intent stays as it was, and the error contains it.
pub(in crate::resources) fn confirm_with(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, params: &Map) -> Result<Outcome> {
    let stored = require::<SetupIntent>(tx, id, In::Path)?;
    let embed = |error: ApiError| error.embed("setup_intent", reference(&stored.id));
    check_confirmable(&stored, params).map_err(embed)?;
    let params = confirmation_tokens::apply(tx, ctx, params).map_err(embed)?;
    let intent = prepare(tx, ctx, &stored, &params).map_err(embed)?;
    run(tx, ctx, intent, &params)
}

/// A missing payment method is reported before the status (intents-and-checkout 2.2).
fn check_confirmable(intent: &SetupIntent, params: &Map) -> Result<()> {
    let names = ["confirmation_token", "payment_method", "payment_method_data"];
    if intent.payment_method.is_none() && !names.iter().any(|name| params.present(name).is_some()) {
        return Err(ApiError::setup_lacks_method());
    }
    if intent.is_open() { Ok(()) } else { Err(ApiError::setup_cannot_confirm(intent.status.as_str())) }
}

/// The intent with the parameters of the confirmation.
fn prepare(tx: &mut Tx, ctx: &Ctx<'_>, stored: &Arc<SetupIntent>, params: &Map) -> Result<Edit<SetupIntent>> {
    let mut intent = Edit::of(Arc::clone(stored));
    options::change_types(tx, &mut intent.rest, params)?;
    options::set_options(&mut intent, params);
    choose_method(tx, ctx, &mut intent, params)?;
    Ok(intent)
}

/// The result of a confirmation.
enum SetupStep {
    Succeed,
    Decline(&'static Decline),
    Act(Map),
}

/// Confirms an open intent; it is stored as it was before the call, or as the call created it.
///
/// # Errors
/// Those of the confirmation; the stored intent, which the error contains, stays as it was.
pub(super) fn run(tx: &mut Tx, ctx: &Ctx<'_>, mut intent: Edit<SetupIntent>, params: &Map) -> Result<Outcome> {
    let shown = reference(&intent.id);
    confirmation_tokens::redeemed(tx, params, &shown);
    intent.makes_default = Flag(client_context::makes_default(params));
    let tried = attempt(tx, ctx, &mut intent, params);
    let (instrument, step) = tried.map_err(|error| error.embed("setup_intent", shown.clone()))?;
    if let Some(earlier) = &intent.latest_attempt {
        setup_attempts::end(tx, earlier, AttemptStatus::Abandoned, Doc::Null, None);
    }
    intent.latest_attempt = None;
    intent.last_setup_error = Doc::Null;
    intent.wrong_verifications = None;
    match step {
        SetupStep::Succeed => outcome::succeed(tx, ctx, intent, &instrument, None)?,
        SetupStep::Act(next_action) => outcome::wait(tx, ctx, intent, &instrument, next_action),
        SetupStep::Decline(decline) => {
            let error = outcome::decline(tx, ctx, intent, &instrument, decline, None);
            return Ok(Outcome::Refused(
                error.embed("setup_intent", shown).embed("payment_method", method_reference(&instrument)),
            ));
        }
    }
    Ok(Outcome::Done(shown))
}

/// Every check of a confirmation, and then the setup.
fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, intent: &mut SetupIntent, params: &Map) -> Result<(Instrument, SetupStep)> {
    let Some(id) = &intent.payment_method else { return Err(ApiError::setup_lacks_method()) };
    // The browser's library follows a redirect by itself.
    let in_browser = ctx.key.is_public() && params.bool("use_stripe_sdk") == Some(true);
    let return_url = params.str("return_url");
    if automatic_methods::may_redirect(&intent.rest) && return_url.is_none() && !in_browser {
        return Err(ApiError::setup_needs_return_url());
    }
    let instrument = payment_methods::obtain(tx, ctx, id, "payment_method")?;
    check_use(tx, &instrument, intent.customer.as_ref())?;
    let kind = rails::kind_of(&instrument);
    if !rails::is_allowed(tx, intent, kind) {
        return Err(ApiError::setup_type_not_allowed(kind, &intent.texts("payment_method_types")));
    }
    let Some(rail) = rails::rail(kind) else {
        return Err(if rails::can_be_set_up(kind) {
            ApiError::not_implemented_feature(&format!("setting up a payment method of type {kind}"))
        } else {
            ApiError::setup_type_unsupported(kind)
        });
    };
    consent(tx, intent, rail, &instrument, params)?;
    let step = match rail {
        SetupRail::Card => card(tx, ctx, intent, &instrument, params),
        SetupRail::AtOnce | SetupRail::Debit => SetupStep::Succeed,
        SetupRail::VerifiedDebit if rails::is_verified(&instrument) => SetupStep::Succeed,
        SetupRail::VerifiedDebit => SetupStep::Act(action::verification(ctx, intent, kind)?),
        SetupRail::Redirect | SetupRail::RedirectToDebit => match return_url {
            None => return Err(ApiError::param_missing("return_url")),
            Some(return_url) => SetupStep::Act(action::redirect(ctx, intent, kind, return_url)),
        },
    };
    Ok((instrument, step))
}

/// The customer's consent to debits: from the call, or from before.
fn consent(tx: &Tx, intent: &mut SetupIntent, rail: SetupRail, instrument: &Instrument, params: &Map) -> Result<()> {
    let kind = rails::kind_of(instrument);
    let sent = params.map("mandate_data").and_then(|data| data.get("customer_acceptance"));
    if let Some(acceptance) = sent.filter(|_| rail != SetupRail::Card) {
        intent.acceptance = acceptance.clone();
    } else if mandates::are_needed_to_set_up(kind)
        && intent.acceptance.is_null()
        && mandates::active(tx, instrument.id()).is_none()
    {
        return Err(ApiError::setup_needs_mandate(kind));
    }
    let schedule = || options::option(intent, kind, "mandate_options")?.as_map()?.present("payment_schedule");
    if kind == "acss_debit" && schedule().is_none() {
        return Err(ApiError::param_missing("payment_method_options[acss_debit][mandate_options][payment_schedule]"));
    }
    Ok(())
}

/// The verdict of the card's issuer.
fn card(tx: &Tx, ctx: &Ctx<'_>, intent: &SetupIntent, instrument: &Instrument, params: &Map) -> SetupStep {
    let Some(card) = instrument.card() else { return SetupStep::Succeed };
    let asked = options::option(intent, "card", "request_three_d_secure").and_then(Doc::as_str);
    let session = Circumstances {
        off_session: intent.usage == FutureUsage::OffSession,
        set_up: false,
        asks_for_3ds: matches!(asked, Some("any" | "challenge")),
    };
    let verdict = match card.test_card().setup(session) {
        // A customer who ordered by mail or telephone cannot be asked.
        Verdict::Authenticate if intent.moto => card.test_card().setup_after_authentication,
        verdict => verdict,
    };
    match ctx.decline.map_or_else(|| card.answer(verdict), Verdict::Decline) {
        Verdict::Authenticate => SetupStep::Act(action::authentication(tx, ctx, intent, Some(card), params)),
        Verdict::Decline(decline) => SetupStep::Decline(decline),
        Verdict::Approve => SetupStep::Succeed,
    }
}

/// The instrument of an intent that waits for its customer.
///
/// # Errors
/// It was deleted.
pub(super) fn instrument(tx: &mut Tx, ctx: &Ctx<'_>, intent: &SetupIntent) -> Result<Instrument> {
    let id = intent.payment_method.as_ref().map_or_else(|| Id::from(""), Id::clone);
    payment_methods::obtain(tx, ctx, &id, "payment_method")
}
