//! The control API under `/_pinstripe`: what tests ask of the server itself, not of Stripe.
//!
//! May use: axum, the app and the fixtures. Invariant: no answer of it may be read by a page of another
//! origin, and none is made for one.

mod faults;
mod pages;
mod requests;
mod sandboxes;
mod state;
mod trigger;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{any, delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::dispatch;
use crate::app::App;
use crate::fixtures;
use crate::limits::FIXTURES_BYTES_MAX;
use crate::resources;
use crate::state::Ref;
use crate::state::sandbox::Sandbox;

/// One call of the control API, as `GET /_pinstripe/` and the README describe it.
#[derive(Debug)]
struct Described {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    example: &'static str,
}

/// What needs no part of its own; the README's table is made from these and compared by a test.
static CALLS: &[Described] = &[
    Described {
        method: "GET",
        path: "/_pinstripe/",
        what: "Describes the control API",
        example: "curl localhost:12111/_pinstripe/",
    },
    Described {
        method: "GET",
        path: "/_pinstripe/coverage",
        what: "Tells of each operation whether it has rules, answers with its shape alone, or is absent (501), as the \
               header `Pinstripe-Coverage` of each answer does",
        example: "curl localhost:12111/_pinstripe/coverage",
    },
    Described {
        method: "POST",
        path: "/_pinstripe/reset",
        what: "Returns a sandbox to what the fixtures set, and its clock to the one it began with",
        example: "curl -X POST localhost:12111/_pinstripe/reset",
    },
    Described {
        method: "POST",
        path: "/_pinstripe/fixtures",
        what: "Adds fixtures to a sandbox and to what reset returns to (for the default sandbox also to what new sandboxes \
               begin with); the body is a fixtures document, or `?preset=NAME` names an embedded one",
        example: "curl --data-binary @shop.json localhost:12111/_pinstripe/fixtures",
    },
    Described {
        method: "GET",
        path: "/_pinstripe/requests",
        what: "Lists a sandbox's last requests, newest first, with their parameters (numbers of cards and accounts \
               masked), errors and events. Filters: `method`, `path` and `event` (a `*` at the end fits what begins so), \
               `operation`, `status` (`402` or `4xx`), `error`, `idempotency_key`, `limit`. `/_pinstripe/requests/ID` \
               shows the one that an error's `request_log_url` names",
        example: "curl 'localhost:12111/_pinstripe/requests?status=4xx'",
    },
    Described {
        method: "POST",
        path: "/_pinstripe/authorize/ID",
        what: "Does what a customer does for an object that waits for them (3D Secure and redirects of an intent, a pending \
               source), without a browser: `result=succeeded` or `result=failed`, with the object's `client_secret`; a GET \
               of it is the page with buttons that `next_action` or a source's `redirect.url` names",
        example: "curl -X POST 'localhost:12111/_pinstripe/authorize/pi_123?client_secret=SECRET&result=succeeded'",
    },
    Described {
        method: "POST",
        path: "/_pinstripe/due/ID",
        what: "Does at once what is to happen to an object later, and to those that belong to it (an intent's charges, a \
               charge's refunds, whatever is a customer's): a slow bank settles, a voucher is paid or expires, a hold \
               ends, money becomes available; answers how much that was",
        example: "curl -X POST localhost:12111/_pinstripe/due/pi_123",
    },
];

/// Every call, with those of the parts.
fn calls() -> impl Iterator<Item = &'static Described> {
    let parts = [sandboxes::CALLS, state::CALLS, faults::CALLS, trigger::CALLS, webhooks::CALLS];
    CALLS.iter().chain(parts.into_iter().flatten())
}

/// The table of control calls as the README has it.
pub fn readme_table() -> String {
    let mut out = String::from("| call | what it does | example |\n|---|---|---|\n");
    for call in calls() {
        out.push_str(&format!("| `{} {}` | {} | `{}` |\n", call.method, call.path, call.what, call.example));
    }
    out
}

/// The routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/_pinstripe", get(describe))
        .route("/_pinstripe/", get(describe))
        .route("/_pinstripe/coverage", get(show_coverage))
        .route("/_pinstripe/reset", post(reset))
        .route("/_pinstripe/fixtures", post(add_fixtures))
        .route("/_pinstripe/requests", get(requests::list))
        .route("/_pinstripe/requests/{id}", get(requests::show))
        .route("/_pinstripe/authorize/{id}", get(pages::show).post(pages::decide))
        // Where sources of older exports point.
        .route("/_pinstripe/sources/{id}/redirect", get(pages::show).post(pages::decide))
        .route("/_pinstripe/due/{id}", post(run_early))
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
        .route("/_pinstripe/state", get(state::export).put(state::replace))
        .route("/_pinstripe/trigger", get(trigger::list).post(trigger::fire))
        .merge(webhooks::router())
        .route("/_pinstripe/{*rest}", any(unknown))
        .method_not_allowed_fallback(unknown)
}

