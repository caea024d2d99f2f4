//! The control calls about the API itself and the initial state of a sandbox.
//!
//! May use: axum, the app, the fixtures. Invariant: a refused call has changed nothing.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map as Json, Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, answer, free, read_body, refuse, refused_by_memory};
use crate::app::App;
use crate::catalogue::{self, Operation};
use crate::fixtures::{self, Loaded};
use crate::generic::coverage;
use crate::limits::FIXTURES_BYTES_MAX;
use crate::state::sandbox::Sandbox;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/coverage",
        handler: || get(show_coverage),
        what: "Lists whether each operation has rules, has only a shape, or is absent (501), as in the header \
               `Pinstripe-Coverage` of each answer; with `called=true` only the operations that were called since the server started, \
               in whatever sandbox, with how often, and the paths that are none of the API's",
        parameters: &[("called", "`true`: what was called")],
        body: None,
        example: "curl localhost:12111/_pinstripe/coverage",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/reset",
        handler: || post(reset),
        what: "Resets a sandbox to its fixtures and its first clock; faults, settings, idempotency keys and deliveries are \
               deleted, snapshots stay",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X POST localhost:12111/_pinstripe/reset",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/fixtures",
        handler: || post(add_fixtures),
        what: "Adds fixtures to a sandbox and to what its reset restores (in the default sandbox also to what new sandboxes \
               contain); returns the number of objects and the variables that the `env` of a script names",
        parameters: &[SANDBOX, ("preset", "a preset instead of a body, such as `shop`")],
        body: Some("a fixtures document"),
        example: "curl --data-binary @shop.json localhost:12111/_pinstripe/fixtures",
    },
];

/// The parameters of the coverage.
#[derive(Debug, Deserialize)]
pub(super) struct CoverageAsked {
    called: Option<String>,
}

/// `GET /_pinstripe/coverage`.
pub(super) async fn show_coverage(Shared(app): Shared<Arc<App>>, Query(asked): Query<CoverageAsked>) -> Response {
    match asked.called.as_deref() {
        None => answer(StatusCode::OK, &coverage::json()),
        Some("true") => answer(StatusCode::OK, &called(&app)),
        Some(_) => refuse(StatusCode::BAD_REQUEST, "`called` must be `true`."),
    }
}

/// The operations that were called, and the paths that are none.
fn called(app: &App) -> Value {
    let row = |operation: &Operation| {
        let (calls, failed) = app.called().of(operation);
        let coverage = coverage::of(operation).as_str();
        let (name, method, path) = (operation.name, operation.method.as_str(), operation.path);
        (calls > 0).then(|| {
            json!({"operation": name, "method": method, "path": path, "coverage": coverage, "calls": calls, "failed": failed})
        })
    };
    let unknown = app.called().unknown().into_iter();
    let unknown = unknown.map(|((method, path), calls)| json!({"method": method, "path": path, "calls": calls}));
    json!({
        "operations": catalogue::operations().iter().filter_map(row).collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}

/// `POST /_pinstripe/reset`.
pub(super) async fn reset(InSandbox(sandbox): InSandbox) -> Response {
    free(sandbox.reset());
    answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "objects": sandbox.state().len()}))
}

/// The preset to add.
#[derive(Debug, Deserialize)]
pub(super) struct Preset {
    preset: Option<String>,
}

/// `POST /_pinstripe/fixtures`.
pub(super) async fn add_fixtures(
    Shared(app): Shared<Arc<App>>,
    InSandbox(sandbox): InSandbox,
    Query(Preset { preset }): Query<Preset>,
    body: Body,
) -> Response {
    // Before a large body is read.
    if let Some(refusal) = refused_by_memory(&app) {
        return refusal;
    }
    let body = match read_body(body, FIXTURES_BYTES_MAX, "The fixtures document is too large.").await {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let (name, text) = match preset {
        None => ("request body".to_owned(), body),
        Some(_) if !body.is_empty() => {
            return refuse(StatusCode::BAD_REQUEST, "Send a fixtures document or name a preset, not both.");
        }
        Some(preset) => match fixtures::preset(&preset) {
            Some(text) => (format!("@{preset}"), Bytes::from_static(text.as_bytes())),
            None => {
                let message =
                    format!("There is no preset {preset}. There are: {}.", fixtures::preset_names().join(", "));
                return refuse(StatusCode::BAD_REQUEST, &message);
            }
        },
    };
    match load(app, sandbox, name, text).await {
        Ok(Loaded { objects, variables, .. }) => {
            let env: Json<String, Value> = variables.into_iter().map(|(name, value)| (name, value.into())).collect();
            answer(StatusCode::OK, &json!({"added": objects, "env": env}))
        }
        Err(refusal) => *refusal,
    }
}

/// Adds a document of fixtures to a sandbox, and to what its reset restores.
pub(super) async fn load(
    app: Arc<App>,
    sandbox: Arc<Sandbox>,
    name: String,
    text: Bytes,
) -> Result<Loaded, Box<Response>> {
    if let Some(refusal) = refused_by_memory(&app) {
        return Err(Box::new(refusal));
    }
    match tokio::task::spawn_blocking(move || fixtures::add(&app, &sandbox, &name, &text)).await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(error)) => Err(Box::new(refuse(StatusCode::BAD_REQUEST, &error.to_string()))),
        Err(_) => Err(Box::new(refuse(StatusCode::INTERNAL_SERVER_ERROR, "Loading the fixtures failed."))),
    }
}
