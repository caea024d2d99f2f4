//! Differences of `/v2`: pages with addresses, values that are shown on request, stubs without a flag, events of its
//! own (platform 7.1).
//!
//! May use: the generic operations. Invariant: an object is created, stored and changed like any other; only the answer
//! differs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::plan::OperationPlan;
use super::{kinds, operations};
use crate::catalogue::{self, Operation, Type};
use crate::contract::{self, Call, Ctx, Item, List, Outcome};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::object::fill::{at, set_at};
use crate::state::document::{Doc, Map};
use crate::state::event::THIN;
use crate::state::{Kind, Ref, Tx};
use crate::time::calendar::rfc3339_millis;

/// Stores the parameters as a new object.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let outcome = operations::create(tx, ctx, call)?;
    Ok(shown(tx, call, outcome))
}

/// Shows an object.
pub(super) fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let outcome = operations::retrieve(tx, ctx, call)?;
    Ok(shown(tx, call, outcome))
}

/// Merges the parameters into an object.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let outcome = operations::update(tx, ctx, call)?;
    Ok(shown(tx, call, outcome))
}

/// Deletes an object.
pub(super) fn delete(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let outcome = operations::delete(tx, ctx, call)?;
    Ok(shown(tx, call, outcome))
}

/// Carries out a declared verb.
pub(super) fn verb(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let outcome = operations::verb(tx, ctx, call)?;
    Ok(shown(tx, call, outcome))
}

fn shown(tx: &Tx, call: &Call<'_>, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Done(of) => {
            let body = tx.record(of.kind, &of.id).map(|record| record.object.to_doc()).unwrap_or_default();
            Outcome::Value(included(body, of.kind, call).into())
        }
        Outcome::Deleted(of) => stub(&of),
        other => other,
    }
}

/// The answer about an object that was deleted.
pub fn stub(of: &Ref) -> Outcome {
    Outcome::Value(Map::from([("id", of.id.to_string()), ("object", of.kind.name().to_owned())]).into())
}

/// What an operation shows only when it is asked to: the values of its `include`.
pub fn shown_on_request(operation: &Operation) -> &'static [&'static str] {
    match catalogue::field(operation.params, "include").map(|field| field.kind) {
        Some(Type::Array(Type::Enum(values))) => values,
        _ => &[],
    }
}

/// The paths of a kind that are only shown on request: the values of `include`.
fn includable(kind: Kind) -> Vec<&'static str> {
    let own = |plan: &OperationPlan| plan.kind == kind;
    let operations = catalogue::operations().iter().filter(|operation| kinds::plan(operation).is_some_and(own));
    let mut paths = Vec::new();
    for operation in operations {
        let values = shown_on_request(operation).iter().copied();
        paths.extend(values.filter(|path| !paths.contains(path)).collect::<Vec<_>>());
    }
    paths
}

/// An object without the fields that were not requested.
fn included(body: Map, kind: Kind, call: &Call<'_>) -> Map {
    match kinds::of(kind) {
        Some(info) => asked_of(body, info.includable(|| includable(kind)), call),
        None => body,
    }
}

/// An object without those of some fields that a call does not ask for.
pub fn asked_of(mut body: Map, paths: &[&str], call: &Call<'_>) -> Map {
    let asked = call.params.list("include").unwrap_or_default();
    for path in paths {
        if asked.iter().any(|asked| asked.as_str() == Some(*path)) {
            continue;
        }
        match path.rsplit_once('.') {
            None => {
                let _ = body.remove(path);
            }
            Some((outer, last)) => {
                let Some(mut inner) = at(&body, outer).and_then(Doc::as_map).cloned() else { continue };
                let _ = inner.remove(last);
                if inner.is_empty() && !outer.contains('.') {
                    let _ = body.remove(outer);
                } else {
                    set_at(&mut body, outer, inner.into());
                }
            }
        }
    }
    body
}

/// A thin event (platform 7.1): it names an object instead of showing it.
#[derive(Debug)]
pub struct ThinEvent {
    /// Its type, such as `v2.core.account.created`.
    pub name: &'static str,
    /// The object that it is about: its kind, its id, and the path that shows it.
    pub related: Option<(Kind, String, String)>,
    /// What only the event itself shows when it is retrieved.
    pub data: Option<Map>,
    /// Whether it follows from the request.
    pub by_request: bool,
}

