//! The control calls about what happened: lists of it, and a stream.
//!
//! May use: axum, tokio, the record of what happened. Invariant: a stream holds nothing but a number: what its reader does not take in
//! time is passed over, and it is told so.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::call::{ControlCall, EVERY_SANDBOX};
use super::pieces::PiecesBody;
use super::{Limit, answer, refuse, requests};
use crate::activity::{Activity, ActivityFilters, Stretch};
use crate::app::App;
use crate::limits::{
    ACTIVITY_PAGE_DEFAULT, ACTIVITY_PAGE_MAX, STREAM_PAUSE_MILLISECONDS, STREAM_SILENCE_SECONDS_MAX, STREAMS_MAX,
};
use crate::pages::respond::refused_as;
use crate::state::sandbox::DEFAULT_SANDBOX;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/activity",
        handler: || get(list),
        what: "Lists what happened in a sandbox, newest first: requests, due work, control calls and forms of pages, and attempts of \
               deliveries, each with the objects that it changed and the events that it caused; a call that adds fixtures or puts another state \
               in place (a reset, a restore, `PUT /_pinstripe/state`) lists no objects. `seq` is one order for all of them",
        parameters: &[
            EVERY_SANDBOX,
            ("type", "`request`, `work`, `control` or `delivery`"),
            ("status", "with this status, such as `402`, or class, such as `4xx`"),
            ("search", "in which this text stands"),
            ("before", "the last `seq` of the answer before, for older ones"),
            ("limit", "how many at most, from 1 to 500 (default: 100)"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/activity?type=work'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/activity/{seq}",
        handler: || get(show),
        what: "Shows one of these rows, with the fields of each object before and after",
        parameters: &[],
        body: None,
        example: "curl localhost:12111/_pinstripe/activity/17",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/stream",
        handler: || get(stream),
        what: "Sends the same rows as they happen, as server-sent events: first `hello`, then `request`, `work`, `control` and \
               `delivery`, and `lost` where the server no longer has what was asked for. `Last-Event-ID` goes on after an event",
        parameters: &[EVERY_SANDBOX, ("since", "the id of an event, to go on after it; only what comes when not sent")],
        body: None,
        example: "curl -N localhost:12111/_pinstripe/stream",
    },
];

/// The parameters of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    sandbox: Option<String>,
    #[serde(rename = "type")]
    row_type: Option<String>,
    status: Option<String>,
    search: Option<String>,
    before: Option<u64>,
}

/// The parameters of the stream.
#[derive(Debug, Deserialize)]
pub(super) struct StreamParams {
    sandbox: Option<String>,
    since: Option<String>,
}

/// The refusal where nothing of this is kept.
fn off() -> Response {
    refuse(StatusCode::NOT_IMPLEMENTED, "What happens is not kept: the server was started with --no-ui.")
}

/// The sandbox that was named; `None` for all.
fn one_sandbox(named: Option<String>) -> Option<String> {
    Some(named.unwrap_or_else(|| DEFAULT_SANDBOX.to_owned())).filter(|name| name != "*")
}

/// `GET /_pinstripe/activity`.
pub(super) async fn list(
    Shared(app): Shared<Arc<App>>,
    Query(sent): Query<ListParams>,
    Query(limit): Query<Limit>,
) -> Response {
    let Some(activity) = app.activity() else { return off() };
    let limit = match limit.read(ACTIVITY_PAGE_DEFAULT, ACTIVITY_PAGE_MAX) {
        Ok(limit) => limit,
        Err(error) => return refused_as(&error),
    };
    let types = ["request", "work", "control", "delivery"];
    if sent.row_type.as_deref().is_some_and(|wanted| !types.contains(&wanted)) {
        return refuse(StatusCode::BAD_REQUEST, "`type` is `request`, `work`, `control` or `delivery`.");
    }
    if let Some(message) = sent.status.as_deref().and_then(requests::wrong_status) {
        return refuse(StatusCode::BAD_REQUEST, message);
    }
    let ListParams { sandbox, row_type, status, search, before } = sent;
    let wanted = ActivityFilters { sandbox: one_sandbox(sandbox), row_type, status, search };
    let newest = activity.newest();
    let (rows, has_more) = activity.list(&wanted, before, limit);
    let shown = json!({"activity": rows, "has_more": has_more, "epoch": activity.epoch(), "seq": newest});
    answer(StatusCode::OK, &shown)
}

/// `GET /_pinstripe/activity/{seq}`.
pub(super) async fn show(Shared(app): Shared<Arc<App>>, Path(seq): Path<String>) -> Response {
    let Some(activity) = app.activity() else { return off() };
    match seq.parse().ok().and_then(|seq| activity.find(seq)) {
        Some(kept) => answer(StatusCode::OK, &kept.row(true)),
        None => refuse(StatusCode::NOT_FOUND, "That row is not among the last ones."),
    }
}

