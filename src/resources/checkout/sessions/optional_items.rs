//! Items that the customer may add to the order on the page (`optional_items`, intents-and-checkout 3.1).
//!
//! May use: prices, lines. Invariant: an item that was added is a line like any other, and goes when its quantity is zero.

use std::sync::Arc;

use super::answers::quantity_bounds;
use super::{KIND, Session, check};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products::Product;
use crate::state::document::{Doc, Map};
use crate::state::{Record, Tx};

/// The largest number of optional items.
const ITEMS_MAX: usize = 10;

/// An item that the customer may add to the order.
#[derive(Debug)]
pub struct OptionalItem {
    /// The id of its price, by which it is entered.
    pub price: String,
    /// The name of its product.
    pub name: String,
    /// What it costs when it is added, in the currency's smallest unit.
    pub amount: i64,
    /// The quantity with which it is added.
    pub quantity: i64,
    /// The id of its line, once it is added.
    pub line: Option<String>,
}

/// Checks the optional items in parameters.
///
/// # Errors
/// Too many, one whose price does not fit the mode or is archived, or a quantity below one.
pub(in crate::resources::checkout) fn check(tx: &Tx, mode: &str, params: &Map) -> Result<()> {
    let sent = params.list("optional_items").unwrap_or_default();
    if sent.len() > ITEMS_MAX {
        return Err(ApiError::array_too_long("optional_items", ITEMS_MAX));
    }
    for (index, item) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let at = format!("optional_items[{index}]");
        let price = item.str("price").and_then(|id| check::price(tx, id));
        if price.as_ref().is_some_and(|price| price.bool("active") == Some(false)) {
            return Err(ApiError::price_inactive().inside(&at));
        }
        if mode == "payment" && price.is_some_and(|price| price.present("recurring").is_some()) {
            return Err(ApiError::session_payment_is_recurring("optional_items"));
        }
        if item.int("quantity").is_some_and(|quantity| quantity < 1) {
            return Err(ApiError::param_below(&format!("{at}[quantity]"), 1));
        }
    }
    Ok(())
}

/// Every optional item has a price in the currency of the session.
///
/// # Errors
/// One has none.
pub(super) fn check_currencies(tx: &Tx, session: &Session) -> Result<()> {
    let currency = session.currency.as_deref().unwrap_or_default();
    for item in items(session) {
        let price = item.str("price").and_then(|id| tx.get::<Price>(id));
        if price.is_some_and(|price| price.currency != currency && price.in_currency(currency).is_none()) {
            return Err(ApiError::session_currencies_differ("optional_items"));
        }
    }
    Ok(())
}

/// The optional items of a session.
fn items(session: &Session) -> impl Iterator<Item = &Map> {
    session.rest.list("optional_items").unwrap_or_default().iter().filter_map(Doc::as_map)
}

/// The line of an item that was added.
fn added(tx: &Tx, session: &Session, price: &str) -> Option<Arc<Record>> {
    let line = session.added_items.str(price)?;
    lines::of(tx, &session.id).into_iter().find(|record| record.object.id().as_ref() == line)
}

/// What the page offers to add, with what was added.
pub fn optional_items(tx: &Tx, session: &Session) -> Vec<OptionalItem> {
    let currency = session.currency.as_deref().unwrap_or_default();
    let item = |item: &Map| {
        let price = tx.get::<Price>(item.str("price")?)?;
        let quantity = item.int("quantity").unwrap_or(1);
        let tariff = if price.currency == currency { price.tariff() } else { price.in_currency(currency)?.tariff() };
        let line = added(tx, session, &price.id).map(|record| record.object.id().to_string());
        let name = tx.get::<Product>(&price.product).map(|product| product.name.clone());
        Some(OptionalItem {
            name: name.unwrap_or_default(),
            amount: tariff.amount(quantity),
            price: price.id.to_string(),
            quantity,
            line,
        })
    };
    items(session).filter_map(item).collect()
}

/// Adds, changes and removes the items that the customer wants: quantities by the ids of the prices.
///
/// # Errors
/// An item that the session does not offer, or not so many of it.
pub(super) fn choose(tx: &mut Tx, ctx: &Ctx<'_>, session: &mut Session, entered: &Map) -> Result<()> {
    let Some(wanted) = entered.map("optional_items") else { return Ok(()) };
    for (price, quantity) in wanted.iter() {
        let name = format!("optional_items[{price}]");
        let item = items(session).find(|item| item.str("price") == Some(price)).cloned();
        let item = item.ok_or_else(|| ApiError::session_asks_not(&name))?;
        let quantity = quantity.as_int().unwrap_or_default();
        match (added(tx, session, price), quantity) {
            (None, 0) => {}
            // What is left has to be something.
            (Some(_), 0) if lines::of(tx, &session.id).len() < 2 => return Err(ApiError::session_answer_unfit(&name)),
            (Some(line), 0) => {
                lines::remove(tx, &line);
                let _ = session.added_items.remove(price);
            }
            (line, quantity) => {
                check_quantity(&item, quantity, &name)?;
                match line {
                    Some(line) => lines::set(tx, &line, &Map::from([("quantity", quantity)])),
                    None => add(tx, ctx, session, &item, quantity)?,
                }
            }
        }
    }
    Ok(())
}

/// So many may be bought: what the item says, or what its bounds allow.
fn check_quantity(item: &Map, quantity: i64, name: &str) -> Result<()> {
    let rules = item.map("adjustable_quantity").filter(|rules| rules.bool("enabled") == Some(true));
    let Some(rules) = rules else {
        let is_fixed = item.int("quantity") == Some(quantity);
        return if is_fixed { Ok(()) } else { Err(ApiError::session_answer_unfit(name)) };
    };
    match quantity_bounds(rules, false) {
        (least, _) if quantity < least => Err(ApiError::param_below(name, least)),
        (_, most) if quantity > most => Err(ApiError::param_above(name, most)),
        _ => Ok(()),
    }
}

fn add(tx: &mut Tx, ctx: &Ctx<'_>, session: &mut Session, item: &Map, quantity: i64) -> Result<()> {
    let known: Vec<_> = lines::of(tx, &session.id).iter().map(|line| line.object.id().clone()).collect();
    let price = item.str("price").unwrap_or_default().to_owned();
    let mut line = Map::from([("price", Doc::from(price.clone())), ("quantity", quantity.into())]);
    if let Some(rules) = item.present("adjustable_quantity") {
        line.set("adjustable_quantity", rules.clone());
    }
    lines::make(tx, ctx, KIND, &session.id, &Map::from([("line_items", Doc::List(vec![line.into()]))]))?;
    let made = lines::of(tx, &session.id).into_iter().find(|line| !known.contains(line.object.id()));
    if let Some(made) = made {
        session.added_items.set(price, made.object.id().to_string());
    }
    Ok(())
}
