//! The lines of sessions, links and quotes (intents-and-checkout 3).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use std::sync::Arc;

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Fill::{Int, Text};
use crate::contract::{self, Ctx, Entry, Expand, Join, Owner};
use crate::error::Result;
use crate::generic::described::{self, Described};
use crate::generic::plan::WITHIN;
use crate::object::fill::FillInput;
use crate::state::document::Map;
use crate::state::{Kind, Record, Tx};

pub(super) static KINDS: &[Declaration] = &[Declaration {
    entry: Entry {
        kind: ITEM,
        part_of: OWNERS,
        joins: &[
            Join { field: "discounts", doc: |tx, line| crate::generic::lines::kept(tx, line, "discounts") },
            Join { field: "taxes", doc: |tx, line| crate::generic::lines::kept(tx, line, "taxes") },
        ],
        expands: &[Expand::field("discounts"), Expand::field("taxes")],
        defaults: &[
            ("amount_discount", Int(0)),
            ("amount_subtotal", Int(0)),
            ("amount_tax", Int(0)),
            ("amount_total", Int(0)),
            ("currency", Text("usd")),
            ("quantity", Int(1)),
        ],
        ..SHAPE
    },
    before: Some(described),
    derive: Some(amounts),
    ..PLAIN
}];

/// What has lines.
pub(in crate::generic) const OWNERS: &[Owner] = &[
    Owner { kind: crate::kind!("checkout.session"), param: "line_items", link: None },
    Owner { kind: crate::kind!("payment_link"), param: "line_items", link: None },
    Owner { kind: crate::kind!("quote"), param: "line_items", link: None },
];

/// A line of a session, a link or a quote.
pub(in crate::generic) const ITEM: Kind = crate::kind!("item");

/// The discount of a line.
pub(in crate::generic) const DISCOUNT: Kind = crate::kind!("discount");

/// The rate of a tax of a line.
pub(in crate::generic) const RATE: Kind = crate::kind!("tax_rate");

/// A price that is described in place.
pub(super) const PRICE: Described = Described { param: "price_data", kind: crate::kind!("price") };

/// The price that an object shows in full, as a price and as a plan if it has that form.
pub(super) fn price_and_plan(source: &FillInput<'_>, body: &Map) -> Option<(Map, Option<Map>)> {
    let shown = body.map("price").or_else(|| body.map("plan"))?;
    let record = contract::resolve(source.tx, PRICE.kind, shown.str("id")?)?;
    Some((contract::show(record, PRICE.kind)?, contract::show(record, crate::kind!("plan"))))
}

/// Creates the price that a line describes.
pub(super) fn described(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Map> {
    described::one(tx, ctx, sent, PRICE)
}

/// A line of a session, a link or a quote: its price times its quantity.
fn amounts(source: &FillInput<'_>, body: &mut Map) {
    let quantity = body.int("quantity").unwrap_or(1);
    body.set("quantity", quantity);
    let Some((price, _)) = price_and_plan(source, body) else { return };
    let amount = price.int("unit_amount").unwrap_or_default().saturating_mul(quantity);
    for (field, value) in [("amount_subtotal", amount), ("amount_total", amount)] {
        body.set(field, value);
    }
    body.set("currency", price.str("currency").unwrap_or("usd").to_owned());
    let product = price.str("product").and_then(|id| contract::resolve(source.tx, crate::kind!("product"), id));
    if let Some(name) = product.and_then(|product| product.object.to_doc().get("name").cloned()) {
        body.set("description", name);
    }
}

/// The lines of an object, in the order in which they were sent.
pub(in crate::generic) fn line_items(tx: &Tx, whole: &str) -> Vec<Arc<Record>> {
    tx.records_having(ITEM, WITHIN, whole)
}
