//! Pages for a tester's browser: where a payment is authenticated or authorized, and receipts.
//!
//! May use: axum, the templates, the sandboxes, the registry's decisions. Invariant: a page shows and does only what
//! its link, with the object's secret, gives access to.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::call::{ControlCall, Parameter};
use crate::app::App;
use crate::contract::{self, Asked, Decision, Question};
use crate::engine;
use crate::generic;
use crate::money;
use crate::pages::respond::{answer, base_url, go_to, not_found, page, refuse};
use crate::pages::{self, DecisionPage, ReceiptPage};
use crate::resources::decision;
use crate::resources::payments::charges::Charge;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Kind, Resource, Tx};

/// The kind of uploads.
const FILE: Kind = crate::kind!("file");

/// The parameters of a page where a customer decides, and of the call that decides without it.
const DECISION: &[Parameter] = &[
    ("sandbox", "the sandbox of the object; every sandbox is searched when not sent"),
    ("client_secret", "the `client_secret` of the object"),
    ("return_url", "where the browser goes on to, if the object does not say it"),
    ("result", "`succeeded` or `failed`; the page's links send it, too"),
];

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/authorize/{id}",
        handler: || post(decide),
        what: "Completes or fails, without a browser, what the customer has to do: 3D Secure or a redirect of an intent, a pending source",
        parameters: DECISION,
        body: Some("`result` as a form, as the page sends it"),
        example: "curl -X POST 'localhost:12111/_pinstripe/authorize/pi_123?client_secret=SECRET&result=succeeded'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/authorize/{id}",
        handler: || get(show),
        what: "Shows the page where the customer agrees or fails, the address in `next_action` or in a source's `redirect.url`",
        parameters: DECISION,
        body: None,
        example: "curl 'localhost:12111/_pinstripe/authorize/pi_123?client_secret=SECRET'",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/sources/{id}/redirect",
        handler: || post(decide),
        what: "The same as `authorize`, for sources in exports of an older version",
        parameters: DECISION,
        body: Some("`result` as a form, as the page sends it"),
        example: "curl -X POST 'localhost:12111/_pinstripe/sources/src_123/redirect?client_secret=SECRET&result=failed'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/sources/{id}/redirect",
        handler: || get(show),
        what: "The same as `authorize`, for sources in exports of an older version",
        parameters: DECISION,
        body: None,
        example: "curl 'localhost:12111/_pinstripe/sources/src_123/redirect?client_secret=SECRET'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/files/{id}",
        handler: || get(show_file),
        what: "Returns the content of an upload, the address in a file's `url`",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/files/file_123",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/receipts/{id}",
        handler: || get(show_receipt),
        what: "Shows a receipt, the address in a charge's `receipt_url`",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/receipts/ch_123",
    },
];

/// The query of a link to an object's page.
#[derive(Debug, Deserialize)]
pub(super) struct PageLink {
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
        let entitled = link.client_secret.as_deref() == Some(question.secret.as_str());
        entitled.then_some(Decidable { sandbox, account, kind, decision, question })
    }

    fn show(&self, id: &str, link: &PageLink) -> Response {
        let Question { title, amount, status, is_open, asked, .. } = &self.question;
        let amount = amount.as_ref().map(|(amount, currency)| money::display(*amount, currency));
        let onward = |result| {
            let secret = ("client_secret", link.client_secret.as_deref().unwrap_or_default());
            let mut query = vec![secret, ("result", result)];
            query.extend(link.sandbox.as_deref().map(|name| ("sandbox", name)));
            query.extend(link.return_url.as_deref().map(|url| ("return_url", url)));
            format!("?{}", serde_urlencoded::to_string(query).unwrap_or_default())
        };
        page(&DecisionPage {
            id,
            title: pages::method_name(title),
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
pub(super) async fn show(
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
        _ => Decidable::find(&app, &id, &link).map_or_else(not_found, |found| found.show(&id, &link)),
    }
}

/// Agrees or fails; the browser goes back to the shop's `return_url`.
pub(super) async fn decide(
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
    match return_url.or_else(|| link.return_url.clone()) {
        Some(url) if !by_call => go_to(&url),
        None if !by_call => Decidable::find(app, id, link).map_or_else(not_found, |found| found.show(id, link)),
        return_url => answer(
            StatusCode::OK,
            &json!({"id": id, "object": found.kind.name(), "succeeded": agreed, "return_url": return_url}),
        ),
    }
}

/// The receipt at `charge.receipt_url` (core-payments 2).
pub(super) async fn show_receipt(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    let charge = app.locate(Charge::KIND, &id, None).and_then(|(sandbox, account)| {
        sandbox.state().record(account, Charge::KIND, &id).and_then(|record| record.get::<Charge>())
    });
    let Some(charge) = charge else { return not_found() };
    page(&ReceiptPage {
        id: &id,
        amount: money::display(charge.amount_captured, &charge.currency),
        refunded: money::display(charge.amount_refunded, &charge.currency),
        description: charge.description.as_deref().unwrap_or_default(),
    })
}

/// The content of a file, at its `url`.
pub(super) async fn show_file(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    let content = app.locate(FILE, &id, None).and_then(|(sandbox, account)| {
        let state = sandbox.state();
        state.record(account, FILE, &id).and_then(|record| generic::content(&*record.object))
    });
    let Some(bytes) = content.and_then(|content| STANDARD.decode(&*content.base64).ok()) else { return not_found() };
    let mut response = Response::new(Body::from(bytes));
    // Never served as a page: the content of an upload is not trusted.
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    response
}
