//! The control API under `/_pinstripe`: calls that tests make to the server itself, not to the Stripe API.
//!
//! May use: axum, the app and the fixtures. Invariant: a page of another origin can neither read nor cause an answer.

mod call;
mod calls;
mod checkout;
mod faults;
mod guard;
mod lifecycle;
mod pages;
mod requests;
mod sandboxes;
mod settings;
mod state;
mod trigger;
mod webhooks;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, delete, get, post};
use axum::{Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::calls::readme_table;
use crate::app::App;
use crate::engine;
use crate::state::sandbox::{DEFAULT_SANDBOX, Sandbox};

/// The routes, each behind the guard and the table of calls.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/_pinstripe", get(lifecycle::describe))
        .route("/_pinstripe/", get(lifecycle::describe))
        .route("/_pinstripe/coverage", get(lifecycle::show_coverage))
        .route("/_pinstripe/reset", post(lifecycle::reset))
        .route("/_pinstripe/fixtures", post(lifecycle::add_fixtures))
        .route("/_pinstripe/due/{id}", post(lifecycle::run_early))
        .route("/_pinstripe/requests", get(requests::list))
        .route("/_pinstripe/requests/{id}", get(requests::show))
        .route("/_pinstripe/authorize/{id}", get(pages::show).post(pages::decide))
        .route("/_pinstripe/checkout/{id}", get(checkout::show).post(checkout::buy))
        .route("/_pinstripe/sources/{id}/redirect", get(pages::show).post(pages::decide))
        .route("/_pinstripe/files/{id}", get(pages::show_file))
        .route("/_pinstripe/receipts/{id}", get(pages::show_receipt))
        .route("/_pinstripe/sandboxes", get(sandboxes::list))
        .route("/_pinstripe/sandboxes/{name}", delete(sandboxes::drop_one))
        .route("/_pinstripe/fork", post(sandboxes::fork))
        .route("/_pinstripe/snapshots", get(sandboxes::list_snapshots))
        .route("/_pinstripe/snapshots/{name}", post(sandboxes::take_snapshot).delete(sandboxes::drop_snapshot))
        .route("/_pinstripe/snapshots/{name}/restore", post(sandboxes::restore))
        .route("/_pinstripe/clock", get(sandboxes::show_clock).post(sandboxes::set_clock))
        .route("/_pinstripe/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/_pinstripe/faults/{id}", delete(faults::remove))
        .route("/_pinstripe/settings", get(settings::show).post(settings::choose))
        .route("/_pinstripe/state", get(state::export).put(state::replace))
        .route("/_pinstripe/trigger", get(trigger::list).post(trigger::fire))
        .merge(webhooks::router())
        .route("/_pinstripe/{*rest}", any(StatusCode::NOT_FOUND))
        .layer(middleware::from_fn(calls::check))
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard::guard))
}

/// The sandbox that a call is for.
#[derive(Debug, Deserialize)]
struct Which {
    sandbox: Option<String>,
}

fn sandbox(app: &App, which: &Which) -> Result<Arc<Sandbox>, Box<Response>> {
    find_sandbox(app, which.sandbox.as_deref())
}

/// The sandbox of this name, after everything due by its clock is done.
fn find_sandbox(app: &App, name: Option<&str>) -> Result<Arc<Sandbox>, Box<Response>> {
    let sandbox = app.sandbox(name.unwrap_or(DEFAULT_SANDBOX)).map_err(|error| {
        let message = error.field("message").unwrap_or_default().to_owned();
        Box::new(refuse(StatusCode::TOO_MANY_REQUESTS, &message))
    })?;
    engine::run_due(&sandbox, app.own_url());
    Ok(sandbox)
}

/// Drops a value on another thread: it may hold a hundred thousand objects.
fn free<T: Send + 'static>(gone: T) {
    tokio::task::spawn_blocking(move || drop(gone));
}

/// Where links point in the answer to a call that came with these headers.
fn base_url(app: &App, headers: &HeaderMap) -> String {
    app.base_url(header_text(headers, "host"))
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn refuse(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({"error": {"message": message}}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(format!("{body:#}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
