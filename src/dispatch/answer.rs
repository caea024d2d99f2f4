//! What the HTTP edge gets back: a body, with the data for headers and request log.
//!
//! May use: the renderer, errors, versions. Invariant: every answer is made here, a success with status 200 and an
//! error with its own.

use std::sync::Arc;

use bytes::Bytes;

use crate::api::render::Renderer;
use crate::api::versions::{self};
use crate::catalogue::{self, Operation, Returns};
use crate::contract::version::Version;
use crate::contract::{self, Outcome};
use crate::error::ApiError;
use crate::state::document::{Doc, Map};
use crate::state::event::Announced;
use crate::state::sandbox::Commit;
use crate::state::{AccountKey, Kind, State, Tx};

/// What the HTTP edge sends back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// Whether to send a `WWW-Authenticate` challenge.
    pub challenge: bool,
    /// Differences of the requested version that the body does not show.
    pub not_built: Vec<&'static str>,
    /// The error's code or type, for the request log.
    pub error: Option<String>,
    /// The operation, when the request named one.
    pub operation: Option<NamedOperation>,
    /// The error's fields, for the request log.
    pub refusal: Option<Map>,
    /// The events that the request caused.
    pub events: Option<Announced>,
    /// What the request did, if that is kept.
    pub commit: Option<Arc<Commit>>,
    /// The first request with the idempotency key, if it is not this one.
    pub original: Option<Original>,
}

impl Answer {
    /// Whether it stands for a document that is not JSON, which is drawn where pages are.
    pub fn is_document(&self) -> bool {
        let operation = self.operation.and_then(NamedOperation::in_catalogue);
        self.status == 200 && operation.is_some_and(|operation| matches!(operation.returns, Returns::Stream))
    }

    /// The version of the first answer, if this one repeats it.
    pub fn replayed_version(&self) -> Option<&'static str> {
        self.original.as_ref()?.replayed
    }
}

/// An operation that a request named.
#[derive(Clone, Copy, Debug)]
pub enum NamedOperation {
    /// One of the catalogue.
    Catalogued(&'static Operation),
    /// A call of the Stripe CLI that is in no reference, by its name in the request log.
    Cli(&'static str),
}

impl NamedOperation {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            NamedOperation::Catalogued(operation) => operation.name,
            NamedOperation::Cli(name) => name,
        }
    }

    /// Itself, if it is one of the catalogue.
    pub fn in_catalogue(self) -> Option<&'static Operation> {
        match self {
            NamedOperation::Catalogued(operation) => Some(operation),
            NamedOperation::Cli(_) => None,
        }
    }
}

/// The first request with an idempotency key.
#[derive(Clone, Debug)]
pub struct Original {
    /// Its `Request-Id`.
    pub request_id: Arc<str>,
    /// The version of its answer, if this answer repeats it.
    pub replayed: Option<&'static str>,
}

/// A success; `kind` is the kind of the object in the body.
pub(super) fn succeed(
    body: Bytes,
    kind: Option<Kind>,
    version: Version,
    operation: Option<&'static Operation>,
) -> Answer {
    Answer {
        status: 200,
        body,
        challenge: false,
        not_built: kind.map_or(Vec::new(), |kind| versions::not_built(kind, version)),
        error: None,
        operation: operation.map(NamedOperation::Catalogued),
        refusal: None,
        events: None,
        commit: None,
        original: None,
    }
}

/// A renderer of what concerns no version and no key.
fn plain(tx: &Tx) -> Renderer<'_> {
    Renderer::new(tx, Version::newest(), &[], None)
}

/// The answer of a call that is no operation of the catalogue.
pub fn shown(document: Doc) -> Answer {
    let state = State::default();
    let tx = Tx::new(&state, AccountKey::PLATFORM, contract::indexes);
    let renderer = plain(&tx);
    match renderer.body(&Outcome::Value(document)) {
        Ok(body) => succeed(body, None, Version::newest(), None),
        Err(error) => refuse_early(&error, ""),
    }
}

/// The answer to a request that failed before a sandbox was known; `path` is the request's.
pub fn refuse_early(error: &ApiError, path: &str) -> Answer {
    let state = State::default();
    let tx = Tx::new(&state, AccountKey::PLATFORM, contract::indexes);
    let renderer = plain(&tx);
    fail(&renderer, error, path, None, None)
}

/// An error, in the form of the path's namespace; `log_url` is the address of the request in the request log.
pub(super) fn fail(
    renderer: &Renderer<'_>,
    error: &ApiError,
    path: &str,
    log_url: Option<String>,
    operation: Option<&'static Operation>,
) -> Answer {
    if catalogue::is_v2(path) {
        return failed(renderer, &error.clone().in_v2(), None, operation);
    }
    if let Some(shown) = error.in_oauth().filter(|_| catalogue::is_oauth(path))
        && let Ok(body) = renderer.body(&Outcome::Value(shown.into()))
    {
        return Answer { body, ..failed(renderer, error, None, operation) };
    }
    failed(renderer, error, log_url, operation)
}

fn failed(
    renderer: &Renderer<'_>,
    error: &ApiError,
    log_url: Option<String>,
    operation: Option<&'static Operation>,
) -> Answer {
    Answer {
        status: error.status(),
        body: renderer.error(error, log_url),
        challenge: error.challenges(),
        not_built: Vec::new(),
        error: error.field("code").or_else(|| error.field("type")).map(str::to_owned),
        operation: operation.map(NamedOperation::Catalogued),
        refusal: Some(error.fields().clone()),
        events: None,
        commit: None,
        original: None,
    }
}
