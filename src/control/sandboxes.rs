//! The control calls about whole sandboxes: their list, forks and snapshots.
//!
//! May use: axum, the app. Invariant: a refused call has changed nothing.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, answer, clock, free, refuse};
use crate::app::App;
use crate::error::ApiError;
use crate::limits::{SNAPSHOT_NAME_CHARACTERS_MAX, SNAPSHOTS_MAX};
use crate::pages::respond::refused_as;
use crate::state::sandbox::{DEFAULT_SANDBOX, Sandbox, is_sandbox_name};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/sandboxes",
        handler: || get(list),
        what: "Lists the sandboxes in use",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/sandboxes",
    },
    ControlCall {
        method: "DELETE",
        path: "/_pinstripe/sandboxes/{name}",
        handler: || delete(drop_one),
        what: "Deletes a sandbox with everything in it; its next use creates it again from the fixtures",
        parameters: &[],
        body: None,
        example: "curl -X DELETE localhost:12111/_pinstripe/sandboxes/worker-1",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/fork",
        handler: || post(fork),
        what: "Copies a sandbox as it is now, with clock and idempotency keys, to another, replacing it; takes the same short time at any size",
        parameters: &[SANDBOX, ("into", "the name of the copy")],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/fork?sandbox=default&into=worker-1'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/snapshots",
        handler: || get(list_snapshots),
        what: "Lists the snapshots of a sandbox",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/snapshots",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/snapshots/{name}",
        handler: || post(take_snapshot),
        what: "Takes a snapshot of a sandbox (objects, clock, idempotency keys) and keeps it under a name",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X POST localhost:12111/_pinstripe/snapshots/before-checkout",
    },
    ControlCall {
        method: "DELETE",
        path: "/_pinstripe/snapshots/{name}",
        handler: || delete(drop_snapshot),
        what: "Deletes a snapshot",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X DELETE localhost:12111/_pinstripe/snapshots/before-checkout",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/snapshots/{name}/restore",
        handler: || post(restore),
        what: "Restores a sandbox to a snapshot; takes the same short time at any size",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X POST localhost:12111/_pinstripe/snapshots/before-checkout/restore",
    },
];

pub(super) async fn list(Shared(app): Shared<Arc<App>>) -> Response {
    let sandboxes: Vec<Value> = app.all_sandboxes().iter().map(|sandbox| about(sandbox)).collect();
    answer(StatusCode::OK, &json!({"sandboxes": sandboxes}))
}

fn about(sandbox: &Sandbox) -> Value {
    json!({
        "sandbox": sandbox.name(),
        "objects": sandbox.state().len(),
        "clock": clock::shown(sandbox),
        "faults": sandbox.faults().len(),
    })
}

pub(super) async fn drop_one(Shared(app): Shared<Arc<App>>, Path(name): Path<String>) -> Response {
    if name == DEFAULT_SANDBOX {
        return refuse(StatusCode::BAD_REQUEST, "The default sandbox stays; /_pinstripe/reset empties it.");
    }
    match app.drop_sandbox(&name) {
        Some(sandbox) => {
            free_all(sandbox);
            answer(StatusCode::OK, &json!({"sandbox": name, "deleted": true}))
        }
        None => refuse(StatusCode::NOT_FOUND, "There is no sandbox of this name."),
    }
}

/// Drops a sandbox on another thread.
fn free_all(sandbox: Arc<Sandbox>) {
    free(sandbox.state());
    tokio::task::spawn_blocking(move || drop(sandbox));
}

/// The name of a fork.
#[derive(Debug, Deserialize)]
pub(super) struct Into {
    into: Option<String>,
}

pub(super) async fn fork(
    Shared(app): Shared<Arc<App>>,
    InSandbox(from): InSandbox,
    Query(target): Query<Into>,
) -> Response {
    let name = target.into.unwrap_or_default();
    if !is_sandbox_name(&name) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "`into` must name a sandbox: 1 to 40 characters of A-Z, a-z, 0-9 and `-`.",
        );
    }
    if name == DEFAULT_SANDBOX || name == from.name() {
        return refuse(
            StatusCode::BAD_REQUEST,
            "`into` must name a sandbox other than the default and the forked one.",
        );
    }
    match app.fork(&from, &name) {
        Ok((fork, former)) => {
            former.into_iter().for_each(free_all);
            answer(StatusCode::OK, &about(&fork))
        }
        Err(error) => refuse(StatusCode::TOO_MANY_REQUESTS, error.field("message").unwrap_or_default()),
    }
}

pub(super) async fn list_snapshots(InSandbox(sandbox): InSandbox) -> Response {
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "snapshots": sandbox.snapshot_names()}))
}

pub(super) async fn take_snapshot(Path(name): Path<String>, InSandbox(sandbox): InSandbox) -> Response {
    if name.chars().count() > SNAPSHOT_NAME_CHARACTERS_MAX {
        let message = format!("A snapshot's name has at most {SNAPSHOT_NAME_CHARACTERS_MAX} characters.");
        return refuse(StatusCode::BAD_REQUEST, &message);
    }
    if !sandbox.keep_snapshot(&name) {
        let message = format!("A sandbox keeps at most {SNAPSHOTS_MAX} snapshots; delete one first.");
        return refuse(StatusCode::TOO_MANY_REQUESTS, &message);
    }
    answer(StatusCode::OK, &snapshot(&sandbox, &name))
}

fn snapshot(sandbox: &Sandbox, name: &str) -> Value {
    json!({"sandbox": sandbox.name(), "snapshot": name, "objects": sandbox.state().len()})
}

pub(super) async fn restore(Path(name): Path<String>, InSandbox(sandbox): InSandbox) -> Response {
    let Some(kept) = sandbox.kept_snapshot(&name) else { return no_snapshot(&sandbox, &name) };
    free(sandbox.restore(&kept));
    answer(StatusCode::OK, &snapshot(&sandbox, &name))
}

pub(super) async fn drop_snapshot(Path(name): Path<String>, InSandbox(sandbox): InSandbox) -> Response {
    if !sandbox.drop_snapshot(&name) {
        return no_snapshot(&sandbox, &name);
    }
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "snapshot": name, "deleted": true}))
}

fn no_snapshot(sandbox: &Sandbox, name: &str) -> Response {
    refused_as(&ApiError::snapshot_missing(name, sandbox.lacks_snapshots()))
}
