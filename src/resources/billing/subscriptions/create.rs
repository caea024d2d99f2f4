//! Creating a subscription (billing 2.2 to 2.6, billing-2 4.2 to 4.4, 18).
//!
//! May use: items, bills. Invariant: everything is checked before anything is billed; a refused call leaves nothing.

use super::bill::{self, Collection, PaymentBehavior, PeriodBill};
use super::timing::{Basis, Timing};
use super::{Anchor, BillingMode, KIND, Period, Recurrence, Subscription, SubscriptionStatus, reference};
use super::{ends, first, notices, older, setup, status, terms};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::invoice_items;
use crate::resources::billing::invoices::{BillPayment, BillingReason, Invoice, Purpose};
use crate::resources::billing::subscription_items::{self, Chosen, ITEMS_MAX, PriceUse};
use crate::resources::customers::customer::{self, Customer};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

/// New subscriptions are flexible unless they are told otherwise (billing-2 2.1).
const FLEXIBLE: Gate = Gate::since("2025-09-30.clover");

/// The largest number of subscriptions of a customer that have not ended (billing 2.4).
const SUBSCRIPTIONS_MAX: usize = 500;

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
    start_with(tx, ctx, params, customer, FirstInvoice::AtOnce)
}

/// What becomes of the first invoice of a subscription that is charged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FirstInvoice<'a> {
    /// It is final at once, and paid as the parameters say.
    AtOnce,
    /// The same, for a quote that was accepted (billing-2 11.3).
    OfQuote,
    /// It is a draft for an hour, as that of a schedule (billing-2 11.4).
    AfterAnHour,
    /// It is final at once, and paid by the customer on a page: parameters of the intent's confirmation.
    OnPage(&'a Map),
}

impl FirstInvoice<'_> {
    fn prices(self) -> PriceUse {
        match self {
            FirstInvoice::AfterAnHour => PriceUse::Planned,
            FirstInvoice::AtOnce | FirstInvoice::OfQuote | FirstInvoice::OnPage(_) => PriceUse::New,
        }
    }

    fn reason(self) -> BillingReason {
        match self {
            FirstInvoice::OfQuote => BillingReason::QuoteAccept,
            FirstInvoice::AtOnce | FirstInvoice::AfterAnHour | FirstInvoice::OnPage(_) => {
                BillingReason::SubscriptionCreate
            }
        }
    }
}

/// The same for who does not let the parameters say what becomes of the first invoice.
///
/// # Errors
/// Those of the call.
pub fn start_with(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    params: &Map,
    customer: &Customer,
    invoice: FirstInvoice<'_>,
) -> Result<Id> {
    let (id, timing) = store(tx, ctx, params, customer, invoice.prices())?;
    first_bill(tx, ctx, &id, (params, invoice), &timing)?;
    prepare(tx, ctx, &id, params)?;
    Ok(id)
}

/// The same for a preview; whether its prices were chosen before. Returns the subscription, and its first invoice if it has one; the
/// caller throws everything away.
///
/// # Errors
/// Those of the call.
pub fn preview(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    params: &Map,
    customer: &Customer,
    prices: PriceUse,
) -> Result<(Id, Option<Id>)> {
    let (id, timing) = store(tx, ctx, params, customer, prices)?;
    let subscription = super::find(tx, &id)?;
    let bill = describe_bill(tx, &subscription, params, (&timing, FirstInvoice::AtOnce))?;
    let invoice = bill.map(|bill| bill.draft(tx, ctx, &subscription, Purpose::Preview)).transpose()?;
    status::begin(tx, ctx, &id);
    Ok((id, invoice))
}

