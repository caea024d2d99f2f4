//! Updating a schedule (billing 5.3, billing-2 11.4, 15).
//!
//! May use: its phases, subscriptions. Invariant: the phase that has begun keeps its start, and what is over stays as it was.

use std::sync::Arc;

use super::{
    EndBehavior, KIND, PhaseSpan, SubscriptionSchedule, begin, ends, phases, reference, subscription_of, terms,
};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::object::metadata;
use crate::resources::billing::subscriptions;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Tx};

/// `POST /v1/subscription_schedules/:schedule`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = ends::live(tx, call, "update", "updated")?;
    body::check_references(tx, call, KIND)?;
    let is = store(tx, ctx, &stored, &call.params)?;
    apply(tx, ctx, &stored, &is, &call.params)?;
    Ok(Outcome::Done(reference(&stored.id)))
}

/// Stores a schedule as the parameters say. Its subscription is not changed yet.
///
/// # Errors
/// Those of the call.
pub(super) fn store(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    stored: &Arc<SubscriptionSchedule>,
    params: &Map,
) -> Result<SubscriptionSchedule> {
    let now = ctx.now_of(tx, stored.clock());
    let mut changed = Edit::of(Arc::clone(stored));
    changed.metadata = metadata::merge(&changed.metadata, params.get("metadata"))?;
    if let Some(behavior) = params.str("end_behavior").and_then(EndBehavior::parse) {
        check_end(behavior)?;
        changed.end_behavior = behavior;
    }
    if let Some(sent) = params.map("default_settings") {
        change_settings(tx, ctx, &mut changed, sent)?;
    }
    if let Some(sent) = params.list("phases") {
        changed.phases = replaced(tx, ctx, stored, sent, now)?;
    }
    if let (true, Some(span)) = (stored.is_active(), current(&changed, stored)) {
        begin::enter(&mut changed, span, now);
    }
    let is = SubscriptionSchedule::clone(&changed);
    changed.save(tx);
    Ok(is)
}

/// What becomes of the subscription at the end is built, or refused.
pub(super) fn check_end(behavior: EndBehavior) -> Result<()> {
    match behavior {
        EndBehavior::Renew => Err(ApiError::value_not_implemented("end_behavior", "schedules that renew themselves")),
        EndBehavior::Cancel | EndBehavior::None | EndBehavior::Release => Ok(()),
    }
}

/// Default settings with the parts that are always shown.
pub(super) fn settings(sent: Option<&Map>) -> Map {
    let mut settings = sent.cloned().unwrap_or_default();
    if !settings.has("automatic_tax") {
        settings.set("automatic_tax", Map::from([("enabled", false)]));
    }
    let mut invoices = settings.map("invoice_settings").cloned().unwrap_or_default();
    if !invoices.has("issuer") {
        invoices.set("issuer", Map::from([("type", "self")]));
    }
    settings.set("invoice_settings", invoices);
    settings
}

fn change_settings(tx: &Tx, ctx: &Ctx<'_>, schedule: &mut SubscriptionSchedule, sent: &Map) -> Result<()> {
    let known = std::mem::take(&mut schedule.default_settings);
    let mut whole = Map::from([("id", Doc::from(schedule.id.to_string())), ("default_settings", known.into())]);
    body::change(tx, ctx, KIND, &mut whole, &Map::from([("default_settings", sent.clone())]))?;
    schedule.default_settings = whole.map("default_settings").cloned().unwrap_or_default();
    Ok(())
}

/// The phases of a call in place of those that are not over (billing-2 15).
fn replaced(tx: &mut Tx, ctx: &Ctx<'_>, stored: &SubscriptionSchedule, sent: &[Doc], now: i64) -> Result<Vec<Doc>> {
    let start_of = |phase: &Doc| phase.as_map()?.present("start_date").and_then(|start| phases::moment(start, now));
    if !sent.is_empty() && sent.iter().all(|phase| start_of(phase).is_none()) {
        return Err(ApiError::phases_have_no_start());
    }
    let over: Vec<Doc> = match stored.current_span() {
        Some(current) => {
            stored.phases().filter(|phase| PhaseSpan::of(phase).end <= current.start).cloned().map(Doc::from).collect()
        }
        None => Vec::new(),
    };
    // Phases that are over may be sent again; they stay as they were.
    let is_over = |phase: &Doc| {
        let start = start_of(phase);
        over.iter().filter_map(Doc::as_map).any(|known| Some(PhaseSpan::of(known).start) == start)
    };
    let sent: Vec<Doc> = sent.iter().filter(|phase| !is_over(phase)).cloned().collect();
    let first = sent.first().and_then(start_of);
    let start = match stored.current_span() {
        Some(current) if first.is_some_and(|first| first != current.start) => {
            return Err(ApiError::current_phase_is_fixed());
        }
        Some(current) => current.start,
        None => first.unwrap_or_else(|| stored.start()),
    };
    let customer = require::<Customer>(tx, &stored.customer, In::Param("customer"))?;
    let mode = stored.rest.map("billing_mode").and_then(|mode| mode.str("type"));
    let basis = phases::PhaseBasis {
        customer: &customer,
        is_flexible: mode == Some("flexible"),
        start,
        now,
        schedule: &stored.id,
    };
    let read = phases::read(tx, ctx, &sent, &basis)?;
    let first = read.first().and_then(Doc::as_map).map(PhaseSpan::of);
    let is_past = first.is_some_and(|first| first.end < now || (first.end == now && read.len() == 1));
    if is_past || (stored.is_waiting() && start < now) {
        return Err(ApiError::current_phase_is_fixed());
    }
    Ok(over.into_iter().chain(read).collect())
}

/// The span of the current phase after a change.
fn current(changed: &SubscriptionSchedule, stored: &SubscriptionSchedule) -> Option<PhaseSpan> {
    let start = stored.current_span()?.start;
    changed.phases().map(PhaseSpan::of).find(|span| span.start == start)
}

/// What a call changes of the subscription of the current phase, as parameters of `POST /v1/subscriptions/:id`.
pub(super) fn corrections(tx: &Tx, was: &SubscriptionSchedule, is: &SubscriptionSchedule, params: &Map) -> Map {
    let mut changes = terms::of_correction(tx, was, is);
    if let (false, Some(behavior)) = (changes.is_empty(), params.get("proration_behavior")) {
        changes.set("proration_behavior", behavior.clone());
    }
    changes
}

/// The subscription becomes what the current phase says, ends when its schedule does, and goes on to the next phase if the current
/// one is over now.
fn apply(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    was: &SubscriptionSchedule,
    is: &SubscriptionSchedule,
    params: &Map,
) -> Result<()> {
    let now = ctx.now_of(tx, was.clock());
    if is.is_waiting() {
        return if is.start() <= now { begin::begin(tx, ctx, &is.id) } else { Ok(()) };
    }
    begin::change(tx, ctx, is, &corrections(tx, was, is, params))?;
    if let Some(subscription) = subscription_of(tx, is).filter(|it| it.cancel_at != is.ends_subscription_at()) {
        let mut subscription = Edit::of(subscription);
        subscriptions::plan_end(&mut subscription, is.ends_subscription_at(), now);
        subscription.save(tx);
    }
    match is.current_span() {
        Some(span) if span.end <= now => begin::go_on(tx, ctx, &is.id),
        _ => Ok(()),
    }
}
