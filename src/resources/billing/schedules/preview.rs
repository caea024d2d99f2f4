//! Previews: the invoice that comes next, of a schedule with its phases, or of a subscription (billing 3.8, billing-2 5.8).
//!
//! May use: subscriptions' and invoices' previews, phases, all on a copy. Invariant: a preview is the real thing, made on a copy of the
//! state that is thrown away, so it cannot disagree with what it previews.

use std::sync::Arc;

use super::{EndBehavior, PhaseSpan, SubscriptionSchedule, begin, create, subscription_of, terms, update};
use crate::contract::{Call, Ctx, In, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::invoices;
use crate::resources::billing::invoices::preview::{self as of_items, PreviewedCustomer};
use crate::resources::billing::subscription_items::PriceUse;
use crate::resources::billing::subscriptions::{self, preview as of_subscriptions};
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Edit, Id, Tx};

const SCHEDULE: &str = "schedule";
const DETAILS: &str = "schedule_details";

/// What a preview of a schedule does not take: it is said in the phases.
const OF_PHASES: [&str; 6] = ["automatic_tax", "coupon", "currency", "discounts", "issuer", "on_behalf_of"];

/// `POST /v1/invoices/create_preview`.
pub(super) fn create_preview(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (copy, id) = make(tx, ctx, call, ApiError::preview_needs_customer)?;
    Ok(of_items::shown(copy, &id))
}

/// `GET /v1/invoices/upcoming`.
pub(super) fn upcoming(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    of_items::check_version(ctx)?;
    let (copy, id) = make(tx, ctx, call, ApiError::upcoming_needs_customer)?;
    Ok(of_items::shown(copy, &id))
}

/// `GET /v1/invoices/upcoming/lines`.
pub(super) fn upcoming_lines(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    of_items::check_version(ctx)?;
    let (copy, id) = make(tx, ctx, call, ApiError::upcoming_needs_customer)?;
    of_items::shown_lines(copy, &id, call)
}

/// A copy of the state with the invoice in it. `nobody` is the error without a customer.
fn make(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>, nobody: fn() -> ApiError) -> Result<(Tx, Id)> {
    let params = &call.params;
    body::check_rules(tx, call, invoices::KIND)?;
    let Some(named) = [SCHEDULE, DETAILS].into_iter().find(|name| params.present(name).is_some()) else {
        return of_subscriptions::make(tx, ctx, params, nobody);
    };
    if let Some((other, _)) = params.iter().find(|(key, _)| key.starts_with("subscription")) {
        return Err(ApiError::params_exclusive(named, other));
    }
    if let Some(other) = OF_PHASES.into_iter().find(|name| params.present(name).is_some()) {
        let operation = call.operation;
        return Err(ApiError::param_not_implemented(other, operation.method.as_str(), operation.path));
    }
    let mut copy = tx.rehearsal();
    let stored = params.str(SCHEDULE).map(|id| of_params(&copy, id, params)).transpose()?;
    let is_recurring = params.str("preview_mode") == Some("recurring");
    let items = if is_recurring { of_subscriptions::without_items(params) } else { Map::clone(params) };
    let usual = stored.as_ref().map(|schedule| &schedule.customer);
    let billed = of_items::billed(&mut copy, ctx, &items, usual)?.ok_or_else(nobody)?;
    let details = params.map(DETAILS).cloned().unwrap_or_default();
    let id = match stored {
        Some(schedule) => of_stored(&mut copy, ctx, &schedule, &details, is_recurring)?,
        None => of_new(&mut copy, ctx, &billed, &details, is_recurring)?,
    };
    of_items::spend_credits(&mut copy, ctx, &id)?;
    of_items::tell(&mut copy, &id, &billed);
    Ok((copy, id))
}

/// The schedule that the parameters name, which is the customer's.
fn of_params(tx: &Tx, id: &str, params: &Map) -> Result<Arc<SubscriptionSchedule>> {
    let found = require::<SubscriptionSchedule>(tx, id, In::Param(SCHEDULE))?;
    match params.str("customer") {
        Some(customer) if customer != &*found.customer => {
            Err(missing(SubscriptionSchedule::KIND, id, In::Param(SCHEDULE)))
        }
        _ => Ok(found),
    }
}

