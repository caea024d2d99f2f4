//! Updating a subscription (billing 2.2, 2.4, 2.11, billing-2 4.5).
//!
//! May use: the terms, its ends. Invariant: a refused call changes nothing.

use std::borrow::Cow;
use std::sync::Arc;

use super::bill::PaymentBehavior;
use super::charges::Billable;
use super::{BillingMode, KIND, Subscription, SubscriptionStatus as Status, change, cycle, ends, older, terms};
use crate::contract::{Call, Ctx, In, Outcome, require_of};
use crate::error::{ApiError, Result};
use crate::money::Rounding;
use crate::object::body;
use crate::resources::billing::subscription_items;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Ref, Tx};

/// What may change of a subscription that has ended.
const OF_ENDED: &[&str] = &["cancellation_details", "metadata"];

/// What may change of a subscription whose first invoice is not paid.
const OF_INCOMPLETE: &[&str] = &["default_source", "description", "metadata"];

/// What may wait to be paid, and what of an item (billing-2 4.7).
const PENDING: &[&str] = &[
    "add_invoice_items",
    "billing_cycle_anchor",
    "items",
    "off_session",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "trial_from_plan",
];
const PENDING_OF_ITEM: &[&str] = &["clear_usage", "deleted", "id", "plan", "price", "price_data", "quantity"];

/// `POST /v1/subscriptions/:id`, also under its customer.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.args.last().map_or("", String::as_str);
    let owner = if call.args.len() > 1 { Some(customer::in_path(tx, call.arg(0))?) } else { None };
    let is_its = |it: &Subscription| owner.as_ref().is_none_or(|owner| owner.id == it.customer);
    let stored = require_of::<Subscription>(tx, id, In::Path, is_its)?;
    let only = older::only_item(ctx, &call.params)?;
    let params = only.map(|item| with_only_item(tx, &stored, &call.params, item)).transpose()?;
    let params = params.as_ref().unwrap_or(&call.params);
    let params = &with_trial_until_its_end(&stored, params);
    check(&stored, params)?;
    body::check_references(tx, call, KIND)?;
    change::carry_out(tx, ctx, &stored, params)?;
    Ok(Outcome::Done(Ref::to(&*stored)))
}

/// In classic mode a trial ends with its subscription, if that is to end before (billing-2 2.2).
fn with_trial_until_its_end<'a>(stored: &Subscription, params: &'a Map) -> Cow<'a, Map> {
    let end = params.int("cancel_at").filter(|at| stored.trial_end.is_some_and(|end| *at < end));
    match end.filter(|_| !stored.is_flexible() && stored.status == Status::Trialing && !params.has("trial_end")) {
        Some(end) => {
            let mut params = params.clone();
            params.set("trial_end", end);
            Cow::Owned(params)
        }
        None => Cow::Borrowed(params),
    }
}

/// The parameters of a call with what they say of the only item as `items`.
fn with_only_item(tx: &Tx, stored: &Subscription, params: &Map, mut item: Map) -> Result<Map> {
    let items = subscription_items::of(tx, &stored.id);
    let [only] = items.as_slice() else {
        return Err(ApiError::not_implemented_feature("`plan` and `quantity` of a subscription with several items"));
    };
    item.set("id", only.id.to_string());
    let mut params = params.clone();
    let _ = (params.remove("plan"), params.remove("quantity"));
    params.set("items", Doc::List(vec![item.into()]));
    Ok(params)
}

/// Applies the parameters that bill nothing by themselves; `now` is Unix seconds.
///
/// # Errors
/// Those of the call.
pub(super) fn change_terms(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    stored: &Arc<Subscription>,
    params: &Map,
    now: i64,
) -> Result<()> {
    let mut changed = Edit::of(Arc::clone(stored));
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
    let items = subscription_items::of(tx, &stored.id);
    let whole =
        |item| Billable::of(tx, stored, item).map(|billable| billable.whole().rounded(Rounding::HalfAwayFromZero));
    let amount = items.iter().filter_map(whole).sum();
    terms::discount(tx, ctx, &mut changed, params, amount)?;
    changed.save(tx);
    Ok(())
}

/// Whether the status of a subscription, and the way that it is to be paid, allow a change.
///
/// # Errors
/// They do not.
pub(super) fn check(stored: &Subscription, params: &Map) -> Result<()> {
    check_pending(stored, params)?;
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
    match &stored.schedule {
        Some(schedule) if params.has("cancel_at") || params.has("cancel_at_period_end") => {
            Err(ApiError::subscription_is_scheduled(schedule))
        }
        _ => Ok(()),
    }
}

/// Whether a change may wait to be paid, if it is to.
fn check_pending(stored: &Subscription, params: &Map) -> Result<()> {
    if PaymentBehavior::of(params) != PaymentBehavior::PendingIfIncomplete {
        return Ok(());
    }
    if !stored.is_charged() {
        return Err(ApiError::pending_change_needs_charging());
    }
    if let Some((param, _)) = params.iter().find(|(key, _)| !PENDING.contains(key)) {
        return Err(ApiError::cannot_be_pending(param));
    }
    for (index, item) in params.list("items").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        if let Some((param, _)) = item.iter().find(|(key, _)| !PENDING_OF_ITEM.contains(key)) {
            return Err(ApiError::cannot_be_pending(param).inside(&format!("items[{index}]")));
        }
    }
    Ok(())
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
