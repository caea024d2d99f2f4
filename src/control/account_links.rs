//! The call that does without a browser what a person does at an account link.
//!
//! May use: axum, the sandboxes, account links. Invariant: a link is used once, on its page or by the call; what the call does is what
//! the page would do, and its answer names where the browser would go then.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url, refuse};
use crate::app::App;
use crate::engine;
use crate::pages::connect::setup::link_of;
use crate::pages::linked::Linked;
use crate::pages::respond::refuse_as;
use crate::resources::connect::accounts::links::{self, AccountLink};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/account_link",
    handler: || post(visit),
    what: "Does what a person does at an account link, and uses it up: fills in with test data what its page asks for \
           (`result=filled`), or leaves that for later (`result=left`). The answer has the `redirect_url`; of a link that was \
           used or has expired it is the `refresh_url`, and `result` is `over`",
    parameters: &[
        ("sandbox", "the sandbox of the link; every sandbox is searched when not sent"),
        ("url", "the `url` of the link"),
        ("result", "`filled` or `left`"),
    ],
    body: None,
    example: "curl localhost:12111/_pinstripe/account_link -d result=filled -d url=http://localhost:12111/setup/c/acct_123/abc",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct AccountLinkVisit {
    sandbox: Option<String>,
    url: Option<String>,
    result: Option<String>,
}

/// Opens a link, and fills its page in or leaves it.
pub(super) async fn visit(
    Shared(app): Shared<Arc<App>>,
    Query(sent): Query<AccountLinkVisit>,
    headers: HeaderMap,
) -> Response {
    let Some((id, named)) = sent.url.as_deref().and_then(link_of) else {
        return refuse(StatusCode::BAD_REQUEST, "`url` is the `url` of an account link.");
    };
    let fills = match sent.result.as_deref() {
        Some("filled") => true,
        Some("left") => false,
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` is `filled` or `left`."),
    };
    let sandbox = sent.sandbox.as_deref().or(named.as_deref());
    let Some(found) = Linked::<AccountLink>::of(&app, id, sandbox) else {
        return refuse(StatusCode::NOT_FOUND, "There is no account link with that address.");
    };
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        let opened = links::open(tx, ctx, id).is_some();
        if opened && fills {
            found.object.fill(tx, ctx)?;
        }
        Ok(opened)
    });
    let link = &found.object;
    let (result, onward) = match done {
        Ok(true) => (if fills { "filled" } else { "left" }, &link.return_url),
        Ok(false) => ("over", &link.refresh_url),
        Err(error) => return refuse_as(&error),
    };
    answer(StatusCode::OK, &json!({"account": link.account, "result": result, "redirect_url": onward}))
}
