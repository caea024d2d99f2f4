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
    let request = match again(&kept, &headers) {
        Ok(request) => request,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, message),
    };
    let (parts, body) = (sender.0)(request).await.into_parts();
    let request_id = parts.headers.get("request-id").and_then(|id| id.to_str().ok());
    // A fault may close the connection.
    let said = to_bytes(body, ANSWER_BYTES_MAX).await.ok().and_then(|body| request_log::answer(&body));
    let told: Value = json!({"id": request_id, "status": parts.status.as_u16(), "answer": said});
    answer(StatusCode::OK, &told)
}

const NOT_WHOLE: &str = "That request is not kept whole, since it is long or has a file, so it is not sent again.";
const KEY_NOT_KEPT: &str =
    "Only a request with a secret, restricted or publishable key that was accepted is sent again: no key is kept.";

/// The kind of key that does what a key did, by its beginning: one that an object issued may do less than any other.
fn kind_of_key(key: &str) -> Option<&'static str> {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| key.starts_with(beginning));
    let secret = || begins(&["sk_", "rk_", "rkcs_"]).then_some("sk");
    begins(&["pk_"]).then_some("pk").or_else(secret)
}

/// A kept request without its idempotency key, for the host of the call, or why there is none.
fn again(kept: &KeptRequest, headers: &HeaderMap) -> Result<Request<Bytes>, &'static str> {
    let sent = kept.sent().ok_or(NOT_WHOLE)?;
    let sandbox = kept.sandbox().ok_or(KEY_NOT_KEPT)?;
    let kind = kind_of_key(sent.key).ok_or(KEY_NOT_KEPT)?;
    let key = match Some(sandbox).filter(|name| *name != DEFAULT_SANDBOX) {
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
        request = request.header(name, HeaderValue::try_from(value).map_err(|_| NOT_WHOLE)?);
    }
    if let Some(host) = headers.get(header::HOST) {
        request = request.header(header::HOST, host);
    }
    request.body(Bytes::copy_from_slice(sent.body)).map_err(|_| NOT_WHOLE)
}
