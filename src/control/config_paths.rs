//! `/_config/…`: paths of other servers for tests, where they mean what a control call means, so that a suite need not be changed
//! for this one.
//!
//! May use: axum, the other control calls. Invariant: each does what a call of `/_pinstripe` does, and nothing else.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{delete, post};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map as Json, Value, json};
use uuid::Uuid;

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, answer, clock, lifecycle, read_body, refuse};
use crate::app::App;
use crate::limits::BODY_BYTES_MAX;
use crate::state::sandbox::Sandbox;
use crate::time::calendar::DAY;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "DELETE",
        path: "/_config/data",
        handler: || delete(lifecycle::reset),
        what: "Does what `POST /_pinstripe/reset` does; localstripe and PaperTiger know this path",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X DELETE localhost:12111/_config/data",
    },
    ControlCall {
        method: "POST",
        path: "/_config/time/advance",
        handler: || post(advance),
        what: "Does what `POST /_pinstripe/clock?advance=SECONDS` does; PaperTiger knows this path",
        parameters: &[SANDBOX],
        body: Some("`seconds` or `days`, as a form or as JSON"),
        example: "curl -d days=45 localhost:12111/_config/time/advance",
    },
    ControlCall {
        method: "POST",
        path: "/_config/webhooks/{id}",
        handler: || post(add_receiver),
        what: "Adds a webhook endpoint with a secret of your own, which a reset keeps; localstripe and PaperTiger know this path",
        parameters: &[SANDBOX],
        body: Some(RECEIVER),
        example: "curl -d url=http://localhost:3000/webhook -d secret=whsec_123 localhost:12111/_config/webhooks/shop",
    },
    ControlCall {
        method: "POST",
        path: "/_config/webhooks",
        handler: || post(add_unnamed_receiver),
        what: "The same, with an id that follows from the URL",
        parameters: &[SANDBOX],
        body: Some(RECEIVER),
        example: "curl -d url=http://localhost:3000/webhook -d secret=whsec_123 localhost:12111/_config/webhooks",
    },
];

const RECEIVER: &str = "`url`, `secret` and `events` (all when not sent), as a form or as JSON";

/// By how much a clock is advanced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Distance {
    #[serde(default, deserialize_with = "whole")]
    seconds: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    days: Option<i64>,
}

/// A number, which forms and some clients send as text.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().ok(),
        sent => sent.as_i64(),
    };
    number.map(Some).ok_or_else(|| D::Error::custom("expected a whole number"))
}

async fn advance(InSandbox(sandbox): InSandbox, headers: HeaderMap, body: Body) -> Response {
    let distance: Distance = match sent(&headers, body).await {
        Ok(distance) => distance,
        Err(refusal) => return *refusal,
    };
    let seconds = match (distance.seconds, distance.days) {
        (Some(seconds), None) => Some(seconds),
        (None, Some(days)) => days.checked_mul(DAY),
        _ => return refuse(StatusCode::BAD_REQUEST, "Send one of `seconds` and `days`."),
    };
    let Some(seconds) = seconds else { return refuse(StatusCode::BAD_REQUEST, "`days` is too large.") };
    match clock::change(sandbox, clock::ClockParams::advance_by(seconds)).await {
        Ok(mut told) => {
            told["success"] = true.into();
            answer(StatusCode::OK, &told)
        }
        Err(refusal) => *refusal,
    }
}

/// A receiver of events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedReceiver {
    url: String,
    secret: String,
    events: Option<Vec<String>>,
}

async fn add_receiver(
    Shared(app): Shared<Arc<App>>,
    InSandbox(sandbox): InSandbox,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    add(app, sandbox, Some(name), &headers, body).await
}

async fn add_unnamed_receiver(
    Shared(app): Shared<Arc<App>>,
    InSandbox(sandbox): InSandbox,
    headers: HeaderMap,
    body: Body,
) -> Response {
    add(app, sandbox, None, &headers, body).await
}

async fn add(app: Arc<App>, sandbox: Arc<Sandbox>, name: Option<String>, headers: &HeaderMap, body: Body) -> Response {
    let WantedReceiver { url, secret, events } = match sent(headers, body).await {
        Ok(receiver) => receiver,
        Err(refusal) => return *refusal,
    };
    let name = name.unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, url.as_bytes()).simple().to_string());
    let id = format!("we_{name}");
    let document = json!([{
        "id": id,
        "object": "webhook_endpoint",
        "url": url,
        "secret": secret,
        "enabled_events": events.unwrap_or_else(|| vec!["*".to_owned()]),
    }]);
    match lifecycle::load(app, sandbox, "request body".to_owned(), document.to_string().into()).await {
        Ok(_) => answer(StatusCode::OK, &json!({"id": id, "success": true})),
        Err(refusal) => *refusal,
    }
}

/// What a body says, as JSON or as a form.
async fn sent<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Box<Response>> {
    let body = read_body(body, BODY_BYTES_MAX, "The body is too large.").await?;
    let is_json =
        headers.get(header::CONTENT_TYPE).is_some_and(|sent| sent.as_bytes().starts_with(b"application/json"));
    let value = match is_json {
        true => serde_json::from_slice(&body).map_err(|error| error.to_string()),
        false => serde_urlencoded::from_bytes(&body).map(value_of).map_err(|error| error.to_string()),
    };
    let read = value.and_then(|value| T::deserialize(value).map_err(|error: serde_json::Error| error.to_string()));
    read.map_err(|reason| Box::new(refuse(StatusCode::BAD_REQUEST, &format!("The body cannot be read: {reason}."))))
}

/// A form as JSON, whose values are text, or lists of text where a name has brackets.
fn value_of(pairs: Vec<(String, String)>) -> Value {
    let mut fields = Json::new();
    for (name, value) in pairs {
        match name.split_once('[') {
            None => drop(fields.insert(name, value.into())),
            Some((list, _)) => {
                let items = fields.entry(list).or_insert_with(|| json!([]));
                if let Some(items) = items.as_array_mut() {
                    items.push(value.into());
                }
            }
        }
    }
    Value::Object(fields)
}
