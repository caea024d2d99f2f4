//! The customer's next action for a setup (`next_action`), and its result (intents-and-checkout 1.7, 2.2).
//!
//! May use: the page for decisions. Invariant: only an intent with the status `requires_action` waits for its customer,
//! who acts once.

use super::outcome::{self, fail, succeed};
use super::rails::SetupRail;
use super::{SetupIntent, SetupStatus, confirm, options, rails};
use crate::contract::{Asked, Ctx, Decision, In, Question, require};
use crate::error::{ApiError, Result};
use crate::issuers::Verdict;
use crate::resources::decision;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::microdeposits;
use crate::resources::payments::setup_attempts::{self, Challenge};
use crate::resources::payments::three_d_secure;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Tx};

/// How long a code to scan is valid, in seconds.
const CODE_SECONDS: i64 = 600;

/// 3D Secure: by a redirect, or by the browser's library inside the shop's page.
pub(super) fn authentication(
    tx: &Tx,
    ctx: &Ctx<'_>,
    intent: &SetupIntent,
    card: Option<&CardDetails>,
    params: &Map,
) -> Map {
    let by_library = params.bool("use_stripe_sdk") == Some(true);
    if let Some(return_url) = params.str("return_url").filter(|_| !by_library) {
        return to_page(ctx, intent, return_url);
    }
    three_d_secure::by_library(ctx, &tx.account_id(), card, page(ctx, intent))
}

/// The customer agrees at a bank or a wallet; Cash App has its own form.
pub(super) fn redirect(ctx: &Ctx<'_>, intent: &SetupIntent, kind: &str, return_url: &str) -> Map {
    if kind != "cashapp" {
        return to_page(ctx, intent, return_url);
    }
    const FORM: &str = "cashapp_handle_redirect_or_display_qr_code";
    let page = page(ctx, intent);
    let [png, svg] = decision::pictures(ctx, &intent.id, intent.client_secret.as_deref().unwrap_or_default());
    let code = Map::from([("expires_at", Doc::from(ctx.now + CODE_SECONDS)), png, svg]);
    let form = Map::from([
        ("hosted_instructions_url", Doc::from(page.clone())),
        ("mobile_auth_url", page.into()),
        ("qr_code", code.into()),
    ]);
    Map::from([("type", Doc::from(FORM)), (FORM, form.into())])
}

fn to_page(ctx: &Ctx<'_>, intent: &SetupIntent, return_url: &str) -> Map {
    let redirect = Map::from([("return_url", Doc::from(return_url.to_owned())), ("url", page(ctx, intent).into())]);
    Map::from([("redirect_to_url", Doc::from(redirect)), ("type", "redirect_to_url".into())])
}

/// The customer looks up the microdeposits.
///
/// # Errors
/// The request asks for a login at the bank.
pub(super) fn verification(ctx: &Ctx<'_>, intent: &SetupIntent, kind: &str) -> Result<Map> {
    let method = options::option(intent, kind, "verification_method").and_then(Doc::as_str);
    if method == Some("instant") {
        return Err(ApiError::not_implemented_feature(
            "verifying a bank account instantly (verification_method `automatic` or `microdeposits` does it with \
             microdeposits)",
        ));
    }
    Ok(microdeposits::next_action(ctx, kind, (&intent.id, intent.client_secret.as_deref().unwrap_or_default())))
}

fn page(ctx: &Ctx<'_>, intent: &SetupIntent) -> String {
    decision::link(ctx, &intent.id, intent.client_secret.as_deref().unwrap_or_default())
}

/// The decision about an intent that waits for its customer.
pub(super) const DECISION: Decision = Decision { ask, decide };

fn ask(tx: &Tx, id: &str) -> Option<Question> {
    let intent = tx.get::<SetupIntent>(id)?;
    let method = intent.payment_method.as_ref().and_then(|method| tx.get::<PaymentMethod>(method));
    let kind = method.as_ref().map_or("card", |method| &method.kind);
    let (asked, title) = match rails::rail(kind) {
        Some(SetupRail::VerifiedDebit) => (Asked::Authorization, "microdeposits"),
        Some(rail) if rail.redirects() => (Asked::Authorization, kind),
        _ => (Asked::Authentication, "3D Secure"),
    };
    Some(Question {
        secret: intent.client_secret.clone()?,
        title: title.to_owned(),
        amount: None,
        status: intent.status.as_str(),
        is_open: intent.status == SetupStatus::RequiresAction,
        asked,
    })
}

/// The customer agreed or refused: the attempt ends (intents-and-checkout 2.2).
fn decide(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, agreed: bool) -> Result<Option<String>> {
    let intent = Edit::of(require::<SetupIntent>(tx, id, In::Path)?);
    let return_url = return_url(&intent);
    let secret = intent.client_secret.clone().unwrap_or_default();
    let instrument = confirm::instrument(tx, ctx, &intent)?;
    let card = instrument.card().map(|card| card.test_card().setup_after_authentication);
    let challenge = |passed| card.is_some().then(|| setup_attempts::challenge(ctx, passed));
    match card {
        _ if !agreed => {
            let add = challenge(Challenge::Failed);
            fail(tx, ctx, intent, &instrument, refusal(&instrument), add.as_ref());
        }
        Some(Verdict::Decline(decline)) => {
            let add = challenge(Challenge::Passed);
            outcome::decline(tx, ctx, intent, &instrument, decline, add.as_ref());
        }
        _ => succeed(tx, ctx, intent, &instrument, challenge(Challenge::Passed).as_ref())?,
    }
    let failed = require::<SetupIntent>(tx, id, In::Path)?.status != SetupStatus::Succeeded;
    let result = if failed { "failed" } else { "succeeded" };
    let query = [("setup_intent", id), ("setup_intent_client_secret", &secret), ("redirect_status", result)];
    Ok(return_url.map(|url| decision::with_query(&url, &query)))
}

/// The error if the customer does not act.
fn refusal(instrument: &crate::resources::instruments::payment_methods::Instrument) -> ApiError {
    match rails::rail(rails::kind_of(instrument)) {
        Some(SetupRail::VerifiedDebit) => ApiError::microdeposit_attempts_exceeded(),
        _ => ApiError::setup_authentication_failed(),
    }
}

/// Where the customer returns to.
fn return_url(intent: &SetupIntent) -> Option<String> {
    let redirect = intent.next_action.as_map()?.map("redirect_to_url")?;
    redirect.str("return_url").map(str::to_owned)
}
