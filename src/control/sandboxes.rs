//! The control calls about whole sandboxes: their list, forks, snapshots and clocks.
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
use super::{InSandbox, answer, free, refuse};
use crate::app::App;
use crate::engine;
use crate::limits::{SNAPSHOT_NAME_CHARACTERS_MAX, SNAPSHOTS_BYTES_MAX, SNAPSHOTS_MAX};
use crate::state::sandbox::{DEFAULT_SANDBOX, Sandbox, is_sandbox_name};
use crate::time::clock::{Clock, LATEST};

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
    ControlCall {
        method: "GET",
        path: "/_pinstripe/clock",
        handler: || get(show_clock),
        what: "Shows the time of a sandbox, and whether its clock is real, frozen or ahead",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/clock",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/clock",
        handler: || post(set_clock),
        what: "Sets a sandbox's clock by exactly one of `advance`, `freeze` and `real`; what becomes due is done before the answer",
        parameters: &[
            SANDBOX,
            ("advance", "seconds to add"),
            ("freeze", "Unix seconds at which the clock stands still, or `now`"),
            ("real", "`true`: follow the machine's clock"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/clock?advance=86400'",
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
        "clock": clock_of(sandbox),
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
    let Some(kept) = sandbox.kept_snapshot(&name) else { return no_snapshot(&sandbox) };
    free(sandbox.restore(&kept));
    answer(StatusCode::OK, &snapshot(&sandbox, &name))
}

pub(super) async fn drop_snapshot(Path(name): Path<String>, InSandbox(sandbox): InSandbox) -> Response {
    if !sandbox.drop_snapshot(&name) {
        return no_snapshot(&sandbox);
    }
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "snapshot": name, "deleted": true}))
}

fn no_snapshot(sandbox: &Sandbox) -> Response {
    let mut message = "The sandbox has no snapshot of this name.".to_owned();
    if sandbox.lacks_snapshots() {
        message += &format!(" Snapshots kept more than {SNAPSHOTS_BYTES_MAX} bytes, so the oldest were dropped.");
    }
    refuse(StatusCode::NOT_FOUND, &message)
}

pub(super) async fn show_clock(InSandbox(sandbox): InSandbox) -> Response {
    answer(StatusCode::OK, &clock_of(&sandbox))
}

fn clock_of(sandbox: &Sandbox) -> Value {
    let kind = match sandbox.clock() {
        Clock::Real => "real",
        Clock::Frozen(_) => "frozen",
        Clock::Ahead(_) => "ahead",
    };
    json!({"clock": kind, "now": sandbox.now()})
}

/// The parameters of a change of the clock; exactly one is sent.
#[derive(Debug, Deserialize)]
pub(super) struct ClockParams {
    advance: Option<String>,
    freeze: Option<String>,
    real: Option<String>,
}

pub(super) async fn set_clock(InSandbox(sandbox): InSandbox, Query(setting): Query<ClockParams>) -> Response {
    let clock = match setting.clock(&sandbox) {
        Ok(clock) => clock,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, &message),
    };
    sandbox.set_clock(clock);
    let running = Arc::clone(&sandbox);
    let _ = tokio::task::spawn_blocking(move || engine::run_due(&running)).await;
    answer(StatusCode::OK, &clock_of(&sandbox))
}

impl ClockParams {
    fn clock(&self, sandbox: &Sandbox) -> Result<Clock, String> {
        match (&self.advance, &self.freeze, &self.real) {
            (Some(seconds), None, None) => {
                let seconds = seconds.parse().ok().filter(|seconds: &i64| *seconds >= 0);
                let seconds = seconds.ok_or("`advance` must be whole seconds, 0 or more.")?;
                let clock = sandbox.clock().advanced(seconds);
                clock.ok_or_else(|| format!("A clock goes to {LATEST} (the end of the year 9999) at the latest."))
            }
            (None, Some(at), None) if at == "now" => Ok(Clock::Frozen(sandbox.now())),
            (None, Some(at), None) => {
                let at = at.parse().ok().map(Clock::Frozen).filter(|clock| clock.can_be_set());
                at.ok_or_else(|| format!("`freeze` must be `now` or Unix seconds from 0 to {LATEST}."))
            }
            (None, None, Some(real)) if matches!(real.as_str(), "" | "true") => Ok(Clock::Real),
            (None, None, Some(_)) => Err("`real` is `true`, or left out.".to_owned()),
            _ => Err("Send one of `advance=SECONDS`, `freeze=UNIX_SECONDS`, `freeze=now` and `real`.".to_owned()),
        }
    }
}
