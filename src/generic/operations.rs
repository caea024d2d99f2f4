//! The generic operations, for any kind.
//!
//! May use: the plans, the kinds, the registry. Invariant: an object is stored completely or not at all, and its
//! references exist.

use std::sync::Arc;

use super::kinds::verb::Verb;
use super::kinds::{self, KindInfo};
use super::plan::{OperationPlan, ParentLink, WITHIN};
use super::shape::{FileContent, Shape};
use super::{children, filters, unique};
use crate::api::list;
use crate::contract::{self, Call, Ctx, In, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::object::fill::{FillInput, set_at};
use crate::object::fit::Fitting;
use crate::object::own_id;
use crate::object::{complete, references};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Record, Ref, Tx};
use crate::time::calendar::rfc3339_millis;

/// A call with its plan and its kind.
struct Subject {
    plan: &'static OperationPlan,
    info: &'static KindInfo,
}

fn subject(call: &Call<'_>) -> Result<Subject> {
    let plan = kinds::plan(call.operation).ok_or_else(ApiError::internal)?;
    let info = kinds::of(plan.kind).ok_or_else(ApiError::internal)?;
    Ok(Subject { plan, info })
}

/// Stores the parameters as an object, completed to its type.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    references::check(tx, call, info.object)?;
    let id = match own_id::check(ctx, call.params.str("id").filter(|_| info.has_id()))? {
        Some(id) => {
            if tx.record(plan.kind, id).is_some_and(|record| !record.deleted) {
                return Err(ApiError::already_exists(info.entry.noun));
            }
            id.to_owned()
        }
        None => info.new_id(ctx),
    };
    let body = make(tx, ctx, &call.params, info, &id, |body| {
        for (position, parent) in plan.parents.iter().enumerate() {
            if let ParentLink::Field(field) = parent.link {
                body.set(field, call.arg(position).to_owned());
            }
        }
    })?;
    let within = within(plan, call);
    let mut body = body;
    if let Some(along) = info.declared.along {
        along(tx, ctx, &id, &mut body, &call.params)?;
    }
    children::apply(tx, ctx, plan.kind, &id, &mut body, &call.params)?;
    let reference = match call.params.map("file").and_then(|file| file.str("data")) {
        Some(data) => store_upload(tx, ctx, info, &id, body, data)?,
        None => store(tx, ctx, info, &id, within, body),
    };
    if let Some(record) = tx.record(reference.kind, &reference.id).cloned() {
        children::show_in_whole(tx, &record);
    }
    Ok(shown(tx, info, &reference))
}

/// A new object of a kind from parameters; `first` sets the fields that follow from the path.
///
/// # Errors
/// Those of the kind's derived fields.
pub(super) fn make(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    sent: &Map,
    info: &'static KindInfo,
    id: &str,
    first: impl FnOnce(&mut Map),
) -> Result<Map> {
    let before = info.declared.before.map(|before| before(tx, ctx, sent)).transpose()?;
    let sent = before.as_ref().unwrap_or(sent);
    let source = FillInput { tx, ctx, sent, id };
    let fitting = Fitting { source: &source, object: info.object };
    let blank = info.blank();
    let mut body = blank.body.clone();
    if info.has_id() {
        body.set("id", id.to_owned());
    }
    first(&mut body);
    fitting.overlay(&mut body, sent)?;
    if let Some(derive) = info.declared.derive {
        derive(&source, &mut body);
    }
    fitting.complete(&mut body, blank, "");
    unique::check(tx, info, id, &body)?;
    for field in &blank.lists {
        let url = body.map(field).and_then(|list| list.str("url")).map(|url| url.replace("{id}", id));
        if let Some(url) = url {
            set_at(&mut body, &format!("{field}.url"), Doc::from(url));
        }
    }
    match complete::missing(info.object.fields, &body) {
        Some(param) => Err(ApiError::param_missing(&param)),
        None => Ok(body),
    }
}

