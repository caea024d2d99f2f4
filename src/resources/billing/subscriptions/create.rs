//! Creating a subscription (billing 2.2 to 2.6, billing-2 4.2 to 4.4, 18).
//!
//! May use: items, bills. Invariant: everything is checked before anything is billed; a refused call leaves nothing.

use super::bill::{self, Bill, Collection, PaymentBehavior};
use super::charges::Billable;
use super::status;
use super::terms;
use super::timing::{Basis, Timing};
use super::{BillingMode, KIND, Period, Recurrence, Subscription, SubscriptionStatus, reference};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::invoice_items;
use crate::resources::billing::invoices::{BillingReason, Settled};
use crate::resources::billing::subscription_items::{self, Chosen, ITEMS_MAX};
use crate::resources::customers::customer::{self, Customer};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// New subscriptions are flexible unless they are told otherwise (billing-2 2.1).
const FLEXIBLE: Gate = Gate::since("2025-09-30.clover");

/// `POST /v1/subscriptions`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = terms::customer(tx, &call.params)?;
    body::check_references(tx, call, KIND)?;
    start(tx, ctx, &call.params, &customer).map(|id| Outcome::Done(reference(&id)))
}

/// `POST /v1/customers/:customer/subscriptions`.
pub(super) fn create_of_customer(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    body::check_references(tx, call, KIND)?;
    start(tx, ctx, &call.params, &customer).map(|id| Outcome::Done(reference(&id)))
}

/// Makes a subscription from the parameters of a call, with its first invoice.
///
/// # Errors
/// Those of the call.
pub fn start(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, customer: &Customer) -> Result<Id> {
    let behavior = PaymentBehavior::of(params);
    if behavior == PaymentBehavior::PendingIfIncomplete {
        return Err(ApiError::pending_change_of_nothing());
    }
    let mode = mode(ctx, params);
    let chosen = items(tx, ctx, params)?;
    let currency = currency(&chosen, customer, params)?;
    let shortest = check_intervals(&chosen, mode)?;
    let now = ctx.now_of(tx, customer.rest.str("test_clock"));
    let plan_trial_days = chosen.iter().filter_map(|item| item.price.rest.map("recurring")?.int("trial_period_days"));
    let timing = Timing::of(&Basis {
        now,
        shortest,
        plan_trial_days: plan_trial_days.max(),
        is_flexible: mode == BillingMode::Flexible,
        params,
    })?;
    let mut subscription = begin(tx, ctx, (customer, currency), params, (mode, &timing))?;
    terms::apply(tx, &mut subscription, params)?;
    terms::discount(tx, ctx, &mut subscription, params)?;
    invoice_items::note_currency(tx, &customer.id, &subscription.currency);
    let id = tx.insert(subscription).id;
    for item in &chosen {
        let period =
            Period { start: timing.start.max(now.min(timing.anchor.at)), end: timing.first_end(item.recurrence()) };
        subscription_items::insert(tx, ctx, &id, item, period, now);
    }
    crate::contract::settle(tx, ctx);
    first_bill(tx, ctx, &id, params, &timing)?;
    Ok(id)
}

/// The billing mode of a call, or of its version.
fn mode(ctx: &Ctx<'_>, params: &Map) -> BillingMode {
    let sent = params.map("billing_mode").and_then(|mode| mode.str("type")).and_then(BillingMode::parse);
    let usual = if ctx.version.has(FLEXIBLE) { BillingMode::Flexible } else { BillingMode::Classic };
    sent.unwrap_or(usual)
}

