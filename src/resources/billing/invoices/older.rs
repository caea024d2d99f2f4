//! What older versions show of invoices and their lines (billing-2 14.2, shapes 6).
//!
//! May use: payment intents, prices, discounts. Invariant: reads what an event takes along, never the state.

use std::sync::Arc;

use super::{Invoice, InvoiceLine, KIND};
use crate::contract::version::Gate;
use crate::contract::{Change, Rewrite, Seen};
use crate::money::Decimal;
use crate::resources::catalog::discounts;
use crate::resources::catalog::prices::{self, as_plan};
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Record, Tx};

/// What pays an invoice moved into `payments`, what it bills into `parent`, and its taxes into `total_taxes`.
const BASIL: Gate = Gate::since("2025-03-31.basil");

/// Of invoices, the newest first.
pub(super) const CHANGES: &[Change] = &[
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "payment_intent", find: intent_of, older: showed_its_intent }),
        what: "invoice.charge, payment_intent",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "discount", find: discount_of, older: showed_its_discount }),
        what: "invoice.discount",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "coupon", find: coupon_of, older: showed_the_coupon }),
        what: "invoice.discount.coupon",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "transfer_data", find: itself, older: showed_all_in_one_place }),
        what: "invoice.application_fee_amount, paid, paid_out_of_band, quote, subscription, subscription_details, tax, \
               total_tax_amounts, transfer_data",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::Alone(|invoice| {
            if super::preview::is_preview(id_of(invoice)) {
                let _ = invoice.remove("id");
            }
        })),
        what: "the id of an upcoming invoice",
    },
    Change {
        since: Gate::since("2024-04-10"),
        older: Some(Rewrite::Alone(rendering_was_options)),
        what: "invoice.rendering_options",
    },
    Change {
        since: Gate::since("2019-10-17"),
        older: Some(Rewrite::Alone(|invoice| {
            let method = invoice.get("collection_method").cloned();
            invoice.set("billing", method);
        })),
        what: "invoice.billing, since then invoice.collection_method",
    },
    Change {
        since: Gate::since("2019-03-14"),
        older: Some(Rewrite::Alone(times_stood_alone)),
        what: "invoice.date, invoice.finalized_at",
    },
    Change {
        since: Gate::since("2018-11-08"),
        older: Some(Rewrite::Alone(status_was_two_flags)),
        what: "invoice.closed, invoice.forgiven",
    },
];

/// Of lines.
pub(super) const OF_LINES: &[Change] = &[
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "price", find: price_of, older: showed_its_price }),
        what: "line_item.plan, price, unit_amount_excluding_tax, since then line_item.pricing",
    },
    Change {
        since: BASIL,
        older: Some(Rewrite::With { field: "tax_rates", find: line_itself, older: showed_its_parent }),
        what: "line_item.amount_excluding_tax, invoice_item, proration, proration_details, subscription_item, \
               tax_amounts, tax_rates, type, since then line_item.parent",
    },
];

fn id_of(object: &Map) -> &str {
    object.str("id").unwrap_or_default()
}

fn itself(tx: &Tx, invoice: Seen<'_>) -> Option<Arc<Record>> {
    tx.record(KIND, &invoice.id()).cloned()
}

fn line_itself(tx: &Tx, line: Seen<'_>) -> Option<Arc<Record>> {
    tx.record(InvoiceLine::KIND, &line.id()).cloned()
}

fn intent_of(tx: &Tx, invoice: Seen<'_>) -> Option<Arc<Record>> {
    let invoice = tx.get::<Invoice>(&invoice.id())?;
    tx.record(PaymentIntent::KIND, invoice.payment_intent()?).cloned()
}

fn showed_its_intent(invoice: &mut Map, intent: Option<&Record>) {
    let intent = intent.and_then(|record| record.get::<PaymentIntent>());
    invoice.set("payment_intent", intent.as_ref().map(|intent| intent.id.to_string()));
    let charge = intent.as_ref().and_then(|intent| intent.latest_charge.as_ref());
    invoice.set("charge", charge.map(ToString::to_string));
}

fn discount_of(tx: &Tx, invoice: Seen<'_>) -> Option<Arc<Record>> {
    discounts::first_of(tx, invoice).cloned()
}

fn showed_its_discount(invoice: &mut Map, discount: Option<&Record>) {
    invoice.set("discount", discount.map(|discount| discount.object.to_doc()));
}

fn coupon_of(tx: &Tx, invoice: Seen<'_>) -> Option<Arc<Record>> {
    discounts::coupon_of(tx, Seen::Object(&*discounts::first_of(tx, invoice)?.object))
}

fn showed_the_coupon(invoice: &mut Map, coupon: Option<&Record>) {
    if let Some(Doc::Map(discount)) = invoice.get_mut("discount") {
        discounts::showed_its_coupon(discount, coupon);
    }
}

