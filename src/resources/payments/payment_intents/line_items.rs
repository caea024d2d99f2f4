//! The line items of an intent's amount (`amount_details[line_items]`, intents-and-checkout 1.1, 1.3).
//!
//! May use: intents. Invariant: an intent has the line items of the last request that sent any.

use super::PaymentIntent;
use crate::contract::{Behaviour, Ctx, Entry, Under};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Tx};

crate::resource! {
    /// A line item of an intent's amount.
    LineItem = "payment_intent_amount_details_line_item" {
        /// The name of the product.
        product_name: String,
        /// How many.
        quantity: i64,
        /// The price of one, in the currency's smallest unit.
        unit_cost: i64,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The intent.
        payment_intent: Id,
    }
}

/// Replaces the line items by those of a call; `null` removes them.
pub(super) fn replace(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id, params: &Map) {
    let Some(items) = params.map("amount_details").and_then(|details| details.get("line_items")) else { return };
    for item in tx.having::<LineItem>("payment_intent", intent) {
        tx.delete::<LineItem>(&item.id);
    }
    // A list shows the last written one first.
    for sent in items.as_list().unwrap_or_default().iter().rev().filter_map(Doc::as_map) {
        let mut rest = template::template(LineItem::KIND);
        rest.merge(sent);
        LineItem::FIELDS.iter().for_each(|field| {
            let _ = rest.remove(field.name);
        });
        let id = ENTRY.id.draw(&ctx.ids).into();
        let _ = tx.insert(LineItem {
            id,
            product_name: sent.str("product_name").unwrap_or_default().to_owned(),
            quantity: sent.int("quantity").unwrap_or_default(),
            unit_cost: sent.int("unit_cost").unwrap_or_default(),
            created: ctx.now,
            payment_intent: Id::clone(intent),
            rest,
        });
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: LineItem::KIND,
    fields: LineItem::FIELDS,
    noun: "line item",
    id: IdForm::of("uli_"),
    operations: &[(
        "payment_intents.amount_details_line_items.list",
        Behaviour::ListUnder(Under { filter: "payment_intent", param: "intent" }),
    )],
    filters: &[crate::filter!(
        "payment_intent",
        LineItem,
        |item| Some(item.payment_intent.as_ref()),
        Some(PaymentIntent::KIND)
    )],
    import: crate::contract::import::<LineItem>,
    ..Entry::PLAIN
};
