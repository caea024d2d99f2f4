//! The call that does without a browser what a person does in a verification session.
//!
//! May use: axum, the sandboxes, verification sessions. Invariant: the call does what a button of the page does.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url, refuse};
use crate::app::App;
use crate::engine;
use crate::pages::linked::Linked;
use crate::pages::respond::{not_there, refused_as};
use crate::resources::identity::sessions::{self, VerificationResult, VerificationSession};
use crate::state::Resource as _;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/identity/{id}",
    handler: || post(submit),
    what: "Submits a verification session, as a person does on its page, and says what comes of it",
    parameters: &[
        ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
        (
            "result",
            "`verified`, a code of `last_error` such as `document_expired`, or `processing`: the checks stay open until the next call",
        ),
    ],
    body: None,
    example: "curl -X POST 'localhost:12111/_pinstripe/identity/vs_123?result=verified'",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct VerificationChoice {
    sandbox: Option<String>,
    result: Option<String>,
}

/// Submits a session.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(choice): Query<VerificationChoice>,
    headers: HeaderMap,
) -> Response {
    let sandbox = choice.sandbox.as_deref();
    let Some(result) = choice.result.as_deref().and_then(VerificationResult::parse) else {
        let message = "`result` is `verified`, `processing`, or a code of `last_error`.";
        return refuse(StatusCode::BAD_REQUEST, message);
    };
    let Some(found) = Linked::<VerificationSession>::of(&app, &id, sandbox) else {
        return not_there(VerificationSession::KIND.name(), &id, sandbox);
    };
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        sessions::submit(tx, ctx, &id, result)
    });
    if let Err(error) = done {
        return refused_as(&error);
    }
    let Some(found) = Linked::<VerificationSession>::of(&app, &id, sandbox) else {
        return not_there(VerificationSession::KIND.name(), &id, sandbox);
    };
    let session = &found.object;
    answer(
        StatusCode::OK,
        &json!({
            "id": &*session.id,
            "object": "identity.verification_session",
            "status": session.status.as_str(),
            "last_error": serde_json::to_value(&session.last_error).unwrap_or_default(),
            "last_verification_report": session.last_verification_report.as_deref(),
            "return_url": session.return_url,
        }),
    )
}