/// Stores a new object.
pub(super) fn store(tx: &mut Tx, ctx: &Ctx<'_>, info: &KindInfo, id: &str, within: Option<Id>, body: Map) -> Ref {
    let created = body.int("created").unwrap_or(ctx.now);
    let mut shape = Shape::new(info.kind(), id, created, within, body);
    shape.arrives_at = arrival(ctx, info, &shape.body);
    tx.insert_object(Arc::new(shape))
}

/// When what a kind declares for later happens to an object with these fields: as soon as the answer is out.
fn arrival(ctx: &Ctx<'_>, info: &KindInfo, body: &Map) -> Option<i64> {
    info.declared.later.filter(|later| later.awaits(body)).map(|_| ctx.now)
}

/// Does what a kind declares for later to one of its objects.
///
/// # Errors
/// What it creates besides cannot be made.
pub(super) fn arrive(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, id: &str) -> Result<()> {
    let info = kinds::of(kind).ok_or_else(ApiError::internal)?;
    let shape = tx.record(kind, id).and_then(|record| Shape::edit(record));
    let (Some(later), Some(mut shape)) = (info.declared.later, shape) else { return Err(ApiError::internal()) };
    {
        let source = FillInput { tx, ctx, sent: &Map::new(), id };
        for (path, fill) in later.sets {
            if let Some(value) = fill.value(&source, &shape.body) {
                set_at(&mut shape.body, path, value);
            }
        }
    }
    if let Some(along) = later.along {
        along(tx, ctx, id, &mut shape.body, &Map::new())?;
    }
    shape.arrives_at = None;
    shape.save(tx);
    tx.announce(later.event, &Ref { kind, id: id.into() });
    Ok(())
}

/// Stores an upload with its content.
pub(super) fn store_upload(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    info: &KindInfo,
    id: &str,
    body: Map,
    data: &str,
) -> Result<Ref> {
    let mut shape = Shape::new(info.kind(), id, ctx.now, None, body);
    shape.content = Some(Arc::new(FileContent::new(data)?));
    Ok(tx.insert_object(Arc::new(shape)))
}

/// A kind without an id is shown once and cannot be retrieved.
fn shown(tx: &Tx, info: &KindInfo, reference: &Ref) -> Outcome {
    if info.has_id() {
        return Outcome::Done(reference.clone());
    }
    let body = tx.record(reference.kind, &reference.id).map(|record| record.object.to_doc());
    Outcome::Value(body.unwrap_or_default().into())
}

/// Shows an object.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    let record = find(tx, plan, info, call)?;
    let reference = Ref { kind: plan.kind, id: record.object.id().clone() };
    Ok(if record.deleted { Outcome::Deleted(reference) } else { Outcome::Done(reference) })
}

/// Merges the parameters into an object.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    let record = Arc::clone(find_live(tx, plan, info, call)?);
    references::check(tx, call, info.object)?;
    change(tx, ctx, &call.params, info, &record)?;
    let id = record.object.id().clone();
    if let Some(record) = tx.record(plan.kind, &id).cloned() {
        children::show_in_whole(tx, &record);
    }
    Ok(Outcome::Done(Ref { kind: plan.kind, id }))
}

/// Stores an object with the parameters merged into it.
fn change(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, info: &'static KindInfo, record: &Record) -> Result<()> {
    let Some(mut shape) = Shape::edit(record) else { return Err(ApiError::internal()) };
    let id = record.object.id().clone();
    {
        let source = FillInput { tx, ctx, sent, id: &id };
        let fitting = Fitting { source: &source, object: info.object };
        fitting.overlay(&mut shape.body, sent)?;
        if let Some(changed) = info.declared.changed {
            changed(&source, &mut shape.body);
        }
    }
    if shape.body.has("updated") {
        let is_v2 = info.object.name.starts_with("v2.");
        let now = if is_v2 { Doc::from(rfc3339_millis(ctx.now)) } else { Doc::Int(ctx.now) };
        shape.body.set("updated", now);
    }
    if let Some(param) = complete::missing(info.object.fields, &shape.body) {
        return Err(ApiError::param_missing(&param));
    }
    unique::check(tx, info, &id, &shape.body)?;
    children::apply(tx, ctx, info.kind(), &id, &mut shape.body, sent)?;
    shape.save(tx);
    Ok(())
}

