//! Keeps what may take long off the reactor: the threads that accept connections, read requests and write answers.
//!
//! May use: tokio, the app. Invariant: whoever waits for a sandbox, or builds a large answer, holds no thread that
//! another request, such as `/healthz`, needs.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use super::auth;
use crate::api::search;
use crate::app::App;
use crate::catalogue::{self, Find, Method};
use crate::contract::Behaviour;
use crate::engine;
use crate::limits::{HEAVY_REQUESTS_MAX, PIECE_BYTES, REACTOR_BODY_BYTES_MAX, WAITING_REQUESTS_MAX};
use crate::resources;
use crate::state::sandbox::Sandbox;

/// Why a request leaves the reactor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// It may compute for long.
    Heavy,
    /// It waits for others.
    Waits,
}

/// How many requests are off the reactor for each reason.
#[derive(Debug)]
pub(super) struct Places {
    heavy: Semaphore,
    waiting: Semaphore,
}

impl Default for Places {
    fn default() -> Self {
        Places { heavy: Semaphore::new(HEAVY_REQUESTS_MAX), waiting: Semaphore::new(WAITING_REQUESTS_MAX) }
    }
}

impl Places {
    /// Polls a future off the reactor, when there is a place.
    pub(super) async fn run<F: Future>(&self, why: Away, work: F) -> F::Output {
        let places = match why {
            Away::Heavy => &self.heavy,
            Away::Waits => &self.waiting,
        };
        // The semaphores are never closed.
        let _place = places.acquire().await;
        off_reactor(work).await
    }
}

/// Polls a future where a poll may take long. In a runtime of one thread there is no other place.
async fn off_reactor<F: Future>(work: F) -> F::Output {
    let mut work = std::pin::pin!(work);
    let has_others = matches!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
    std::future::poll_fn(move |context| {
        let mut poll = || work.as_mut().poll(context);
        if has_others { block_in_place(poll) } else { poll() }
    })
    .await
}

/// A layer around handlers each of which may wait for a sandbox or show much.
pub(super) async fn handlers(request: Request, next: Next) -> Response {
    off_reactor(next.run(request)).await
}

/// Why a request of the API should leave the reactor, if it should.
pub(super) fn away(app: &App, parts: &Parts, body: &[u8]) -> Option<Away> {
    let is_large = body.len() > REACTOR_BODY_BYTES_MAX;
    let shows_much = [parts.uri.query().unwrap_or_default().as_bytes(), body].iter().any(|form| asks_for_much(form));
    // A search looks at every object of its kind.
    if is_large || shows_much || search::is_asked(parts.uri.path()) {
        return Some(Away::Heavy);
    }
    if app.runs_engine() {
        return Some(Away::Waits);
    }
    let sandbox = named_sandbox(app, parts)?;
    let is_due = engine::is_due(&sandbox);
    // With a seed, all that is due is done before the request.
    let waits = (is_due && sandbox.is_seeded()) || (sandbox.is_held() && (is_due || may_write(parts)));
    waits.then_some(Away::Waits)
}

/// Whether a request may need the sandbox for itself.
fn may_write(parts: &Parts) -> bool {
    let Some(Method::Get) = super::method(&parts.method) else { return true };
    let Find::Operation(found) = catalogue::find(Method::Get, parts.uri.path()) else { return false };
    matches!(resources::behaviour(found.operation), Some((_, Behaviour::RetrieveOr(_))))
}

/// Whether a form asks for more than an object or a short page: by `limit`, or by `expand`.
fn asks_for_much(form: &[u8]) -> bool {
    ["expand", "limit"].iter().any(|name| form.windows(name.len()).any(|word| word == name.as_bytes()))
}

/// The sandbox of the key in the header. A key elsewhere is rare, and the worst of a wrong guess is a short wait.
fn named_sandbox(app: &App, parts: &Parts) -> Option<Arc<Sandbox>> {
    let header = super::text(&parts.headers, "authorization")?;
    match auth::parse(auth::from_header(header).as_deref()?).ok()?.sandbox {
        Some(name) => app.known_sandbox(&name),
        None => Some(Arc::clone(app.default_sandbox())),
    }
}

/// The body of an answer. A large one is sent in pieces, between which the connection lets others have their turn.
pub(super) fn body(bytes: Bytes) -> Body {
    if bytes.len() <= PIECE_BYTES { Body::from(bytes) } else { Body::new(InPieces(bytes)) }
}

struct InPieces(Bytes);

impl HttpBody for InPieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let next = self.0.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.0.split_to(next)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}
