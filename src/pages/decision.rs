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

use super::decidable::{Decidable, PageLink};
use super::linked::onward;
use super::methods;
use super::respond::{answer, base_url, go_to, not_found, nothing_for, page, refuse};
use super::templates::DecisionPage;
use crate::app::App;
use crate::contract::{Asked, Question};
use crate::engine;
use crate::money;
use crate::qr;
use crate::state::document::{Doc, Map};
use crate::time::calendar;

/// The address of an object's page.
pub(super) const PATH: &str = "/authorize/{id}";

impl Decidable {
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
            query.extend(link.framed.filter(|framed| *framed).map(|_| ("framed", "true")));
            format!("?{}", serde_urlencoded::to_string(query).unwrap_or_default())
        };
        let action = self.next_action(id);
        page(&DecisionPage {
            id,
            title: methods::name(title),
            subject: if amount.is_some() { "Payment" } else { "Setup" },
            amount: amount.unwrap_or_default(),
            status,
            is_open: *is_open,
            is_challenge: *asked == Asked::Authentication,
            code: action.as_ref().filter(|_| *is_open).and_then(picture).map(qr::svg).unwrap_or_default(),
            facts: action.as_ref().filter(|_| *is_open).map(facts).unwrap_or_default(),
            agree: onward("succeeded"),
            fail: onward("failed"),
        })
    }
}

/// The tester's choice.
#[derive(Debug, Default, Deserialize)]
struct DecisionParams {
    result: Option<String>,
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
    let Some(found) = Decidable::find(app, id, link) else { return Decidable::why_none(app, id, link) };
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
    match return_url.as_deref().map(|url| onward(&found.sandbox, url, base_url)) {
        Some(url) if !by_call && link.framed != Some(true) => go_to(&url),
        _ if !by_call => Decidable::find(app, id, link).map_or_else(not_found, |found| found.show(id, link)),
        return_url => answer(
            StatusCode::OK,
            &json!({"id": id, "object": found.kind.name(), "succeeded": agreed, "return_url": return_url}),
        ),
    }
}

/// The address in the code to scan, if there is one.
fn picture(action: &Map) -> Option<&str> {
    let code = action.map("qr_code").unwrap_or(action);
    let _ = code.str("image_url_svg")?;
    action.str("hosted_instructions_url")
}

/// What a customer needs to pay a voucher in a shop or at a bank.
fn facts(action: &Map) -> Vec<(&'static str, String)> {
    const TEXTS: [(&str, &str); 3] = [("number", "Number"), ("entity", "Entity"), ("reference", "Reference")];
    const TIMES: [&str; 2] = ["expires_at", "expires_after"];
    let texts = TEXTS.into_iter().filter_map(|(key, name)| Some((name, action.str(key)?.to_owned())));
    let times = TIMES.into_iter().filter_map(|key| action.get(key).and_then(Doc::as_int));
    texts.chain(times.map(|at| ("Expires", calendar::date_in_words(at)))).collect()
}
