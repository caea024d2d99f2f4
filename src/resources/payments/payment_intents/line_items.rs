//! What an intent's amount is made of (`amount_details[line_items]`, intents-and-checkout 1.1, 1.3).
//!
//! Invariant: an intent has the line items that it was told last.

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
        /// What is sold.
        product_name: String,
        /// How many.
        quantity: i64,
        /// What one costs, in the currency's smallest unit.
        unit_cost: i64,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The intent.
        payment_intent: Id,
    }
}

/// Takes the line items of a call in place of those before; `null` takes them away.
pub(super) fn replace(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id, params: &Map) {
    let Some(items) = params.map("amount_details").and_then(|details| details.get("line_items")) else { return };
    for item in tx.having::<LineItem>("payment_intent", intent) {
        tx.delete::<LineItem>(&item.id);
    }
    // The last written comes first in a list.
    for sent in items.as_list().unwrap_or_default().iter().rev().filter_map(Doc::as_map) {
        let mut rest = template::template(LineItem::KIND);
        rest.merge(sent);
        LineItem::FIELDS.iter().for_each(|field| drop(rest.remove(field.name)));
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
