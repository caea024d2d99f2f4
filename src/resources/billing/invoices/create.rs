//! Creating an invoice (billing 3.1, 3.3, billing-2 5).
//!
//! May use: customers, invoice items, discounts. Invariant: a new invoice is a draft.

use std::sync::Arc;

use super::{Invoice, KIND, amounts, draft, lines, preview, reference, terms};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{body, template};
use crate::resources::billing::invoice_items::{self, InvoiceItem, NewItem};
use crate::resources::catalog::discounts;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Kind, Tx};

/// A new invoice leaves the customer's items alone unless it is told otherwise.
const LEAVES_ITEMS: Gate = Gate::since("2022-08-01");

/// The largest number of items of an invoice (billing 3.5).
const ITEMS_MAX: usize = 250;

const ACCOUNT: Kind = crate::kind!("account");

/// `POST /v1/invoices`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    make(tx, ctx, &call.params, Purpose::Bill).map(|id| Outcome::Done(reference(&id)))
}

/// Creates a draft from the parameters of a call.
///
/// # Errors
/// Those of the call.
pub(super) fn make(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, purpose: Purpose) -> Result<Id> {
    let original = original(tx, params)?;
    let of_original = original.as_ref().and_then(|original| original.customer.as_deref());
    let customer = params.str("customer").or(of_original).ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    let sweeps = sweeps(ctx, params)?;
    let items = if sweeps == Sweeps::Nothing { Vec::new() } else { pending(tx, &customer, params)? };
    if items.is_empty() && sweeps == Sweeps::AtLeastOne && params.str("subscription").is_none() {
        return Err(ApiError::nothing_to_invoice());
    }
    let currency = currency(&customer, &items, original.as_deref(), params)?;
    let mut invoice = begin(tx, ctx, &customer, currency, params, purpose)?;
    terms::apply(tx, ctx, &mut invoice, params)?;
    inherit(tx, &mut invoice, &customer, params);
    let id = Id::clone(&invoice.id);
    for item in &items {
        invoice_items::assign(tx, &item.id, Some(&id));
        add_line(tx, ctx, &id, &item.id)?;
    }
    if let Some(original) = &original {
        revise(tx, ctx, &mut invoice, original)?;
    }
    let balance = draft::balance(tx, &invoice);
    amounts::compute(tx, ctx, &mut invoice, balance)?;
    if params.has("discounts") {
        terms::discount(tx, ctx, &mut invoice, params)?;
        amounts::compute(tx, ctx, &mut invoice, balance)?;
    }
    tx.insert(invoice);
    Ok(id)
}

/// Creates a draft of what was sold elsewhere, by a session or a quote: of these lines, and neither of the customer's pending items
/// nor with its own discount.
///
/// # Errors
/// The draft cannot have these parameters, or an item cannot be one of these lines.
pub(super) fn sold(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    params: &Map,
    (customer, currency): (&Id, &str),
    lines: &[Map],
) -> Result<Id> {
    let mut params = params.clone();
    params.set("customer", customer.to_string());
    params.set("currency", currency.to_owned());
    params.set("pending_invoice_items_behavior", "exclude");
    params.set("discounts", Doc::List(Vec::new()));
    let id = make(tx, ctx, &params, Purpose::Bill)?;
    let about = NewItem { invoice: Some(&id), customer: Some(customer), currency: Some(currency) };
    for line in lines {
        invoice_items::create_sold(tx, ctx, line, &about)?;
    }
    Ok(id)
}

fn add_line(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Id, item: &str) -> Result<()> {
    let item = require::<InvoiceItem>(tx, item, In::Path)?;
    lines::add(tx, ctx, invoice, &item, lines::Side::End);
    Ok(())
}

/// What an invoice is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be paid.
    Bill,
    /// To be shown and thrown away.
    Preview,
}

/// What a new invoice takes of the customer's pending items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweeps {
    Nothing,
    WhatThereIs,
    AtLeastOne,
}

fn sweeps(ctx: &Ctx<'_>, params: &Map) -> Result<Sweeps> {
    Ok(match params.str("pending_invoice_items_behavior") {
        Some("include") => Sweeps::WhatThereIs,
        Some("include_and_require") => Sweeps::AtLeastOne,
        None if !ctx.version.has(LEAVES_ITEMS) && !params.has("from_invoice") => Sweeps::AtLeastOne,
        _ => Sweeps::Nothing,
    })
}

/// The items that the invoice takes, newest first: those of its subscription, or those of none, in its currency.
fn pending(tx: &Tx, customer: &Customer, params: &Map) -> Result<Vec<Arc<InvoiceItem>>> {
    let subscription = params.str("subscription");
    let mut items = invoice_items::pending(tx, &customer.id);
    items.retain(|item| item.subscription().is_none() || item.subscription() == subscription);
    let wanted = params.str("currency").map(str::to_lowercase);
    let usual = customer.rest.str("currency").map(str::to_owned);
    let first = || items.last().map(|item| item.currency.clone());
    if let Some(currency) = wanted.or(usual).or_else(first) {
        items.retain(|item| item.currency == currency);
    }
    if items.len() > ITEMS_MAX {
        return Err(ApiError::invoice_items_too_many(ITEMS_MAX));
    }
    Ok(items)
}

