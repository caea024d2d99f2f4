//! The checks of what a configuration lets customers do (billing 5.6, billing-2 11.5).
//!
//! May use: products and prices. Invariant: a customer can choose only prices that exist and belong to the product they stand
//! under.

use crate::contract::{In, require};
use crate::error::{ApiError, Result};
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products::Product;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The reasons for a cancellation that a customer chooses from, when a configuration does not say which (billing-2 13.8).
pub(super) const REASONS: [&str; 5] = ["too_expensive", "missing_features", "switched_service", "unused", "other"];

/// How many products a customer may choose from (billing-2 11.5).
const PRODUCTS_MAX: usize = 10;

/// The parameter with the products.
const PRODUCTS: &str = "features[subscription_update][products]";

/// Checks the features of a configuration as they will be.
///
/// # Errors
/// Features that exclude each other, and products that customers cannot be offered.
pub(super) fn check(tx: &Tx, configuration: &Map) -> Result<()> {
    let Some(features) = configuration.map("features") else { return Ok(()) };
    let is_on = |name: &str| features.map(name).and_then(|feature| feature.bool("enabled")) == Some(true);
    let products = features.map("subscription_update").and_then(|update| update.list("products")).unwrap_or_default();
    if is_on("subscription_update") {
        if products.is_empty() {
            return Err(ApiError::param_missing(PRODUCTS));
        }
        if !is_on("payment_method_update") {
            return Err(ApiError::portal_updates_need_payment_methods());
        }
    }
    if products.len() > PRODUCTS_MAX {
        return Err(ApiError::array_too_long(PRODUCTS, PRODUCTS_MAX));
    }
    for (index, product) in products.iter().filter_map(Doc::as_map).enumerate() {
        check_product(tx, product, &format!("{PRODUCTS}[{index}]"))?;
    }
    check_pause(features)
}

/// Checks a product that customers may choose; `at` is its parameter.
fn check_product(tx: &Tx, offered: &Map, at: &str) -> Result<()> {
    let product = offered.str("product").unwrap_or_default();
    require::<Product>(tx, product, In::Param(&format!("{at}[product]")))?;
    for (index, id) in offered.list("prices").unwrap_or_default().iter().filter_map(Doc::as_str).enumerate() {
        let at = format!("{at}[prices][{index}]");
        let price = require::<Price>(tx, id, In::Param(&at))?;
        if *price.product != *product {
            return Err(ApiError::portal_price_of_other_product(id, product, &at));
        }
        if !price.is_recurring() {
            return Err(ApiError::portal_price_not_recurring(id, &at));
        }
    }
    let Some(quantity) = offered.map("adjustable_quantity") else { return Ok(()) };
    let least = quantity.int("minimum").unwrap_or_default();
    if least < 0 {
        return Err(ApiError::param_below(&format!("{at}[adjustable_quantity][minimum]"), 0));
    }
    match quantity.int("maximum") {
        Some(most) if most < least.max(1) => {
            Err(ApiError::param_below(&format!("{at}[adjustable_quantity][maximum]"), least.max(1)))
        }
        _ => Ok(()),
    }
}

/// A pause for a time that the customer chooses needs times to choose from.
fn check_pause(features: &Map) -> Result<()> {
    const OPTIONS: &str = "features[subscription_pause][duration][interval_options]";
    let Some(duration) = features.map("subscription_pause").and_then(|pause| pause.map("duration")) else {
        return Ok(());
    };
    let options = duration.list("interval_options").unwrap_or_default();
    if duration.str("type") == Some("interval_options") && options.is_empty() {
        return Err(ApiError::param_missing(OPTIONS));
    }
    let counts = options.iter().filter_map(Doc::as_map).map(|option| option.int("interval_count"));
    match counts.enumerate().find(|(_, count)| count.is_some_and(|count| count < 1)) {
        Some((index, _)) => Err(ApiError::param_below(&format!("{OPTIONS}[{index}][interval_count]"), 1)),
        None => Ok(()),
    }
}