/// Stores a thin event.
///
/// # Errors
/// None that a caller could correct.
pub fn announce_thin(tx: &mut Tx, ctx: &Ctx<'_>, event: ThinEvent) -> Result<Ref> {
    let entry = contract::entry(THIN).ok_or_else(ApiError::internal)?;
    let id = entry.id.draw(&ctx.ids);
    let mut body = body::blank_of(THIN);
    body.set("id", id);
    body.set("created", rfc3339_millis(ctx.now));
    body.set("type", event.name);
    if event.by_request {
        let request = Map::from([
            ("id", ctx.request_id.to_owned()),
            ("idempotency_key", ctx.idempotency_key.unwrap_or_default().to_owned()),
        ]);
        body.set("reason", Map::from([("request", Doc::from(request)), ("type", Doc::from("request"))]));
    }
    if let Some((kind, id, url)) = event.related {
        body.set("related_object", Map::from([("id", id), ("type", kind.name().to_owned()), ("url", url)]));
    }
    if let Some(data) = event.data {
        body.set("data", data);
    }
    let object = (entry.import)(body, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    let stored = tx.insert_object(object);
    tx.announce(event.name, &stored);
    Ok(stored)
}

/// Lists a kind, in a page with the addresses of its neighbours.
pub(super) fn list(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let rows = |paged: &Call<'_>| match operations::list(tx, ctx, paged)? {
        Outcome::List(found) => Ok(found),
        _ => Err(ApiError::internal()),
    };
    page(call, &rows, &|item| included(item.record.object.to_doc(), item.shown, call))
}

/// A page with the addresses of its neighbours: of the rows that a list of the first namespace has, each as it is shown.
///
/// # Errors
/// Those of the list; a page that no list returned.
pub fn page(call: &Call<'_>, rows: &dyn Fn(&Call<'_>) -> Result<List>, show: &dyn Fn(&Item) -> Map) -> Result<Outcome> {
    let cursor = call.params.str("page").map(cursor).transpose()?;
    let mut params = call.params.clone();
    if let Some((direction, id)) = &cursor {
        params = params.with(direction, id.clone());
    }
    let paged = Call { operation: call.operation, args: call.args, path: call.path, params };
    let found = rows(&paged).map_err(|error| match error.field("param") {
        Some("starting_after" | "ending_before") => ApiError::page_invalid(call.params.str("page").unwrap_or_default()),
        _ => error,
    })?;
    let backwards = cursor.as_ref().is_some_and(|(direction, _)| *direction == "ending_before");
    let (has_next, has_previous) = match &cursor {
        None => (found.has_more, false),
        Some(_) if backwards => (true, found.has_more),
        Some(_) => (found.has_more, true),
    };
    let address = |there: bool, direction: &str, item: Option<&Item>| {
        item.filter(|_| there).map(|item| address(call, &format!("{direction}:{}", item.record.object.id())))
    };
    let next = address(has_next, "starting_after", found.items.last());
    let previous = address(has_previous, "ending_before", found.items.first());
    let rows = found.items.iter().map(|item| Doc::Map(show(item)));
    Ok(Outcome::Value(
        Map::from([
            ("data", Doc::List(rows.collect())),
            ("next_page_url", Doc::from(next)),
            ("previous_page_url", Doc::from(previous)),
        ])
        .into(),
    ))
}

/// The content of a page's token: the direction, and the object after which the page begins.
fn cursor(token: &str) -> Result<(&'static str, String)> {
    let invalid = || ApiError::page_invalid(token);
    let text =
        URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    match text.split_once(':') {
        Some(("starting_after", id)) => Ok(("starting_after", id.to_owned())),
        Some(("ending_before", id)) => Ok(("ending_before", id.to_owned())),
        _ => Err(invalid()),
    }
}

/// The address of another page of the same list.
fn address(call: &Call<'_>, cursor: &str) -> String {
    let mut pairs = vec![("page".to_owned(), URL_SAFE_NO_PAD.encode(cursor))];
    for (name, value) in call.params.iter().filter(|(name, _)| *name != "page") {
        pair(name.to_owned(), value, &mut pairs);
    }
    format!("{}?{}", call.path, serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// A parameter as it was sent.
fn pair(name: String, value: &Doc, out: &mut Vec<(String, String)>) {
    match value {
        Doc::Text(text) => out.push((name, text.to_string())),
        // The only numbers inside another parameter are bounds of a time.
        Doc::Int(n) if name.contains('[') => out.push((name, rfc3339_millis(*n))),
        Doc::Int(n) => out.push((name, n.to_string())),
        Doc::Bool(flag) => out.push((name, flag.to_string())),
        Doc::List(items) => items.iter().enumerate().for_each(|(i, item)| pair(format!("{name}[{i}]"), item, out)),
        Doc::Map(map) => map.iter().for_each(|(key, value)| pair(format!("{name}[{key}]"), value, out)),
        _ => {}
    }
}
