//! Making, changing and removing items (billing 3.5).
//!
//! May use: customers, prices, discounts, tax rates. Invariant: an item has the currency of the invoice that it is on.

use std::sync::Arc;

use super::price::{self, Priced};
use super::prorations;
use super::{ENTRY, InvoiceItem, KIND};
use crate::contract::{Ctx, In, require, require_record};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{body, metadata};
use crate::resources::catalog::discounts::{self, Redemption};
use crate::resources::catalog::tax_rates;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Edit, Id, Kind, Tx};

const INVOICE: Kind = crate::kind!("invoice");

/// What is known of a new item besides its parameters.
#[derive(Clone, Debug, Default)]
pub struct NewItem<'a> {
    /// The invoice that it is made for, a draft.
    pub invoice: Option<&'a Id>,
    /// Its customer.
    pub customer: Option<&'a Id>,
    /// The currency of that invoice.
    pub currency: Option<&'a str>,
}

/// Makes an item from the parameters of a call.
///
/// # Errors
/// Those of the call.
pub fn create_from(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, about: &NewItem<'_>) -> Result<Id> {
    let draft = match (about.invoice, params.str("invoice")) {
        (None, Some(invoice)) => Some(draft(tx, invoice)?),
        _ => None,
    };
    let of_draft = |key: &str| draft.as_ref().and_then(|draft| draft.str(key));
    let invoice = about.invoice.map(Id::clone).or_else(|| of_draft("id").map(Id::from));
    let owner = about.customer.map(|id| &**id).or_else(|| params.str("customer")).or_else(|| of_draft("customer"));
    let owner = owner.ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer = require::<Customer>(tx, owner, In::Param("customer"))?;
    if of_draft("customer").is_some_and(|other| other != &*customer.id) {
        return Err(ApiError::invoice_of_other_customer());
    }
    let sent = params.str("currency").map(str::to_lowercase);
    if let Some(currency) = sent.as_deref().filter(|currency| !money::is_currency(currency)) {
        return Err(ApiError::currency_invalid("currency", currency, money::CURRENCIES));
    }
    let fixed = about.currency.or_else(|| of_draft("currency"));
    let currency = sent.as_deref().or(fixed).or_else(|| customer.rest.str("currency")).unwrap_or("usd");
    let priced = price::of(tx, ctx, params, currency)?;
    if let Some(fixed) = fixed.filter(|fixed| *fixed != priced.currency) {
        return Err(ApiError::invoice_currencies_differ(&priced.currency, fixed));
    }
    store(tx, ctx, params, (&customer, invoice), priced)
}

/// Makes the item of something that was sold, at a price that may no longer be for sale.
///
/// # Errors
/// There is no such customer, price or tax rate.
pub fn create_sold(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, about: &NewItem<'_>) -> Result<Id> {
    let customer = about.customer.map(|id| &**id).unwrap_or_default();
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    let sold = params.str("price").unwrap_or_default();
    let priced = price::again(tx, sold, about.currency.unwrap_or_default(), params)?;
    store(tx, ctx, params, (&customer, about.invoice.map(Id::clone)), priced)
}

/// Stores the item of a customer, and of an invoice, with a price.
fn store(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    params: &Map,
    (customer, invoice): (&Customer, Option<Id>),
    priced: Priced,
) -> Result<Id> {
    let now = ctx.now_of(tx, customer.rest.str("test_clock"));
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let mut item = blank(tx, ctx, &id, customer, now)?;
    item.invoice = invoice;
    price(&mut item, priced);
    describe(tx, &mut item, params)?;
    give_taxes(tx, ctx, &mut item, params)?;
    if let Some(subscription) = params.str("subscription") {
        let details = Map::from([("subscription", subscription.to_owned())]);
        let parent = Map::from([("subscription_details", Doc::from(details)), ("type", "subscription_details".into())]);
        item.rest.set("parent", parent);
    }
    note_currency(tx, &customer.id, &item.currency);
    redeem(tx, ctx, &mut item, params)?;
    tx.insert(item);
    Ok(id)
}

/// A customer is billed in the currency of the first bill.
pub fn note_currency(tx: &mut Tx, customer: &str, currency: &str) {
    if tx.get::<Customer>(customer).is_some_and(|customer| customer.rest.present("currency").is_none()) {
        tx.update::<Customer>(customer, |customer| customer.rest.set("currency", currency.to_owned()));
    }
}

/// The draft that a parameter names.
fn draft(tx: &Tx, id: &str) -> Result<Map> {
    let invoice = require_record(tx, INVOICE, id, In::Param("invoice"))?.object.to_doc();
    if invoice.str("status") == Some("draft") { Ok(invoice) } else { Err(ApiError::invoice_not_editable()) }
}

pub(super) fn blank(tx: &Tx, ctx: &Ctx<'_>, id: &str, customer: &Customer, now: i64) -> Result<InvoiceItem> {
    let mut shown = body::new(tx, ctx, KIND, id, &Map::new())?;
    shown.set("date", now);
    shown.set("period", Map::from([("end", now), ("start", now)]));
    shown.set("customer", customer.id.to_string());
    shown.set("test_clock", customer.rest.str("test_clock").map(str::to_owned));
    InvoiceItem::from_docs(shown, Map::new(), now).map_err(|_| ApiError::internal())
}

fn price(item: &mut InvoiceItem, priced: Priced) {
    let Priced { amount, currency, pricing, quantity, name } = priced;
    item.amount = amount;
    item.currency = currency;
    item.quantity = quantity;
    item.rest.set("net_amount", amount);
    item.rest.set("pricing", pricing);
    item.rest.set("quantity_decimal", quantity.to_string());
    if let Some(name) = name {
        item.rest.set("description", name);
    }
    // A credit is discounted no further (billing 3.5).
    if amount < 0 {
        item.discountable = false;
    }
}