/// Merges parameters into a part of another object.
///
/// # Errors
/// A required field would be missing.
pub(super) fn change_part(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    info: &'static KindInfo,
    record: &Record,
    sent: &Map,
) -> Result<()> {
    change(tx, ctx, sent, info, record)
}

/// Deletes an object; its stub stays.
pub(super) fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    let record = Arc::clone(find_live(tx, plan, info, call)?);
    let reference = Ref { kind: plan.kind, id: record.object.id().clone() };
    tx.delete_any(&reference);
    children::show_in_whole(tx, &record);
    Ok(Outcome::Deleted(reference))
}

/// Lists a kind, or the objects of the parent in the path.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    let questions = filters::questions(plan.kind, info.object, call)?;
    let parent = plan.parents.last().zip(call.args.last()).map(|(parent, id)| match parent.link {
        ParentLink::Field(field) => (field, id.as_str()),
        ParentLink::Within => (WITHIN, id.as_str()),
    });
    let rows = |record: &Record| questions.iter().all(|question| question(&*record.object));
    list::page_where(tx, &info.entry, call, parent, &rows).map(Outcome::List)
}

/// Shows the one object of its kind, or of the parent.
pub(super) fn retrieve_single(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    if let Some(record) = tx.record(plan.kind, single_id(plan, call)) {
        return Ok(Outcome::Value(record.object.to_doc().into()));
    }
    // An object that was never written has its empty form.
    let body = tx.rehearse(|tx| make(tx, ctx, &Map::new(), info, single_id(plan, call), |_| {}))?;
    Ok(Outcome::Value(body.into()))
}

/// Merges the parameters into the one object of its kind, or of the parent.
pub(super) fn update_single(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    check_parents(tx, plan, call)?;
    references::check(tx, call, info.object)?;
    let id = single_id(plan, call).to_owned();
    if tx.record(plan.kind, &id).is_none() {
        let body = make(tx, ctx, &Map::new(), info, &id, |_| {})?;
        store(tx, ctx, info, &id, None, body);
    }
    let record = tx.record(plan.kind, &id).cloned().ok_or_else(ApiError::internal)?;
    change(tx, ctx, &call.params, info, &record)?;
    let record = tx.record(plan.kind, &id).ok_or_else(ApiError::internal)?;
    Ok(Outcome::Value(record.object.to_doc().into()))
}

fn single_id<'c>(plan: &OperationPlan, call: &'c Call<'_>) -> &'c str {
    call.args.last().map_or(plan.kind.name(), String::as_str)
}

/// Carries out a declared verb.
pub(super) fn verb(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Subject { plan, info } = subject(call)?;
    let super::plan::OperationAction::Verb(verb) = plan.action else { return Err(ApiError::internal()) };
    check_parents(tx, plan, call)?;
    let record = Arc::clone(find_live(tx, plan, info, call)?);
    references::check(tx, call, info.object)?;
    check_state(verb, info, &record)?;
    let reference = Ref { kind: plan.kind, id: record.object.id().clone() };
    if verb.takes {
        change(tx, ctx, &call.params, info, &record)?;
    }
    let record = Arc::clone(find_live(tx, plan, info, call)?);
    let Some(mut shape) = Shape::edit(&record) else { return Err(ApiError::internal()) };
    {
        let source = FillInput { tx, ctx, sent: &call.params, id: &reference.id };
        for (path, fill) in verb.sets {
            if let Some(value) = fill.value(&source, &shape.body) {
                set_at(&mut shape.body, path, value);
            }
        }
    }
    unique::check(tx, info, &reference.id, &shape.body)?;
    shape.arrives_at = arrival(ctx, info, &shape.body);
    shape.save(tx);
    if let Some(event) = verb.event {
        tx.announce(event, &reference);
    }
    Ok(Outcome::Done(reference))
}