fn currency(
    customer: &Customer,
    items: &[Arc<InvoiceItem>],
    original: Option<&Invoice>,
    params: &Map,
) -> Result<String> {
    let sent = params.str("currency").map(str::to_lowercase);
    if let Some(currency) = sent.as_deref().filter(|currency| !money::is_currency(currency)) {
        return Err(ApiError::currency_invalid("currency", currency, money::CURRENCIES));
    }
    let of_items = items.first().map(|item| item.currency.clone());
    let of_original = original.map(|original| original.currency.clone());
    let usual = customer.rest.str("currency").map(str::to_owned);
    Ok(sent.or(of_items).or(of_original).or(usual).unwrap_or_else(|| "usd".to_owned()))
}

/// The invoice that a new one revises (billing 3.1).
fn original(tx: &Tx, params: &Map) -> Result<Option<Arc<Invoice>>> {
    let Some(from) = params.map("from_invoice") else { return Ok(None) };
    let id = from.str("invoice").unwrap_or_default();
    let original = require::<Invoice>(tx, id, In::Param("from_invoice[invoice]"))?;
    if original.is_open() { Ok(Some(original)) } else { Err(ApiError::invoice_cannot_be_revised()) }
}

pub(super) fn begin(
    tx: &Tx,
    ctx: &Ctx<'_>,
    customer: &Customer,
    currency: String,
    params: &Map,
    purpose: Purpose,
) -> Result<Invoice> {
    let drawn = super::ENTRY.id.draw(&ctx.ids);
    let id = match purpose {
        Purpose::Bill => drawn.into(),
        Purpose::Preview => format!("{}{drawn}", preview::PREFIX),
    };
    let shown = body::new(tx, ctx, KIND, &id, &terms::shown(params))?;
    let clock = customer.rest.str("test_clock");
    let now = ctx.now_of(tx, clock);
    let mut invoice = Invoice::from_docs(shown, Map::new(), now).map_err(|_| ApiError::internal())?;
    invoice.created = now;
    invoice.currency = currency;
    invoice.customer = Some(Id::clone(&customer.id));
    invoice.status_transitions =
        Map::from(["finalized_at", "marked_uncollectible_at", "paid_at", "voided_at"].map(|key| (key, Doc::Null)));
    ["period_end", "period_start", "webhooks_delivered_at"].into_iter().for_each(|key| invoice.rest.set(key, now));
    invoice.rest.set("test_clock", clock.map(str::to_owned));
    let mut rendering = Map::from([("pdf", Map::from([("page_size", "auto")]))]);
    rendering.merge(&invoice.rest.map("rendering").cloned().unwrap_or_default());
    let mut rendering = Doc::Map(rendering);
    template::complete_key(KIND, "rendering", &mut rendering);
    invoice.rest.set("rendering", rendering);
    if let Some(subscription) = params.str("subscription") {
        let details =
            Map::from([("metadata", Doc::from(Map::new())), ("subscription", subscription.to_owned().into())]);
        let parent = Map::from([
            ("quote_details", Doc::Null),
            ("subscription_details", details.into()),
            ("type", "subscription_details".into()),
        ]);
        invoice.rest.set("parent", parent);
    }
    let account =
        tx.state().record(AccountKey::PLATFORM, ACCOUNT, &tx.account_id()).map(|record| record.object.to_doc());
    let country = account.as_ref().and_then(|account| account.str("country")).unwrap_or("US");
    invoice.rest.set("account_country", country.to_owned());
    let name = account.as_ref().and_then(|account| account.map("business_profile")?.str("name"));
    invoice.rest.set("account_name", name.map(str::to_owned));
    draft::know_customer(tx, &mut invoice);
    Ok(invoice)
}

/// What comes from the customer if it is not sent: the discount, the footer and the custom fields (billing-2 8.1).
pub(super) fn inherit(tx: &Tx, invoice: &mut Invoice, customer: &Customer, params: &Map) {
    let settings = customer.rest.map("invoice_settings").cloned().unwrap_or_default();
    for key in ["custom_fields", "footer"] {
        if let Some(value) = settings.present(key).filter(|_| !params.has(key)) {
            invoice.rest.set(key, value.clone());
        }
    }
    let own = customer.rest.map("discount").and_then(|discount| tx.get::<discounts::Discount>(discount.str("id")?));
    if let Some(discount) = own.filter(|own| !params.has("discounts") && own.runs_at(invoice.created)) {
        invoice.discounts = vec![Id::clone(&discount.id)];
    }
}

/// Copies what an invoice bills to one that revises it.
fn revise(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, original: &Invoice) -> Result<()> {
    let from = Map::from([("action", "revision".to_owned()), ("invoice", original.id.to_string())]);
    invoice.rest.set("from_invoice", from);
    for line in lines::of(tx, &original.id) {
        let copied = ["description", "period"].into_iter().filter_map(|key| Some((key, line.rest.get(key)?.clone())));
        let mut params = Map::from_entries(copied.map(|(key, value)| (key.into(), value)).collect());
        params.set("amount", line.amount);
        params.set("currency", line.currency.clone());
        params.set("discountable", line.discountable);
        params.set("metadata", line.metadata.clone());
        let about = NewItem {
            invoice: Some(&invoice.id),
            customer: original.customer.as_ref(),
            currency: Some(&line.currency),
        };
        let item = invoice_items::create_from(tx, ctx, &params, &about)?;
        add_line(tx, ctx, &invoice.id, &item)?;
    }
    Ok(())
}
