//! Triggers: making an event happen to one of the user's own objects.
//!
//! May use: axum, the triggers. Invariant: an event that cannot happen changes nothing, and the answer says why.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{answer, base_url, find_sandbox, refuse};
use crate::app::App;
use crate::state::event::Event;
use crate::triggers::{self, Refusal, Way};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/trigger",
        handler: || post(fire),
        what: "Makes an event happen to one of your objects by the rules of the API, and returns the events that were emitted. If that is impossible, nothing is changed and the answer says why",
        parameters: &[
            SANDBOX,
            ("event", "the type of the event"),
            ("id", "the object; the id of an account stands for the newest object in it to which the event can happen"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/trigger?event=charge.dispute.created&id=ch_123'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/trigger",
        handler: || get(list),
        what: "Lists what can be triggered: the event, the kind of object, and what is done",
        parameters: &[("event", "only this type of event"), ("kind", "only what can happen to this kind of object")],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/trigger?kind=charge'",
    },
];

/// The parameters of a call.
#[derive(Debug, Deserialize)]
pub(super) struct TriggerParams {
    sandbox: Option<String>,
    event: Option<String>,
    id: Option<String>,
    kind: Option<String>,
}

/// `GET /_pinstripe/trigger`.
pub(super) async fn list(Query(asked): Query<TriggerParams>) -> Response {
    let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
    let rows = triggers::ways().filter(|way| is(&asked.event, way.trigger.event) && is(&asked.kind, way.kind.name()));
    let show = |way: Way| json!({"event": way.trigger.event, "kind": way.kind.name(), "what": way.describe()});
    answer(StatusCode::OK, &json!({"triggers": rows.map(show).collect::<Vec<Value>>()}))
}

/// `POST /_pinstripe/trigger`.
pub(super) async fn fire(
    Shared(app): Shared<Arc<App>>,
    Query(asked): Query<TriggerParams>,
    headers: HeaderMap,
) -> Response {
    let (Some(event), Some(id)) = (asked.event, asked.id) else {
        let message = "Send `event`, the name of an event, and `id`, that of the object that it is to happen to.";
        return refuse(StatusCode::BAD_REQUEST, message);
    };
    let sandbox = match find_sandbox(&app, asked.sandbox.as_deref()) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return *refusal,
    };
    let base_url = base_url(&app, &headers);
    match triggers::fire(&sandbox, &event, &id, &base_url) {
        Ok(events) => {
            let show = |event: &Arc<Event>| {
                let object = &event.after.object;
                json!({"id": &*event.id, "type": event.name, "object": {"id": &**object.id(), "object": object.kind().name()}})
            };
            answer(StatusCode::OK, &json!({"events": events.iter().map(show).collect::<Vec<Value>>()}))
        }
        Err(refusal) => {
            let (status, message) = explain(&refusal, &event, &id, sandbox.name());
            refuse(status, &message)
        }
    }
}

/// Why the event cannot happen.
fn explain(refusal: &Refusal, event: &str, id: &str, sandbox: &str) -> (StatusCode, String) {
    match refusal {
        Refusal::UnknownEvent => (StatusCode::BAD_REQUEST, format!("There is no event {event}.")),
        Refusal::NoWay => (
            StatusCode::NOT_IMPLEMENTED,
            format!(
                "Nothing here makes {event} happen to an object. GET /_pinstripe/trigger lists what can be triggered."
            ),
        ),
        Refusal::NoObject(kinds) => {
            let kinds = kinds.join(", ");
            let message = format!("{event} happens to: {kinds}. The sandbox {sandbox} has no such object '{id}'.");
            (StatusCode::NOT_FOUND, message)
        }
        Refusal::NoObjectIn(kinds) => {
            let message = format!("{event} happens to: {}. The account {id} has none.", kinds.join(", "));
            (StatusCode::CONFLICT, message)
        }
        Refusal::Impossible { kind, id, tried } => {
            let tried: Vec<String> = tried.iter().map(|(what, why)| format!("{what}: {why}")).collect();
            let message = format!(
                "{event} can't happen to the {kind} {id} as it is. Nothing was done. Tried: {}",
                tried.join("; ")
            );
            (StatusCode::CONFLICT, message)
        }
    }
}
