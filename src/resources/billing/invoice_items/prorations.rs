//! Items that follow from a change of a subscription: prorations, and usage of what is gone (billing 2.10, billing-2 5.4, 13.4).
//!
//! May use: nothing but items. Invariant: what such an item bills is frozen; the amount of a proration holds the discounts already.

use super::create::blank;
use super::{ENTRY, InvoiceItem, PRICED};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// What of a proration is frozen, and the parameters that would change it.
const FROZEN: [(&str, &[&str]); 3] =
    [("pricing", &PRICED), ("quantity", &["quantity", "quantity_decimal"]), ("discounts", &["discounts"])];

/// A part of a period that is given back or charged.
#[derive(Debug)]
pub struct NewProration<'a> {
    /// Who is billed.
    pub customer: &'a Id,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// In the currency's smallest unit; below zero: a credit.
    pub amount: i64,
    /// What the customer reads.
    pub description: &'a str,
    /// The part of the period: a start and an end, in Unix seconds.
    pub period: Map,
    /// The price.
    pub price: &'a Id,
    /// The product.
    pub product: &'a Id,
    /// How many units.
    pub quantity: i64,
    /// The tax rates, as they are shown.
    pub tax_rates: Vec<Doc>,
    /// Whether it is what was used: discounts still reduce that, while the amount of a part holds them.
    pub is_usage: bool,
    /// The subscription, its item, and what is credited (null for a debit); `None` when the subscription has ended.
    pub of: Option<(&'a Id, &'a Id, Doc)>,
}

/// Stores a proration, which is pending.
///
/// # Errors
/// There is no such customer.
pub fn prorate(tx: &mut Tx, ctx: &Ctx<'_>, new: &NewProration<'_>) -> Result<Id> {
    let customer = require::<Customer>(tx, new.customer, In::Param("customer"))?;
    let now = ctx.now_of(tx, customer.rest.str("test_clock"));
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let mut item = blank(tx, ctx, &id, &customer, now)?;
    item.amount = new.amount;
    item.currency = new.currency.to_owned();
    item.discountable = new.is_usage;
    item.period = new.period.clone();
    item.proration = !new.is_usage;
    item.quantity = new.quantity;
    item.tax_rates.clone_from(&new.tax_rates);
    let rest = &mut item.rest;
    rest.set("description", new.description.to_owned());
    rest.set("frozen_fields", Doc::List(FROZEN.iter().map(|(field, _)| Doc::from(*field)).collect()));
    rest.set("net_amount", new.amount);
    rest.set("quantity_decimal", new.quantity.to_string());
    let details = Map::from([("price", new.price.to_string()), ("product", new.product.to_string())]);
    let pricing = Map::from([
        ("price_details", Doc::from(details)),
        ("type", "price_details".into()),
        ("unit_amount_decimal", Doc::Null),
    ]);
    rest.set("pricing", pricing);
    if let Some((subscription, item, credited)) = &new.of {
        let of = Map::from([("subscription", subscription.to_string()), ("subscription_item", item.to_string())]);
        let parent = Map::from([("subscription_details", Doc::from(of)), ("type", "subscription_details".into())]);
        rest.set("parent", parent);
        let details = Map::from([("credited_items", credited.clone()), ("discount_amounts", Doc::List(Vec::new()))]);
        rest.set("proration_details", details);
    }
    tx.insert(item);
    Ok(id)
}

/// What is frozen of an item cannot be changed.
///
/// # Errors
/// A parameter would change it.
pub(super) fn check_frozen(item: &InvoiceItem, params: &Map) -> Result<()> {
    let frozen = item.rest.list("frozen_fields").unwrap_or_default();
    let of_field = |field: &str| FROZEN.iter().find(|(known, _)| *known == field).map_or(&[][..], |(_, names)| names);
    let names = frozen.iter().filter_map(Doc::as_str).flat_map(of_field);
    match names.into_iter().find(|name| params.has(name)) {
        Some(name) => Err(ApiError::invoice_item_is_frozen(name)),
        None => Ok(()),
    }
}
