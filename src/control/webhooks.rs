//! Control calls about webhooks: deliveries with every attempt, waiting for them, sending again, collecting.
//!
//! May use: axum, the app's webhooks. Invariant: a call that waits ends after its timeout, and lists what is
//! unfinished.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use clap::ValueEnum as _;
use serde::Deserialize;
use serde_json::{Map as Json, Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{answer, find_sandbox, look_at, refuse};
use crate::app::App;
use crate::events;
use crate::limits::WEBHOOK_WAIT_SECONDS_MAX;
use crate::resources::developer::receivers::{self, EventReceiver};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Id, State};
use crate::webhooks::delivery::{Standing, sent_headers};
use crate::webhooks::outbox::{Collected, DeliveryFilters, Outbox};
use crate::webhooks::receiver::{FoundReceiver, Receiver};
use crate::webhooks::settings::Mode;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/webhooks",
        handler: || get(overview),
        what: "Shows the deliveries of each endpoint by state, the endpoints with their secrets, the mode, and the secret of `--webhook-url`",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/webhooks",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/webhooks/wait",
        handler: || post(wait),
        what: "Waits until every delivery that is due has arrived or was given up; after `timeout` it answers 504 and lists what is still waiting",
        parameters: &[SANDBOX, ("timeout", "seconds to wait; 10 when not sent")],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/webhooks/wait?timeout=5'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/webhooks/deliveries",
        handler: || get(deliveries),
        what: "Lists deliveries, newest first, with every attempt: what was sent, what came back, how long it took",
        parameters: &[
            SANDBOX,
            ("event", "of this event (an id)"),
            ("type", "of events of this type"),
            ("endpoint", "to this endpoint"),
            ("status", "`waiting`, `delivered`, `failed` or `dropped`"),
            ("limit", "the largest number of deliveries to list; 100 when not sent"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/webhooks/deliveries?status=failed'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/webhooks/deliveries/{id}",
        handler: || get(delivery),
        what: "Shows one delivery",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/webhooks/deliveries/wh_1",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/webhooks/resend",
        handler: || post(resend),
        what: "Sends again what exactly one of `event`, `delivery` and `status` names",
        parameters: &[
            SANDBOX,
            ("event", "an event, to every endpoint that receives it"),
            ("endpoint", "with `event`: only to this endpoint"),
            ("delivery", "a delivery, with the same body"),
            ("status", "`failed`: every delivery that was given up"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/webhooks/resend?event=evt_123'",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/webhooks/mode",
        handler: || post(set_mode),
        what: "Chooses whether the events of a sandbox are sent or collected",
        parameters: &[SANDBOX, ("mode", "`collect` keeps events for a test to read and sends none; `send` sends them")],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/webhooks/mode?mode=collect'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/webhooks/collected",
        handler: || get(collected),
        what: "Lists the collected events, oldest first, with the body and the signed headers that each endpoint would receive (without an endpoint: signed as for `--webhook-url`)",
        parameters: &[
            SANDBOX,
            ("event", "this event"),
            ("type", "events of this type"),
            ("endpoint", "for this endpoint"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/webhooks/collected?type=charge.succeeded'",
    },
    ControlCall {
        method: "DELETE",
        path: "/_pinstripe/webhooks/collected",
        handler: || delete(forget),
        what: "Deletes the collected events",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -X DELETE localhost:12111/_pinstripe/webhooks/collected",
    },
];

/// The parameters of a call.
#[derive(Debug, Default, Deserialize)]
struct EventParams {
    sandbox: Option<String>,
    event: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    endpoint: Option<String>,
    status: Option<String>,
    delivery: Option<String>,
    mode: Option<String>,
    limit: Option<usize>,
    timeout: Option<f64>,
}

/// Deliveries in a list when `limit` is not sent.
const LIMIT_DEFAULT: usize = 100;

/// Seconds of a wait when `timeout` is not sent.
const TIMEOUT_DEFAULT: f64 = 10.0;

type RefusedResponse = Box<Response>;

impl EventParams {
    fn wanted(&self) -> DeliveryFilters {
        DeliveryFilters {
            event: self.event.clone(),
            endpoint: self.endpoint.clone(),
            event_type: self.event_type.clone(),
            status: self.status.clone(),
        }
    }

    fn check_status(&self) -> Result<(), RefusedResponse> {
        let known = Standing::ALL.map(Standing::as_str);
        match self.status.as_deref() {
            Some(status) if !known.contains(&status) => {
                Err(wrong(&format!("`status` is one of {}.", known.join(", "))))
            }
            _ => Ok(()),
        }
    }

    /// The sandbox with its outbox, for a call that only reads.
    fn look(&self, app: &App) -> (Arc<Sandbox>, Arc<Outbox>) {
        let sandbox = look_at(app, self.sandbox.as_deref());
        let outbox = app.webhooks().look(&sandbox);
        (sandbox, outbox)
    }

    /// The sandbox with its outbox.
    fn outbox(&self, app: &App) -> Result<(Arc<Sandbox>, Arc<Outbox>), RefusedResponse> {
        let sandbox = find_sandbox(app, self.sandbox.as_deref())?;
        let outbox = app.webhooks().outbox(&sandbox);
        Ok((sandbox, outbox))
    }
}

fn wrong(message: &str) -> RefusedResponse {
    Box::new(refuse(StatusCode::BAD_REQUEST, message))
}

fn missing(message: &str) -> RefusedResponse {
    Box::new(refuse(StatusCode::NOT_FOUND, message))
}

fn done(result: Result<Response, RefusedResponse>) -> Response {
    result.unwrap_or_else(|refusal| *refusal)
}

async fn overview(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    let settings = app.webhooks().settings();
    let (sandbox, outbox) = asked.look(&app);
    let mut shown = outbox.overview();
    shown["receivers"] = receivers_of(&sandbox.state());
    shown["webhook_urls"] = settings.urls.iter().map(|url| Value::from(url.as_str())).collect();
    shown["webhook_secret"] = settings.secret.as_str().into();
    answer(StatusCode::OK, &shown)
}

/// The endpoints and destinations of a sandbox, with the secrets that sign what they get: the API shows one only once.
fn receivers_of(state: &State) -> Value {
    let row = |(account, id, receiver): &(AccountKey, Id, EventReceiver)| {
        json!({
            "endpoint": &**id,
            "account": state.connected_id(*account).map(|id| &**id),
            "url": receiver.url,
            "secret": receiver.secret,
            "enabled": receiver.is_enabled,
        })
    };
    receivers::all(state).iter().map(row).collect()
}

async fn wait(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    let seconds = asked.timeout.unwrap_or(TIMEOUT_DEFAULT);
    let longest = Duration::from_secs(WEBHOOK_WAIT_SECONDS_MAX);
    let Some(limit) = Duration::try_from_secs_f64(seconds).ok().filter(|limit| *limit <= longest) else {
        return *wrong(&format!("`timeout` is a number of seconds, at most {WEBHOOK_WAIT_SECONDS_MAX}."));
    };
    let (_, outbox) = match asked.outbox(&app) {
        Ok(found) => found,
        Err(refusal) => return *refusal,
    };
    let waiting = outbox.settled(limit).await;
    let status = if waiting.is_empty() { StatusCode::OK } else { StatusCode::GATEWAY_TIMEOUT };
    answer(status, &json!({"done": waiting.is_empty(), "waiting": waiting}))
}

async fn deliveries(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    done(asked.check_status().map(|()| {
        let (_sandbox, outbox) = asked.look(&app);
        let found = outbox.deliveries(&asked.wanted(), asked.limit.unwrap_or(LIMIT_DEFAULT));
        answer(StatusCode::OK, &json!({"deliveries": found}))
    }))
}

async fn delivery(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Query(asked): Query<EventParams>) -> Response {
    let (_sandbox, outbox) = asked.look(&app);
    match outbox.show(&id) {
        Some(shown) => answer(StatusCode::OK, &shown),
        None => refuse(StatusCode::NOT_FOUND, "That delivery is not among the last ones."),
    }
}

async fn resend(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    done(asked.outbox(&app).and_then(|(sandbox, outbox)| {
        let again = again(&asked, &sandbox, &outbox)?;
        app.webhooks().work_off(&outbox);
        Ok(answer(StatusCode::OK, &json!({"deliveries": again})))
    }))
}

/// Sends again what the call names; returns the new deliveries.
fn again(asked: &EventParams, sandbox: &Arc<Sandbox>, outbox: &Outbox) -> Result<Vec<String>, RefusedResponse> {
    let state = sandbox.state();
    match (&asked.delivery, &asked.event, asked.status.as_deref()) {
        (Some(id), None, None) => {
            let Some((event, target)) = outbox.find(id) else {
                return Err(missing(
                    "That delivery is not among the last ones; `event` sends an event that is listed.",
                ));
            };
            Ok(outbox.again(&event, vec![target]))
        }
        (None, Some(id), None) => {
            let Some(event) = events::find(&state, id) else { return Err(missing("There is no such event.")) };
            let targets = match &asked.endpoint {
                None => outbox.targets(&state, event),
                Some(name) => match outbox.target(&state, event, name) {
                    Some(target) => vec![target],
                    None => return Err(missing("There is no such endpoint.")),
                },
            };
            Ok(outbox.again(event, targets))
        }
        (None, None, Some("failed")) => Ok(outbox.failed_again()),
        _ => Err(wrong("Exactly one of `event`, `delivery` and `status=failed` says what to send again.")),
    }
}

async fn set_mode(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    let mode = asked.mode.as_deref().and_then(|mode| Mode::from_str(mode, false).ok());
    let Some(mode) = mode else { return *wrong("`mode` is `send` or `collect`.") };
    done(asked.outbox(&app).map(|(_, outbox)| {
        outbox.set_mode(mode);
        answer(StatusCode::OK, &outbox.overview())
    }))
}

async fn collected(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    let (sandbox, outbox) = asked.look(&app);
    let all = outbox.collected(&asked.wanted());
    let shown: Vec<Value> = all.iter().filter_map(|one| show(one, &sandbox, &outbox)).collect();
    answer(StatusCode::OK, &json!({"collected": shown}))
}

/// A collected event as it would be sent now; `None` if its endpoint was deleted.
fn show(one: &Collected, sandbox: &Sandbox, outbox: &Outbox) -> Option<Value> {
    let state = sandbox.state();
    let receiver = match one.target.as_ref().map(|target| Receiver::find(&state, outbox.settings(), target)) {
        None => Receiver::nobody(outbox.settings()),
        Some(FoundReceiver::Ready(receiver)) => receiver,
        Some(FoundReceiver::Disabled | FoundReceiver::Gone) => return None,
    };
    let body = receiver.body(&one.event, outbox.name());
    let signature = receiver.sign(outbox.settings().signing_time(sandbox), &body);
    let headers = sent_headers(outbox.name(), &signature, one.fault.as_deref()).into_iter();
    let headers = headers.map(|(name, value)| (name.into(), value.into()));
    Some(json!({
        "event": &*one.event.id,
        "type": one.event.name,
        "endpoint": one.target.as_ref().map(|target| target.name()),
        "url": receiver.url.as_ref().map(|url| url.as_str()),
        "headers": headers.collect::<Json<String, Value>>(),
        "body": String::from_utf8_lossy(&body),
    }))
}

async fn forget(Shared(app): Shared<Arc<App>>, Query(asked): Query<EventParams>) -> Response {
    done(asked.outbox(&app).map(|(_, outbox)| {
        let forgotten = outbox.forget_collected();
        answer(StatusCode::OK, &json!({"forgotten": forgotten}))
    }))
}
