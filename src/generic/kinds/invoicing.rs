//! Templates of invoices, quotes (billing 3, 5.2).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::CLOCKED;
use super::checkout;
use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{CANCELED, verb};
use crate::contract::Fill::{After, Flag, Int, Now, Random, Text};
use crate::contract::{ClockLimit, Clocked, Entry, Trigger};
use crate::generic::shape::Shape;
use crate::state::Object;
use crate::time::calendar::DAY;

pub(super) static KINDS: &[Declaration] = &[Declaration {
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
}];

/// Quotes without a customer on one test clock (billing-2 10.3).
const ON_CLOCK: ClockLimit = ClockLimit { most: 10, counts: has_no_customer };

fn has_no_customer(object: &dyn Object) -> bool {
    Shape::of(object).is_some_and(|quote| quote.body.str("customer").is_none())
}
