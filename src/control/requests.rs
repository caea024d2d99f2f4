//! The request log in the control API.
//!
//! May use: axum, the request log. Invariant: a filter that can match nothing is an error.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::call::{ControlCall, SANDBOX};
use super::{answer, look_at, refuse};
use crate::app::App;
use crate::catalogue;
use crate::cli;
use crate::request_log::recent::RequestFilters;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/requests",
        handler: || get(list),
        what: "Lists the last requests of a sandbox, newest first, with their parameters (card and account numbers masked), errors, events and the fault that was applied. Requests without a valid key are listed in the default sandbox. A `*` at the end of `path` or `event` stands for any ending",
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
        what: "Shows the request that an error's `request_log_url` names",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/requests/req_123",
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
    let is_status = |text: &str| {
        let class = text.strip_suffix("xx").or(text.strip_suffix("XX"));
        let digits = class.unwrap_or(text);
        let length = if class.is_some() { 1 } else { 3 };
        digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    if wanted.status.as_deref().is_some_and(|status| !is_status(status)) {
        return Some("`status` is a status such as `402`, or a class such as `4xx`.".to_owned());
    }
    let is_known = |name: &str| catalogue::operation(name).is_some() || cli::OPERATIONS.contains(&name);
    let operation = wanted.operation.as_deref().filter(|name| !is_known(name));
    operation.map(|name| format!("There is no operation `{name}`; they are named as in `charges.create`."))
}

/// `GET /_pinstripe/requests/{id}`.
pub(super) async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.recent().get(&id) {
        Some(request) => answer(StatusCode::OK, &request),
        None => refuse(StatusCode::NOT_FOUND, "That request is not among the last ones."),
    }
}
