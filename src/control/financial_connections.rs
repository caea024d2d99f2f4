//! The call that does without a browser what a person does in a Financial Connections session.
//!
//! May use: axum, the sandboxes, sessions. Invariant: the call does what a button of the page does.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url};
use crate::app::App;
use crate::engine;
use crate::pages::linked::Linked;
use crate::pages::respond::{not_there, refused_as};
use crate::resources::financial_connections::sessions::{self, FinancialSession, SessionChoice};
use crate::state::Resource as _;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/financial_connections/{id}",
    handler: || post(submit),
    what: "Links accounts in a Financial Connections session, as a person does on its page",
    parameters: &[
        ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
        (
            "institution",
            "an institution of the test bank, such as `test_institution` (when not sent), `ownership_accounts` or `down_bank_error`",
        ),
        (
            "accounts",
            "accounts there, with commas, such as `success` (when not sent), `savings`, `insufficient_funds` or `credit_card`",
        ),
        ("routing_number", "with `account_number`, an account that is typed instead"),
        ("account_number", "see `routing_number`"),
    ],
    body: None,
    example: "curl -X POST 'localhost:12111/_pinstripe/financial_connections/fcsess_123?accounts=success,savings'",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct LinkCall {
    sandbox: Option<String>,
    institution: Option<String>,
    accounts: Option<String>,
    routing_number: Option<String>,
    account_number: Option<String>,
}

/// Links accounts.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(call): Query<LinkCall>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::<FinancialSession>::of(&app, &id, call.sandbox.as_deref()) else {
        return not_there(FinancialSession::KIND.name(), &id, call.sandbox.as_deref());
    };
    let accounts: Vec<String> =
        call.accounts.as_deref().unwrap_or("success").split(',').map(|key| key.trim().to_owned()).collect();
    let institution = call.institution.as_deref().unwrap_or("test_institution");
    let choice = match (&call.routing_number, &call.account_number) {
        (None, None) => SessionChoice::Linked { institution, accounts: &accounts },
        (routing, number) => SessionChoice::Typed {
            routing: routing.as_deref().unwrap_or_default(),
            number: number.as_deref().unwrap_or_default(),
        },
    };
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        sessions::submit(tx, ctx, &id, choice)?;
        Ok(sessions::linked(tx, &id))
    });
    match done {
        Ok(accounts) => {
            answer(StatusCode::OK, &json!({"id": id, "object": "financial_connections.session", "accounts": accounts}))
        }
        Err(error) => refused_as(&error),
    }
}
