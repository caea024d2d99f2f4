//! Creating and updating quotes, and copying them (billing 5.2, billing-2 11.3).
//!
//! May use: the lines of objects, customers. Invariant: only a draft changes, and its customer only while there is none.

use std::sync::Arc;

use super::{ENTRY, KIND, LINE, Quote, QuoteStatus, amounts, discount, ids, reference, shown_ids};
use crate::contract::{Call, Ctx, In, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::object::body;
use crate::resources::customers::customer::Customer;
use crate::resources::tax::settings;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Edit, Id, Record, Tx};
use crate::time::calendar::DAY;

/// How long an offer holds, in seconds.
const LIFE_SECONDS: i64 = 30 * DAY;

/// The parameters that the quote keeps apart.
const APART: [&str; 4] = ["line_items", "discounts", "customer", "from_quote"];

/// `POST /v1/quotes`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_fees(&call.params)?;
    body::check_references(tx, call, KIND)?;
    let params = match call.params.map("from_quote") {
        Some(from) => copied(tx, from, &call.params)?,
        None => Map::clone(&call.params),
    };
    make(tx, ctx, &params).map(|id| Outcome::Done(reference(&id)))
}

fn make(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let customer = customer(tx, params)?;
    let named = params.str("test_clock");
    let clock = customer.as_ref().and_then(|customer| customer.rest.str("test_clock"));
    if customer.is_some() && named.is_some() && named != clock {
        return Err(ApiError::params_exclusive("customer", "test_clock"));
    }
    let clock = clock.or(named).map(str::to_owned);
    let now = ctx.now_of(tx, clock.as_deref());
    check(params, now)?;
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let shown = body::new(tx, ctx, KIND, &id, &kept(params))?;
    let mut quote = Quote::from_docs(shown, Map::new(), now).map_err(|_| ApiError::internal())?;
    quote.created = now;
    quote.customer = customer.as_ref().map(|customer| Id::clone(&customer.id));
    quote.expires_at = params.int("expires_at").unwrap_or(now + LIFE_SECONDS);
    quote.from_quote = params.map("from_quote").map(|from| {
        let is_revision = from.bool("is_revision") == Some(true);
        Map::from([("is_revision", is_revision.into()), ("quote", from.get("quote").cloned().unwrap_or_default())])
    });
    quote.rest.set("test_clock", clock);
    choose_tax(tx, &mut quote, params)?;
    lines::make(tx, ctx, KIND, &id, &described(params))?;
    note_lines(&lines::of(tx, &id), &mut quote, params);
    complete(tx, ctx, &mut quote, params)?;
    Ok(tx.insert(quote).id)
}

/// `POST /v1/quotes/:quote`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let quote = require::<Quote>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    check_fees(params)?;
    body::check_references(tx, call, KIND)?;
    if quote.status != QuoteStatus::Draft {
        return Err(ApiError::wrong_state(KIND.name(), "update", "status", quote.status.as_str(), &["draft"]));
    }
    let customer = customer(tx, params)?;
    if customer.as_ref().is_some_and(|new| quote.customer.as_ref().is_some_and(|own| *own != new.id)) {
        return Err(ApiError::quote_has_customer(&quote.id));
    }
    check(params, ctx.now_of(tx, quote.clock()))?;
    let mut shown = quote.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &kept(params))?;
    let mut changed = Quote::from_docs(shown, quote.hidden_doc(), quote.created).map_err(|_| ApiError::internal())?;
    if let Some(customer) = customer {
        changed.customer = Some(Id::clone(&customer.id));
        changed.rest.set("test_clock", customer.rest.str("test_clock").map(str::to_owned));
    }
    choose_tax(tx, &mut changed, params)?;
    if params.list("line_items").is_some() {
        replace_lines(tx, ctx, &mut changed, params)?;
    }
    complete(tx, ctx, &mut changed, params)?;
    let id = Id::clone(&quote.id);
    tx.save(&quote, changed);
    Ok(Outcome::Done(reference(&id)))
}

