//! Sending a kept request again.
//!
//! May use: axum, the request log. Invariant: it goes the way of every other request, past its key, faults and the log.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::{answer, refuse};
use crate::app::App;
use crate::limits::ANSWER_BYTES_MAX;
use crate::request_log;
use crate::request_log::recent::KeptRequest;
use crate::state::sandbox::DEFAULT_SANDBOX;

/// A future answer.
type SentAnswer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Sends a request of the API to this server.
#[derive(Clone)]
pub(crate) struct ApiSender(Arc<dyn Fn(Request<Bytes>) -> SentAnswer + Send + Sync>);

impl ApiSender {
    /// What sends requests by this function.
    pub(crate) fn new<F>(send: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        ApiSender(Arc::new(move |request| Box::pin(send(request))))
    }
}

impl fmt::Debug for ApiSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSender")
    }
}

/// `POST /_pinstripe/requests/{id}/resend`.
pub(super) async fn resend(
    Shared(app): Shared<Arc<App>>,
    Extension(sender): Extension<ApiSender>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(kept) = app.recent().get(&id) else {
        return refuse(StatusCode::NOT_FOUND, "That request is not among the last ones.");
    };
    let Some(request) = again(&kept, &headers) else {
        let message = "That request is not kept whole, since it is long or has a file, so it is not sent again.";
        return refuse(StatusCode::BAD_REQUEST, message);
    };
    let (parts, body) = (sender.0)(request).await.into_parts();
    let request_id = parts.headers.get("request-id").and_then(|id| id.to_str().ok());
    // A fault may close the connection.
    let said = to_bytes(body, ANSWER_BYTES_MAX).await.ok().and_then(|body| request_log::answer(&body));
    let told: Value = json!({"id": request_id, "status": parts.status.as_u16(), "answer": said});
    answer(StatusCode::OK, &told)
}

/// A kept request without its idempotency key, for the host of the call; `None` if it is not kept whole.
fn again(kept: &KeptRequest, headers: &HeaderMap) -> Option<Request<Bytes>> {
    let sent = kept.sent()?;
    let kind = if sent.key.starts_with("pk_") { "pk" } else { "sk" };
    let key = match kept.sandbox().filter(|name| *name != DEFAULT_SANDBOX) {
        Some(name) => format!("{kind}_test_sandbox_{name}"),
        None => format!("{kind}_test_resent"),
    };
    let target = if sent.query.is_empty() { sent.path.to_owned() } else { format!("{}?{}", sent.path, sent.query) };
    let mut request = Request::builder().method(sent.method).uri(target);
    let body_type = if sent.body.starts_with(b"{") { "application/json" } else { "application/x-www-form-urlencoded" };
    let own = [
        (header::AUTHORIZATION, format!("Bearer {key}")),
        (header::CONTENT_TYPE, body_type.to_owned()),
        (header::CONTENT_LENGTH, sent.body.len().to_string()),
        (HeaderName::from_static("stripe-version"), sent.version.to_owned()),
    ];
    let account = sent.account.map(|account| (HeaderName::from_static("stripe-account"), account.to_owned()));
    for (name, value) in own.into_iter().chain(account) {
        request = request.header(name, HeaderValue::try_from(value).ok()?);
    }
    if let Some(host) = headers.get(header::HOST) {
        request = request.header(header::HOST, host);
    }
    request.body(Bytes::copy_from_slice(sent.body)).ok()
}
