//! The calls of the control API: the table that describes them, and the check of every request against it.
//!
//! May use: axum, the tables of the parts. Invariant: a request reaches a handler only if the table describes it, so
//! there is no call and no parameter that `GET /_pinstripe/` and `docs/control-api.md` do not list.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::call::{ControlCall, EVERY_SANDBOX, SANDBOX};
use super::{
    account_links, accounts, activity, answer, cards, certificate, checkout, clock, config_paths, decisions, diff, due,
    faults, financial_connections, identity, lifecycle, oauth, objects, portal, read_body, recorded, refuse, refuse_as,
    requests, sandboxes, settings, state, trigger, waiting, webhooks,
};
use crate::app::App;
use crate::entry;
use crate::limits::BODY_BYTES_MAX;
use crate::state::sandbox::is_sandbox_name;

/// The call that shows the table.
static CALLS: &[ControlCall] = &[ControlCall {
    method: "GET",
    path: "/_pinstripe/",
    handler: || get(describe),
    what: "Describes the control API",
    parameters: &[],
    body: None,
    example: "curl localhost:12111/_pinstripe/",
}];

/// The calls by their subjects, in the order of the documents.
static PARTS: [(&str, &[ControlCall]); 26] = [
    ("Description", CALLS),
    ("Reset and fixtures", lifecycle::CALLS),
    ("Certificate", certificate::CALLS),
    ("Sandboxes and snapshots", sandboxes::CALLS),
    ("Objects", objects::CALLS),
    ("What waits for a person", waiting::CALLS),
    ("Test cards", cards::CALLS),
    ("Differences", diff::CALLS),
    ("The clock", clock::CALLS),
    ("What is due", due::CALLS),
    ("Settings", settings::CALLS),
    ("The state", state::CALLS),
    ("Faults", faults::CALLS),
    ("Requests", requests::CALLS),
    ("What happened", activity::CALLS),
    ("Triggers", trigger::CALLS),
    ("Webhooks", webhooks::CALLS),
    ("What a customer does", decisions::CALLS),
    ("Checkout", checkout::CALLS),
    ("Customer portal", portal::CALLS),
    ("Account links", account_links::CALLS),
    ("Connected accounts", accounts::CALLS),
    ("OAuth", oauth::CALLS),
    ("Identity", identity::CALLS),
    ("Bank connections", financial_connections::CALLS),
    ("Paths of other servers", config_paths::CALLS),
];

/// Every call.
pub(super) fn all() -> impl Iterator<Item = &'static ControlCall> {
    PARTS.iter().flat_map(|(_, calls)| *calls)
}

/// `GET /_pinstripe/`: the table.
pub(super) async fn describe() -> Response {
    let parameters = |call: &ControlCall| -> Vec<Value> {
        call.parameters.iter().map(|(name, what)| json!({"name": name, "what": what})).collect()
    };
    let calls: Vec<Value> = all()
        .map(|call| {
            json!({
                "method": call.method,
                "path": call.path,
                "what": call.what,
                "parameters": parameters(call),
                "body": call.body,
                "example": call.example,
            })
        })
        .collect();
    let about = "Parameters stand in the query, or in the body as a form where a call has no body of its own.";
    answer(StatusCode::OK, &json!({"about": about, "calls": calls}))
}

/// Every call with its parameters and an example, as in `docs/control-api.md`.
pub fn markdown() -> String {
    let mut out = String::new();
    for (subject, calls) in &PARTS {
        out.push_str(&format!("## {subject}\n\n"));
        for call in *calls {
            out.push_str(&format!("### `{} {}`\n\n{}.\n\n", call.method, call.path, call.what));
            let mut rows: Vec<String> =
                call.parameters.iter().map(|(name, what)| format!("| `{name}` | {what} |\n")).collect();
            rows.extend(call.body.map(|body| format!("| the body | {body} |\n")));
            if !rows.is_empty() {
                out.push_str(&format!("| parameter | meaning |\n|---|---|\n{}\n", rows.concat()));
            }
            out.push_str(&format!("```sh\n{}\n```\n\n", call.example));
        }
    }
    out
}