/// The parameters that are shown as they are sent.
fn kept(params: &Map) -> Map {
    let kept = params.iter().filter(|(key, _)| !APART.contains(key));
    Map::from_entries(kept.map(|(key, value)| (key.to_owned().into(), value.clone())).collect())
}

fn customer(tx: &Tx, params: &Map) -> Result<Option<Arc<Customer>>> {
    params.str("customer").map(|id| require::<Customer>(tx, id, In::Param("customer"))).transpose()
}

/// A quote takes a fee as an amount or in percent.
fn check_fees(params: &Map) -> Result<()> {
    const FEES: [&str; 2] = ["application_fee_amount", "application_fee_percent"];
    match FEES.iter().all(|fee| params.present(fee).is_some()) {
        true => Err(ApiError::params_exclusive(FEES[0], FEES[1])),
        false => Ok(()),
    }
}

/// Checks what the catalogue does not know; `now` is Unix seconds.
fn check(params: &Map, now: i64) -> Result<()> {
    if let Some(at) = params.int("expires_at").filter(|at| *at <= now) {
        return Err(ApiError::param_in_past("expires_at", at));
    }
    let data = params.map("subscription_data");
    let of = |key: &str| data.and_then(|data| data.get(key));
    if of("effective_date").and_then(Doc::as_str).is_some() {
        let what = "quotes that begin with the next period of a subscription";
        return Err(ApiError::value_not_implemented("subscription_data[effective_date]", what));
    }
    match of("trial_period_days").and_then(Doc::as_int) {
        Some(days) if days < 1 => Err(ApiError::param_below("subscription_data[trial_period_days]", 1)),
        _ => Ok(()),
    }
}

/// Applies `automatic_tax`.
fn choose_tax(tx: &Tx, quote: &mut Quote, params: &Map) -> Result<()> {
    let Some(sent) = params.map("automatic_tax") else { return Ok(()) };
    let enabled = sent.bool("enabled") == Some(true);
    if enabled {
        settings::check_active(tx)?;
    }
    let usual = || Map::from([("type", "self")]);
    let liability = enabled.then(|| sent.map("liability").cloned().unwrap_or_else(usual));
    let shown = Map::from([
        ("enabled", Doc::from(enabled)),
        ("liability", liability.into()),
        ("provider", enabled.then_some("stripe").into()),
        ("status", Doc::Null),
    ]);
    quote.rest.set("automatic_tax", shown);
    Ok(())
}

/// The lines as they are made: what the quote keeps of them is left out.
fn described(params: &Map) -> Map {
    let kept = |line: &Doc| {
        let mut line = line.as_map().cloned().unwrap_or_default();
        let _ = line.remove("discounts");
        let _ = line.remove("tax_rates");
        Doc::Map(line)
    };
    let lines = params.list("line_items").map(|lines| Doc::List(lines.iter().map(kept).collect()));
    lines.map_or_else(Map::new, |lines| Map::from([("line_items", lines)]))
}

/// Notes what the lines do not keep themselves: tax rates, and the discounts as they are wanted.
fn note_lines(records: &[Arc<Record>], quote: &mut Quote, params: &Map) {
    let known = |id: &str| records.iter().any(|record| **record.object.id() == *id);
    let sent: Vec<&Map> = params.list("line_items").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    let named: Vec<&str> = sent.iter().filter_map(|line| line.str("id")).collect();
    // New lines are in the order in which they were sent.
    let mut new = records.iter().filter(|record| !named.contains(&&**record.object.id()));
    for line in sent {
        let own = line.str("id").filter(|id| known(id)).map(str::to_owned);
        let Some(id) = own.or_else(|| new.next().map(|record| record.object.id().to_string())) else { continue };
        for (key, noted) in [("tax_rates", &mut quote.tax_rates), ("discounts", &mut quote.line_discounts)] {
            if let Some(value) = line.get(key) {
                noted.set(id.clone(), value.clone());
            }
        }
    }
}

