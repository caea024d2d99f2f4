//! What older versions show of invoice items (billing-2 14.2, shapes 6).
//!
//! May use: prices. Invariant: reads the item and its price alone.

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{Change, Rewrite, Seen};
use crate::resources::catalog::prices::{self, as_plan};
use crate::state::document::{Doc, Map};
use crate::state::{Record, Tx};

/// Prices moved into `pricing`, and what an item belongs to into `parent`.
pub(super) const BASIL: Gate = Gate::since("2025-03-31.basil");

pub(super) const CHANGES: &[Change] = &[Change {
    since: BASIL,
    older: Some(Rewrite::With { field: "price", find: price_of, older: showed_its_price }),
    what: "invoiceitem.price, plan, subscription, subscription_item, unit_amount, unit_amount_decimal",
}];

fn price_of(tx: &Tx, item: Seen<'_>) -> Option<Arc<Record>> {
    let pricing = item.member("pricing")?;
    let id = pricing.as_map()?.map("price_details")?.str("price")?;
    tx.record(prices::KIND, id).cloned()
}

fn showed_its_price(item: &mut Map, price: Option<&Record>) {
    let unit = item.map("pricing").and_then(|pricing| pricing.get("unit_amount_decimal")).cloned().unwrap_or_default();
    let whole = unit.as_str().and_then(crate::money::Decimal::parse).and_then(crate::money::Decimal::exact);
    let details = item.map("parent").and_then(|parent| parent.map("subscription_details")).cloned().unwrap_or_default();
    for key in ["subscription", "subscription_item"] {
        if let Some(value) = details.get(key).or((key == "subscription").then_some(&Doc::Null)) {
            item.set(key, value.clone());
        }
    }
    item.set("unit_amount", whole);
    item.set("unit_amount_decimal", unit);
    item.set("plan", price.and_then(|price| as_plan(&price.object.to_doc())));
    item.set("price", price.map(|price| price.object.to_doc()));
}
