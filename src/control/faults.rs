//! The control calls about faults.
//!
//! May use: axum, the faults of a sandbox. Invariant: a rule that is refused was not added.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::{Described, Which, answer, refuse, sandbox};
use crate::app::App;
use crate::faults::Wanted;

/// What the control API says of these calls.
pub(super) static CALLS: &[Described] = &[Described {
    method: "POST",
    path: "/_pinstripe/faults",
    what: "Makes chosen requests of a sandbox fail. The body is JSON: `match` (`method`, `path` with `*`, `operation`, \
           `params`), `effect` (one of `{\"error\": \"rate_limit\"}`, `lock_timeout`, `api_error`, `unavailable`; \
           `{\"decline\": CODE}`; `{\"delay\": MILLISECONDS}` or `[LEAST, MOST]`; `{\"reset\": \"before\"}` or \
           `\"after\"` the write; `{\"truncate\": BYTES}`), `times`, `probability`. `GET` lists the rules, `DELETE` removes all, \
           `DELETE /_pinstripe/faults/ID` one, a reset all. An answer that a fault touched names it in `Pinstripe-Fault`",
    example: "curl localhost:12111/_pinstripe/faults -d '{\"match\": {\"operation\": \"charges.create\"}, \"effect\": \
              {\"error\": \"rate_limit\"}, \"times\": 2}'",
}];

pub(super) async fn list(Shared(app): Shared<Arc<App>>, Query(which): Query<Which>) -> Response {
    match sandbox(&app, &which) {
        Ok(sandbox) => answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "faults": sandbox.faults().all()})),
        Err(refusal) => *refusal,
    }
}

pub(super) async fn add(Shared(app): Shared<Arc<App>>, Query(which): Query<Which>, body: Bytes) -> Response {
    let sandbox = match sandbox(&app, &which) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return *refusal,
    };
    let wanted: Wanted = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("The body is not what a fault is: {error}.")),
    };
    match sandbox.faults().add(wanted) {
        Ok(rule) => {
            tracing::warn!(sandbox = sandbox.name(), fault = %json!(rule), "requests will fail as asked");
            answer(StatusCode::OK, &json!(rule))
        }
        Err(message) => refuse(StatusCode::BAD_REQUEST, &message),
    }
}

pub(super) async fn clear(Shared(app): Shared<Arc<App>>, Query(which): Query<Which>) -> Response {
    match sandbox(&app, &which) {
        Ok(sandbox) => {
            let removed = sandbox.faults().clear();
            answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "removed": removed}))
        }
        Err(refusal) => *refusal,
    }
}

pub(super) async fn remove(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    match sandbox(&app, &which) {
        Ok(sandbox) if sandbox.faults().remove(&id) => answer(StatusCode::OK, &json!({"id": id, "deleted": true})),
        Ok(_) => refuse(StatusCode::NOT_FOUND, "The sandbox has no fault with this id."),
        Err(refusal) => *refusal,
    }
}