fn check_state(verb: &'static Verb, info: &KindInfo, record: &Record) -> Result<()> {
    let (field, allowed) = verb.from;
    if allowed.is_empty() {
        return Ok(());
    }
    let body = record.object.to_doc();
    let state = match crate::object::fill::at(&body, field) {
        Some(Doc::Text(text)) => text.to_string(),
        Some(Doc::Bool(flag)) => flag.to_string(),
        _ => "null".to_owned(),
    };
    if allowed.contains(&state.as_str()) {
        return Ok(());
    }
    let last = verb.operation.rsplit('.').next().unwrap_or_default();
    Err(ApiError::wrong_state(info.object.name, last, field, &state, allowed))
}

/// Checks that the parent objects in the path exist.
fn check_parents(tx: &Tx, plan: &OperationPlan, call: &Call<'_>) -> Result<()> {
    for (position, parent) in plan.parents.iter().enumerate() {
        let id = call.arg(position);
        let record = contract::resolve(tx, parent.kind, id).filter(|record| !record.deleted);
        let is_shown = record.is_some_and(|record| contract::show(record, parent.kind).is_some());
        let is_known =
            || contract::entry(parent.kind).and_then(|entry| entry.is_known).is_some_and(|known| known(tx, id));
        if !is_shown && !is_known() {
            return Err(missing(parent.kind, id, In::PathAs(parent.param)));
        }
    }
    Ok(())
}

fn within(plan: &OperationPlan, call: &Call<'_>) -> Option<Id> {
    let at = plan.parents.iter().rposition(|parent| parent.link == ParentLink::Within)?;
    Some(call.arg(at).into())
}

/// The object of the last path argument.
fn find<'t>(tx: &'t Tx, plan: &OperationPlan, info: &KindInfo, call: &Call<'_>) -> Result<&'t Arc<Record>> {
    let id = call.arg(plan.parents.len());
    let missing = || missing(info.kind(), id, In::Path);
    let record = contract::resolve(tx, plan.kind, id).ok_or_else(missing)?;
    let belongs = plan.parents.iter().enumerate().all(|(at, parent)| belongs(record, parent.link, call.arg(at)));
    if (record.deleted && !shows_stub(plan.kind)) || !belongs { Err(missing()) } else { Ok(record) }
}

fn find_live<'t>(tx: &'t Tx, plan: &OperationPlan, info: &KindInfo, call: &Call<'_>) -> Result<&'t Arc<Record>> {
    let record = find(tx, plan, info, call)?;
    if record.deleted || record.object.kind() != plan.kind {
        return Err(missing(info.kind(), call.arg(plan.parents.len()), In::Path));
    }
    Ok(record)
}

fn belongs(record: &Record, link: ParentLink, parent: &str) -> bool {
    match (link, Shape::of(&*record.object)) {
        (ParentLink::Field(field), Some(shape)) => shape.body.str(field).is_none_or(|id| id == parent),
        (ParentLink::Within, Some(shape)) => shape.within.as_deref() == Some(parent),
        (_, None) => true,
    }
}

/// Whether a deleted object of the kind can still be retrieved as a stub.
fn shows_stub(kind: Kind) -> bool {
    crate::catalogue::operations().iter().any(|operation| {
        operation.name.ends_with(".retrieve")
            && matches!(operation.returns, crate::catalogue::Returns::Object(names)
                if names.contains(&kind.name()) && names.iter().any(|name| name.strip_prefix("deleted:") == Some(kind.name())))
    })
}