/// Stores a subscription with its items, which nobody has billed; `prices` says when those were chosen.
fn store(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, customer: &Customer, prices: PriceUse) -> Result<(Id, Timing)> {
    let behavior = PaymentBehavior::of(params);
    if behavior == PaymentBehavior::PendingIfIncomplete {
        return Err(ApiError::pending_change_of_nothing());
    }
    let mode = mode(ctx, params);
    let chosen = items(tx, ctx, params, prices)?;
    let currency = currency(&chosen, customer, params)?;
    let recurrences = chosen.iter().map(Chosen::recurrence);
    let shortest = subscription_items::check_recurrences(recurrences, mode == BillingMode::Flexible)?;
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
    check_currency(tx, &subscription)?;
    check_count(tx, &subscription.customer)?;
    let periods: Vec<Period> = chosen.iter().map(|item| timing.first_period(item.recurrence())).collect();
    ends::ask(&mut subscription, &periods, params, now)?;
    if customer.rest.present("currency").is_none() {
        // The first money of a customer comes before everything else (billing-2 12.1).
        invoice_items::note_currency(tx, &customer.id, &subscription.currency);
        tx.announce("customer.updated", &Ref::to(customer));
    }
    let amount = chosen.iter().map(|item| item.amount(&subscription.currency)).sum();
    terms::discount(tx, ctx, &mut subscription, params, amount)?;
    for (index, (item, period)) in chosen.iter().zip(&periods).enumerate() {
        let period = Period { end: timing.shortened(period.end, &subscription, params), ..*period };
        subscription_items::insert(tx, ctx, &subscription, item, (period, now))
            .map_err(|error| error.inside(&format!("items[{index}]")))?;
    }
    subscription_items::show_in(tx, &mut subscription);
    notices::plan(tx, ctx, &mut subscription);
    subscription.next_pending_invoice_item_invoice = ends::pending_items_at(&subscription, now);
    Ok((tx.insert(subscription).id, timing))
}

/// The part of a new subscription's item that is billed at once: its first period, and the anchor that it is counted from. `None` in
/// a trial, and if a part of a period is not prorated. `now` is Unix seconds; `shortest` is the shortest recurrence of all items.
///
/// # Errors
/// Those of the parameters about times.
pub fn billed_at_once(
    params: &Map,
    (recurrence, shortest): (Recurrence, Recurrence),
    is_flexible: bool,
    now: i64,
) -> Result<Option<(Anchor, Period)>> {
    let timing = Timing::of(&Basis { now, shortest, plan_trial_days: None, is_flexible, params })?;
    let period = timing.first_period(recurrence);
    let is_whole = recurrence.is_whole(timing.anchor, period);
    let prorates = params.str("proration_behavior") != Some("none");
    let is_billed = timing.trial_end.is_none() && (is_whole || prorates);
    Ok(is_billed.then_some((timing.anchor, period)))
}

/// The billing mode of a call, or of its version.
pub fn mode(ctx: &Ctx<'_>, params: &Map) -> BillingMode {
    let sent = params.map("billing_mode").and_then(|mode| mode.str("type")).and_then(BillingMode::parse);
    let usual = if ctx.version.has(FLEXIBLE) { BillingMode::Flexible } else { BillingMode::Classic };
    sent.unwrap_or(usual)
}

