//! The order on a page: lines, what may be added, shipping, discounts and taxes one by one (stripe-js 6.1, 8.3).
//!
//! May use: the lines and the breakdown of the session, prices and products. Invariant: amounts are those that the session shows; nothing is
//! computed.

use super::super::answers::{is_alone, quantity_bounds};
use super::super::{OptionalItem, Session, optional_items};
use crate::contract::show;
use crate::generic::lines;
use crate::resources::catalog::coupons;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products;
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::catalog::tax_rates::TaxRate;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Record, Tx};

/// The lines with their amounts, and those of the whole.
pub(super) fn group(tx: &Tx, session: &Session) -> Map {
    let none = Map::new();
    let parts = |of: &str| session.breakdown.map(of).unwrap_or(&none);
    let by_line = parts(lines::OF_LINES);
    let all = lines::of(tx, &session.id);
    let items = all.iter().map(|record| line(tx, session, record, by_line.map(record.object.id()).unwrap_or(&none)));
    let mut group = applied(tx, session, parts("total"));
    group.merge(&Map::from([
        ("currency", Doc::from(session.currency.clone())),
        ("subtotal", session.amount_subtotal.into()),
        ("due", session.amount_total.into()),
        ("total", session.amount_total.into()),
        ("line_items", items.map(Doc::from).collect::<Vec<Doc>>().into()),
        ("shipping_rate", chosen_rate(tx, session)),
    ]));
    group
}

fn line(tx: &Tx, session: &Session, record: &Record, breakdown: &Map) -> Map {
    let shown = record.object.to_doc();
    let id = shown.str("id").unwrap_or_default();
    let price = shown.map("price").and_then(|price| price.str("id")).unwrap_or_default();
    let product = product(tx, price);
    let of_product = |key: &str| product.as_ref().and_then(|product| product.get(key)).cloned().unwrap_or_default();
    let amount = |key: &str| shown.get(key).cloned().unwrap_or_default();
    let is_added = session.added_items.iter().any(|(_, line)| line.as_str() == Some(id));
    let mut line = applied(tx, session, breakdown);
    let inclusive = sum_inclusive(&line);
    line.merge(&Map::from([
        ("id", Doc::from(id.to_owned())),
        ("object", "item".into()),
        ("name", amount("description")),
        ("description", of_product("description")),
        ("images", of_product("images")),
        ("quantity", amount("quantity")),
        ("adjustable_quantity", bounds(shown.map("adjustable_quantity"), is_alone(tx, session, id))),
        ("is_removable", is_added.into()),
        ("subtotal", amount("amount_subtotal")),
        ("discount", amount("amount_discount")),
        ("tax_inclusive", inclusive.into()),
        ("tax_exclusive", (shown.int("amount_tax").unwrap_or_default() - inclusive).into()),
        ("total", amount("amount_total")),
        ("price", priced(tx, session, price, product.clone()).into()),
    ]));
    line
}

/// The inclusive taxes among those of a line.
fn sum_inclusive(applied: &Map) -> i64 {
    let taxes = applied.list("tax_amounts").unwrap_or_default().iter().filter_map(Doc::as_map);
    let inclusive = taxes.filter(|tax| tax.bool("inclusive") == Some(true));
    inclusive.filter_map(|tax| tax.int("amount")).fold(0, i64::saturating_add)
}

/// How many may be bought, if the customer chooses.
fn bounds(rules: Option<&Map>, is_alone: bool) -> Doc {
    let rules = rules.filter(|rules| rules.bool("enabled") == Some(true));
    rules.map_or(Doc::Null, |rules| {
        let (least, most) = quantity_bounds(rules, is_alone);
        Map::from([("maximum", most), ("minimum", least)]).into()
    })
}

/// A price in the currency of the session, with its product.
fn priced(tx: &Tx, session: &Session, id: &str, product: Option<Map>) -> Map {
    let Some(price) = tx.get::<Price>(id) else { return Map::new() };
    let currency = session.currency.as_deref().unwrap_or_default();
    let other = if price.currency == currency { None } else { price.in_currency(currency) };
    let mut price = other.map_or_else(|| price.to_doc(), |other| other.to_doc());
    let _ = price.remove("metadata");
    if let Some(product) = product {
        price.set("product", product);
    }
    price
}

/// The product of a price, as a customer sees it.
fn product(tx: &Tx, price: &str) -> Option<Map> {
    let product = tx.get::<Price>(price)?.product.clone();
    let mut shown = show(tx.record(products::KIND, &product)?, products::KIND)?;
    let _ = shown.remove("metadata");
    Some(shown)
}