/// Refuses what a web page could send behind a developer's back: a foreign `Origin`, and on a loopback
/// address a `Host` that is none of this machine's names (design section 6).
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = header_text(headers, "host").unwrap_or_default().to_owned();
    if let Some(origin) = header_text(headers, "origin")
        && origin.split("://").nth(1) != Some(host.as_str())
    {
        return refuse(StatusCode::FORBIDDEN, "The control API takes no calls from pages of another origin.");
    }
    if !is_own_name(&host) {
        return refuse(
            StatusCode::FORBIDDEN,
            "The control API answers to localhost, to IP addresses and to names without a dot (such as a service's \
             name in a network of containers).",
        );
    }
    next.run(request).await
}

/// Names that a page on the internet cannot point at this machine: addresses, `localhost`, and names
/// without a dot, which only a local network resolves.
fn is_own_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return rest.contains(']'),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.');
    name.parse::<std::net::Ipv4Addr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || name == "host.docker.internal"
        || (!name.is_empty() && !name.contains('.'))
}

#[derive(Debug, Deserialize)]
struct Which {
    sandbox: Option<String>,
    preset: Option<String>,
}

async fn describe() -> Response {
    let calls: Vec<Value> = calls()
        .map(|call| json!({"method": call.method, "path": call.path, "what": call.what, "example": call.example}))
        .collect();
    let about = "Each call is for the default sandbox, or for the one named by ?sandbox=NAME.";
    answer(StatusCode::OK, &json!({"about": about, "calls": calls}))
}

async fn show_coverage() -> Response {
    answer(StatusCode::OK, &crate::generic::coverage::json())
}

async fn reset(Shared(app): Shared<Arc<App>>, Query(which): Query<Which>) -> Response {
    match sandbox(&app, &which) {
        Ok(sandbox) => {
            sandbox.reset();
            answer(StatusCode::OK, &json!({"sandbox": sandbox.name(), "objects": sandbox.state().len()}))
        }
        Err(refusal) => *refusal,
    }
}

async fn add_fixtures(Shared(app): Shared<Arc<App>>, Query(which): Query<Which>, body: Body) -> Response {
    let sandbox = match sandbox(&app, &which) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return *refusal,
    };
    let Ok(body) = to_bytes(body, FIXTURES_BYTES_MAX).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "The fixtures document is too large.");
    };
    let (name, text) = match &which.preset {
        None => ("request body".to_owned(), body),
        Some(preset) => match fixtures::preset(preset) {
            Some(text) => (format!("@{preset}"), Bytes::from_static(text.as_bytes())),
            None => {
                let message =
                    format!("There is no preset {preset}. There are: {}.", fixtures::preset_names().join(", "));
                return refuse(StatusCode::BAD_REQUEST, &message);
            }
        },
    };
    let added = tokio::task::spawn_blocking(move || fixtures::add(&app, &sandbox, &name, &text)).await;
    match added {
        Ok(Ok(count)) => answer(StatusCode::OK, &json!({"added": count})),
        Ok(Err(error)) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Loading the fixtures failed."),
    }
}

async fn run_early(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Response {
    let mut kinds = resources::entries().iter().map(|entry| entry.kind);
    let found = kinds.find_map(|kind| Some((kind, app.locate(kind, &id, which.sandbox.as_deref())?)));
    let Some((kind, (sandbox, account))) = found else {
        return refuse(StatusCode::NOT_FOUND, "There is no object with that id.");
    };
    let about = Ref { kind, id: id.into() };
    let done = dispatch::run_early(&sandbox, account, &about, &crate::http::base_url(&app, &headers));
    answer(StatusCode::OK, &json!({"id": &*about.id, "object": kind.0, "done": done}))
}

async fn unknown(request: Request) -> Response {
    let message = format!("There is no {} {} in the control API.", request.method(), request.uri().path());
    refuse(StatusCode::NOT_FOUND, &message)
}

fn sandbox(app: &App, which: &Which) -> Result<Arc<Sandbox>, Box<Response>> {
    find_sandbox(app, which.sandbox.as_deref())
}

/// The sandbox of this name; what is due by its clock has happened, so that nobody sees it half done.
fn find_sandbox(app: &App, name: Option<&str>) -> Result<Arc<Sandbox>, Box<Response>> {
    let name = name.unwrap_or(crate::app::DEFAULT_SANDBOX);
    if !crate::http::auth::is_sandbox_name(name) {
        let message = "A sandbox name is 1 to 40 characters of A-Z, a-z, 0-9 and `-`.";
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, message)));
    }
    let sandbox = app.sandbox(name).map_err(|error| {
        let message = error.field("message").unwrap_or_default().to_owned();
        Box::new(refuse(StatusCode::TOO_MANY_REQUESTS, &message))
    })?;
    dispatch::run_due(&sandbox, app.own_url());
    Ok(sandbox)
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
