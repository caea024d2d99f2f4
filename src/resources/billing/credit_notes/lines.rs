//! The lines of credit notes (billing 5.4, billing-2 13.5).
//!
//! May use: nothing but the state. Invariant: a line never changes.

use std::sync::Arc;

use super::{CreditNote, older};
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Item, Outcome, require};
use crate::error::Result;
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Record, Tx};

crate::values! {
    /// What a line credits.
    pub enum CreditNoteLineType {
        /// Something of its own.
        CustomLineItem = "custom_line_item",
        /// A line of the invoice.
        InvoiceLineItem = "invoice_line_item",
    }
}

crate::resource! {
    /// A line of a credit note.
    CreditNoteLine = "credit_note_line_item" {
        /// Before discounts and the taxes that are added, in the currency's smallest unit.
        amount: i64,
        /// What its discounts take off.
        discount_amount: i64,
        /// The line of the invoice that it credits.
        invoice_line_item: Absent<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// How many units; null if an amount is credited.
        quantity: Option<i64>,
        /// What it credits.
        credits as "type": CreditNoteLineType,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The credit note.
        credit_note: Absent<Id>,
        /// Its place among the lines.
        position: i64,
        /// After the discounts of the invoice's line, before those of the invoice.
        subtotal: i64,
    }
}

impl CreditNoteLine {
    /// Its taxes, as they are shown.
    pub(super) fn taxes(&self) -> impl Iterator<Item = &Map> {
        self.rest.list("taxes").unwrap_or_default().iter().filter_map(Doc::as_map)
    }

    /// The sum of the taxes that are included in its amount, or of those that are added.
    pub(super) fn tax(&self, behavior: &str) -> i64 {
        let of_behavior = self.taxes().filter(|tax| tax.str("tax_behavior") == Some(behavior));
        of_behavior.filter_map(|tax| tax.int("amount")).sum()
    }

    /// After discounts, with its taxes.
    pub(super) fn total(&self) -> i64 {
        self.amount - self.discount_amount + self.tax("exclusive")
    }
}

/// The lines of a credit note, in order.
pub fn of(tx: &Tx, note: &str) -> Vec<Arc<CreditNoteLine>> {
    rows(tx, note).iter().filter_map(|record| record.get()).collect()
}

/// The same as records.
pub(super) fn rows(tx: &Tx, note: &str) -> Vec<Arc<Record>> {
    let mut rows = tx.records_having(CreditNoteLine::KIND, "credit_note", note);
    rows.sort_by_key(|row| row.get::<CreditNoteLine>().map_or(0, |line| line.position));
    rows
}

/// A page of them.
pub(super) fn page(tx: &Tx, note: &str, call: &Call<'_>) -> Result<Outcome> {
    let row = |record| Item { shown: CreditNoteLine::KIND, record };
    let rows: Vec<Item> = rows(tx, note).into_iter().map(row).collect();
    list::page_of(&rows, call, LINES.noun).map(Outcome::List)
}

/// `GET /v1/credit_notes/:credit_note/lines`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let note = require::<CreditNote>(tx, call.arg(0), In::PathAs("credit_note"))?;
    page(tx, &note.id, call)
}

/// The registry's entry of the lines.
pub static LINES: Entry = Entry {
    kind: CreditNoteLine::KIND,
    fields: CreditNoteLine::FIELDS,
    noun: "credit note line item",
    id: IdForm::of("cnli_").led_by("1"),
    path_param: "id",
    operations: &[("credit_notes.lines.list", Behaviour::Read(list))],
    in_order: true,
    filters: &[crate::filter!("credit_note", CreditNoteLine, |line| line.credit_note.0.as_deref())],
    changes: older::OF_LINES,
    blank: Some(|_| body::blank_of(CreditNoteLine::KIND)),
    import: crate::contract::import::<CreditNoteLine>,
    ..Entry::PLAIN
};
