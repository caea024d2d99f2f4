//! The customer's next action (`next_action`), and its result (intents-and-checkout 1.7).
//!
//! May use: the rails, the page for decisions. Invariant: only an intent with the status `requires_action` waits for
//! its customer, who acts once.

use super::rails::{self, Trial};
use super::{IntentStatus, PaymentIntent, outcome};
use crate::contract::{Asked, Ctx, Decision, Question};
use crate::error::Result;
use crate::resources::decision;
use crate::resources::instruments::payment_methods::{Instrument, PaymentMethod};
use crate::resources::payments::three_d_secure;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// The browser goes to the page of this server and returns to the shop.
pub(super) fn redirect(ctx: &Ctx<'_>, intent: &PaymentIntent, return_url: &str) -> Map {
    let redirect = Map::from([("return_url", Doc::from(return_url.to_owned())), ("url", page(ctx, intent).into())]);
    Map::from([("redirect_to_url", Doc::from(redirect)), ("type", "redirect_to_url".into())])
}

/// 3D Secure: by a redirect, or by the browser library inside the shop's page.
pub(super) fn authentication(tx: &Tx, ctx: &Ctx<'_>, trial: &Trial) -> Map {
    if let Some(return_url) = trial.terms.return_url.as_deref().filter(|_| !trial.terms.use_stripe_sdk) {
        return redirect(ctx, &trial.intent, return_url);
    }
    let (account, page) = (tx.account_id(), page(ctx, &trial.intent));
    three_d_secure::by_library(ctx, &account, trial.instrument.card(), page)
}

/// The page of an intent; its address contains the intent's secret.
pub(super) fn page(ctx: &Ctx<'_>, intent: &PaymentIntent) -> String {
    decision::link(ctx, &intent.id, intent.client_secret.as_deref().unwrap_or_default())
}

/// The voucher of an intent, to print.
pub(super) fn voucher_pdf(ctx: &Ctx<'_>, intent: &PaymentIntent) -> String {
    let secret = intent.client_secret.as_deref().unwrap_or_default();
    decision::link_to(ctx, &format!("/vouchers/{}/pdf", intent.id), secret)
}

/// The pictures of a code that leads to the page.
pub(super) fn pictures(ctx: &Ctx<'_>, intent: &PaymentIntent) -> [(&'static str, Doc); 2] {
    decision::pictures(ctx, &intent.id, intent.client_secret.as_deref().unwrap_or_default())
}

/// The decision about an intent that waits for its customer.
pub(super) const DECISION: Decision = Decision { ask, decide };

fn ask(tx: &Tx, id: &str) -> Option<Question> {
    let intent = tx.get::<PaymentIntent>(id)?;
    let method = intent.payment_method.as_ref().and_then(|method| tx.get::<PaymentMethod>(method));
    let kind = method.as_ref().map_or("card", |method| &method.kind);
    let rail = method.as_ref().and_then(|method| rails::of(&Instrument::PaymentMethod(method.clone())).ok());
    let asked = rail.map_or(Asked::Authentication, |rail| rail.asked);
    let title = match asked {
        Asked::Authentication => "3D Secure",
        Asked::Authorization => kind,
    };
    Some(Question {
        secret: intent.client_secret.as_ref()?.to_string(),
        title: title.to_owned(),
        amount: Some((intent.amount, intent.currency.to_string())),
        status: intent.status.as_str(),
        is_open: intent.status == IntentStatus::RequiresAction,
        asked,
    })
}

/// The customer agreed or refused: the attempt continues, or waits for another confirmation by the server
/// (`confirmation_method: manual`, intents-and-checkout 1.2).
pub(super) fn decide(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, agreed: bool) -> Result<Option<String>> {
    let Some(trial) = outcome::pending(tx, ctx, id)? else { return Ok(None) };
    let Some(secret) = trial.intent.client_secret.clone() else { return Ok(None) };
    let return_url = return_url(&trial.intent);
    if agreed && trial.intent.is_confirmed_manually() {
        let id = Id::clone(&trial.intent.id);
        tx.update::<PaymentIntent>(&id, |intent| {
            intent.authenticated = true;
            intent.status = IntentStatus::RequiresConfirmation;
            intent.rest.set("next_action", Doc::Null);
        });
    } else {
        let progress = rails::resume(tx, ctx, &trial, agreed)?;
        outcome::conclude(tx, ctx, trial, progress)?;
    }
    let result = match tx.get::<PaymentIntent>(id).map(|intent| intent.status) {
        Some(IntentStatus::RequiresPaymentMethod) => "failed",
        Some(IntentStatus::Processing) => "pending",
        _ => "succeeded",
    };
    let query = [("payment_intent", id), ("payment_intent_client_secret", &secret), ("redirect_status", result)];
    Ok(return_url.map(|url| decision::with_query(&url, &query)))
}

/// Where the customer returns to.
fn return_url(intent: &PaymentIntent) -> Option<String> {
    let next_action = intent.rest.map("next_action")?;
    let redirect = next_action.map("redirect_to_url").or(next_action.map("alipay_handle_redirect"))?;
    redirect.str("return_url").filter(|url| !url.is_empty()).map(str::to_owned)
}
