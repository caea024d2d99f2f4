//! From a phase to the parameters of its subscription (billing 5.3, billing-2 11.4).
//!
//! May use: subscription items. Invariant: what a phase does not say, the default settings do; what neither says stays as it is,
//! but for items, discounts and tax rates, which are the phase's.

use std::sync::Arc;

use super::{PhaseSpan, SubscriptionSchedule, subscription_of};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::SubscriptionStatus;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// What a phase and the default settings have in common, and a subscription shows as it is.
const COMMON: &[&str] = &[
    "application_fee_percent",
    "billing_thresholds",
    "collection_method",
    "default_payment_method",
    "description",
    "on_behalf_of",
    "transfer_data",
];

/// The parameters of the subscription when its schedule begins with a phase; `now` is Unix seconds.
pub(super) fn of_start(schedule: &SubscriptionSchedule, phase: &Map, now: i64) -> Map {
    let mut params = of_both(schedule, phase);
    let span = PhaseSpan::of(phase);
    let items = phase.list("items").unwrap_or_default().iter().filter_map(Doc::as_map);
    params.set("items", Doc::List(items.map(|item| item_of(item).into()).collect()));
    params.set("currency", phase.get("currency").cloned());
    if let Some(mode) = schedule.rest.map("billing_mode") {
        params.set("billing_mode", sent(mode));
    }
    if span.start < now {
        params.set("backdate_start_date", span.start);
    }
    if let Some(end) = schedule.ends_subscription_at() {
        params.set("cancel_at", end);
    }
    if let Some(end) = phase.int("trial_end").filter(|end| *end > now) {
        params.set("trial_end", end);
    }
    params
}

/// The parameters that change the subscription when a phase comes after another.
pub(super) fn of_change(tx: &Tx, schedule: &SubscriptionSchedule, phase: &Map, now: i64) -> Map {
    let mut params = of_both(schedule, phase);
    params.set("items", Doc::List(changes(tx, schedule, phase)));
    let anchor = phase.str("billing_cycle_anchor").or_else(|| schedule.default_settings.str("billing_cycle_anchor"));
    // The end of a trial is an anchor by itself.
    let is_trial = subscription_of(tx, schedule).is_some_and(|it| it.status == SubscriptionStatus::Trialing);
    if anchor == Some("phase_start") && !is_trial {
        params.set("billing_cycle_anchor", "now");
    }
    if let Some(end) = phase.int("trial_end").filter(|end| *end > now) {
        params.set("trial_end", end);
    }
    params
}

/// The parameters that change the subscription when its current phase is not what it was: those that differ, and the items.
pub(super) fn of_correction(tx: &Tx, was: &SubscriptionSchedule, is: &SubscriptionSchedule) -> Map {
    let (Some(old), Some(new)) = (was.current(), is.current()) else { return Map::new() };
    let (before, after) = (of_both(was, old), of_both(is, new));
    let differs = |key: &str| !ONCE.contains(&key) && before.get(key) != after.get(key);
    let mut params = Map::from_entries(
        after
            .iter()
            .filter(|(key, _)| differs(key))
            .map(|(key, value)| (key.to_owned().into(), value.clone()))
            .collect(),
    );
    if old.get("items") != new.get("items") {
        params.set("items", Doc::List(changes(tx, is, new)));
    }
    if let Some(end) = new.get("trial_end").filter(|end| old.get("trial_end") != Some(end)) {
        params.set("trial_end", if end.is_null() { "now".into() } else { end.clone() });
    }
    params
}

/// What happens when a phase begins, and not again.
const ONCE: &[&str] = &["add_invoice_items", "proration_behavior"];

