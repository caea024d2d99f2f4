//! Idempotency keys of requests: replays, mismatches, keys in use (platform 4, core-payments 1.12).
//!
//! May use: the sandbox's records. Invariant: a key is looked up only after the parameters are checked, and is marked
//! before the operation begins.

use std::sync::Arc;

use uuid::Uuid;

use crate::catalogue::{self, Operation};
use crate::contract::Params;
use crate::dispatch::{Answer, NamedOperation, Original, Request};
use crate::error::ApiError;
use crate::state::AccountKey;
use crate::state::document::Map;
use crate::state::idempotency::{Begun, Fingerprint, First, Mark};
use crate::state::sandbox::Sandbox;

/// How a request with a key can end before it is carried out.
#[derive(Debug)]
pub(super) enum Early {
    /// The key was used before: the same answer again.
    Replay(Arc<First>),
    /// The key may not be used for this request; the error and the id of the key's first request.
    Refused(ApiError, Arc<str>),
}

/// Whether a key counts: only for a POST, or under `/v2` for a DELETE (core-payments 1.12.1, platform 4).
pub(crate) fn counts(method: &str, path: &str) -> bool {
    method == "POST" || (method == "DELETE" && catalogue::is_v2(path))
}

/// Marks the request's key, if it has one that counts.
pub(super) fn begin<'s>(
    sandbox: &'s Sandbox,
    account: AccountKey,
    request: &Request<'_>,
    params: &Params,
) -> Result<Option<Mark<'s>>, Early> {
    let counts = counts(request.method_name, request.path);
    let Some(key) = request.idempotency_key.filter(|_| counts) else { return Ok(None) };
    let asked = Fingerprint { path: request.path.into(), params: identify(request, params) };
    match sandbox.idempotency().begin(account, key, asked, request.request_id, sandbox.now()) {
        Begun::Run(mark) => Ok(Some(mark)),
        Begun::Replay(first) => Err(Early::Replay(first)),
        Begun::InUse(id) => Err(Early::Refused(ApiError::idempotency_key_in_use(key), id)),
        Begun::OtherParams(first) => {
            Err(Early::Refused(ApiError::idempotency_params_differ(key), Arc::clone(&first.request_id)))
        }
        Begun::OtherPath(path, first) => {
            let error = ApiError::idempotency_endpoint_differs(key, request.path, &path);
            Err(Early::Refused(error, Arc::clone(&first.request_id)))
        }
    }
}

/// A number for the method and the typed parameters, whose maps have one order however they were sent. It also depends
/// on whether the key is publishable, because such a key sees less of the answer.
fn identify(request: &Request<'_>, params: &Params) -> Uuid {
    // Writing into memory cannot fail, and a document has only string keys.
    let text = serde_json::to_vec(&(request.method_name, &**params, &params.expand, request.key.is_public()))
        .unwrap_or_default();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &text)
}

/// Stores the answer of a request that was carried out.
pub(super) fn keep(mark: Mark<'_>, request: &Request<'_>, answer: &Answer, now: i64) {
    let first = First {
        request_id: request.request_id.into(),
        version: request.version.as_str(),
        status: answer.status,
        body: answer.body.clone(),
        not_built: answer.not_built.clone(),
        error: answer.error.clone(),
    };
    mark.keep(first, now);
}

/// The first answer again.
pub(super) fn replay(first: &First, operation: &'static Operation) -> Answer {
    Answer {
        status: first.status,
        body: first.body.clone(),
        challenge: false,
        not_built: first.not_built.clone(),
        error: first.error.clone(),
        operation: Some(NamedOperation::Catalogued(operation)),
        refusal: first.error.clone().map(|code| Map::from([("code", code)])),
        events: None,
        commit: None,
        original: Some(Original { request_id: Arc::clone(&first.request_id), replayed: Some(first.version) }),
    }
}
