//! Where a customer authenticates or authorizes a payment, instead of at a bank or in an app.
//!
//! May use: axum, the templates, the sandboxes, the registry's decisions. Invariant: a page shows and does only what its link gives
//! access to, by the object's secret or by what was made of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::linked::onward;
use super::methods;
use super::respond::{answer, base_url, go_to, not_found, nothing_for, page, refuse};
use super::templates::DecisionPage;
use crate::app::App;
use crate::contract::{self, Asked, Decision, Question};
use crate::engine;
use crate::money;
use crate::resources::decision;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Kind, Tx};

/// The address of an object's page.
pub(super) const PATH: &str = "/authorize/{id}";

/// The query of a link to an object's page.
#[derive(Debug, Deserialize)]
pub(crate) struct PageLink {
    /// What the API's links contain, made of the secret.
    nonce: Option<String>,
    /// The object's `client_secret`, for a call without a browser.
    client_secret: Option<String>,
    /// Sent by a call without a browser, which gets JSON.
    result: Option<String>,
    /// The sandbox of the object; every sandbox is searched when it is not sent.
    sandbox: Option<String>,
    /// Where the browser goes on to, if the object does not say it.
    return_url: Option<String>,
}

/// The tester's choice.
#[derive(Debug, Default, Deserialize)]
struct DecisionParams {
    result: Option<String>,
}

/// An object whose link allows a decision.
struct Decidable {
    sandbox: Arc<Sandbox>,
    account: AccountKey,
    kind: Kind,
    decision: Decision,
    question: Question,
}

impl Decidable {
    fn find(app: &App, id: &str, link: &PageLink) -> Option<Self> {
        let mut found = decision::kinds().filter_map(|(kind, decision)| {
            let (sandbox, account) = app.locate(kind, id, link.sandbox.as_deref())?;
            Some((sandbox, account, kind, decision))
        });
        let (sandbox, account, kind, decision) = found.next()?;
        let question = (decision.ask)(&Tx::new(&sandbox.state(), account, contract::indexes), id)?;
        let entitled = link.client_secret.as_deref() == Some(question.secret.as_str())
            || link.nonce.as_deref() == Some(decision::nonce(&question.secret).as_str());
        entitled.then_some(Decidable { sandbox, account, kind, decision, question })
    }

    fn show(&self, id: &str, link: &PageLink) -> Response {
        let Question { title, amount, status, is_open, asked, .. } = &self.question;
        let amount = amount.as_ref().map(|(amount, currency)| money::display(*amount, currency));
        let onward = |result| {
            let mut query = Vec::new();
            query.extend(link.nonce.as_deref().map(|nonce| ("nonce", nonce)));
            query.extend(link.client_secret.as_deref().map(|secret| ("client_secret", secret)));
            query.push(("result", result));
            query.extend(link.sandbox.as_deref().map(|name| ("sandbox", name)));
            query.extend(link.return_url.as_deref().map(|url| ("return_url", url)));
            format!("?{}", serde_urlencoded::to_string(query).unwrap_or_default())
        };
        page(&DecisionPage {
            id,
            title: methods::name(title),
            subject: if amount.is_some() { "Payment" } else { "Setup" },
            amount: amount.unwrap_or_default(),
            status,
            is_open: *is_open,
            is_challenge: *asked == Asked::Authentication,
            agree: onward("succeeded"),
            fail: onward("failed"),
        })
    }
}

/// The page where a customer authenticates or authorizes (intents-and-checkout 1.7, core-payments 5.4.9); its links decide.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PageLink>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match &link.result {
        // Whoever only looks decides nothing.
        Some(result) if method == Method::GET => {
            carry_out(&app, &id, &link, &base_url(&app, &headers), (result, false))
        }
        _ => Decidable::find(&app, &id, &link).map_or_else(|| nothing_for(&headers), |found| found.show(&id, &link)),
    }
}

/// Agrees or fails; the browser goes back to the shop's `return_url`.
pub(crate) async fn decide(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PageLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // A call without a browser has no form; its choice is in the query.
    let choice: DecisionParams = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let by_call = link.result.is_some();
    let result = link.result.clone().or(choice.result).unwrap_or_default();
    carry_out(&app, &id, &link, &base_url(&app, &headers), (&result, by_call))
}

/// Carries out a decision; a call gets JSON, and a browser goes on.
fn carry_out(app: &App, id: &str, link: &PageLink, base_url: &str, (result, by_call): (&str, bool)) -> Response {
    let agreed = match result {
        "succeeded" => true,
        "failed" => false,
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` must be `succeeded` or `failed`."),
    };
    let Some(found) = Decidable::find(app, id, link) else { return not_found() };
    let decided = engine::apply(&found.sandbox, found.account, base_url, |tx, ctx| {
        // Another tester may have decided before.
        match (found.decision.ask)(tx, id) {
            Some(Question { is_open: true, .. }) => (found.decision.decide)(tx, ctx, id, agreed).map(Some),
            _ => Ok(None),
        }
    });
    let return_url = match decided {
        Ok(Some(return_url)) => return_url,
        Ok(None) => {
            let message = format!("There is nothing to decide: {id} is {}.", found.question.status);
            return refuse(StatusCode::CONFLICT, &message);
        }
        Err(error) => return refuse(StatusCode::CONFLICT, error.field("message").unwrap_or_default()),
    };
    let return_url = return_url.or_else(|| link.return_url.clone());
    match return_url.as_deref().map(|url| onward(&found.sandbox, url)) {
        Some(url) if !by_call => go_to(&url),
        None if !by_call => Decidable::find(app, id, link).map_or_else(not_found, |found| found.show(id, link)),
        return_url => answer(
            StatusCode::OK,
            &json!({"id": id, "object": found.kind.name(), "succeeded": agreed, "return_url": return_url}),
        ),
    }
}
