//! Calls of the control API, and forms of pages, in the record of what happened.
//!
//! May use: axum, the app, the record. Invariant: what only looks is not recorded, and nothing is kept of the fields of a page.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::activity::{self, RecordedCall};
use crate::app::App;
use crate::state::sandbox::DEFAULT_SANDBOX;

/// Answers a call, and records it with what is committed meanwhile.
pub(super) async fn call(app: &App, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    recorded(app, request, Some(&query), &query, next).await
}

/// A layer around pages.
pub(super) async fn pages(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    recorded(&app, request, None, &query, next).await
}

async fn recorded(app: &App, request: Request, parameters: Option<&str>, query: &str, next: Next) -> Response {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let Some(activity) = app.activity().filter(|_| !looks) else { return next.run(request).await };
    let sandbox = sandbox_of(query);
    let (method, path) = (request.method().as_str(), request.uri().path());
    let call = Arc::new(RecordedCall::new(method, path, parameters, sandbox.as_deref()));
    let response = activity::during(&call, next.run(request)).await;
    let named = app.known_sandbox(&call.sandbox());
    let created = named.as_ref().unwrap_or_else(|| app.default_sandbox()).now();
    activity.called(&call, response.status().as_u16(), created);
    response
}

/// The sandbox that a query names.
fn sandbox_of(query: &str) -> Option<String> {
    let sent: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let named = sent.into_iter().find(|(key, _)| key == "sandbox").map(|(_, name)| name);
    named.filter(|name| name != DEFAULT_SANDBOX)
}