/// The lines in the request replace all lines: one that is not among them is removed.
fn replace_lines(tx: &mut Tx, ctx: &Ctx<'_>, quote: &mut Quote, params: &Map) -> Result<()> {
    let sent = params.list("line_items").unwrap_or_default().iter().enumerate();
    let kept: Vec<(usize, &str)> = sent.filter_map(|(index, line)| Some((index, line.as_map()?.str("id")?))).collect();
    let before = lines::of(tx, &quote.id);
    for (index, id) in &kept {
        if !before.iter().any(|line| **line.object.id() == **id) {
            return Err(missing_as(LINE.name(), id, In::Param(&format!("line_items[{index}][id]"))));
        }
    }
    for line in before.iter().filter(|line| !kept.iter().any(|(_, id)| **line.object.id() == **id)) {
        lines::remove(tx, line);
        let _ = quote.tax_rates.remove(line.object.id());
        let _ = quote.line_discounts.remove(line.object.id());
    }
    lines::make(tx, ctx, KIND, &quote.id, &described(params))?;
    note_lines(&lines::of(tx, &quote.id), quote, params);
    Ok(())
}

/// Offers the discounts and computes the amounts.
fn complete(tx: &mut Tx, ctx: &Ctx<'_>, quote: &mut Quote, params: &Map) -> Result<()> {
    amounts::check_lines(tx, quote)?;
    discount::offer(tx, ctx, quote, params)?;
    amounts::compute(tx, ctx, quote)
}

/// The parameters of a copy, or of a revision (billing 5.2).
fn copied(tx: &Tx, from: &Map, sent: &Map) -> Result<Map> {
    let other = sent.iter().map(|(key, _)| key).find(|key| !["expires_at", "from_quote"].contains(key));
    if let Some(other) = other {
        return Err(ApiError::params_exclusive("from_quote", other));
    }
    let id = from.str("quote").unwrap_or_default();
    let original = require::<Quote>(tx, id, In::Param("from_quote[quote]"))?;
    if from.bool("is_revision") == Some(true) && original.status != QuoteStatus::Open {
        return Err(ApiError::quote_cannot_be_revised(id));
    }
    let mut params = sent.clone();
    params.set("customer", original.customer.as_ref().map(ToString::to_string));
    params.set("collection_method", original.collection_method.as_str());
    params.set("metadata", original.metadata.clone());
    params.set("default_tax_rates", shown_ids(&original.default_tax_rates));
    let data = original.subscription_data.iter().filter(|(_, value)| !value.is_null());
    let data = data.map(|(key, value)| (key.to_owned().into(), value.clone())).collect();
    params.set("subscription_data", Map::from_entries(data));
    params.set("discounts", discount::names(tx, &original.discounts));
    for key in [
        "application_fee_amount",
        "application_fee_percent",
        "automatic_tax",
        "description",
        "footer",
        "header",
        "invoice_settings",
        "on_behalf_of",
        "test_clock",
        "transfer_data",
    ] {
        if let Some(value) = original.rest.present(key) {
            params.set(key, value.clone());
        }
    }
    if original.customer.is_some() {
        let _ = params.remove("test_clock");
    }
    let lines = lines::of(tx, &original.id).iter().map(|line| Doc::Map(as_sent(tx, &original, line))).collect();
    params.set("line_items", Doc::List(lines));
    Ok(params)
}

/// A line as the parameters that make it again.
pub(super) fn as_sent(tx: &Tx, quote: &Quote, line: &Record) -> Map {
    let shown = line.object.to_doc();
    let id = line.object.id();
    let mut sent = Map::new();
    sent.set("price", shown.map("price").and_then(|price| price.str("id")).map(str::to_owned));
    if let Some(quantity) = shown.present("quantity") {
        sent.set("quantity", quantity.clone());
    }
    if let Some(rates) = quote.tax_rates.list(id).filter(|rates| !rates.is_empty()) {
        sent.set("tax_rates", Doc::List(rates.to_vec()));
    }
    let discounts = ids(quote.line_discounts.get(id));
    if !discounts.is_empty() {
        sent.set("discounts", discount::names(tx, &discounts));
    }
    sent
}

/// A quote that is about to change.
pub(super) fn edit(tx: &Tx, id: &str) -> Result<Edit<Quote>> {
    require::<Quote>(tx, id, In::Path).map(Edit::of)
}
