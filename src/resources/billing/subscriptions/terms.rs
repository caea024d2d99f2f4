//! The parameters that a new subscription, an update, a phase of a schedule and a quote share (billing 2.2).
//!
//! May use: customers and their sources, tax rates, discounts. Invariant: a refused parameter changes nothing; none of these bills
//! anything by itself.

use super::{Subscription, thresholds};
use crate::contract::{Ctx, In, missing, missing_as, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::billing::invoices::CollectionMethod;
use crate::resources::catalog::discounts::{self, Redemption};
use crate::resources::catalog::tax_rates;
use crate::resources::connect::parties;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_sources;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::tax::assess;
use crate::resources::tax::settings;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// Parameters that are read here or by the caller, and are not shown as they are sent.
pub const READ: &[&str] = &[
    "add_invoice_items",
    "automatic_tax",
    "backdate_start_date",
    "billing_cycle_anchor",
    "billing_cycle_anchor_config",
    "billing_mode",
    "cancel_at",
    "cancel_at_period_end",
    "cancellation_details",
    "collection_method",
    "coupon",
    "currency",
    "days_until_due",
    "default_payment_method",
    "default_source",
    "default_tax_rates",
    "discounts",
    "items",
    "metadata",
    "off_session",
    "pause_collection",
    "payment_behavior",
    "promotion_code",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "trial_from_plan",
    "trial_period_days",
];

/// The parameters that are shown as they are sent.
pub fn shown(params: &Map) -> Map {
    let kept = params.iter().filter(|(key, _)| !READ.contains(key));
    Map::from_entries(kept.map(|(key, value)| (key.to_owned().into(), value.clone())).collect())
}

/// Applies the parameters that are not shown as they are sent and that bill nothing: how it is paid, with what, its taxes and its
/// metadata.
///
/// # Errors
/// Days for a subscription that is charged, none for one that is sent, a customer without an address, an unknown object.
pub fn apply(tx: &Tx, subscription: &mut Subscription, params: &Map) -> Result<()> {
    check_shares(tx, subscription, params)?;
    thresholds::check_params(params)?;
    collection(tx, subscription, params)?;
    method(tx, subscription, params)?;
    match params.get("default_tax_rates") {
        Some(Doc::List(rates)) => subscription.default_tax_rates = tax_rates::shown(tx, rates, "default_tax_rates")?,
        Some(_) => subscription.default_tax_rates = Vec::new(),
        None => {}
    }
    automatic_tax(tx, subscription, params)?;
    subscription.metadata = metadata::merge(&subscription.metadata, params.get("metadata"))?;
    Ok(())
}

/// Whose a fee in percent is (billing 2.4).
fn check_shares(tx: &Tx, subscription: &Subscription, params: &Map) -> Result<()> {
    const SHARES: [&str; 3] = ["application_fee_percent", "on_behalf_of", "transfer_data"];
    if !SHARES.iter().any(|key| params.has(key)) {
        return Ok(());
    }
    let mut kept = Map::new();
    for key in SHARES {
        kept.set(key, params.get(key).or_else(|| subscription.rest.get(key)).cloned().unwrap_or_default());
    }
    parties::check_fee(tx, &kept)
}

/// How and until when its invoices are paid.
fn collection(tx: &Tx, subscription: &mut Subscription, params: &Map) -> Result<()> {
    if let Some(method) = params.str("collection_method").and_then(CollectionMethod::parse) {
        subscription.collection_method = method;
    }
    if let Some(days) = params.int("days_until_due") {
        if days < 0 {
            return Err(ApiError::param_negative("days_until_due"));
        }
        subscription.days_until_due = Some(days);
    }
    match subscription.collection_method {
        CollectionMethod::ChargeAutomatically if params.int("days_until_due").is_some() => {
            Err(ApiError::days_until_due_needs_sending())
        }
        CollectionMethod::ChargeAutomatically => {
            subscription.days_until_due = None;
            Ok(())
        }
        CollectionMethod::SendInvoice if subscription.days_until_due.is_none() => {
            Err(ApiError::sending_needs_days_until_due())
        }
        CollectionMethod::SendInvoice => {
            let customer = tx.get::<Customer>(&subscription.customer);
            let email = customer.and_then(|customer| customer.email.clone());
            if email.is_some_and(|email| !email.is_empty()) { Ok(()) } else { Err(ApiError::sending_needs_email()) }
        }
    }
}

/// The payment method or source that pays before the customer's own: one of the customer's.
fn method(tx: &Tx, subscription: &mut Subscription, params: &Map) -> Result<()> {
    const METHOD: &str = "default_payment_method";
    const SOURCE: &str = "default_source";
    match params.get(METHOD) {
        Some(Doc::Text(id)) => {
            let known = tx.get::<PaymentMethod>(id);
            let is_source = customer_sources::find(tx, &subscription.customer, id).is_some();
            match known {
                _ if is_source => {}
                Some(method) if method.customer.as_ref() == Some(&subscription.customer) => {}
                Some(method) if method.consumed => return Err(ApiError::payment_method_consumed()),
                None if !id.starts_with("pm_card_") => {
                    return Err(missing(PaymentMethod::KIND, id, In::Param(METHOD)));
                }
                _ => return Err(ApiError::default_payment_method_not_attached(id, METHOD)),
            }
            subscription.rest.set(METHOD, id.to_string());
        }
        Some(_) => subscription.rest.set(METHOD, Doc::Null),
        None => {}
    }
    match params.get(SOURCE) {
        Some(Doc::Text(id)) => {
            if customer_sources::find(tx, &subscription.customer, id).is_none() {
                return Err(missing_as("source", id, In::Param(SOURCE)));
            }
            subscription.rest.set(SOURCE, id.to_string());
        }
        Some(_) => subscription.rest.set(SOURCE, Doc::Null),
        None => {}
    }
    Ok(())
}

fn automatic_tax(tx: &Tx, subscription: &mut Subscription, params: &Map) -> Result<()> {
    let Some(sent) = params.map("automatic_tax") else { return Ok(()) };
    let enabled = sent.bool("enabled") == Some(true);
    if enabled {
        settings::check_active(tx)?;
        if assess::place_of_customer(tx, &subscription.customer).is_none() {
            return Err(ApiError::tax_location_invalid());
        }
    }
    let usual = || Map::from([("type", "self")]);
    let liability = enabled.then(|| sent.map("liability").cloned().unwrap_or_else(usual));
    let shown =
        Map::from([("disabled_reason", Doc::Null), ("enabled", enabled.into()), ("liability", liability.into())]);
    subscription.rest.set("automatic_tax", shown);
    Ok(())
}

/// Redeems the discounts that the parameters name, instead of those before; those before basil's `coupon` and `promotion_code` too.
/// `amount` is what a whole period costs, in the currency's smallest unit.
///
/// # Errors
/// One cannot be redeemed.
pub fn discount(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &mut Subscription, params: &Map, amount: i64) -> Result<()> {
    let alone = ["coupon", "promotion_code"].into_iter().find_map(|name| params.get(name).map(|value| (name, value)));
    let wanted = match (params.get("discounts"), alone) {
        (Some(Doc::List(wanted)), _) => wanted.clone(),
        (None, Some((name, Doc::Text(id)))) => vec![Map::from([(name, id.to_string())]).into()],
        (None, None) => return Ok(()),
        _ => Vec::new(),
    };
    let customer = Id::clone(&subscription.customer);
    let about = Redemption {
        owner: Map::from([("subscription", subscription.id.to_string())]),
        customer: Some(&customer),
        currency: Some(&subscription.currency.clone()),
        amount: Some(amount),
        is_one_time: false,
        now: ctx.now_of(tx, subscription.clock()),
    };
    let chosen = discounts::redeem(tx, ctx, &wanted, &subscription.discounts, &about).map_err(|error| match alone {
        Some((name, _)) if !params.has("discounts") => error.about_older_param(name),
        _ => error,
    })?;
    for id in subscription.discounts.iter().filter(|id| !chosen.contains(id)) {
        discounts::remove(tx, id);
    }
    subscription.discounts = chosen;
    Ok(())
}

/// The customer that a parameter names; the error differs from that of other parameters (billing 2.4).
///
/// # Errors
/// There is none.
pub fn customer(tx: &Tx, params: &Map) -> Result<std::sync::Arc<Customer>> {
    let id = params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    require::<Customer>(tx, id, In::PathAs("customer"))
}
