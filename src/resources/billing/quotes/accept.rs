//! Accepting a quote: it leads to a subscription or to an invoice (billing 5.2, billing-2 11.3).
//!
//! May use: invoices, subscriptions, schedules. Invariant: what a quote leads to bills what the quote offered.

use super::change::{check_status, reach};
use super::create::{as_sent, edit};
use super::{Quote, QuoteStatus, discount, reference, shown_ids};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::resources::billing::invoices::{self, CollectionMethod, QuotedSale};
use crate::resources::billing::schedules;
use crate::resources::billing::subscriptions::{self, FirstInvoice};
use crate::resources::catalog::prices::Price;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// `POST /v1/quotes/:quote/accept`.
pub(super) fn accept(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut quote = edit(tx, call.arg(0))?;
    check_status(&quote, "accept", &[QuoteStatus::Open])?;
    let now = ctx.now_of(tx, quote.clock());
    let Some(id) = quote.customer.clone() else { return Err(ApiError::quote_needs_customer()) };
    let customer = require::<Customer>(tx, &id, In::Param("customer"))?;
    let later = quote.subscription_data.int("effective_date").filter(|at| *at > now);
    reach(&mut quote, QuoteStatus::Accepted, "accepted_at", now);
    let id = Id::clone(&quote.id);
    quote.save(tx);
    let quote = require::<Quote>(tx, &id, In::Path)?;
    let (recurring, once) = parted(tx, &quote);
    if let Some(start) = later.filter(|_| !recurring.is_empty()) {
        let params = of_schedule(of_subscription(tx, &quote, recurring, once), &customer.id, start);
        let made = schedules::create::make(tx, ctx, &params)?;
        tx.update::<Quote>(&id, |quote| quote.rest.set("subscription_schedule", made.id.to_string()));
    } else if recurring.is_empty() {
        let invoice = invoices::draft_of_quote(tx, ctx, &sale(tx, &quote, &customer.id, once))?;
        tx.update::<Quote>(&id, |quote| quote.invoice = Some(invoice));
    } else {
        let params = of_subscription(tx, &quote, recurring, once);
        let made = subscriptions::create::start_with(tx, ctx, &params, &customer, FirstInvoice::OfQuote)?;
        tx.update::<Quote>(&id, |quote| quote.subscription = Some(made));
    }
    supersede(tx, &quote, now);
    Ok(Outcome::Done(reference(&id)))
}

/// The lines that recur, and those that are paid once, as parameters.
fn parted(tx: &Tx, quote: &Quote) -> (Vec<Map>, Vec<Map>) {
    let sent = lines::of(tx, &quote.id).into_iter().map(|line| as_sent(tx, quote, &line));
    let recurs =
        |line: &Map| line.str("price").and_then(|id| tx.get::<Price>(id)).is_some_and(|price| price.is_recurring());
    sent.partition(recurs)
}

/// A revision that is accepted cancels its original.
fn supersede(tx: &mut Tx, quote: &Quote, now: i64) {
    let original = quote.revises().and_then(|id| tx.get::<Quote>(id)).filter(|original| original.is_pending());
    if let Some(original) = original {
        let mut original = Edit::of(original);
        reach(&mut original, QuoteStatus::Canceled, "canceled_at", now);
        original.save(tx);
    }
}

/// What the invoice of a quote without recurring lines bills.
fn sale<'q>(tx: &Tx, quote: &'q Quote, customer: &'q Id, lines: Vec<Map>) -> QuotedSale<'q> {
    let mut params = shared(tx, quote);
    let settings = quote.rest.map("invoice_settings");
    for key in ["custom_fields", "description", "footer", "issuer"] {
        if let Some(value) = settings.and_then(|settings| settings.present(key)) {
            params.set(key, value.clone());
        }
    }
    if let Some(days) = days_until_due(quote) {
        params.set("days_until_due", days);
    }
    if let Some(fee) = quote.rest.present("application_fee_amount") {
        params.set("application_fee_amount", fee.clone());
    }
    QuotedSale { quote: &quote.id, customer, currency: quote.currency.as_deref().unwrap_or_default(), lines, params }
}

/// The subscription of a quote, as the parameters that make it.
fn of_subscription(tx: &Tx, quote: &Quote, recurring: Vec<Map>, once: Vec<Map>) -> Map {
    let mut params = shared(tx, quote);
    params.set("items", Doc::List(recurring.into_iter().map(Doc::Map).collect()));
    if !once.is_empty() {
        params.set("add_invoice_items", Doc::List(once.into_iter().map(Doc::Map).collect()));
    }
    let data = &quote.subscription_data;
    for key in ["billing_mode", "description", "metadata", "trial_period_days"] {
        if let Some(value) = data.present(key) {
            params.set(key, value.clone());
        }
    }
    let settings = quote.rest.map("invoice_settings").cloned().unwrap_or_default();
    if let Some(days) = days_until_due(quote) {
        params.set("days_until_due", days);
    }
    let kept = settings.iter().filter(|(key, value)| *key != "days_until_due" && !value.is_null());
    let kept = kept.map(|(key, value)| (key.to_owned().into(), value.clone())).collect();
    params.set("invoice_settings", Map::from_entries(kept));
    if let Some(fee) = quote.rest.present("application_fee_percent") {
        params.set("application_fee_percent", fee.clone());
    }
    params
}

/// The schedule of a quote that begins later: one phase of what the subscription would be, after which the subscription goes on by
/// itself (billing-2 11.3). `start` is Unix seconds.
fn of_schedule(mut phase: Map, customer: &str, start: i64) -> Map {
    let mut params = Map::from([("customer", Doc::from(customer.to_owned())), ("start_date", start.into())]);
    if let Some(mode) = phase.remove("billing_mode") {
        params.set("billing_mode", mode);
    }
    if let Some(days) = phase.remove("days_until_due") {
        let settings = phase.map("invoice_settings").cloned().unwrap_or_default();
        phase.set("invoice_settings", settings.with("days_until_due", days));
    }
    if let Some(Doc::Int(days)) = phase.remove("trial_period_days") {
        phase.set("trial", true);
        phase.set("duration", Map::from([("interval", Doc::from("day")), ("interval_count", days.into())]));
    }
    params.set("phases", Doc::List(vec![phase.into()]));
    params
}

/// How many days an invoice that is sent may be open.
fn days_until_due(quote: &Quote) -> Option<i64> {
    let days = quote.rest.map("invoice_settings").and_then(|settings| settings.int("days_until_due"));
    days.filter(|_| quote.collection_method == CollectionMethod::SendInvoice)
}

/// What both have of the quote.
fn shared(tx: &Tx, quote: &Quote) -> Map {
    let mut params = Map::from([("collection_method", Doc::from(quote.collection_method.as_str()))]);
    params.set("discounts", discount::names(tx, &quote.discounts));
    if !quote.default_tax_rates.is_empty() {
        params.set("default_tax_rates", shown_ids(&quote.default_tax_rates));
    }
    if let Some(tax) = quote.rest.map("automatic_tax").filter(|tax| tax.bool("enabled") == Some(true)) {
        let known =
            ["enabled", "liability"].into_iter().filter_map(|key| Some((key.into(), tax.present(key)?.clone())));
        params.set("automatic_tax", Map::from_entries(known.collect()));
    }
    for key in ["on_behalf_of", "transfer_data"] {
        if let Some(value) = quote.rest.present(key) {
            params.set(key, value.clone());
        }
    }
    params
}
