//! The control API under `/_pinstripe`: calls that tests make to the server itself, not to the Stripe API.
//!
//! May use: axum, the app and the fixtures. Invariant: a page of another origin can neither read nor cause the answer of a
//! call; what is made for customers' browsers is declared in [`access`].

mod account_links;
mod accounts;
mod activity;
mod call;
mod calls;
mod cards;
mod certificate;
mod checkout;
mod clock;
mod config_paths;
mod decisions;
mod diff;
mod due;
mod faults;
mod financial_connections;
mod former;
mod identity;
mod inspect;
mod lifecycle;
mod oauth;
mod objects;
mod pieces;
mod portal;
mod recorded;
mod requests;
mod resend;
mod sandboxes;
mod settings;
mod state;
mod trigger;
mod waiting;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use serde::Deserialize;

pub use self::calls::markdown;
pub(crate) use self::resend::ApiSender;
use crate::access;
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::pages::respond::{answer, base_url, refuse, refuse_as};
use crate::pages::{self, guard};
use crate::state::State;
use crate::state::sandbox::{DEFAULT_SANDBOX, Sandbox};

/// The routes of the table of calls, each behind the guard and the check against it.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let described = Router::new().route("/_pinstripe", get(calls::describe));
    calls::all()
        .fold(described, |router, call| router.route(call.path, (call.handler)()))
        .route("/_pinstripe/{*rest}", any(StatusCode::NOT_FOUND))
        .layer(middleware::from_fn_with_state(Arc::clone(app), calls::check))
        .merge(former::router())
        .merge(pages::router().layer(middleware::from_fn_with_state(Arc::clone(app), recorded::pages)))
        .merge(if app.has_ui() { pages::ui::router() } else { Router::new() })
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard::guard))
}

/// The sandbox that a call is for.
#[derive(Debug, Deserialize)]
struct Which {
    sandbox: Option<String>,
}

/// How many rows an answer has at most.
#[derive(Debug, Deserialize)]
struct Limit {
    limit: Option<String>,
}

impl Limit {
    /// The number, from 1 to `most`; `default` if none was sent.
    fn read(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        let Some(limit) = &self.limit else { return Ok(default) };
        let limit = limit.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| ApiError::rows_out_of_range("limit", most))
    }
}

/// The sandbox that a call is for, or why there is none.
struct InSandbox(Arc<Sandbox>);

impl FromRequestParts<Arc<App>> for InSandbox {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let Query(which) = Query::<Which>::try_from_uri(&parts.uri).map_err(IntoResponse::into_response)?;
        if matches!(parts.method, Method::GET | Method::HEAD) {
            return Ok(InSandbox(look_at(app, which.sandbox.as_deref())));
        }
        find_sandbox(app, which.sandbox.as_deref()).map(InSandbox).map_err(|refusal| *refusal)
    }
}

/// The sandbox of this name, after everything due by its clock is done.
fn find_sandbox(app: &App, name: Option<&str>) -> Result<Arc<Sandbox>, Box<Response>> {
    let sandbox = app.sandbox(name.unwrap_or(DEFAULT_SANDBOX)).map_err(|error| {
        let message = error.field("message").unwrap_or_default().to_owned();
        Box::new(refuse(StatusCode::TOO_MANY_REQUESTS, &message))
    })?;
    engine::catch_up(&sandbox);
    Ok(sandbox)
}

/// The sandbox of this name to look at, after everything due by its clock is done. A call that only reads makes none.
fn look_at(app: &App, name: Option<&str>) -> Arc<Sandbox> {
    let sandbox = app.look_at(name.unwrap_or(DEFAULT_SANDBOX));
    engine::catch_up(&sandbox);
    sandbox
}

/// How long a former state waits between two looks whether it has readers left, and how often it looks.
const READERS_PAUSE: Duration = Duration::from_millis(50);
const READERS_LOOKS: u32 = 40;

/// Drops a former state on another thread, when its readers are done, so that none of them has to: that takes as long as
/// there are objects.
fn free(former: Arc<State>) {
    tokio::spawn(async move {
        for _ in 0..READERS_LOOKS {
            if Arc::strong_count(&former) == 1 {
                break;
            }
            tokio::time::sleep(READERS_PAUSE).await;
        }
        tokio::task::spawn_blocking(move || drop(former));
    });
}

/// The refusal of what would load objects, if the limit of the memory is reached.
fn refused_by_memory(app: &App) -> Option<Response> {
    let error = ApiError::memory_is_full(app.memory().reached()?);
    Some(refuse(StatusCode::SERVICE_UNAVAILABLE, error.field("message").unwrap_or_default()))
}

/// The body of a call, at most `max` bytes of it; `too_large` is the sentence about a larger one.
async fn read_body(body: Body, max: usize, too_large: &str) -> Result<Bytes, Box<Response>> {
    to_bytes(body, max).await.map_err(|error| {
        Box::new(match access::is_too_large(&error) {
            true => refuse(StatusCode::PAYLOAD_TOO_LARGE, too_large),
            false => refuse_as(&ApiError::body_unreadable()),
        })
    })
}