/// The items of a call; before clover also the only one, outside of `items` (shapes 3.2).
fn items(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, prices: PriceUse) -> Result<Vec<Chosen>> {
    let only = older::only_item(ctx, params)?.filter(|item| item.has("plan"));
    let sent: Vec<Map> = match params.list("items") {
        Some(items) => items.iter().filter_map(Doc::as_map).cloned().collect(),
        None => only.into_iter().collect(),
    };
    if sent.is_empty() {
        return Err(ApiError::param_missing("items"));
    }
    if sent.len() > ITEMS_MAX {
        return Err(ApiError::array_too_long("items", ITEMS_MAX));
    }
    let mut chosen: Vec<Chosen> = Vec::with_capacity(sent.len());
    for (index, item) in sent.iter().enumerate() {
        let item = subscription_items::choose(tx, ctx, item, &format!("items[{index}]"), prices)?;
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
    let shown = mode.shown(flexible, timing.now);
    let rest = &mut subscription.rest;
    rest.set("billing_mode", shown);
    rest.set("billing_cycle_anchor_config", timing.config.clone());
    rest.set("test_clock", customer.rest.str("test_clock").map(str::to_owned));
    Ok(subscription)
}

/// A customer is billed in one currency at a time (billing 2.4).
fn check_currency(tx: &Tx, new: &Subscription) -> Result<()> {
    let live = tx.having::<Subscription>("customer", &new.customer);
    let live = live.iter().filter(|other| !other.has_ended()).map(|other| other.currency.clone());
    let pending = invoice_items::pending(tx, &new.customer);
    let others = live.chain(pending.iter().map(|item| item.currency.clone()));
    match others.into_iter().find(|other| *other != new.currency) {
        Some(other) => Err(ApiError::currencies_combined(&other)),
        None => Ok(()),
    }
}

/// A customer has so many subscriptions that have not ended, and no more (billing 2.4).
fn check_count(tx: &Tx, customer: &Id) -> Result<()> {
    let all = tx.having::<Subscription>("customer", customer);
    match all.iter().filter(|subscription| !subscription.has_ended()).count() {
        count if count >= SUBSCRIPTIONS_MAX => Err(ApiError::customer_has_too_many_subscriptions(SUBSCRIPTIONS_MAX)),
        _ => Ok(()),
    }
}

/// What the first invoice bills; `None` if there is none.
fn describe_bill(
    tx: &Tx,
    subscription: &Subscription,
    params: &Map,
    (timing, invoice): (&Timing, FirstInvoice<'_>),
) -> Result<Option<PeriodBill>> {
    let prorates = params.str("proration_behavior") != Some("none");
    let mut bill = PeriodBill::new(invoice.reason(), Period { start: timing.now, end: timing.now });
    bill.lines = first::lines(tx, subscription, timing, prorates)?;
    bill.one_off = first::one_off(params, subscription.period(), timing.now)?;
    let is_bill = !bill.lines.is_empty() || !bill.one_off.is_empty() || first::bills_pending_alone(tx, subscription);
    Ok(is_bill.then_some(bill))
}

/// Makes and collects the first invoice, and sets the first status (billing-2 4.1).
fn first_bill(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    id: &Id,
    (params, invoice): (&Map, FirstInvoice<'_>),
    timing: &Timing,
) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let bill = describe_bill(tx, &subscription, params, (timing, invoice))?;
    let is_charged = subscription.is_charged() && invoice != FirstInvoice::AfterAnHour;
    if !is_charged || bill.is_none() {
        status::begin(tx, ctx, id);
    }
    let Some(bill) = bill else { return Ok(()) };
    let off_session = params.bool("off_session") == Some(true);
    let collection = match invoice {
        FirstInvoice::AtOnce | FirstInvoice::OfQuote if is_charged => {
            Collection::AtOnce { behavior: PaymentBehavior::of(params), off_session }
        }
        FirstInvoice::OnPage(terms) if is_charged => Collection::OnPage(terms),
        FirstInvoice::AtOnce | FirstInvoice::OfQuote | FirstInvoice::AfterAnHour | FirstInvoice::OnPage(_) => {
            Collection::AfterAnHour
        }
    };
    let (_, settled) = bill::issue(tx, ctx, &subscription, &bill, collection)?;
    if matches!(settled, Some(BillPayment::Processing)) {
        status::begin(tx, ctx, id);
    }
    Ok(())
}

/// What comes with a new subscription besides its invoice: the notice of a short trial, and the intent that saves a payment method
/// (billing-2 4.3, 12.2).
fn prepare(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, params: &Map) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let is_trial = subscription.status == SubscriptionStatus::Trialing;
    if is_trial && subscription.trial_will_end_at.0.is_none() {
        notices::tell_of_trial_end(tx, id);
    }
    let is_later = PaymentBehavior::of(params) == PaymentBehavior::DefaultIncomplete;
    let is_open = subscription.status == SubscriptionStatus::Incomplete;
    let wants_method = subscription.is_charged() && !is_open && (is_trial || is_later);
    if wants_method && !setup::has_method(tx, &subscription) {
        let paid = subscription.latest_invoice.as_ref().and_then(|invoice| tx.get::<Invoice>(invoice));
        if paid.is_none_or(|invoice| invoice.amount_due == 0) {
            return setup::open(tx, ctx, id);
        }
    }
    Ok(())
}
