//! Previews of what subscriptions bill: the next invoice, with a change or without (billing 3.8, billing-2 5.8).
//!
//! May use: invoices' previews, changes, the cycle, all on a copy. Invariant: a preview is the real thing, made on a copy of the state
//! that is thrown away, so it cannot disagree with what it previews.

use std::sync::Arc;

use super::{Subscription, SubscriptionStatus, change, create, cycle, ends, pause, status};
use crate::contract::{self, Ctx, In, missing, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::preview::{self as of_items, PreviewedCustomer};
use crate::resources::billing::invoices::{BillingReason, Invoice, Purpose};
use crate::resources::billing::subscription_items::PriceUse;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

const DETAILS: &str = "subscription_details";

/// What older versions have outside of `subscription_details`, by what stands before its name.
const OLDER: &str = "subscription_";

/// The invoice of the next renewal, made in a copy of the state.
///
/// # Errors
/// It cannot be made.
pub fn next(copy: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<Id> {
    let invoice = renewal(copy, ctx, id, true)?;
    of_items::spend_credits(copy, ctx, &invoice)?;
    copy.update::<Invoice>(&invoice, |invoice| invoice.billing_reason = Some(BillingReason::Upcoming));
    Ok(invoice)
}

/// A copy of the state with the invoice that the parameters of `POST /v1/invoices/create_preview` describe. `nobody` is the error
/// without a customer.
///
/// # Errors
/// Those of the call.
pub fn make(tx: &Tx, ctx: &Ctx<'_>, params: &Map, nobody: fn() -> ApiError) -> Result<(Tx, Id)> {
    let mut copy = tx.rehearsal();
    let named = params.str("subscription").map(|id| named(&copy, id, params)).transpose()?;
    let details = details(params);
    let is_recurring = params.str("preview_mode") == Some("recurring");
    let items = if is_recurring { without_items(params) } else { params.clone() };
    let usual = named.as_ref().map(|subscription| &subscription.customer);
    let billed = of_items::billed(&mut copy, ctx, &items, usual)?.ok_or_else(nobody)?;
    let known = named.or_else(|| if details.has("items") { None } else { first_to_renew(&copy, &billed.customer) });
    let currency = params.str("currency").map(str::to_lowercase);
    if let (Some(known), Some(currency)) = (&known, currency)
        && known.currency != currency
    {
        return Err(ApiError::subscription_items_differ("currency"));
    }
    let id = match known {
        Some(subscription) => {
            let (changes, from_details) = changes(params, &details);
            let made = of_subscription(&mut copy, ctx, &subscription, (&changes, &details), is_recurring);
            made.map_err(|error| inside(error, &from_details))?
        }
        None if details.is_empty() => of_items::of_pending(&mut copy, ctx, params, &billed.customer)?,
        None => of_new(&mut copy, ctx, (params, &details), &billed, is_recurring)?,
    };
    of_items::spend_credits(&mut copy, ctx, &id)?;
    of_items::tell(&mut copy, &id, &billed);
    Ok((copy, id))
}

/// The subscription that the parameters name, which is the customer's.
fn named(tx: &Tx, id: &str, params: &Map) -> Result<Arc<Subscription>> {
    let found = require::<Subscription>(tx, id, In::Param("subscription"))?;
    match params.str("customer") {
        Some(customer) if customer != &*found.customer => {
            Err(missing(Subscription::KIND, id, In::Param("subscription")))
        }
        _ => Ok(found),
    }
}

/// `subscription_details`, with what older versions have outside of it.
fn details(params: &Map) -> Map {
    let mut details = params.map(DETAILS).cloned().unwrap_or_default();
    for (key, value) in params.iter().filter(|(key, _)| *key != DETAILS) {
        if let Some(name) = key.strip_prefix(OLDER) {
            details.set(name.to_owned(), value.clone());
        }
    }
    details
}

/// The same without items that are billed once.
pub fn without_items(params: &Map) -> Map {
    let mut rest = params.clone();
    let _ = rest.remove("invoice_items");
    rest
}

/// Of a customer's subscriptions the one that renews first (billing-2 5.8).
fn first_to_renew(tx: &Tx, customer: &Id) -> Option<Arc<Subscription>> {
    let all = tx.having::<Subscription>("customer", customer);
    let live = all.into_iter().filter(|one| one.renews() || one.status == SubscriptionStatus::Trialing);
    live.min_by_key(|one| one.current_period_end)
}

/// The change that the parameters describe, as that of an update, and which of its parameters stand in the details.
fn changes(params: &Map, details: &Map) -> (Map, Vec<String>) {
    const OWN: [&str; 3] = ["automatic_tax", "discounts", "on_behalf_of"];
    const OF_DETAILS: [&str; 9] = [
        "billing_cycle_anchor",
        "cancel_at",
        "cancel_at_period_end",
        "default_tax_rates",
        "items",
        "metadata",
        "proration_behavior",
        "proration_date",
        "trial_end",
    ];
    let mut sent = Map::new();
    for name in OWN {
        if let Some(value) = params.get(name) {
            sent.set(name, value.clone());
        }
    }
    if let Some(coupon) = params.present("coupon") {
        sent.set("discounts", Doc::List(vec![Map::from([("coupon", coupon.clone())]).into()]));
    }
    if let Some(issuer) = params.get("issuer") {
        sent.set("invoice_settings", Map::from([("issuer", issuer.clone())]));
    }
    let mut inner = Vec::new();
    for name in OF_DETAILS {
        if let Some(value) = details.get(name) {
            sent.set(name, value.clone());
            inner.push(name.to_owned());
        }
    }
    (sent, inner)
}

/// An error names a parameter where it was sent.
fn inside(error: ApiError, inner: &[String]) -> ApiError {
    let first = error.field("param").and_then(|param| param.split('[').next()).map(str::to_owned);
    match first {
        Some(first) if inner.contains(&first) => error.inside(DETAILS),
        _ => error,
    }
}

/// The invoice that a change makes at once, or the next renewal after it.
fn of_subscription(
    copy: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Arc<Subscription>,
    (changes, details): (&Map, &Map),
    is_recurring: bool,
) -> Result<Id> {
    let id = &subscription.id;
    if subscription.has_ended() {
        return Err(ApiError::nothing_upcoming(&subscription.customer));
    }
    if details.bool("cancel_now") == Some(true) {
        let prorates = details.str("proration_behavior") != Some("none");
        return ends::preview(copy, ctx, subscription, prorates);
    }
    if details.str("resume_at").is_some() {
        return match pause::bill_of_resumption(copy, ctx, subscription, details)? {
            Some(bill) => bill.draft(copy, ctx, &*super::find(copy, id)?, Purpose::Preview),
            None => {
                status::resume(copy, id);
                renewal(copy, ctx, id, !is_recurring)
            }
        };
    }
    let mut changes = changes.clone();
    if is_recurring {
        changes.set("proration_behavior", "none");
        let _ = changes.remove("proration_date");
    }
    if !changes.is_empty() {
        let at_once = change::preview(copy, ctx, subscription, (&changes, PriceUse::New))?;
        if let Some(invoice) = at_once.filter(|_| !is_recurring) {
            return Ok(invoice);
        }
    }
    renewal(copy, ctx, id, !is_recurring)
}

/// The invoice of a renewal at its time, with what is pending or without; of one that ends before, its last.
///
/// # Errors
/// There is no next one.
pub fn renewal(copy: &mut Tx, ctx: &Ctx<'_>, id: &Id, sweeps: bool) -> Result<Id> {
    let subscription = super::find(copy, id)?;
    let end = subscription.current_period_end;
    if !(subscription.renews() || subscription.status == SubscriptionStatus::Trialing) {
        return Err(ApiError::nothing_upcoming(&subscription.customer));
    }
    if let Some(last) = subscription.cancel_at.filter(|at| *at <= end) {
        let later = at(copy, ctx, subscription.clock(), last);
        return ends::preview_of_end(copy, &later, &subscription, (last, sweeps));
    }
    let later = at(copy, ctx, subscription.clock(), end);
    let bill = cycle::roll(copy, &later, id)?;
    let subscription = super::find(copy, id)?;
    super::bill::PeriodBill { sweeps, ..bill }.draft(copy, &later, &subscription, Purpose::Preview)
}

/// The context at a later time of a test clock, or of the sandbox's without one, in Unix seconds.
pub fn at<'a>(copy: &mut Tx, ctx: &Ctx<'a>, clock: Option<&str>, time: i64) -> Ctx<'a> {
    let now = ctx.now_of(copy, clock).max(time);
    match clock {
        Some(clock) => contract::reach(copy, clock, now),
        None => return Ctx { now, ids: ctx.ids.take(), settings: ctx.settings.clone(), ..*ctx },
    }
    Ctx { ids: ctx.ids.take(), settings: ctx.settings.clone(), ..*ctx }
}

