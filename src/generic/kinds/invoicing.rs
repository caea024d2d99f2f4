//! Invoices, their items and credit notes, quotes (billing 3).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::CLOCKED;
use super::checkout;
use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{ACTIVE, CANCELED, verb};
use crate::contract::Fill::{After, First, Flag, Format, Int, Now, Of, Own, Random, Sent, Text};
use crate::contract::{ClockLimit, Clocked, Entry, Trigger};
use crate::generic::shape::Shape;
use crate::state::Object;
use crate::time::calendar::DAY;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("credit_note"),
            named_by: &["credit_note"],
            defaults: &[
                ("shipping_cost.amount_subtotal", Int(0)),
                ("shipping_cost.amount_tax", Int(0)),
                ("shipping_cost.amount_total", Int(0)),
                ("amount", First(&[Sent("amount"), Of(crate::kind!("invoice"), "invoice", "total"), Int(0)])),
                ("amount_shipping", Int(0)),
                ("refunds.amount_refunded", Of(crate::kind!("refund"), "refund", "amount")),
                ("currency", First(&[Of(crate::kind!("invoice"), "invoice", "currency"), Text("usd")])),
                ("customer", Of(crate::kind!("invoice"), "invoice", "customer")),
                ("discount_amount", Int(0)),
                ("number", First(&[Of(crate::kind!("invoice"), "invoice", "number"), Random("", 8)])),
                ("pdf", Format("https://pay.stripe.com/credit_notes/test_{random}/pdf?s=ap")),
                ("post_payment_amount", Int(0)),
                ("pre_payment_amount", Own("amount")),
                ("status", Text("issued")),
                ("subtotal", Own("amount")),
                ("total", Own("amount")),
                ("type", Text("pre_payment")),
            ],
            triggers: &[
                Trigger::update("credit_note.updated", "/v1/credit_notes/{id}"),
                Trigger::post("credit_note.voided", "/v1/credit_notes/{id}/void", &[]),
            ],
            ..SHAPE
        },
        verbs: &[verb("credit_notes.void_credit_note", &["issued"], &[("status", Text("void")), ("voided_at", Now)])
            .announcing("credit_note.voided")],
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("credit_note_line_item"), ..SHAPE },
        absent: &["credit_notes.preview.lines.list"],
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("invoice_rendering_template"), ..SHAPE },
        verbs: &[
            verb("invoice_rendering_templates.archive", &["active"], &[("status", Text("archived"))]),
            verb("invoice_rendering_templates.unarchive", &["archived"], &[ACTIVE]),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("quote"),
            clocked: Some(Clocked { limit: Some(ON_CLOCK), ..CLOCKED }),
            includes: &[checkout::lines(|id| format!("/v1/quotes/{id}/line_items"))],
            named_by: &["quote"],
            defaults: &[
                ("subscription_data.billing_mode.type", Text("flexible")),
                ("from_quote.is_revision", Flag(false)),
                ("amount_subtotal", Int(0)),
                ("amount_total", Int(0)),
                ("automatic_tax.enabled", Flag(false)),
                ("collection_method", Text("charge_automatically")),
                ("computed.upfront.amount_subtotal", Int(0)),
                ("computed.upfront.amount_total", Int(0)),
                ("computed.upfront.total_details.amount_discount", Int(0)),
                ("computed.upfront.total_details.amount_tax", Int(0)),
                ("expires_at", After(30 * DAY)),
                ("invoice_settings.issuer.type", Text("self")),
                ("status", Text("draft")),
                ("total_details.amount_discount", Int(0)),
                ("total_details.amount_shipping", Int(0)),
                ("total_details.amount_tax", Int(0)),
            ],
            triggers: &[
                Trigger::post("quote.finalized", "/v1/quotes/{id}/finalize", &[]),
                Trigger::post("quote.accepted", "/v1/quotes/{id}/accept", &[]),
                Trigger::post("quote.canceled", "/v1/quotes/{id}/cancel", &[]),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("quotes.cancel", &["draft", "open"], &[CANCELED, ("status_transitions.canceled_at", Now)])
                .announcing("quote.canceled"),
            verb(
                "quotes.finalize_quote",
                &["draft"],
                &[("status", Text("open")), ("status_transitions.finalized_at", Now), ("number", Random("QT-", 8))],
            )
            .taking()
            .announcing("quote.finalized"),
        ],
        ..PLAIN
    },
];

/// Quotes without a customer on one test clock (billing-2 10.3).
const ON_CLOCK: ClockLimit = ClockLimit { most: 10, counts: has_no_customer };

fn has_no_customer(object: &dyn Object) -> bool {
    Shape::of(object).is_some_and(|quote| quote.body.str("customer").is_none())
}