fn showed_all_in_one_place(invoice: &mut Map, record: Option<&Record>) {
    let stored = record.and_then(|record| record.get::<Invoice>());
    let fee = stored.as_ref().and_then(|stored| stored.application_fee_amount.0);
    let transfer = stored.as_ref().and_then(|stored| stored.transfer_data.0.clone());
    invoice.set("application_fee_amount", fee);
    invoice.set("transfer_data", transfer);
    invoice.set("paid", invoice.str("status") == Some("paid"));
    invoice.set("paid_out_of_band", stored.is_some_and(|stored| stored.paid_out_of_band.0));
    let parent = invoice.map("parent").cloned().unwrap_or_default();
    let details = parent.map("subscription_details");
    invoice.set("quote", parent.map("quote_details").and_then(|details| details.get("quote")).cloned());
    invoice.set("subscription", details.and_then(|details| details.get("subscription")).cloned());
    let metadata = details.and_then(|details| details.get("metadata")).cloned();
    invoice.set("subscription_details", Map::from([("metadata", metadata)]));
    let taxes = amounts_of(invoice.list("total_taxes").unwrap_or_default());
    let tax: i64 = taxes.iter().filter_map(|tax| tax.as_map()?.int("amount")).sum();
    invoice.set("tax", (!taxes.is_empty()).then_some(tax));
    invoice.set("total_tax_amounts", Doc::List(taxes));
}

/// Taxes as they were shown.
pub fn amounts_of(taxes: &[Doc]) -> Vec<Doc> {
    let amount = |tax: &Map| {
        let part = |key: &str| tax.get(key).cloned().unwrap_or_default();
        let rate = tax.map("tax_rate_details").and_then(|details| details.get("tax_rate")).cloned();
        let reason = tax.str("taxability_reason").filter(|reason| *reason != "not_available");
        Map::from([
            ("amount", part("amount")),
            ("inclusive", Doc::from(tax.str("tax_behavior") == Some("inclusive"))),
            ("tax_rate", rate.unwrap_or_default()),
            ("taxability_reason", reason.map(str::to_owned).into()),
            ("taxable_amount", part("taxable_amount")),
        ])
    };
    taxes.iter().filter_map(Doc::as_map).map(|tax| Doc::Map(amount(tax))).collect()
}

fn rendering_was_options(invoice: &mut Map) {
    let display = invoice.map("rendering").and_then(|rendering| rendering.present("amount_tax_display")).cloned();
    let options = display.map(|display| Map::from([("amount_tax_display", display)]));
    invoice.set("rendering_options", options);
}

fn times_stood_alone(invoice: &mut Map) {
    let created = invoice.get("created").cloned();
    invoice.set("date", created);
    let finalized = invoice.map("status_transitions").and_then(|times| times.get("finalized_at")).cloned();
    invoice.set("finalized_at", finalized);
}

fn status_was_two_flags(invoice: &mut Map) {
    let status = invoice.str("status").map(str::to_owned);
    let is_closed = matches!(status.as_deref(), Some("paid" | "uncollectible" | "void"));
    invoice.set("closed", is_closed);
    invoice.set("forgiven", status.as_deref() == Some("uncollectible"));
}

fn price_of(tx: &Tx, line: Seen<'_>) -> Option<Arc<Record>> {
    let pricing = line.member("pricing")?;
    let id = pricing.as_map()?.map("price_details")?.str("price")?;
    tx.record(prices::KIND, id).cloned()
}

fn showed_its_price(line: &mut Map, price: Option<&Record>) {
    line.set("plan", price.and_then(|price| as_plan(&price.object.to_doc())));
    line.set("price", price.map(|price| price.object.to_doc()));
    let unit = line.map("pricing").and_then(|pricing| pricing.str("unit_amount_decimal")).and_then(Decimal::parse);
    line.set("unit_amount_excluding_tax", unit.map(Decimal::text));
}

fn showed_its_parent(line: &mut Map, record: Option<&Record>) {
    let rates = record.and_then(|record| record.get::<InvoiceLine>()).map(|line| line.tax_rates.clone());
    line.set("tax_rates", Doc::List(rates.unwrap_or_default()));
    let parent = line.map("parent").cloned().unwrap_or_default();
    let is_of_subscription = parent.str("type") == Some("subscription_item_details");
    let details = parent.map("invoice_item_details").or_else(|| parent.map("subscription_item_details"));
    let details = details.cloned().unwrap_or_default();
    for key in ["invoice_item", "subscription_item"] {
        if let Some(value) = details.present(key) {
            line.set(key, value.clone());
        }
    }
    for key in ["proration", "proration_details"] {
        line.set(key, details.get(key).cloned());
    }
    line.set("type", if is_of_subscription { "subscription" } else { "invoiceitem" });
    let taxes = line.list("taxes").unwrap_or_default();
    let included = taxes.iter().filter_map(Doc::as_map).filter(|tax| tax.str("tax_behavior") == Some("inclusive"));
    let included: i64 = included.filter_map(|tax| tax.int("amount")).sum();
    let excluding = line.int("amount").map(|amount| amount - included);
    let amounts = amounts_of(taxes);
    line.set("amount_excluding_tax", excluding);
    line.set("tax_amounts", Doc::List(amounts));
}
