//! What older versions show of credit notes, and take for them (billing-2 14.2, shapes 6).
//!
//! May use: the taxes of invoices. Invariant: reads the note or the line alone.

use crate::contract::version::Gate;
use crate::contract::{Change, Newer, Older, Rewrite};
use crate::money::Decimal;
use crate::resources::billing::invoices::tax_amounts_of;
use crate::state::document::{Doc, Map};

/// Taxes moved into `total_taxes` and `taxes`, and the one refund into `refunds`.
const BASIL: Gate = Gate::since("2025-03-31.basil");

/// What was paid had to be given back from this version on (platform 6.1).
pub(super) const ADDS_UP: Gate = Gate::since("2019-12-03");

pub(super) const CHANGES: &[Change] = &[Change {
    since: BASIL,
    older: Some(Rewrite::Alone(|note| {
        let first = note.list("refunds").unwrap_or_default().first().and_then(Doc::as_map);
        let refund = first.and_then(|refund| refund.get("refund")).cloned();
        let taxes = tax_amounts_of(note.list("total_taxes").unwrap_or_default());
        note.set("refund", refund);
        note.set("tax_amounts", Doc::List(taxes));
    })),
    what: "credit_note.refund, tax_amounts, since then refunds, total_taxes",
}];

pub(super) const OF_LINES: &[Change] = &[Change {
    since: BASIL,
    older: Some(Rewrite::Alone(showed_its_taxes)),
    what: "credit_note_line_item.amount_excluding_tax, tax_amounts, unit_amount_excluding_tax, since then taxes",
}];

fn showed_its_taxes(line: &mut Map) {
    let taxes = line.list("taxes").unwrap_or_default();
    let included = taxes.iter().filter_map(Doc::as_map).filter(|tax| tax.str("tax_behavior") == Some("inclusive"));
    let included: i64 = included.filter_map(|tax| tax.int("amount")).sum();
    let amounts = tax_amounts_of(taxes);
    let excluding = line.int("amount").map(|amount| amount - included);
    line.set("amount_excluding_tax", excluding);
    line.set("tax_amounts", Doc::List(amounts));
    let unit = line.str("unit_amount_decimal").and_then(Decimal::parse).map(Decimal::text);
    line.set("unit_amount_excluding_tax", unit);
}

/// The one refund that a note could name.
const fn refund(operation: &'static str) -> Older {
    Older { operation, until: BASIL, name: "refund", newer: Newer::Nothing }
}

pub(super) const PARAMS: &[Older] =
    &[refund("credit_notes.create"), refund("credit_notes.preview"), refund("credit_notes.preview.lines.list")];