/// Checks a request against the table, so that a misspelt parameter is never ignored.
pub(super) async fn check(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.map(|path| path.as_str().trim_end_matches('/').to_owned()).unwrap_or_default();
    let of_path = || all().filter(|call| call.path.trim_end_matches('/') == path);
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    let found = of_path().find(|call| call.method == method);
    let Some(call) = found else {
        let methods: Vec<&str> = of_path().map(|call| call.method).collect();
        return unknown(&request, &methods);
    };
    match with_parameters(call, request).await {
        Ok(request) => in_json(recorded::call(&app, request, next).await).await,
        Err(refusal) => *refusal,
    }
}

/// The error for a call that does not exist.
fn unknown(request: &Request, methods: &[&str]) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    if methods.is_empty() {
        let message = format!("There is no {asked} in the control API. GET /_pinstripe/ lists what there is.");
        return refuse(StatusCode::NOT_FOUND, &message);
    }
    let methods = methods.join(", ");
    let message = format!("There is no {asked} in the control API; the path takes {methods}.");
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, &message);
    if let Ok(allowed) = methods.parse() {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The request with all its parameters in the query, if they are parameters of the call.
async fn with_parameters(call: &ControlCall, request: Request) -> Result<Request, Box<Response>> {
    let wrong = |message: String| Box::new(refuse(StatusCode::BAD_REQUEST, &message));
    let name = format!("{} {}", call.method, call.path);
    let (mut parts, mut body) = request.into_parts();
    let mut query = parts.uri.query().unwrap_or_default().to_owned();
    if call.body.is_none() {
        let form = read_body(body, BODY_BYTES_MAX, "The body is too large.").await?;
        let is_form = parts.headers.get(header::CONTENT_TYPE).is_none_or(|sent| sent.as_bytes().starts_with(FORM));
        match std::str::from_utf8(&form) {
            Ok("") => {}
            Ok(form) if is_form => query = format!("{query}&{form}").trim_matches('&').to_owned(),
            _ => return Err(wrong(format!("{name} takes no body but a form with its parameters."))),
        }
        body = Body::empty();
    }
    if call.parameters.iter().any(|(name, _)| *name == SANDBOX.0) {
        let named = entry::query(&parts.headers, &query).map_err(|error| Box::new(refuse_as(&error)))?;
        query = named.unwrap_or(query);
    }
    let sent: Vec<(String, String)> = serde_urlencoded::from_str(&query).unwrap_or_default();
    let mut seen = HashSet::new();
    for (key, value) in &sent {
        if !call.parameters.iter().any(|(known, _)| is_named(key, known)) {
            let known: Vec<String> = call.parameters.iter().map(|(name, _)| format!("`{name}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(wrong(format!("{name} has no parameter `{key}`. Its parameters: {known}.")));
        }
        if !seen.insert(key) {
            return Err(wrong(format!("`{key}` is sent twice.")));
        }
        let takes_all = value == "*" && call.parameters.contains(&EVERY_SANDBOX);
        if key == SANDBOX.0 && !takes_all && !is_sandbox_name(value) {
            return Err(wrong("A sandbox name is 1 to 40 characters of A-Z, a-z, 0-9 and `-`.".to_owned()));
        }
    }
    let target = if query.is_empty() { parts.uri.path().to_owned() } else { format!("{}?{query}", parts.uri.path()) };
    parts.uri = target.parse::<Uri>().map_err(|_| wrong("The parameters are not a form.".to_owned()))?;
    Ok(Request::from_parts(parts, body))
}

/// Whether a parameter is one of the table; `name[*]` stands for any key.
fn is_named(sent: &str, known: &str) -> bool {
    match known.strip_suffix("[*]") {
        Some(outer) => sent.strip_prefix(outer).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']')),
        None => sent == known,
    }
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Turns the plain text error of an extractor into a JSON error.
async fn in_json(response: Response) -> Response {
    let is_text =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|sent| sent.as_bytes().starts_with(b"text/plain"));
    if !response.status().is_client_error() || !is_text {
        return response;
    }
    let status = response.status();
    let text = to_bytes(response.into_body(), BODY_BYTES_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // The text begins with the extractor's name for what it read.
    refuse(status, text.split_once(": ").map_or(&*text, |(_, reason)| reason))
}