/// The invoice that a change of a schedule makes at once, or the next one of the schedule after it.
fn of_stored(
    copy: &mut Tx,
    ctx: &Ctx<'_>,
    stored: &Arc<SubscriptionSchedule>,
    details: &Map,
    is_recurring: bool,
) -> Result<Id> {
    if !stored.is_live() {
        return Err(ApiError::nothing_upcoming(&stored.customer));
    }
    if !details.is_empty() {
        let is = update::store(copy, ctx, stored, details).map_err(|error| error.inside(DETAILS))?;
        let changes = update::corrections(copy, stored, &is, details);
        if let Some(invoice) = changed(copy, ctx, &is, &changes)?.filter(|_| !is_recurring) {
            return Ok(invoice);
        }
    }
    let schedule = require::<SubscriptionSchedule>(copy, &stored.id, In::Param(SCHEDULE))?;
    match schedule.is_active() {
        true => next(copy, ctx, &schedule, is_recurring),
        false => first(copy, ctx, &schedule, is_recurring),
    }
}

/// The first invoice of a schedule that is described.
fn of_new(copy: &mut Tx, ctx: &Ctx<'_>, billed: &PreviewedCustomer, details: &Map, is_recurring: bool) -> Result<Id> {
    let mut params = details.clone();
    let _ = params.remove("proration_behavior");
    params.set("customer", billed.customer.to_string());
    let first_phase = details.list("phases").and_then(|phases| phases.first()).and_then(Doc::as_map);
    if let Some(start) = first_phase.and_then(|phase| phase.present("start_date")) {
        params.set("start_date", start.clone());
    }
    let schedule = create::read(copy, ctx, &params).map_err(|error| error.inside(DETAILS))?;
    first(copy, ctx, &schedule, is_recurring)
}

/// The first invoice of a schedule that has not begun, or the first renewal if there is none.
fn first(copy: &mut Tx, ctx: &Ctx<'_>, schedule: &SubscriptionSchedule, is_recurring: bool) -> Result<Id> {
    let customer = require::<Customer>(copy, &schedule.customer, In::Param("customer"))?;
    let phase = schedule.phases().next().cloned().ok_or_else(ApiError::internal)?;
    let then = of_subscriptions::at(copy, ctx, schedule.clock(), schedule.start());
    let params = terms::of_start(schedule, &phase, then.now_of(copy, schedule.clock()));
    match subscriptions::create::preview(copy, &then, &params, &customer, PriceUse::Planned)? {
        (_, Some(invoice)) if !is_recurring => Ok(invoice),
        (id, _) => of_subscriptions::renewal(copy, &then, &id, !is_recurring),
    }
}

/// The next invoice of a schedule that has begun: that of a phase that begins before the period is over, or the renewal.
fn next(copy: &mut Tx, ctx: &Ctx<'_>, stored: &Arc<SubscriptionSchedule>, is_recurring: bool) -> Result<Id> {
    let nothing = || ApiError::nothing_upcoming(&stored.customer);
    let mut schedule = SubscriptionSchedule::clone(stored);
    for _ in 0..schedule.phases.len() {
        let subscription = subscription_of(copy, &schedule).ok_or_else(nothing)?;
        let Some(over) = schedule.current_span().filter(|span| span.end <= subscription.current_period_end) else {
            break;
        };
        let phase = schedule.phases().find(|phase| PhaseSpan::of(phase).start == over.end).cloned();
        let Some(phase) = phase else { break };
        let then = of_subscriptions::at(copy, ctx, schedule.clock(), over.end);
        let params = terms::of_change(copy, &schedule, &phase, over.end);
        let known = copy.get::<SubscriptionSchedule>(&schedule.id).ok_or_else(nothing)?;
        let mut entered = Edit::of(known);
        begin::enter(&mut entered, PhaseSpan::of(&phase), over.end);
        schedule = SubscriptionSchedule::clone(&entered);
        entered.save(copy);
        if let Some(invoice) = changed(copy, &then, &schedule, &params)?.filter(|_| !is_recurring) {
            return Ok(invoice);
        }
    }
    let ends = schedule.end_behavior == EndBehavior::Cancel;
    let subscription = subscription_of(copy, &schedule).ok_or_else(nothing)?;
    if ends && schedule.end() <= subscription.current_period_end {
        return Err(nothing());
    }
    of_subscriptions::renewal(copy, ctx, &subscription.id, !is_recurring)
}

/// The invoice that a change of a schedule's subscription makes at once.
fn changed(copy: &mut Tx, ctx: &Ctx<'_>, schedule: &SubscriptionSchedule, params: &Map) -> Result<Option<Id>> {
    let subscription = subscription_of(copy, schedule).filter(|subscription| !subscription.has_ended());
    match subscription.filter(|_| !params.is_empty()) {
        Some(subscription) => subscriptions::change::preview(copy, ctx, &subscription, (params, PriceUse::Planned)),
        None => Ok(None),
    }
}
