//! From the parameters of an item to a price and a quantity (billing 2.2, 2.4).
//!
//! May use: prices, discounts, tax rates. Invariant: what is chosen can be billed in the subscription's currency.

use std::sync::Arc;

use super::is_metered;
use crate::contract::{Ctx, In, missing, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::billing::subscriptions::{Recurrence, Subscription};
use crate::resources::catalog::discounts::{self, Redemption};
use crate::resources::catalog::prices::{self, Price, plans};
use crate::resources::catalog::tax_rates;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Id, Tx};

/// What an item bills, from parameters.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The price.
    pub price: Arc<Price>,
    /// How many; `None` for a metered price.
    pub quantity: Option<i64>,
    /// Its own tax rates, as they are shown.
    pub tax_rates: Vec<Doc>,
    /// The user's own keys and values.
    pub metadata: Map,
    /// Its own discounts, as they are sent.
    pub discounts: Option<Doc>,
    /// The usage at which it is billed.
    pub billing_thresholds: Option<Map>,
}

/// When a price was chosen: one that is no longer for sale goes on where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceUse {
    /// Now: it has to be for sale.
    New,
    /// When a schedule was made.
    Planned,
}

impl Chosen {
    /// How often it is billed.
    pub fn recurrence(&self) -> Recurrence {
        Recurrence::of(&self.price.to_doc()).unwrap_or(Recurrence::Months(1))
    }

    /// What a whole period costs in a currency, in its smallest unit; of a metered price, nothing.
    pub fn amount(&self, currency: &str) -> i64 {
        let there = if self.price.currency == currency { None } else { self.price.in_currency(currency) };
        let tariff = there.as_ref().unwrap_or(&self.price).tariff();
        self.quantity.map_or(0, |quantity| tariff.amount(quantity))
    }
}

/// Reads the parameters of one item: `price`, `plan` or `price_data`, `quantity`, `tax_rates`, `metadata`. `within` is their
/// name, such as `items[0]`.
///
/// # Errors
/// No price, one that does not exist, is not for sale or does not recur; a quantity below zero, or one of a metered price.
pub fn choose(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, within: &str, prices: PriceUse) -> Result<Chosen> {
    let price = price(tx, ctx, sent, within)?;
    if prices == PriceUse::New && !price.active && !price.inline {
        return Err(ApiError::price_inactive().inside(within));
    }
    let is_metered = is_metered(&price.to_doc());
    let quantity = match sent.int("quantity") {
        Some(_) if is_metered => return Err(ApiError::metered_item_has_no_quantity(within)),
        Some(quantity) => Some(quantity),
        None => (!is_metered).then_some(1),
    };
    price.check_quantity(quantity.unwrap_or_default()).map_err(|error| error.inside(within))?;
    check_threshold(sent, is_metered).map_err(|error| error.inside(within))?;
    let rates = sent.list("tax_rates").unwrap_or_default();
    Ok(Chosen {
        price,
        quantity,
        tax_rates: tax_rates::shown(tx, rates, "tax_rates").map_err(|error| error.inside(within))?,
        metadata: metadata::merge(&Map::new(), sent.get("metadata"))?,
        discounts: sent.get("discounts").cloned(),
        billing_thresholds: sent.map("billing_thresholds").cloned(),
    })
}

/// A threshold of usage is above zero, and of a metered price.
///
/// # Errors
/// It is not.
pub(super) fn check_threshold(sent: &Map, is_metered: bool) -> Result<()> {
    let usage = sent.map("billing_thresholds").and_then(|thresholds| thresholds.int("usage_gte"));
    match usage {
        Some(usage) if usage < 1 => Err(ApiError::param_below("billing_thresholds[usage_gte]", 1)),
        Some(_) if !is_metered => Err(ApiError::usage_threshold_needs_metered_price()),
        Some(_) | None => Ok(()),
    }
}

/// Redeems the discounts of an item, instead of `kept`; without a parameter it keeps them. `now` is Unix seconds.
///
/// # Errors
/// One cannot be redeemed.
pub fn discount(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    item: &Id,
    (kept, sent): (&[Id], Option<&Doc>),
    now: i64,
) -> Result<Vec<Id>> {
    let wanted = match sent {
        None => return Ok(kept.to_vec()),
        Some(Doc::List(wanted)) => &wanted[..],
        Some(_) => &[],
    };
    let owner = Map::from([("subscription", subscription.id.to_string()), ("subscription_item", item.to_string())]);
    let about = Redemption {
        owner,
        customer: Some(&subscription.customer),
        currency: Some(&subscription.currency),
        amount: None,
        is_one_time: false,
        now,
    };
    let chosen = discounts::redeem(tx, ctx, wanted, kept, &about)?;
    kept.iter().filter(|id| !chosen.contains(id)).for_each(|id| discounts::remove(tx, id));
    Ok(chosen)
}

fn price(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, within: &str) -> Result<Arc<Price>> {
    let param = |name: &str| format!("{within}[{name}]");
    let named: Vec<&'static str> = ["plan", "price", "price_data"].into_iter().filter(|name| sent.has(name)).collect();
    match named[..] {
        [] => Err(ApiError::param_missing(&param("price"))),
        ["price"] => {
            let param = param("price");
            let price = require::<Price>(tx, sent.str("price").unwrap_or_default(), In::Param(&param))?;
            check(&price).map_err(|error| error.inside(within))?;
            Ok(price)
        }
        ["plan"] => {
            let id = sent.str("plan").unwrap_or_default();
            // The error names the older parameter alone (shapes 3.1).
            let price = tx.get::<Price>(id).ok_or_else(|| missing(plans::KIND, id, In::Param("plan")))?;
            check(&price).map_err(|error| error.inside(within))?;
            Ok(price)
        }
        ["price_data"] => {
            let data = sent.map("price_data").cloned().unwrap_or_default();
            let price = prices::inline(tx, ctx, &data).map_err(|error| error.inside(&param("price_data")))?;
            tx.get::<Price>(&price).ok_or_else(ApiError::internal)
        }
        [first, second, ..] => Err(ApiError::params_exclusive(first, second).inside(within)),
        [_] => Err(ApiError::internal()),
    }
}

fn check(price: &Price) -> Result<()> {
    if price.is_recurring() { Ok(()) } else { Err(ApiError::price_not_recurring()) }
}