/// What the customer may add, and what of it is a line already.
pub(super) fn optional(tx: &Tx, session: &Session) -> Vec<Map> {
    let sent = |price: &str| {
        let items = session.rest.list("optional_items").unwrap_or_default().iter().filter_map(Doc::as_map);
        items.filter(|item| item.str("price") == Some(price)).find_map(|item| item.map("adjustable_quantity").cloned())
    };
    let shown = |item: OptionalItem| {
        let product = product(tx, &item.price);
        let images = product.as_ref().and_then(|product| product.get("images")).cloned().unwrap_or_default();
        Map::from([
            ("name", Doc::from(item.name)),
            ("images", images),
            ("quantity", item.quantity.into()),
            ("adjustable_quantity", bounds(sent(&item.price).as_ref(), false)),
            ("line_item_id", item.line.into()),
            ("price", priced(tx, session, &item.price, product).into()),
        ])
    };
    optional_items(tx, session).into_iter().map(shown).collect()
}

/// The discounts and taxes of a line or of the whole.
fn applied(tx: &Tx, session: &Session, breakdown: &Map) -> Map {
    let all = |key: &str| breakdown.list(key).unwrap_or_default().iter().filter_map(Doc::as_map);
    let discounts: Vec<Map> = all("discounts").map(|part| discount(tx, session, part)).collect();
    Map::from([("discount_amounts", Doc::from(discounts)), ("tax_amounts", taxes(tx, all("taxes")).into())])
}

fn taxes<'m>(tx: &Tx, all: impl Iterator<Item = &'m Map>) -> Vec<Map> {
    let shown = |tax: &Map| {
        let rate = tax.str("rate").and_then(|id| tx.get::<TaxRate>(id))?.to_doc();
        let of_rate = |key: &str| rate.get(key).cloned().unwrap_or_default();
        let amount = |key: &str| tax.get(key).cloned().unwrap_or_default();
        let named = ["id", "display_name", "percentage"].map(|key| (key, of_rate(key)));
        Some(Map::from([
            ("amount", amount("amount")),
            ("inclusive", of_rate("inclusive")),
            ("taxable_amount", amount("taxable_amount")),
            ("tax_rate", Map::from(named).into()),
        ]))
    };
    all.filter_map(shown).collect()
}

fn discount(tx: &Tx, session: &Session, part: &Map) -> Map {
    let offer = session.discount.as_map();
    let coupon = offer.and_then(|offer| offer.map("source")).and_then(|source| source.str("coupon"));
    let coupon = coupon.and_then(|id| tx.record(coupons::KIND, id)).and_then(|record| show(record, coupons::KIND));
    let keys = ["id", "name", "percent_off", "amount_off", "duration", "duration_in_months"];
    let coupon = coupon.map(|coupon| Map::from(keys.map(|key| (key, coupon.get(key).cloned().unwrap_or_default()))));
    let code = offer.and_then(|offer| offer.str("promotion_code")).and_then(|id| tx.get::<PromotionCode>(id));
    let code = code.map(|code| Map::from([("code", code.code.clone()), ("id", code.id.to_string())]));
    Map::from([
        ("amount", part.get("amount").cloned().unwrap_or_default()),
        ("coupon", coupon.into()),
        ("promotion_code", code.into()),
    ])
}

/// The ways of sending it.
pub(super) fn shipping_options(tx: &Tx, session: &Session) -> Vec<Map> {
    let asked = session.asked();
    let shown = asked.shipping_rates.iter().filter_map(|id| rate(tx, session, id));
    shown.map(|rate| Map::from([("shipping_rate", rate)])).collect()
}

/// The way that was chosen, and what it is taxed.
pub(super) fn shipping(tx: &Tx, session: &Session) -> Doc {
    let chosen = chosen_rate(tx, session);
    if chosen.is_null() {
        return Doc::Null;
    }
    let parts = session.breakdown.list("shipping").unwrap_or_default().iter().filter_map(Doc::as_map);
    Map::from([("shipping_option", chosen), ("tax_amounts", taxes(tx, parts).into())]).into()
}

fn chosen_rate(tx: &Tx, session: &Session) -> Doc {
    let chosen = session.rest.map("shipping_cost").and_then(|cost| cost.str("shipping_rate"));
    chosen.and_then(|id| rate(tx, session, id)).into()
}

fn rate(tx: &Tx, session: &Session, id: &str) -> Option<Map> {
    let rate = tx.get::<ShippingRate>(id)?;
    let currency = session.currency.as_deref().unwrap_or_default();
    let of_rate = |key: &str| rate.rest.get(key).cloned().unwrap_or_default();
    Some(Map::from([
        ("id", Doc::from(id.to_owned())),
        ("amount", rate.amount_in(currency).into()),
        ("currency", currency.to_owned().into()),
        ("display_name", of_rate("display_name")),
        ("delivery_estimate", of_rate("delivery_estimate")),
    ]))
}