/// What a new subscription and a changed one have in common.
fn of_both(schedule: &SubscriptionSchedule, phase: &Map) -> Map {
    let settings = &schedule.default_settings;
    let mut params = Map::new();
    for key in COMMON {
        if let Some(value) = phase.present(key).or_else(|| settings.present(key)) {
            params.set(*key, without_nulls(value));
        }
    }
    let tax = phase.map("automatic_tax").or_else(|| settings.map("automatic_tax"));
    if let Some(tax) = tax {
        params.set("automatic_tax", without(sent(tax), "disabled_reason"));
    }
    let invoices = phase.map("invoice_settings").or_else(|| settings.map("invoice_settings"));
    if let Some(invoices) = invoices.map(sent) {
        if params.str("collection_method") == Some("send_invoice") {
            params.set("days_until_due", invoices.get("days_until_due").cloned());
        }
        params.set("invoice_settings", without(invoices, "days_until_due"));
    }
    for key in ["metadata", "proration_behavior"] {
        if let Some(value) = phase.present(key) {
            params.set(key, value.clone());
        }
    }
    let discounts = phase.list("discounts").unwrap_or_default().iter().map(without_nulls);
    params.set("discounts", Doc::List(discounts.collect()));
    params.set("default_tax_rates", Doc::List(ids(phase.list("default_tax_rates"))));
    let extras = phase.list("add_invoice_items").unwrap_or_default().iter().filter_map(Doc::as_map);
    let extras: Vec<Doc> = extras.map(|extra| extra_of(extra, PhaseSpan::of(phase)).into()).collect();
    if !extras.is_empty() {
        params.set("add_invoice_items", Doc::List(extras));
    }
    params
}

/// An item as a parameter.
fn item_of(item: &Map) -> Map {
    let mut params = sent(item);
    let _ = params.remove("plan");
    params.set("tax_rates", Doc::List(ids(item.list("tax_rates"))));
    params
}

/// What is billed once, as a parameter; times of the phase are its times.
fn extra_of(extra: &Map, phase: PhaseSpan) -> Map {
    let mut params = item_of(extra);
    let Some(Doc::Map(period)) = params.get_mut("period") else { return params };
    for (side, name, at) in [("start", "phase_start", phase.start), ("end", "phase_end", phase.end)] {
        if period.map(side).and_then(|side| side.str("type")) == Some(name) {
            period.set(side, Map::from([("timestamp", Doc::from(at)), ("type", "timestamp".into())]));
        }
    }
    params
}

/// The changes that make the items of the subscription those of a phase: an item with the same price is kept, the others take the
/// place of those that are left, in order.
fn changes(tx: &Tx, schedule: &SubscriptionSchedule, phase: &Map) -> Vec<Doc> {
    let subscription = schedule.subscription.as_deref().unwrap_or_default();
    let mut left = subscription_items::of(tx, subscription);
    let wanted: Vec<&Map> = phase.list("items").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    let mut same: Vec<Option<Arc<SubscriptionItem>>> = Vec::with_capacity(wanted.len());
    for item in &wanted {
        let place = left.iter().position(|known| Some(known.price_id()) == item.str("price"));
        same.push(place.map(|place| left.remove(place)));
    }
    let mut rest = left.into_iter();
    let mut changes: Vec<Doc> = Vec::with_capacity(wanted.len());
    for (item, known) in wanted.iter().zip(same) {
        let mut change = item_of(item);
        if let Some(known) = known.or_else(|| rest.next()) {
            change.set("id", known.id.to_string());
            if change.get("discounts").is_none() {
                change.set("discounts", Doc::List(Vec::new()));
            }
        }
        changes.push(change.into());
    }
    changes.extend(
        rest.map(|gone| Doc::from(Map::from([("deleted", Doc::from(true)), ("id", gone.id.to_string().into())]))),
    );
    changes
}

/// The ids of objects that are shown in full, or by their ids.
fn ids(shown: Option<&[Doc]>) -> Vec<Doc> {
    let id = |one: &Doc| one.as_map().map_or_else(|| one.as_str(), |one| one.str("id")).map(str::to_owned);
    shown.unwrap_or_default().iter().filter_map(id).map(Doc::from).collect()
}

/// A hash as it would be sent: what is null is not.
fn sent(shown: &Map) -> Map {
    let said = shown.iter().filter(|(_, value)| !value.is_null());
    Map::from_entries(said.map(|(key, value)| (key.to_owned().into(), without_nulls(value))).collect())
}

fn without_nulls(shown: &Doc) -> Doc {
    match shown {
        Doc::Map(map) => sent(map).into(),
        Doc::List(list) => Doc::List(list.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

fn without(mut params: Map, key: &str) -> Map {
    let _ = params.remove(key);
    params
}
