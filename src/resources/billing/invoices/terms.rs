//! The parameters of an invoice that change nothing but it, of a new one and of a draft (billing 3.1, billing-2 7).
//!
//! May use: customers, tax rates, shipping rates, discounts. Invariant: an invoice that is sent has a due date, and one that is
//! charged has none.

use super::{CollectionMethod, Invoice, taxes};
use crate::contract::{Ctx, In, missing, require};
use crate::error::{ApiError, Result};
use crate::generic::described::{self, Described};
use crate::object::metadata;
use crate::resources::catalog::discounts::{self, Redemption};
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::catalog::tax_rates;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_sources;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::time::calendar::DAY;

/// The largest number of custom fields (billing 3.1).
const CUSTOM_FIELDS_MAX: usize = 4;

/// A shipping rate that is described in place.
const SHIPPING: Described = Described { param: "shipping_rate_data", kind: crate::kind!("shipping_rate") };

/// Parameters that are read here or by the caller, and are not shown as they are sent.
pub(super) const READ: &[&str] = &[
    "application_fee_amount",
    "automatic_tax",
    "automatically_finalizes_at",
    "days_until_due",
    "default_payment_method",
    "default_source",
    "default_tax_rates",
    "discounts",
    "due_date",
    "from_invoice",
    "metadata",
    "pending_invoice_items_behavior",
    "rendering_options",
    "shipping_cost",
    "subscription",
    "transfer_data",
];

/// The parameters that are shown as they are sent.
pub(super) fn shown(params: &Map) -> Map {
    let kept = params.iter().filter(|(key, _)| !READ.contains(key));
    let mut shown = Map::from_entries(kept.map(|(key, value)| (key.to_owned().into(), value.clone())).collect());
    if let Some(options) = params.map("rendering_options").filter(|_| !params.has("rendering")) {
        shown.set("rendering", options.clone());
    }
    shown
}

/// Applies the parameters that are not shown as they are sent.
///
/// # Errors
/// A due date that does not fit the way it is paid, a customer without an address, an unknown object, too much of something.
pub(super) fn apply(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, params: &Map) -> Result<()> {
    check(params)?;
    collection(tx, invoice, params)?;
    method(tx, invoice, params)?;
    match params.get("default_tax_rates") {
        Some(Doc::List(rates)) => invoice.default_tax_rates = tax_rates::shown(tx, rates, "default_tax_rates")?,
        Some(_) => invoice.default_tax_rates = Vec::new(),
        None => {}
    }
    match params.get("transfer_data") {
        Some(Doc::Map(data)) => invoice.transfer_data = Absent(Some(data.clone())),
        Some(_) => invoice.transfer_data = Absent(None),
        None => {}
    }
    if let Some(fee) = params.int("application_fee_amount") {
        invoice.application_fee_amount = Absent(Some(fee));
    }
    taxes::choose(tx, invoice, params)?;
    ship(tx, ctx, invoice, params)?;
    invoice.metadata = metadata::merge(&invoice.metadata, params.get("metadata"))?;
    advance(ctx, invoice, params)
}

fn check(params: &Map) -> Result<()> {
    if params.list("custom_fields").is_some_and(|fields| fields.len() > CUSTOM_FIELDS_MAX) {
        return Err(ApiError::array_too_long("custom_fields", CUSTOM_FIELDS_MAX));
    }
    Ok(())
}

/// How and until when it is paid.
fn collection(tx: &Tx, invoice: &mut Invoice, params: &Map) -> Result<()> {
    if let Some(method) = params.str("collection_method").and_then(CollectionMethod::parse) {
        invoice.collection_method = method;
    }
    let sent = (params.int("due_date"), params.int("days_until_due"));
    match (invoice.collection_method, sent) {
        (CollectionMethod::ChargeAutomatically, (None, None)) => invoice.due_date = None,
        (CollectionMethod::ChargeAutomatically, _) => return Err(ApiError::due_date_needs_sending()),
        (CollectionMethod::SendInvoice, (Some(_), Some(_))) => {
            return Err(ApiError::params_exclusive("days_until_due", "due_date"));
        }
        (CollectionMethod::SendInvoice, (Some(date), None)) => invoice.due_date = Some(date),
        (CollectionMethod::SendInvoice, (None, Some(days))) => {
            if days < 0 {
                return Err(ApiError::param_negative("days_until_due"));
            }
            invoice.due_date = Some(invoice.created.saturating_add(days.saturating_mul(DAY)));
        }
        (CollectionMethod::SendInvoice, (None, None)) if invoice.due_date.is_none() => {
            return Err(ApiError::sending_needs_due_date());
        }
        (CollectionMethod::SendInvoice, (None, None)) => {}
    }
    let customer = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let has_email = customer.is_some_and(|customer| customer.email.as_ref().is_some_and(|email| !email.is_empty()));
    if invoice.collection_method == CollectionMethod::SendInvoice && !has_email {
        return Err(ApiError::sending_needs_email());
    }
    Ok(())
}

