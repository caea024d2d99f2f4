//! Creating a schedule (billing 5.3, billing-2 11.4).
//!
//! May use: its phases, subscriptions and their items. Invariant: a refused call leaves nothing; a schedule of an existing
//! subscription changes nothing of it.

use std::sync::Arc;

use super::{KIND, PhaseSpan, SubscriptionSchedule, begin, phases};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::{self, BillingMode, Subscription};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Ref, Tx};

/// What a schedule of an existing subscription takes from it.
const OF_NEW: [&str; 4] = ["phases", "start_date", "default_settings", "customer"];

/// `POST /v1/subscription_schedules`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    match params.str("from_subscription") {
        Some(subscription) => {
            if let Some(other) = OF_NEW.into_iter().find(|name| params.present(name).is_some()) {
                return Err(ApiError::params_exclusive("from_subscription", other));
            }
            let subscription = require::<Subscription>(tx, subscription, In::Param("from_subscription"))?;
            body::check_references(tx, call, KIND)?;
            from_subscription(tx, ctx, params, &subscription)
        }
        None => {
            subscriptions::terms::customer(tx, params)?;
            body::check_references(tx, call, KIND)?;
            make(tx, ctx, params)
        }
    }
    .map(Outcome::Done)
}

/// Makes a schedule of a new subscription from the parameters of `POST /v1/subscription_schedules`; one that begins now is active.
///
/// # Errors
/// Those of the call.
pub fn make(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Ref> {
    let mut schedule = read(tx, ctx, params)?;
    let now = ctx.now_of(tx, schedule.clock());
    if schedule.start() <= now {
        let first = schedule.phases().next().map(PhaseSpan::of);
        if first.is_some_and(|first| first.end <= now) {
            return Err(ApiError::phase_is_over().inside("phases[0]"));
        }
        begin::start(tx, ctx, &mut schedule)?;
    }
    Ok(tx.insert(schedule))
}

/// A schedule of a new subscription that has not begun and is not stored.
///
/// # Errors
/// Those of the call.
pub(super) fn read(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<SubscriptionSchedule> {
    let customer = subscriptions::terms::customer(tx, params)?;
    let clock = customer.rest.str("test_clock");
    let now = ctx.now_of(tx, clock);
    let start = params.get("start_date").and_then(|sent| phases::moment(sent, now)).unwrap_or(now);
    let mode = subscriptions::create::mode(ctx, params);
    let id = super::ENTRY.id.draw(&ctx.ids);
    let is_flexible = mode == BillingMode::Flexible;
    let basis = phases::PhaseBasis { customer: &customer, is_flexible, start, now, schedule: &id };
    let phases = phases::read(tx, ctx, params.list("phases").unwrap_or_default(), &basis)?;
    let flexible = params.map("billing_mode").and_then(|mode| mode.map("flexible")).cloned();
    let mut schedule = draft(tx, ctx, (&id, &customer.id), params, now)?;
    schedule.phases = phases;
    show_mode(&mut schedule, mode.shown(flexible, now));
    schedule.rest.set("test_clock", clock.map(str::to_owned));
    Ok(schedule)
}

/// A schedule of a customer that has not begun, without phases and a billing mode.
fn draft(tx: &Tx, ctx: &Ctx<'_>, (id, customer): (&str, &str), params: &Map, now: i64) -> Result<SubscriptionSchedule> {
    let mut sent = params.clone();
    for key in ["billing_mode", "from_subscription", "phases", "start_date"] {
        let _ = sent.remove(key);
    }
    sent.set("customer", customer.to_owned());
    sent.set("default_settings", super::update::settings(params.map("default_settings")));
    let shown = body::new(tx, ctx, KIND, id, &sent)?;
    let mut schedule = SubscriptionSchedule::from_docs(shown, Map::new(), now).map_err(|_| ApiError::internal())?;
    schedule.created = now;
    super::update::check_end(schedule.end_behavior)?;
    Ok(schedule)
}

fn show_mode(schedule: &mut SubscriptionSchedule, mut mode: Map) {
    let _ = mode.remove("updated_at");
    schedule.rest.set("billing_mode", mode);
}

/// A schedule that takes over a subscription: its current period is the only phase.
fn from_subscription(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, subscription: &Arc<Subscription>) -> Result<Ref> {
    if let Some(schedule) = &subscription.schedule {
        return Err(ApiError::subscription_has_a_schedule(schedule));
    }
    if subscription.has_ended() {
        return Err(ApiError::subscription_cannot_be_scheduled(subscription.status.as_str()));
    }
    let now = ctx.now_of(tx, subscription.clock());
    let id = super::ENTRY.id.draw(&ctx.ids);
    let mut schedule = draft(tx, ctx, (&id, &subscription.customer), params, now)?;
    schedule.subscription = Some(subscription.id.clone());
    schedule.phases = vec![phase_of(tx, ctx, subscription, &id)?.into()];
    if let Some(mode) = subscription.rest.map("billing_mode").cloned() {
        show_mode(&mut schedule, mode);
    }
    schedule.rest.set("test_clock", subscription.clock().map(str::to_owned));
    take_settings(&mut schedule, subscription);
    let span = schedule.phases().next().map(PhaseSpan::of).ok_or_else(ApiError::internal)?;
    begin::enter(&mut schedule, span, now);
    let made = tx.insert(schedule);
    let ends_at = tx.get::<SubscriptionSchedule>(&made.id).and_then(|schedule| schedule.ends_subscription_at());
    let mut managed = crate::state::Edit::of(Arc::clone(subscription));
    managed.schedule = Some(made.id.clone());
    subscriptions::plan_end(&mut managed, ends_at, now);
    managed.save(tx);
    Ok(made)
}

/// The default settings are those of the subscription.
fn take_settings(schedule: &mut SubscriptionSchedule, subscription: &Subscription) {
    let settings = &mut schedule.default_settings;
    settings.set("collection_method", subscription.collection_method.as_str());
    for key in [
        "application_fee_percent",
        "automatic_tax",
        "default_payment_method",
        "description",
        "on_behalf_of",
        "transfer_data",
    ] {
        if let Some(value) = subscription.rest.present(key) {
            settings.set(key, value.clone());
        }
    }
    if let Some(Doc::Map(invoices)) = settings.get_mut("invoice_settings") {
        invoices.set("days_until_due", subscription.days_until_due);
    }
}

/// The current period of a subscription as a phase.
fn phase_of(tx: &Tx, ctx: &Ctx<'_>, subscription: &Subscription, schedule: &str) -> Result<Map> {
    let period = subscription.period();
    let items = subscription_items::of(tx, &subscription.id);
    let items = items.iter().map(|item| Doc::from(shown_item(item, None)));
    let discount = |id: &crate::state::Id| Doc::from(Map::from([("discount", id.to_string())]));
    let mut phase = Map::from([
        ("currency", Doc::from(subscription.currency.clone())),
        ("discounts", Doc::List(subscription.discounts.iter().map(discount).collect())),
        ("end_date", period.end.into()),
        ("items", Doc::List(items.collect())),
        ("metadata", Map::new().into()),
        ("start_date", period.start.into()),
    ]);
    if let Some(end) = subscription.trial_end.filter(|end| *end > period.start) {
        phase.set("trial_end", end);
    }
    let sent = Map::from([("phases", Doc::List(vec![phase.into()]))]);
    let shown = body::new(tx, ctx, KIND, schedule, &sent)?;
    let first = shown.list("phases").and_then(|phases| phases.first()).and_then(Doc::as_map);
    let mut phase = first.cloned().ok_or_else(ApiError::internal)?;
    phase.set("default_tax_rates", Doc::List(subscription.default_tax_rates.clone()));
    Ok(phase)
}

/// An item of a subscription as an item of a phase; `known` is the one that it was.
pub(super) fn shown_item(item: &SubscriptionItem, known: Option<&Map>) -> Map {
    let discount = |id: &crate::state::Id| {
        let named = [("coupon", Doc::Null), ("discount", id.to_string().into()), ("promotion_code", Doc::Null)];
        Doc::from(Map::from(named))
    };
    let mut shown = known.cloned().unwrap_or_else(|| {
        Map::from([
            ("billing_thresholds", Doc::Null),
            ("discounts", Doc::List(item.discounts.iter().map(discount).collect())),
            ("metadata", item.metadata.clone().into()),
            ("tax_rates", Doc::List(item.tax_rates.clone())),
        ])
    });
    shown.set("plan", item.price_id().to_owned());
    shown.set("price", item.price_id().to_owned());
    if let Some(quantity) = item.quantity.0 {
        shown.set("quantity", quantity);
    }
    shown
}
