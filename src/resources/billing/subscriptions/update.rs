//! Updating a subscription (billing 2.2, 2.4, 2.11, billing-2 4.5).
//!
//! May use: the terms, its ends. Invariant: a refused call changes nothing.

use std::sync::Arc;

use super::{BillingMode, KIND, Subscription, SubscriptionStatus as Status, cycle, ends, terms};
use crate::contract::{Call, Ctx, In, Outcome, require_of};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Ref, Tx};

/// What may change of a subscription that has ended.
const OF_ENDED: &[&str] = &["cancellation_details", "metadata"];

/// What may change of a subscription whose first invoice is not paid.
const OF_INCOMPLETE: &[&str] = &["default_source", "description", "metadata"];

/// `POST /v1/subscriptions/:id`, also under its customer.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.args.last().map_or("", String::as_str);
    let owner = if call.args.len() > 1 { Some(customer::in_path(tx, call.arg(0))?) } else { None };
    let is_its = |it: &Subscription| owner.as_ref().is_none_or(|owner| owner.id == it.customer);
    let stored = require_of::<Subscription>(tx, id, In::Path, is_its)?;
    body::check_references(tx, call, KIND)?;
    let params = &call.params;
    check(&stored, params)?;
    let now = ctx.now_of(tx, stored.clock());
    let mut changed = Edit::of(Arc::clone(&stored));
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &terms::shown(params))?;
    changed.rest = rest;
    terms::apply(tx, &mut changed, params)?;
    ends::ask(&mut changed, &ends::periods(tx, &stored.id), params, now)?;
    match params.get("pause_collection") {
        Some(Doc::Map(sent)) => changed.pause_collection = Some(cycle::paused_collection(sent, now)?),
        Some(_) => changed.pause_collection = None,
        None => {}
    }
    if params.has("pending_invoice_item_interval") {
        changed.next_pending_invoice_item_invoice = ends::pending_items_at(&changed, now);
    }
    if let Some(sent) = params.map("cancellation_details") {
        if changed.canceled_at.is_none() {
            return Err(ApiError::cancellation_details_need_an_end());
        }
        ends::describe(&mut changed.cancellation_details, sent);
    }
    terms::discount(tx, ctx, &mut changed, params)?;
    changed.save(tx);
    if params.str("trial_end") == Some("now") && stored.status == Status::Trialing {
        cycle::end_trial_now(tx, ctx, &stored.id, params)?;
    }
    Ok(Outcome::Done(Ref::to(&*stored)))
}

/// What may change of a subscription as it is.
fn check(stored: &Subscription, params: &Map) -> Result<()> {
    let other = |kept: &[&str]| params.iter().map(|(key, _)| key).find(|key| !kept.contains(key));
    if stored.has_ended() && other(OF_ENDED).is_some() {
        return Err(ApiError::subscription_has_ended());
    }
    if stored.status == Status::Incomplete
        && let Some(param) = other(OF_INCOMPLETE)
    {
        return Err(ApiError::subscription_is_incomplete(param));
    }
    if stored.status == Status::Paused && params.has("trial_end") {
        return Err(ApiError::trial_of_paused_subscription());
    }
    if params.int("trial_end").is_some() {
        return Err(ApiError::value_not_implemented("trial_end", "moving the end of a trial"));
    }
    match &stored.schedule {
        Some(schedule) if params.has("cancel_at") || params.has("cancel_at_period_end") => {
            Err(ApiError::subscription_is_scheduled(schedule))
        }
        _ => Ok(()),
    }
}

/// `POST /v1/subscriptions/:id/migrate`.
pub(super) fn migrate(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = ends::in_path(tx, call)?;
    if stored.is_flexible() {
        return Err(ApiError::billing_mode_is_flexible());
    }
    let now = ctx.now_of(tx, stored.clock());
    let sent = call.params.map("billing_mode").and_then(|mode| mode.map("flexible")).cloned();
    let mode = BillingMode::Flexible.shown(sent, now);
    tx.update::<Subscription>(&stored.id, |subscription| subscription.rest.set("billing_mode", mode));
    Ok(Outcome::Done(Ref::to(&*stored)))
}
