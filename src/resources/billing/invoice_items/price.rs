//! What an item bills: a price, units of an amount, or an amount (billing 3.1, 3.5).
//!
//! May use: prices, products. Invariant: what is billed has a price; one that was not named is made for it.

use std::sync::Arc;

use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::limits::LINE_AMOUNT_MAX;
use crate::money::Decimal;
use crate::resources::catalog::prices::{self, Price};
use crate::resources::catalog::products::Product;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// What an item bills.
#[derive(Debug)]
pub(super) struct Priced {
    /// In the currency's smallest unit.
    pub(super) amount: i64,
    pub(super) currency: String,
    /// What the item shows of its price.
    pub(super) pricing: Map,
    pub(super) quantity: i64,
    /// The name of the product of a price that was named.
    pub(super) name: Option<String>,
}

/// The parameters that say what an item bills.
pub(super) const PARAMS: [&str; 7] =
    ["amount", "price", "price_data", "pricing", "quantity", "unit_amount", "unit_amount_decimal"];

/// Finds or makes the price in the parameters. `currency` is the one that is used if they name none.
///
/// # Errors
/// No price or several, one that is not for this, or amounts that are no amounts.
pub(super) fn of(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, currency: &str) -> Result<Priced> {
    let quantity = quantity(params)?;
    let named = params.map("pricing").and_then(|pricing| pricing.str("price")).or_else(|| params.str("price"));
    let ways: Vec<&'static str> = [
        ("amount", params.int("amount").is_some()),
        ("pricing", named.is_some()),
        ("price_data", params.map("price_data").is_some()),
        ("unit_amount", params.int("unit_amount").is_some()),
        ("unit_amount_decimal", params.str("unit_amount_decimal").is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is_sent)| is_sent.then_some(name))
    .collect();
    match ways[..] {
        [] => Err(ApiError::param_missing("amount")),
        ["amount"] if quantity.is_some() => Err(ApiError::params_exclusive("amount", "quantity")),
        [first, second, ..] => Err(ApiError::params_exclusive(first, second)),
        ["pricing"] => {
            let param = if params.has("pricing") { "pricing[price]" } else { "price" };
            let price = require::<Price>(tx, named.unwrap_or_default(), In::Param(param))?;
            check(&price, param)?;
            let sent = params.str("currency");
            with(tx, &price, quantity.unwrap_or(1), sent.unwrap_or(currency))
        }
        ["price_data"] => {
            let data = params.map("price_data").cloned().unwrap_or_default();
            let price = prices::inline(tx, ctx, &data).map_err(|error| error.inside("price_data"))?;
            let price = tx.get::<Price>(&price).ok_or_else(ApiError::internal)?;
            let currency = price.currency.clone();
            with(tx, &price, quantity.unwrap_or(1), &currency)
        }
        [way] => {
            check_amount(params.int("amount").unwrap_or_default())?;
            let unit = match way {
                "unit_amount_decimal" => decimal(params.str(way).unwrap_or_default())?,
                way => Decimal::whole(params.int(way).unwrap_or_default()),
            };
            let name = params.str("description").filter(|name| !name.is_empty()).unwrap_or("Invoice item");
            let price = prices::mint(tx, ctx, currency, unit, name)?;
            describe(tx, &price, params);
            Ok(Priced { name: None, ..with(tx, &Arc::new(price), quantity.unwrap_or(1), currency)? })
        }
    }
}

/// The same price with another quantity.
///
/// # Errors
/// A quantity below zero.
pub(super) fn again(tx: &Tx, price: &str, currency: &str, params: &Map) -> Result<Priced> {
    let quantity = quantity(params)?.unwrap_or(1);
    let price = tx.get::<Price>(price).ok_or_else(ApiError::internal)?;
    with(tx, &price, quantity, currency)
}

fn quantity(params: &Map) -> Result<Option<i64>> {
    let whole = params.int("quantity");
    if whole.is_some_and(|quantity| quantity < 0) {
        return Err(ApiError::param_negative("quantity"));
    }
    let Some(text) = params.str("quantity_decimal") else { return Ok(whole) };
    if whole.is_some() {
        return Err(ApiError::params_exclusive("quantity", "quantity_decimal"));
    }
    match Decimal::parse(text) {
        Some(quantity) if quantity < Decimal::ZERO => Err(ApiError::param_negative("quantity_decimal")),
        Some(quantity) => match quantity.exact() {
            Some(whole) => Ok(Some(whole)),
            None => Err(ApiError::value_not_implemented("quantity_decimal", "quantities with a fraction")),
        },
        None => Err(ApiError::param_not_decimal("quantity_decimal", text)),
    }
}

fn check_amount(amount: i64) -> Result<()> {
    match amount {
        amount if amount > LINE_AMOUNT_MAX => Err(ApiError::param_above("amount", LINE_AMOUNT_MAX)),
        amount if amount < -LINE_AMOUNT_MAX => Err(ApiError::param_below("amount", -LINE_AMOUNT_MAX)),
        _ => Ok(()),
    }
}

fn decimal(text: &str) -> Result<Decimal> {
    Decimal::parse(text).ok_or_else(|| ApiError::param_not_decimal("unit_amount_decimal", text))
}

fn check(price: &Price, param: &str) -> Result<()> {
    if price.is_recurring() {
        return Err(ApiError::price_is_recurring(param));
    }
    if price.rest.map("custom_unit_amount").is_some() {
        return Err(ApiError::price_is_chosen_by_the_customer(param));
    }
    if price.active || price.inline { Ok(()) } else { Err(ApiError::price_is_inactive(param)) }
}

fn with(tx: &Tx, price: &Arc<Price>, quantity: i64, currency: &str) -> Result<Priced> {
    price.check_quantity(quantity)?;
    let there = if price.currency == currency { None } else { price.in_currency(currency) };
    let price = there.as_ref().unwrap_or(price);
    Ok(Priced {
        amount: price.tariff().amount(quantity),
        currency: price.currency.clone(),
        pricing: pricing(price),
        quantity,
        name: tx.get::<Product>(&price.product).map(|product| product.name.clone()),
    })
}

fn pricing(price: &Price) -> Map {
    let details =
        Map::from([("price", Doc::from(price.id.to_string())), ("product", price.product.to_string().into())]);
    Map::from([
        ("price_details", Doc::from(details)),
        ("type", "price_details".into()),
        ("unit_amount_decimal", price.rest.get("unit_amount_decimal").cloned().unwrap_or_default()),
    ])
}

/// The price that is made for an amount, and its product, say how it is taxed.
fn describe(tx: &mut Tx, price: &Price, params: &Map) {
    tx.quietly(|tx| {
        if let Some(behavior) = params.present("tax_behavior") {
            tx.update::<Price>(&price.id, |price| price.rest.set("tax_behavior", behavior.clone()));
        }
        if let Some(code) = params.present("tax_code") {
            tx.update::<Product>(&price.product, |product| product.rest.set("tax_code", code.clone()));
        }
    });
}
