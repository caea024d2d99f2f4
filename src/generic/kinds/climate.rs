//! Orders of carbon removal.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{CANCELED, verb};
use crate::contract::Entry;
use crate::contract::Fill::{First, Int, Now, Null, Own, Sent, Text};

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("climate.order"),
            references: &[("product", &[crate::kind!("climate.product")])],
            defaults: &[
                ("amount_fees", Int(0)),
                ("amount_subtotal", First(&[Sent("amount"), Int(0)])),
                ("amount_total", Own("amount_subtotal")),
                ("currency", Text("usd")),
                ("expected_delivery_year", Int(2030)),
                ("metric_tons", Text("0")),
                ("product", Sent("product")),
                ("product_substituted_at", Null),
                ("status", Text("open")),
            ],
            ..SHAPE
        },
        verbs: &[verb(
            "climate.orders.cancel",
            &["awaiting_funds", "open"],
            &[CANCELED, ("canceled_at", Now), ("cancellation_reason", Text("requested"))],
        )
        .announcing("climate.order.canceled")],
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("climate.product"), is_known: Some(|_, _| true), ..SHAPE },
        ..PLAIN
    },
];
