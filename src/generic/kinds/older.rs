//! What older versions show of subscriptions and invoices, which is not built (shapes 6).
//!
//! May use: the versions. Invariant: each difference is named in the header of an answer.

use crate::contract::Change;
use crate::contract::version::Gate;

const BASIL: Gate = Gate::since("2025-03-31.basil");

/// A difference that is not built.
const fn named(since: Gate, what: &'static str) -> Change {
    Change { since, older: None, what }
}

/// Of subscriptions.
pub(super) const SUBSCRIPTION: &[Change] = &[
    named(BASIL, "subscription.current_period_start, subscription.current_period_end, subscription.discount"),
    named(Gate::since("2020-08-27"), "subscription.tax_percent"),
    named(
        Gate::since("2019-10-17"),
        "subscription.billing, since then subscription.collection_method; subscription.start",
    ),
];

/// Of invoices.
pub(super) const INVOICE: &[Change] = &[
    named(
        BASIL,
        "invoice.application_fee_amount, charge, paid, paid_out_of_band, payment_intent, quote, subscription, \
         subscription_details, tax, total_tax_amounts, transfer_data, discount",
    ),
    named(Gate::since("2024-04-10"), "invoice.rendering_options"),
    named(Gate::since("2019-10-17"), "invoice.billing, since then invoice.collection_method"),
    named(Gate::since("2019-03-14"), "invoice.date, invoice.finalized_at"),
    named(Gate::since("2018-11-08"), "invoice.closed, invoice.forgiven"),
];

/// Of the lines of invoices.
pub(super) const LINE: &[Change] =
    &[named(BASIL, "line_item.price, plan, unit_amount, proration, since then line_item.pricing, line_item.parent")];

/// Of invoice items.
pub(super) const ITEM: &[Change] = &[named(
    BASIL,
    "invoiceitem.price, plan, unit_amount, proration, since then invoiceitem.pricing, invoiceitem.parent",
)];