/// The payment method or source that pays it before all others: one of the customer's.
fn method(tx: &Tx, invoice: &mut Invoice, params: &Map) -> Result<()> {
    const METHOD: &str = "default_payment_method";
    const SOURCE: &str = "default_source";
    match params.get(METHOD) {
        Some(Doc::Text(id)) => {
            let method = tx.get::<PaymentMethod>(id).filter(|method| method.customer == invoice.customer);
            let method = method.ok_or_else(|| missing(PaymentMethod::KIND, id, In::Param(METHOD)))?;
            invoice.rest.set(METHOD, method.id.to_string());
        }
        Some(_) => invoice.rest.set(METHOD, Doc::Null),
        None => {}
    }
    match params.get(SOURCE) {
        Some(Doc::Text(id)) => {
            let customer = invoice.customer.as_deref().unwrap_or_default();
            if customer_sources::find(tx, customer, id).is_none() {
                return Err(crate::contract::missing_as("source", id, In::Param(SOURCE)));
            }
            invoice.rest.set(SOURCE, id.to_string());
        }
        Some(_) => invoice.rest.set(SOURCE, Doc::Null),
        None => {}
    }
    Ok(())
}

/// `shipping_cost`: what a shipping rate costs.
fn ship(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, params: &Map) -> Result<()> {
    let cost = match params.get("shipping_cost") {
        None => return Ok(()),
        Some(Doc::Map(cost)) => cost,
        Some(_) => {
            invoice.rest.set("shipping_cost", Doc::Null);
            return Ok(());
        }
    };
    let cost = described::one(tx, ctx, cost, SHIPPING).map_err(|error| error.inside("shipping_cost"))?;
    let id = cost.str("shipping_rate").ok_or_else(|| ApiError::param_missing("shipping_cost[shipping_rate]"))?;
    let rate = require::<ShippingRate>(tx, id, In::Param("shipping_cost[shipping_rate]"))?;
    let amount = rate.amount_in(&invoice.currency);
    let amount = amount.ok_or_else(|| ApiError::shipping_cost_currency(&rate.id, &invoice.currency))?;
    let amounts = [("amount_subtotal", amount), ("amount_tax", 0), ("amount_total", amount)];
    let shown = Map::from(amounts.map(|(key, amount)| (key, Doc::from(amount))));
    invoice.rest.set("shipping_cost", shown.with("shipping_rate", rate.id.to_string()));
    Ok(())
}

/// Whether it goes on by itself, and when (billing 3.3).
fn advance(ctx: &Ctx<'_>, invoice: &mut Invoice, params: &Map) -> Result<()> {
    if let Some(advances) = params.bool("auto_advance") {
        invoice.auto_advance = advances;
    }
    match params.int("automatically_finalizes_at") {
        Some(at) if at <= ctx.now => return Err(ApiError::param_in_past("automatically_finalizes_at", at)),
        Some(at) => {
            invoice.auto_advance = true;
            invoice.automatically_finalizes_at = Some(at);
            invoice.next_payment_attempt = invoice.is_charged().then_some(at);
        }
        None if params.has("auto_advance") || params.has("collection_method") => super::due::plan(invoice),
        None => {}
    }
    Ok(())
}

/// The discounts that the parameters name, instead of those before.
///
/// # Errors
/// One cannot be redeemed.
pub(super) fn discount(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, params: &Map) -> Result<()> {
    let wanted = match params.get("discounts") {
        None => return Ok(()),
        Some(Doc::List(wanted)) => wanted.clone(),
        Some(_) => Vec::new(),
    };
    let owner = Map::from([("invoice", invoice.id.to_string())]);
    let (customer, currency) = (invoice.customer.clone(), invoice.currency.clone());
    let about = Redemption {
        owner,
        customer: customer.as_ref(),
        currency: Some(&currency),
        amount: Some(invoice.subtotal).filter(|amount| *amount > 0),
        is_one_time: false,
        now: ctx.now_of(tx, invoice.clock()),
    };
    let chosen = discounts::redeem(tx, ctx, &wanted, &invoice.discounts, &about)?;
    let gone: Vec<_> = invoice.discounts.iter().filter(|id| !chosen.contains(id)).cloned().collect();
    for id in gone {
        // The customer's own, which the invoice inherited, goes on (billing-2 8.1).
        let is_own = tx.get::<discounts::Discount>(&id).is_some_and(|it| it.invoice.as_ref() == Some(&invoice.id));
        if is_own {
            discounts::remove(tx, &id);
        }
    }
    invoice.discounts = chosen;
    Ok(())
}
