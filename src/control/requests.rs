//! The request log in the control API.
//!
//! May use: axum, the request log. Invariant: a filter that can match nothing is an error.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{answer, look_at, refuse, resend};
use crate::app::App;
use crate::catalogue;
use crate::cli;
use crate::request_log;
use crate::request_log::recent::{KeptRequest, RequestFilters};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/requests",
        handler: || get(list),
        what: "Lists the last requests of a sandbox, newest first, with their parameters (card and account numbers masked), errors, events and the fault that was applied. Requests without a valid key are listed in the default sandbox. A `*` at the end of `path` or `event` stands for any ending. A request of an operation that only reads is not listed if it has the header `Pinstripe-Log: off`",
        parameters: &[
            SANDBOX,
            ("method", "with this HTTP method"),
            ("path", "with this path"),
            ("operation", "with this operation, such as `charges.create`"),
            ("status", "with this status, such as `402`, or class, such as `4xx`"),
            ("error", "refused with this code or type"),
            ("idempotency_key", "with this idempotency key"),
            ("event", "that caused this event, by type or id"),
            ("limit", "the largest number of requests to list"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/requests?status=4xx'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/requests/{id}",
        handler: || get(show),
        what: "Shows the request that an error's `request_log_url` names, with the objects that it changed (each field before and \
               after), its answer (card numbers and keys masked; `null` when it is long, or older than what is kept) and the due \
               work that followed for these objects",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/requests/req_123",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/requests/{id}/resend",
        handler: || post(resend::resend),
        what: "Sends a request again, with what was sent and without its idempotency key; returns the new request's id, and the \
               status and the answer",
        parameters: &[],
        body: None,
        example: "curl -X POST localhost:12111/_pinstripe/requests/req_123/resend",
    },
];

/// `GET /_pinstripe/requests`.
pub(super) async fn list(Shared(app): Shared<Arc<App>>, Query(wanted): Query<RequestFilters>) -> Response {
    if let Some(message) = wrong(&wanted) {
        return refuse(StatusCode::BAD_REQUEST, &message);
    }
    let sandbox = look_at(&app, wanted.sandbox.as_deref());
    answer(StatusCode::OK, &json!({"requests": app.recent().list(sandbox.name(), &wanted)}))
}

/// The error for a filter that can match nothing.
fn wrong(wanted: &RequestFilters) -> Option<String> {
    if let Some(message) = wanted.status.as_deref().and_then(wrong_status) {
        return Some(message.to_owned());
    }
    let is_known = |name: &str| catalogue::operation(name).is_some() || cli::OPERATIONS.contains(&name);
    let operation = wanted.operation.as_deref().filter(|name| !is_known(name));
    operation.map(|name| format!("There is no operation `{name}`; they are named as in `charges.create`."))
}

/// The error for what is neither a status nor a class of them.
pub(super) fn wrong_status(text: &str) -> Option<&'static str> {
    let class = text.strip_suffix("xx").or(text.strip_suffix("XX"));
    let digits = class.unwrap_or(text);
    let length = if class.is_some() { 1 } else { 3 };
    let is_status = digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_digit());
    (!is_status).then_some("`status` is a status such as `402`, or a class such as `4xx`.")
}

/// `GET /_pinstripe/requests/{id}`.
pub(super) async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.recent().get(&id) {
        Some(request) => answer(StatusCode::OK, &with_what_it_did(&app, &request)),
        None => refuse(StatusCode::NOT_FOUND, "That request is not among the last ones."),
    }
}

/// A request with what it changed, what it was answered, and what followed; without the web page nothing of that is kept.
fn with_what_it_did(app: &App, request: &KeptRequest) -> Value {
    let mut shown = request.to_json();
    let activity = app.activity();
    let row = activity.and_then(|activity| activity.find(request.number()));
    let body = activity.and_then(|activity| activity.answer(request.number()));
    shown["changes"] = row.as_ref().map_or(Value::Null, |row| row.row(true)["changes"].take());
    shown["later"] = row.zip(activity).map_or(Value::Null, |(row, activity)| activity.later(&row).into());
    shown["answer_bytes"] = body.as_ref().map(|body| body.len()).into();
    shown["answer"] = body.and_then(|body| request_log::answer(&body)).unwrap_or_default();
    shown
}
