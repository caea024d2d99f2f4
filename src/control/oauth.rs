//! The call that does without a browser what a person does at an OAuth link.
//!
//! May use: axum, the page of the link. Invariant: what the call does is what the person would do on the page, and its answer names where
//! the browser would go then.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url, refuse, refuse_as};
use crate::app::App;
use crate::error::ApiError;
use crate::pages::connect::authorize::SentLink;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/oauth",
    handler: || post(decide),
    what: "Does what a person does at an OAuth link of a platform: connects an account (`result=authorized`) or declines \
           (`result=denied`). The answer has the `code` for `POST /oauth/token`, and the `redirect_url`",
    parameters: &[
        ("sandbox", "the sandbox of the platform; when not sent, that of the link's `client_id`"),
        ("url", "the link, as `stripe.oauth.authorizeUrl()` makes it"),
        ("result", "`authorized` or `denied`"),
        ("account", "the account that is connected, such as one that was disconnected; a new one when not sent"),
    ],
    body: None,
    example: "curl localhost:12111/_pinstripe/oauth -d result=authorized --data-urlencode \
              'url=https://connect.stripe.com/oauth/authorize?response_type=code&client_id=ca_123&scope=read_write'",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct OAuthDecision {
    sandbox: Option<String>,
    url: Option<String>,
    result: Option<String>,
    account: Option<String>,
}

/// Connects an account, or declines.
pub(super) async fn decide(
    Shared(app): Shared<Arc<App>>,
    Query(said): Query<OAuthDecision>,
    headers: HeaderMap,
) -> Response {
    let sent = said.url.as_deref().and_then(|url| url.split_once('?'));
    let Some(link) = sent.and_then(|(path, query)| SentLink::of(path, query)) else {
        return refuse(StatusCode::BAD_REQUEST, "`url` is an OAuth link: .../oauth/authorize?client_id=...");
    };
    if let Err(error) = link.check() {
        return refuse(StatusCode::BAD_REQUEST, error.field("message").unwrap_or_default());
    }
    match said.result.as_deref() {
        Some("authorized") => {}
        Some("denied") => {
            let denied = ApiError::oauth_denied();
            let (kind, text) = (denied.field("type"), denied.field("message"));
            let told = json!({
                "result": "denied",
                "error": kind,
                "error_description": text,
                "redirect_url": link.back_with(&denied),
                "state": link.sent("state"),
            });
            return answer(StatusCode::OK, &told);
        }
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` is `authorized` or `denied`."),
    }
    let account = said.account.as_deref();
    let done = match link.agree(&app, &base_url(&app, &headers), said.sandbox.as_deref(), account) {
        Ok(done) => done,
        Err(error) => return refuse_as(&error),
    };
    answer(
        StatusCode::OK,
        &json!({
            "result": "authorized",
            "account": &*done.agreed.account,
            "code": done.agreed.code,
            "redirect_url": done.back,
            "scope": done.scope.as_str(),
            "state": link.sent("state"),
        }),
    )
}
