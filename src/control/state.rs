//! The control calls about a sandbox's state as a file.
//!
//! May use: axum, the fixtures. Invariant: an export shows the state of one moment, and is sent in pieces, whatever its
//! size.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, put};
use serde_json::json;
use tokio::sync::mpsc;

use super::call::{ControlCall, SANDBOX};
use super::pieces::PiecesBody;
use super::{InSandbox, answer, free, read_body, refuse, refused_by_memory};
use crate::app::App;
use crate::fixtures::{self, export};
use crate::limits::STATE_BYTES_MAX;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/state",
        handler: || get(export),
        what: "Exports the state of a sandbox: an array of Stripe objects, and beside it what the objects do not show. Events, deliveries and idempotency keys are not exported",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/state > state.json",
    },
    ControlCall {
        method: "PUT",
        path: "/_pinstripe/state",
        handler: || put(replace),
        what: "Replaces the state of a sandbox by an exported one, or by a fixtures document",
        parameters: &[SANDBOX],
        body: Some("the document; `--fixtures` reads the same file"),
        example: "curl -T state.json localhost:12111/_pinstripe/state",
    },
];

/// The size of a piece of an export, in bytes.
const PIECE: usize = 64 << 10;

/// Pieces that wait for a slow reader.
const PIECES_WAITING: usize = 4;

pub(super) async fn export(InSandbox(sandbox): InSandbox) -> Response {
    let (pieces, sent) = mpsc::channel(PIECES_WAITING);
    let snapshot = (sandbox.state(), sandbox.clock(), sandbox.drawn());
    tokio::task::spawn_blocking(move || {
        let (state, clock, drawn) = snapshot;
        let mut out = Pieces { pieces, piece: Vec::with_capacity(PIECE) };
        // If the reader is gone, the export ends.
        let _ = export::write(&state, clock, drawn, &mut out).and_then(|()| out.flush());
    });
    let mut response = Response::new(Body::new(PiecesBody(sent)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) async fn replace(Shared(app): Shared<Arc<App>>, InSandbox(sandbox): InSandbox, body: Body) -> Response {
    if let Some(refusal) = refused_by_memory(&app) {
        return refusal;
    }
    let body = match read_body(body, STATE_BYTES_MAX, "The state is too large.").await {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let done = tokio::task::spawn_blocking(move || fixtures::replace(&app, &sandbox, "request body", &body)).await;
    match done {
        Ok(Ok((objects, former))) => {
            free(former);
            answer(StatusCode::OK, &json!({"objects": objects}))
        }
        Ok(Err(error)) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Reading the state failed."),
    }
}

/// Collects written bytes into pieces, and passes each on when it is full.
struct Pieces {
    pieces: mpsc::Sender<Bytes>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.pieces.blocking_send(Bytes::from(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
