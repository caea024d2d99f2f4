//! Responses: the API's headers around a body (core-payments 1.11, platform 7.1).
//!
//! May use: axum's types. Invariant: every answer of the API carries `Request-Id` and `Stripe-Version`, and
//! only an answer to a publishable key may be read by a page of another origin.

use std::any::Any;
use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::Exchange;
use super::body::{AnswerBody, LostBody};
use crate::dispatch::{NamedOperation, idempotency};
use crate::error::{ApiError, panic_text};
use crate::faults::{Failure, Struck};
use crate::generic::coverage;
use crate::limits::PIECE_BYTES;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PDF: HeaderValue = HeaderValue::from_static("application/pdf");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-cache, no-store");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE, OPTIONS");
const MAX_AGE: HeaderValue = HeaderValue::from_static("300");
const EXPOSED: HeaderValue = HeaderValue::from_static("Request-Id, Stripe-Manage-Version, Stripe-Should-Retry");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Stripe\"");
const FALSE: HeaderValue = HeaderValue::from_static("false");
const TRUE: HeaderValue = HeaderValue::from_static("true");

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
pub(super) const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
pub(super) const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
pub(super) const STRIPE_CONTEXT: HeaderName = HeaderName::from_static("stripe-context");
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
/// Lists what the requested version shows differently and this server does not.
const NOT_BUILT: HeaderName = HeaderName::from_static("pinstripe-version-differences");

/// Whether the operation has rules, has only a shape, or is absent.
const COVERAGE: HeaderName = HeaderName::from_static("pinstripe-coverage");
const MOCK_VERSION: HeaderName = HeaderName::from_static("stripe-mock-version");
const RATE_LIMITED_REASON: HeaderName = HeaderName::from_static("stripe-rate-limited-reason");
/// The id of the fault that was applied to the answer.
const FAULT: HeaderName = HeaderName::from_static("pinstripe-fault");

/// The response of the API to a request.
pub(super) fn api(request: &Parts, exchange: Exchange) -> Response<AnswerBody> {
    let Exchange { answer, request_id, version, account, public, .. } = exchange;
    let sent = &request.headers;
    let replayed = answer.replayed_version().is_some();
    let content_type = if answer.is_document() { PDF } else { JSON };
    let mut response = Response::new(AnswerBody::Whole(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(12);
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    let id = HeaderValue::try_from(request_id).unwrap_or(FALSE);
    let counts = idempotency::counts(request.method.as_str(), request.uri.path());
    if let Some(key) = sent.get(&IDEMPOTENCY_KEY).filter(|_| counts) {
        let original = answer.original.as_ref().and_then(|first| HeaderValue::from_str(&first.request_id).ok());
        headers.insert(IDEMPOTENCY_KEY, key.clone());
        headers.insert(ORIGINAL_REQUEST, original.unwrap_or_else(|| id.clone()));
        if replayed {
            headers.insert(REPLAYED, TRUE);
        }
    }
    if let Some(advice) = advice(answer.status) {
        headers.insert(SHOULD_RETRY, advice);
    }
    headers.insert(REQUEST_ID, id);
    let version = match version {
        Cow::Borrowed(version) => Some(HeaderValue::from_static(version)),
        Cow::Owned(version) => HeaderValue::try_from(version).ok(),
    };
    if let Some(version) = version {
        headers.insert(STRIPE_VERSION, version);
    }
    if let Some(account) = account.and_then(|account| HeaderValue::try_from(account).ok()) {
        headers.insert(STRIPE_ACCOUNT, account);
    }
    if public {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    if let Some(operation) = answer.operation.and_then(NamedOperation::in_catalogue) {
        headers.insert(COVERAGE, HeaderValue::from_static(coverage::of(operation).as_str()));
    }
    if answer.challenge {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    if !answer.not_built.is_empty()
        && let Ok(value) = HeaderValue::from_str(&answer.not_built.join("; "))
    {
        headers.insert(NOT_BUILT, value);
    }
    response
}

/// Whether it makes sense to send a request again (platform 7.4); `None` leaves it to the client.
fn advice(status: u16) -> Option<HeaderValue> {
    match status {
        // A key that is in use will soon be free, or have its answer.
        409 => Some(TRUE),
        // What is not built stays so; without the header SDKs try it three times more.
        501 => Some(FALSE),
        429 | 500.. => None,
        _ => Some(FALSE),
    }
}

/// A response with a fault applied.
pub(super) fn faulty(mut response: Response<AnswerBody>, fault: &Struck) -> Response<AnswerBody> {
    if let Ok(id) = HeaderValue::from_str(&fault.id) {
        response.headers_mut().insert(FAULT, id);
    }
    match fault.failure() {
        // No header: the API gives no advice here, so the client decides (platform 7.4).
        Some(Failure::RateLimit) => {
            let _ = response.headers_mut().remove(SHOULD_RETRY);
            response.headers_mut().insert(RATE_LIMITED_REASON, HeaderValue::from_static("global-rate"));
        }
        Some(_) => {
            response.headers_mut().insert(SHOULD_RETRY, TRUE);
        }
        None => {}
    }
    if fault.reset().is_some() {
        return response.map(|_| AnswerBody::Lost(LostBody::after(None)));
    }
    let Some(bytes) = fault.truncate() else { return response };
    let (mut parts, body) = response.into_parts();
    let AnswerBody::Whole(body) = body else { return Response::from_parts(parts, body) };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let head = body.slice(..body.len().min(bytes).min(PIECE_BYTES));
    Response::from_parts(parts, AnswerBody::Lost(LostBody::after(Some(head))))
}

/// The answer to a preflight request of a browser. The key of the call is not known yet, so every call is allowed; its
/// answer can only be read with a publishable key.
pub(super) fn preflight(request: &HeaderMap) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::Whole(Bytes::new()));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// Adds what every answer bears: the suites of the official SDKs look for it before they run, and want a version from 0.109.
pub(super) fn marked<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(MOCK_VERSION, HeaderValue::from_static("0.197.0"));
    response
}

/// The answer of `/healthz`.
pub(super) fn health() -> Response {
    let mut response = Response::new(Body::from("{\n  \"status\": \"ready\"\n}\n"));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// The answer when a handler panicked outside a rule.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Response {
    tracing::error!(panic = panic_text(panic), "a request handler panicked");
    refused(&ApiError::internal())
}

/// An error that belongs to no operation.
pub(super) fn refused(error: &ApiError) -> Response {
    let mut response = Response::new(Body::from(crate::dispatch::refuse_early(error, "").body));
    *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