/// The parameters that change nothing but the item.
fn describe(tx: &Tx, item: &mut InvoiceItem, params: &Map) -> Result<()> {
    if let Some(description) = params.get("description") {
        item.rest.set("description", description.clone());
    }
    if let Some(discountable) = params.bool("discountable") {
        item.discountable = discountable;
    }
    if let Some(period) = params.map("period") {
        if period.int("start") > period.int("end") {
            return Err(ApiError::period_ends_before_it_starts("period[end]"));
        }
        item.period = period.clone();
    }
    match params.get("tax_rates") {
        Some(Doc::List(rates)) => item.tax_rates = tax_rates::shown(tx, rates, "tax_rates")?,
        Some(_) => item.tax_rates = Vec::new(),
        None => {}
    }
    item.metadata = metadata::merge(&item.metadata, params.get("metadata"))?;
    Ok(())
}

/// `tax_amounts`: taxes that were computed elsewhere, each with an archived rate of its own (billing-2 9.1).
fn give_taxes(tx: &mut Tx, ctx: &Ctx<'_>, item: &mut InvoiceItem, params: &Map) -> Result<()> {
    let sent = match params.get("tax_amounts") {
        None => return Ok(()),
        Some(Doc::List(sent)) => sent,
        Some(_) => {
            item.tax_amounts = Absent(None);
            return Ok(());
        }
    };
    let mut taxes = Vec::with_capacity(sent.len());
    for given in sent.iter().filter_map(Doc::as_map) {
        let data = given.map("tax_rate_data").cloned().unwrap_or_default();
        let rate = tax_rates::mint(tx, ctx, &data)?;
        let amount = |key: &str| given.int(key).unwrap_or_default();
        taxes.push(Map::from([
            ("amount", Doc::from(amount("amount"))),
            ("inclusive", Doc::from(data.bool("inclusive") == Some(true))),
            ("tax_rate", rate.to_string().into()),
            ("taxable_amount", amount("taxable_amount").into()),
        ]));
    }
    item.tax_amounts = Absent(Some(taxes));
    Ok(())
}

fn redeem(tx: &mut Tx, ctx: &Ctx<'_>, item: &mut InvoiceItem, params: &Map) -> Result<()> {
    let wanted = match params.get("discounts") {
        None => return Ok(()),
        Some(Doc::List(wanted)) => &wanted[..],
        Some(_) => &[],
    };
    let owner = Map::from([("invoice_item", item.id.to_string())]);
    let (customer, currency) = (Id::clone(&item.customer), item.currency.clone());
    let about = Redemption {
        owner,
        customer: Some(&customer),
        currency: Some(&currency),
        amount: Some(item.amount),
        is_one_time: true,
        now: item.date,
    };
    let chosen = discounts::redeem(tx, ctx, wanted, &item.discounts, &about)?;
    for gone in item.discounts.iter().filter(|id| !chosen.contains(id)) {
        discounts::remove(tx, gone);
    }
    item.discounts = chosen;
    Ok(())
}

/// Whether an item may change: it is pending, or its invoice is a draft.
pub fn is_editable(tx: &Tx, item: &InvoiceItem) -> bool {
    item.invoice.as_ref().is_none_or(|invoice| draft(tx, invoice).is_ok())
}

/// Changes an item by the parameters of a call.
///
/// # Errors
/// Those of the call.
pub fn change(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, params: &Map) -> Result<()> {
    let stored = require::<InvoiceItem>(tx, id, In::Path)?;
    prorations::check_frozen(&stored, params)?;
    let mut item = Edit::of(Arc::clone(&stored));
    let sent: Vec<&str> = price::PARAMS.into_iter().filter(|name| params.has(name)).collect();
    match (&sent[..], item.price()) {
        ([], _) if !params.has("quantity_decimal") => {}
        ([] | ["quantity"], Some(own)) => {
            let priced = price::again(tx, own, &item.currency, params)?;
            let name = item.rest.get("description").cloned();
            price(&mut item, priced);
            item.rest.set("description", name);
        }
        _ => {
            let quantity = item.quantity;
            let mut params = params.clone();
            if !params.has("quantity") && !params.has("quantity_decimal") && !params.has("amount") {
                params.set("quantity", quantity);
            }
            let priced = price::of(tx, ctx, &params, &stored.currency)?;
            if priced.currency != stored.currency {
                return Err(ApiError::invoice_currencies_differ(&priced.currency, &stored.currency));
            }
            let name = item.rest.get("description").cloned();
            let is_named = priced.name.is_some();
            price(&mut item, priced);
            if !is_named {
                item.rest.set("description", name);
            }
        }
    }
    describe(tx, &mut item, params)?;
    give_taxes(tx, ctx, &mut item, params)?;
    redeem(tx, ctx, &mut item, params)?;
    item.save(tx);
    Ok(())
}

/// Puts an item on a draft, or takes it off.
pub fn assign(tx: &mut Tx, id: &str, invoice: Option<&Id>) {
    tx.update::<InvoiceItem>(id, |item| item.invoice = invoice.map(Id::clone));
}

/// Deletes an item with its discounts.
pub fn remove(tx: &mut Tx, id: &str) {
    let Some(item) = tx.get::<InvoiceItem>(id) else { return };
    tx.delete::<InvoiceItem>(id);
    for discount in &item.discounts {
        discounts::remove(tx, discount);
    }
}