/// The items of a call.
fn items(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Vec<Chosen>> {
    let sent: Vec<Map> = match params.list("items") {
        Some(items) => items.iter().filter_map(Doc::as_map).cloned().collect(),
        None => Vec::new(),
    };
    if sent.is_empty() {
        return Err(ApiError::param_missing("items"));
    }
    if sent.len() > ITEMS_MAX {
        return Err(ApiError::array_too_long("items", ITEMS_MAX));
    }
    let mut chosen: Vec<Chosen> = Vec::with_capacity(sent.len());
    for (index, item) in sent.iter().enumerate() {
        let item = subscription_items::choose(tx, ctx, item, &format!("items[{index}]"))?;
        if chosen.iter().any(|other| other.price.id == item.price.id) {
            return Err(ApiError::subscription_price_twice(&item.price.id));
        }
        chosen.push(item);
    }
    Ok(chosen)
}

/// The currency of all items: the one that is sent, or the customer's if the first price has it, or the first price's.
fn currency(chosen: &[Chosen], customer: &Customer, params: &Map) -> Result<String> {
    let Some(first) = chosen.first() else { return Err(ApiError::param_missing("items")) };
    let has =
        |item: &Chosen, currency: &str| item.price.currency == currency || item.price.in_currency(currency).is_some();
    let sent = params.str("currency").map(str::to_lowercase);
    let own = customer.rest.str("currency").filter(|own| has(first, own)).map(str::to_owned);
    let currency = sent.or(own).unwrap_or_else(|| first.price.currency.clone());
    if chosen.iter().all(|item| has(item, &currency)) {
        Ok(currency)
    } else {
        Err(ApiError::subscription_items_differ("currency"))
    }
}

/// The shortest recurrence, of which all others are multiples; in classic mode they are all the same (billing-2 2.3).
fn check_intervals(chosen: &[Chosen], mode: BillingMode) -> Result<Recurrence> {
    let all: Vec<Recurrence> = chosen.iter().map(Chosen::recurrence).collect();
    let shortest = all.iter().copied().min_by_key(|one| one.length()).unwrap_or(Recurrence::Months(1));
    let fits = |one: &Recurrence| match mode {
        BillingMode::Classic => *one == shortest,
        BillingMode::Flexible => one.is_multiple_of(shortest),
    };
    if all.iter().all(fits) { Ok(shortest) } else { Err(ApiError::subscription_items_differ("interval")) }
}

/// A subscription that is not stored yet.
fn begin(
    tx: &Tx,
    ctx: &Ctx<'_>,
    (customer, currency): (&Customer, String),
    params: &Map,
    (mode, timing): (BillingMode, &Timing),
) -> Result<Subscription> {
    let id = super::ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, &terms::shown(params).with("customer", customer.id.to_string()))?;
    let period = Map::from([("current_period_start", timing.start), ("current_period_end", timing.start)]);
    let mut subscription = Subscription::from_docs(shown, period, timing.now).map_err(|_| ApiError::internal())?;
    subscription.created = timing.now;
    subscription.start_date = timing.start;
    subscription.billing_cycle_anchor = timing.anchor.at;
    subscription.currency = currency;
    subscription.customer = Id::clone(&customer.id);
    subscription.trial_end = timing.trial_end;
    subscription.trial_start = timing.trial_end.map(|_| timing.now);
    subscription.status = SubscriptionStatus::Incomplete;
    let sent = params.map("billing_mode");
    let flexible = sent.and_then(|mode| mode.map("flexible")).cloned();
    let shown = match mode {
        BillingMode::Classic => Map::from([("flexible", Doc::Null), ("type", mode.as_str().into())]),
        BillingMode::Flexible => Map::from([
            ("flexible", Doc::from(flexible.unwrap_or_else(|| Map::from([("proration_discounts", "included")])))),
            ("type", mode.as_str().into()),
            ("updated_at", timing.now.into()),
        ]),
    };
    let rest = &mut subscription.rest;
    rest.set("billing_mode", shown);
    rest.set("billing_cycle_anchor_config", timing.config.clone());
    rest.set("test_clock", customer.rest.str("test_clock").map(str::to_owned));
    Ok(subscription)
}

/// Makes and collects the first invoice, and sets the first status (billing-2 4.1).
fn first_bill(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, params: &Map, timing: &Timing) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let now = Period { start: timing.now, end: timing.now };
    let bill = Bill {
        one_off: one_off(params),
        lines: lines(tx, &subscription, params.str("proration_behavior") != Some("none")),
        ..Bill::new(BillingReason::SubscriptionCreate, now)
    };
    let sent = !subscription.is_charged();
    let has_bill = !bill.lines.is_empty() || !bill.one_off.is_empty();
    if sent || !has_bill {
        status::begin(tx, ctx, id);
    }
    if !has_bill {
        return Ok(());
    }
    let collection = if sent {
        Collection::AfterAnHour
    } else {
        let off_session = params.bool("off_session") == Some(true);
        Collection::AtOnce { behavior: PaymentBehavior::of(params), off_session }
    };
    let (_, settled) = bill::issue(tx, ctx, &subscription, &bill, collection)?;
    if matches!(settled, Some(Settled::Processing)) {
        status::begin(tx, ctx, id);
    }
    Ok(())
}

/// The lines of the first periods: trials, whole periods, and parts up to an anchor unless nothing is prorated.
fn lines(tx: &Tx, subscription: &Subscription, prorates: bool) -> Vec<crate::resources::billing::invoices::NewLine> {
    let items = subscription_items::of(tx, &subscription.id);
    let billable = items.iter().filter_map(|item| Billable::of(tx, subscription, item));
    billable
        .flat_map(|billable| {
            let period = billable.item().period();
            let is_whole = billable.recurrence().is_whole(subscription.anchor(), period);
            if subscription.trial_end.is_some() {
                vec![billable.trial(period)]
            } else if billable.item().is_metered() || !(is_whole || prorates) {
                Vec::new()
            } else {
                billable.part(subscription, period)
            }
        })
        .collect()
}

/// `add_invoice_items`, as parameters of invoice items.
fn one_off(params: &Map) -> Vec<Map> {
    params.list("add_invoice_items").unwrap_or_default().iter().filter_map(Doc::as_map).cloned().collect()
}
