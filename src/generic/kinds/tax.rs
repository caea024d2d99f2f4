//! Tax: calculations, registrations, settings.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Entry;
use crate::contract::Fill::{Absent, After, Int, Now, Text};
use crate::state::ids::IdForm;
use crate::time::calendar::DAY;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("tax.calculation"),
            defaults: &[
                ("shipping_cost.amount", Int(0)),
                ("shipping_cost.amount_tax", Int(0)),
                ("shipping_cost.tax_behavior", Text("exclusive")),
                ("shipping_cost.tax_code", Text("txcd_92010001")),
                ("amount_total", Int(0)),
                ("customer_details.taxability_override", Text("none")),
                ("expires_at", After(90 * DAY)),
                ("line_items", Absent),
                ("tax_amount_exclusive", Int(0)),
                ("tax_amount_inclusive", Int(0)),
                ("tax_date", Now),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("tax.calculation_line_item"), id: IdForm::short("tax_li_"), ..SHAPE },
        ..PLAIN
    },
    Declaration { entry: Entry { kind: crate::kind!("tax.location"), id: IdForm::of("taxloc_"), ..SHAPE }, ..PLAIN },
    Declaration {
        entry: Entry { kind: crate::kind!("tax.transaction_line_item"), ..SHAPE },
        absent: &["tax.transactions.line_items.list"],
        ..PLAIN
    },
];
