//! The control calls about faults.
//!
//! May use: axum, the faults of a sandbox. Invariant: a refused rule is not added.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde_json::json;

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, answer, refuse};
use crate::faults::RuleParams;
use crate::limits::FAULT_BYTES_MAX;
use crate::state::sandbox::Sandbox;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/faults",
        handler: || post(add),
        what: "Adds a fault to a sandbox: requests or deliveries that match it fail. The header `Pinstripe-Fault` of the answer or the delivery names the fault",
        parameters: &[SANDBOX],
        body: Some(
            "JSON. `effect`, one of: `{\"error\": ERROR}` with `rate_limit`, `lock_timeout`, `api_error` or `unavailable`; \
             `{\"decline\": CODE}` of every card; `{\"delay\": MILLISECONDS}` or `[LEAST, MOST]`; `{\"reset\": \"before\"}` or \
             `\"after\"` the write; `{\"truncate\": BYTES}`; `{\"delivery\": MISHAP}` with `\"drop\"`, `\"duplicate\"`, `\"shuffle\"` \
             or `{\"delay\": …}`. `match`, every part optional: for requests `method`, `path` with `*`, `operation`, `params`; for \
             deliveries `event` with `*`, `endpoint`; for both `object`, field values of an object that the request names or \
             the event is about, such as `{\"metadata.tier\": \"gold\"}`. `times`: how often at most. `probability`: from 0 to 1",
        ),
        example: "curl localhost:12111/_pinstripe/faults -d '{\"match\": {\"operation\": \"charges.create\"}, \"effect\": {\"error\": \"rate_limit\"}, \"times\": 2}'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/faults",
        handler: || get(list),
        what: "Lists the faults of a sandbox, with how often each was applied",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/faults",
    },
    ControlCall {
        method: "DELETE",
        path: "/_pinstripe/faults",
        handler: || delete(clear),
        what: "Removes all faults of a sandbox",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X DELETE localhost:12111/_pinstripe/faults",
    },
    ControlCall {
        method: "DELETE",
        path: "/_pinstripe/faults/{id}",
        handler: || delete(remove),
        what: "Removes one fault",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X DELETE localhost:12111/_pinstripe/faults/flt_1",
    },
];

/// Logs the number of faults and the last one, so that a reader of the log sees that a failure was requested.
fn tell(sandbox: &Sandbox) {
    let faults = sandbox.faults().all();
    match faults.last() {
        None => tracing::info!(sandbox = sandbox.name(), "no faults any more"),
        Some(last) => {
            tracing::warn!(sandbox = sandbox.name(), faults = faults.len(), last = %json!(last), "faults on demand");
        }
    }
}

pub(super) async fn list(InSandbox(sandbox): InSandbox) -> Response {
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "faults": sandbox.faults().all()}))
}

pub(super) async fn add(InSandbox(sandbox): InSandbox, body: Bytes) -> Response {
    if body.len() > FAULT_BYTES_MAX {
        let message = format!("A fault has at most {FAULT_BYTES_MAX} bytes.");
        return refuse(StatusCode::BAD_REQUEST, &message);
    }
    let wanted: RuleParams = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("This is not a valid fault: {error}.")),
    };
    match sandbox.faults().add(wanted) {
        Ok(rule) => {
            tell(&sandbox);
            answer(StatusCode::OK, &json!(rule))
        }
        Err(message) => refuse(StatusCode::BAD_REQUEST, &message),
    }
}

pub(super) async fn clear(InSandbox(sandbox): InSandbox) -> Response {
    let removed = sandbox.faults().clear();
    tell(&sandbox);
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "removed": removed}))
}

pub(super) async fn remove(Path(id): Path<String>, InSandbox(sandbox): InSandbox) -> Response {
    if !sandbox.faults().remove(&id) {
        return refuse(StatusCode::NOT_FOUND, "The sandbox has no fault with this id.");
    }
    tell(&sandbox);
    answer(StatusCode::OK, &json!({"id": id, "deleted": true}))
}
