//! The control call that compares two states of a sandbox.
//!
//! May use: axum, the state. Invariant: a page of the answer begins behind a place in the order of the differences, so that pages fit
//! together even if the present changes between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, Limit, answer, refuse};
use crate::activity::changes::{ChangedObject, is_shown};
use crate::error::ApiError;
use crate::limits::{DIFFERENCES_DEFAULT, DIFFERENCES_MAX};
use crate::pages::respond::refused_as;
use crate::state::diff::ObjectDifference;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, State};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "GET",
    path: "/_pinstripe/diff",
    handler: || get(compare),
    what: "Compares two snapshots of a sandbox, or one with the present: lists the objects that were created, changed (each field \
           with its value before and after) and deleted between them, by account, kind and id, and counts them. Events are not \
           objects here, and what the API does not show is not compared",
    parameters: &[
        SANDBOX,
        ("from", "the snapshot before"),
        ("to", "the snapshot after; the present when not sent"),
        ("limit", "how many at most, from 1 to 1000 (default: 100)"),
        ("after", "the `next` of the answer before, for those that follow"),
    ],
    body: None,
    example: "curl 'localhost:12111/_pinstripe/diff?from=before-checkout'",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct DiffParams {
    from: Option<String>,
    to: Option<String>,
    after: Option<String>,
}

/// `GET /_pinstripe/diff`.
pub(super) async fn compare(
    InSandbox(sandbox): InSandbox,
    Query(asked): Query<DiffParams>,
    Query(limit): Query<Limit>,
) -> Response {
    let work =
        move || limit.read(DIFFERENCES_DEFAULT, DIFFERENCES_MAX).and_then(|limit| compared(&sandbox, &asked, limit));
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(shown)) => answer(StatusCode::OK, &shown),
        Ok(Err(error)) => refused_as(&error),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Comparing the states failed."),
    }
}

fn compared(sandbox: &Sandbox, asked: &DiffParams, limit: usize) -> Result<Value, ApiError> {
    let from = asked.from.as_deref().ok_or_else(|| ApiError::snapshot_not_named("from"))?;
    let before = snapshot(sandbox, from)?;
    let after = asked.to.as_deref().map_or_else(|| Ok(sandbox.state()), |name| snapshot(sandbox, name))?;
    let begin = asked.after.as_deref().map(place).transpose()?;
    let mut all = before.differences(&after, is_shown);
    let mut counts = BTreeMap::from(["created", "changed", "deleted"].map(|what| (what, 0_usize)));
    for difference in &all {
        *counts.entry(changed(difference, None).what()).or_default() += 1;
    }
    if let Some(begin) = begin {
        all.retain(|difference| difference.key() > begin);
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    let platform = after.account_id(AccountKey::PLATFORM).map(|id| &**id);
    let last = all.last().filter(|_| has_more).map(|last| {
        let (account, kind, id) = last.key();
        [account, kind, id].join("/")
    });
    Ok(json!({
        "sandbox": sandbox.name(),
        "from": from,
        "to": asked.to,
        "created": counts["created"],
        "changed": counts["changed"],
        "deleted": counts["deleted"],
        "differences": all.iter().map(|difference| changed(difference, platform).details()).collect::<Vec<_>>(),
        "has_more": has_more,
        "next": last,
    }))
}

fn snapshot(sandbox: &Sandbox, name: &str) -> Result<Arc<State>, ApiError> {
    let kept = sandbox.kept_snapshot(name).map(|kept| Arc::clone(&kept.state));
    kept.ok_or_else(|| ApiError::snapshot_missing(name, sandbox.lacks_snapshots()))
}

/// The key that a `next` names; an id may contain a slash.
fn place(next: &str) -> Result<(&str, &str, &str), ApiError> {
    let parts = next.split_once('/').and_then(|(account, rest)| Some((account, rest.split_once('/')?)));
    let (account, (kind, id)) = parts.ok_or_else(|| ApiError::place_unknown("after", "next"))?;
    Ok((account, kind, id))
}

fn changed<'a>(difference: &'a ObjectDifference, platform: Option<&str>) -> ChangedObject<'a> {
    ChangedObject {
        account: Some(&*difference.account).filter(|account| Some(*account) != platform),
        before: difference.before.as_deref(),
        after: difference.after.as_deref(),
    }
}
