//! The control calls about due work: what is to happen later, and doing it now.
//!
//! May use: axum, the app, the engine. Invariant: what only a clock brings about is never done early.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, Limit, Which, answer, refuse};
use crate::app::App;
use crate::contract;
use crate::engine;
use crate::limits::{DUE_ITEMS_MAX, PAGE_ITEMS_DEFAULT};
use crate::pages::respond::refused_as;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Due, Ref, State};

const LIMIT: (&str, &str) = ("limit", "how many at most, from 1 to 1000 (default: 10)");

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/due",
        handler: || get(list),
        what: "Lists what is to happen later in a sandbox, by its own clock and by test clocks, the next first: the time, the \
               object, and what is done",
        parameters: &[SANDBOX, LIMIT],
        body: None,
        example: "curl localhost:12111/_pinstripe/due",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/due/{id}",
        handler: || get(list_for),
        what: "Lists what is to happen later to an object and to what belongs to it, the next first",
        parameters: &[("sandbox", "the sandbox of the object; every sandbox is searched when not sent"), LIMIT],
        body: None,
        example: "curl localhost:12111/_pinstripe/due/in_123",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/due/{id}",
        handler: || post(run_early),
        what: "Does now what is due later for an object and for what belongs to it (the charges of an intent, the refunds of \
               a charge, everything of a customer), without moving a clock: a slow bank settles, a voucher is paid or expires, a \
               hold ends, money becomes available, a draft invoice is finalized and charged, an open one is charged again; \
               returns how many items were done. A subscription is renewed by its clock only",
        parameters: &[("sandbox", "the sandbox of the object; every sandbox is searched when not sent")],
        body: None,
        example: "curl -X POST localhost:12111/_pinstripe/due/pi_123",
    },
];

/// `GET /_pinstripe/due`.
pub(super) async fn list(InSandbox(sandbox): InSandbox, Query(limit): Query<Limit>) -> Response {
    let limit = match limit.read(PAGE_ITEMS_DEFAULT, DUE_ITEMS_MAX) {
        Ok(limit) => limit,
        Err(error) => return refused_as(&error),
    };
    let state = sandbox.state();
    show(&sandbox, &state, state.upcoming(limit + 1, contract::indexes), limit)
}

/// `GET /_pinstripe/due/{id}`.
pub(super) async fn list_for(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
    Query(limit): Query<Limit>,
) -> Response {
    let limit = match limit.read(PAGE_ITEMS_DEFAULT, DUE_ITEMS_MAX) {
        Ok(limit) => limit,
        Err(error) => return refused_as(&error),
    };
    let Some((sandbox, account, about)) = locate(&app, &id, which.sandbox.as_deref()) else { return unknown() };
    engine::catch_up(&sandbox);
    let state = sandbox.state();
    let dues = engine::scheduled_for(&state, account, &about);
    show(&sandbox, &state, dues, limit)
}

/// The object with this id, of any kind, with its sandbox and account.
fn locate(app: &App, id: &str, sandbox: Option<&str>) -> Option<(Arc<Sandbox>, AccountKey, Ref)> {
    let mut kinds = contract::all_entries().map(|entry| entry.kind);
    kinds.find_map(|kind| {
        let (sandbox, account) = app.locate(kind, id, sandbox)?;
        Some((sandbox, account, Ref { kind, id: id.into() }))
    })
}

fn unknown() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is no object with that id.")
}

fn show(sandbox: &Sandbox, state: &State, mut dues: Vec<Due>, limit: usize) -> Response {
    let has_more = dues.len() > limit;
    dues.truncate(limit);
    let rows: Vec<Value> = dues.iter().map(|due| row(state, due)).collect();
    let shown = json!({"sandbox": sandbox.name(), "now": sandbox.now(), "due": rows, "has_more": has_more});
    answer(StatusCode::OK, &shown)
}

/// An item as a call shows it.
pub(super) fn row(state: &State, due: &Due) -> Value {
    let account = state.connected_id(due.account);
    json!({
        "at": due.at(),
        "what": contract::due(due).map(|item| item.what),
        "object": due.about.kind.name(),
        "id": &*due.about.id,
        "test_clock": due.clock.as_ref().map(|(_, clock)| &**clock),
        "account": account.map(|id| &**id),
    })
}

/// `POST /_pinstripe/due/{id}`.
pub(super) async fn run_early(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let Some((sandbox, account, about)) = locate(&app, &id, which.sandbox.as_deref()) else { return unknown() };
    if contract::entry(about.kind).is_some_and(|entry| entry.by_clock_only) {
        let message = format!(
            "What happens to a {} follows from its periods, so it is not done early. Move the clock: POST \
             /_pinstripe/clock?advance=SECONDS, or ?advance=next&object={id} to the next thing that happens to it; on a test \
             clock POST /v1/test_helpers/test_clocks/ID/advance.",
            about.kind.name()
        );
        return refuse(StatusCode::BAD_REQUEST, &message);
    }
    let done = engine::run_early(&sandbox, account, &about);
    answer(StatusCode::OK, &json!({"id": &*about.id, "object": about.kind.name(), "done": done}))
}

/// The next item by the sandbox's clock: of all, or of those of the object with an id and of what belongs to it. The error
/// says why there is none.
pub(super) fn next(state: &State, object: Option<&str>) -> Result<Due, String> {
    let Some(id) = object else {
        let first = state.first_due(contract::indexes);
        return first.ok_or_else(|| "Nothing is to happen later by the clock of the sandbox.".to_owned());
    };
    let kept = |(account, kind): (AccountKey, _)| {
        state.record(account, kind, id).map(|_| (account, Ref { kind, id: id.into() }))
    };
    let mut places = state.tables().map(|(account, kind, _)| (account, kind));
    let Some((account, about)) = places.find_map(kept) else {
        return Err("There is no object with that id in the sandbox.".to_owned());
    };
    let dues = engine::scheduled_for(state, account, &about);
    let by_test_clock = dues.iter().find_map(|due| due.clock.as_ref()).map(|(_, clock)| clock.to_string());
    let next = dues.into_iter().find(|due| due.clock.is_none());
    next.ok_or_else(|| match by_test_clock {
        Some(clock) => format!(
            "What happens to {id} next happens by its test clock: POST /v1/test_helpers/test_clocks/{clock}/advance."
        ),
        None => format!("Nothing is to happen to {id} later."),
    })
}