/// `GET /_pinstripe/stream`.
pub(super) async fn stream(
    Shared(app): Shared<Arc<App>>,
    Query(sent): Query<StreamParams>,
    headers: HeaderMap,
) -> Response {
    let Some(activity) = app.activity() else { return off() };
    let Some(news) = activity.listen() else {
        let message = format!("{STREAMS_MAX} streams are open; there are no more at the same time.");
        return refuse(StatusCode::TOO_MANY_REQUESTS, &message);
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned).or(sent.since);
    let Some(begin) = Beginning::of(activity, last.as_deref()) else {
        return refuse(StatusCode::BAD_REQUEST, "`since` is the id of an event of a stream, such as `k3x9-17`.");
    };
    let (pieces, body) = mpsc::channel(1);
    let stream =
        EventStream { activity: Arc::clone(activity), sandbox: one_sandbox(sent.sandbox), at: begin.at, news, pieces };
    tokio::spawn(stream.run(begin));
    let mut response = Response::new(Body::new(PiecesBody(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Where a stream begins.
struct Beginning {
    /// The number after which rows are sent.
    at: u64,
    /// What was lost, because another server gave the id.
    lost: Option<(u64, u64)>,
}

impl Beginning {
    /// After the event with an id, or after everything so far; `None` if it is no id.
    fn of(activity: &Activity, last: Option<&str>) -> Option<Self> {
        let newest = activity.newest();
        let Some(last) = last else { return Some(Beginning { at: newest, lost: None }) };
        let (epoch, number) = last.rsplit_once('-')?;
        let number: u64 = number.parse().ok()?;
        // What another server had is lost; what this one has is sent.
        let is_own = epoch == activity.epoch() && number <= newest;
        Some(if is_own { Beginning { at: number, lost: None } } else { Beginning { at: 0, lost: Some((0, 0)) } })
    }
}

/// A stream that is being sent.
struct EventStream {
    activity: Arc<Activity>,
    sandbox: Option<String>,
    /// The number of the last row that was sent, or passed over.
    at: u64,
    news: watch::Receiver<bool>,
    pieces: mpsc::Sender<Bytes>,
}

impl EventStream {
    /// Sends rows until the reader is gone or the server ends.
    async fn run(mut self, begin: Beginning) {
        let hello = json!({
            "epoch": self.activity.epoch(),
            "seq": self.activity.newest(),
            "version": env!("CARGO_PKG_VERSION"),
            "sandbox": self.sandbox.as_deref().unwrap_or("*"),
        });
        let mut first = self.event("hello", Some(self.at), &hello);
        if let Some((from, to)) = begin.lost {
            first += &self.event("lost", None, &json!({"from": from, "to": to}));
        }
        if self.send(first.into()).await.is_none() {
            return;
        }
        while !*self.news.borrow_and_update() {
            let Some(waits) = self.send_rows().await else { return };
            let pause = tokio::time::sleep(Duration::from_millis(STREAM_PAUSE_MILLISECONDS));
            tokio::select! {
                () = pause => {}
                _ = self.news.wait_for(|ended| *ended) => return,
                () = self.pieces.closed() => return,
            }
            // To wait for the end takes news for heard that came meanwhile.
            if waits || self.activity.newest() > self.at {
                continue;
            }
            let silence = Duration::from_secs(STREAM_SILENCE_SECONDS_MAX);
            tokio::select! {
                changed = self.news.changed() => if changed.is_err() { return },
                () = self.pieces.closed() => return,
                () = tokio::time::sleep(silence) => {
                    if self.send(Bytes::from_static(b": alive\n\n")).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends the next rows; returns whether there may be more without further news, or `None` if nobody takes them.
    async fn send_rows(&mut self) -> Option<bool> {
        let (activity, at, sandbox) = (Arc::clone(&self.activity), self.at, self.sandbox.clone());
        // To compare what many rows changed takes a while.
        let read = move || {
            let stretch = activity.next(at, ACTIVITY_PAGE_MAX, sandbox.as_deref());
            let rows: Vec<(u64, &'static str, Value)> =
                stretch.kept.iter().map(|kept| (kept.number, kept.row_type(), kept.row(false))).collect();
            (stretch, rows)
        };
        let (stretch, rows) = tokio::task::spawn_blocking(read).await.ok()?;
        let Stretch { until, lost, has_more, waits, .. } = stretch;
        let mut out = String::new();
        if let Some((from, to)) = lost {
            out += &self.event("lost", Some(to), &json!({"from": from, "to": to}));
        }
        for (number, name, row) in &rows {
            out += &self.event(name, Some(*number), row);
        }
        self.at = until;
        if !out.is_empty() {
            self.send(out.into()).await?;
        }
        Some(has_more || waits)
    }

    /// Sends a piece; `None` if nobody takes it, or the server ends first.
    async fn send(&mut self, piece: Bytes) -> Option<()> {
        tokio::select! {
            sent = self.pieces.send(piece) => sent.ok(),
            _ = self.news.wait_for(|ended| *ended) => None,
        }
    }

    fn event(&self, name: &str, number: Option<u64>, data: &Value) -> String {
        let id = number.map(|number| format!("id: {}-{number}\n", self.activity.epoch())).unwrap_or_default();
        format!("event: {name}\n{id}data: {data}\n\n")
    }
}