/// The first invoice of a new subscription, or its first renewal if it has none.
fn of_new(
    copy: &mut Tx,
    ctx: &Ctx<'_>,
    (params, details): (&Map, &Map),
    billed: &PreviewedCustomer,
    is_recurring: bool,
) -> Result<Id> {
    let customer = require::<Customer>(copy, &billed.customer, In::Param("customer"))?;
    let (mut sent, mut inner) = changes(params, details);
    if let Some(currency) = params.get("currency") {
        sent.set("currency", currency.clone());
    }
    if let Some(mode) = details.get("billing_mode") {
        sent.set("billing_mode", mode.clone());
        inner.push("billing_mode".to_owned());
    }
    if sent.int("billing_cycle_anchor").is_none() {
        // Of a new subscription it is a time; now is what it is anyway.
        let _ = sent.remove("billing_cycle_anchor");
    }
    let clock = customer.rest.str("test_clock").map(str::to_owned);
    let now = ctx.now_of(copy, clock.as_deref());
    let start = details.int("start_date");
    if let Some(start) = start.filter(|start| *start < now) {
        sent.set("backdate_start_date", start);
    }
    let then = at(copy, ctx, clock.as_deref(), start.unwrap_or(now));
    let made = create::preview(copy, &then, &sent, &customer, PriceUse::New).map_err(|error| inside(error, &inner))?;
    match made {
        (_, Some(invoice)) if !is_recurring => Ok(invoice),
        (id, _) => renewal(copy, &then, &id, !is_recurring),
    }
}
