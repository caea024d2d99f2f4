//! Credit notes: what is taken off an invoice that is final (billing 5.4, billing-2 11.1).
//!
//! May use: invoices and their payments, refunds, the customer's balance. Invariant: the notes of an invoice that are not void, and
//! the refunds of its payments that belong to none of them, never come to more than the invoice.

mod amounts;
mod create;
mod lines;
mod marks;
mod older;
mod settle;

pub use self::lines::{CreditNoteLine, LINES, of as lines_of};

use crate::contract::{
    Behaviour, Call, Ctx, Entry, Events, Expand, Fill, In, Include, Outcome, Shown, Trigger, Turn, require,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::invoices;
use crate::resources::customers::customer;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Kind, Ref, Tx};

crate::values! {
    /// Whether a credit note counts.
    pub enum CreditNoteStatus {
        Issued = "issued",
        Void = "void",
    }
}

crate::values! {
    /// When the invoice was paid (billing-2 11.1).
    pub enum CreditNoteType {
        /// A part of it was, and the rest was open.
        Mixed = "mixed",
        /// Before the credit note.
        PostPayment = "post_payment",
        /// Not yet.
        PrePayment = "pre_payment",
    }
}

crate::resource! {
    /// A credit note.
    CreditNote = "credit_note" {
        /// Unix seconds.
        created: i64,
        /// What it comes to, in the currency's smallest unit.
        amount: i64,
        /// Three letters, lower case.
        currency: String,
        /// Whose invoice it is.
        customer: Id,
        /// The invoice.
        invoice: Id,
        /// The user's own keys and values.
        metadata: Map,
        /// The part of what had been paid.
        post_payment_amount: i64,
        /// The part of what was still to be paid.
        pre_payment_amount: i64,
        /// Whether it counts.
        status: CreditNoteStatus,
        /// When the invoice was paid.
        paid as "type": CreditNoteType,
        /// When it was voided, in Unix seconds.
        voided_at: Option<i64>,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = CreditNote::KIND;

/// The credit notes of an invoice, newest first.
fn of_invoice(tx: &Tx, invoice: &str) -> Vec<std::sync::Arc<CreditNote>> {
    tx.having::<CreditNote>("invoice", invoice)
}

/// `POST /v1/credit_notes/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let note = require::<CreditNote>(tx, call.arg(0), In::Path)?;
    let mut shown = note.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = CreditNote::from_docs(shown, note.hidden_doc(), note.created).map_err(|_| ApiError::internal())?;
    tx.save(&note, changed);
    Ok(Outcome::Done(Ref::to(&*note)))
}

/// `POST /v1/credit_notes/:id/void`: the invoice asks for the amount again.
fn void(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let note = require::<CreditNote>(tx, call.arg(0), In::Path)?;
    if note.status == CreditNoteStatus::Void {
        return Err(ApiError::credit_note_is_void());
    }
    let invoice = require::<invoices::Invoice>(tx, &note.invoice, In::Path)?;
    if !invoice.is_open() {
        return Err(ApiError::credit_note_needs_open_invoice());
    }
    invoices::give_back(tx, &invoice.id, note.pre_payment_amount);
    let now = ctx.now_of(tx, invoice.clock());
    tx.update::<CreditNote>(&note.id, |note| {
        note.status = CreditNoteStatus::Void;
        note.voided_at = Some(now);
    });
    Ok(Outcome::Done(Ref::to(&*note)))
}

/// A change with an event of its own (billing-2 12.5).
const TURNS: &[Turn] =
    &[crate::becomes!(CreditNote, ["credit_note.voided"], |note| note.status == CreditNoteStatus::Void)];

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::post("credit_note.created", "/v1/credit_notes", &[("invoice", "{id}"), ("amount", "{amount_remaining}")])
        .of(crate::kind!("invoice")),
    Trigger::post(
        "credit_note.created",
        "/v1/credit_notes",
        &[("invoice", "{id}"), ("amount", "{amount_paid}"), ("out_of_band_amount", "{amount_paid}")],
    )
    .of(crate::kind!("invoice")),
    Trigger::update("credit_note.updated", "/v1/credit_notes/{id}"),
    Trigger::post("credit_note.voided", "/v1/credit_notes/{id}/void", &[]),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: marks::MARKS,
    fields: CreditNote::FIELDS,
    noun: "credit note",
    id: IdForm::of("cn_").led_by("1"),
    path_param: "id",
    operations: &[
        ("credit_notes.create", Behaviour::Write(create::create)),
        ("credit_notes.preview", Behaviour::Read(create::preview)),
        ("credit_notes.preview.lines.list", Behaviour::Read(create::preview_lines)),
        ("credit_notes.retrieve", Behaviour::Retrieve),
        ("credit_notes.update", Behaviour::Write(update)),
        ("credit_notes.list", Behaviour::List),
        ("credit_notes.void_credit_note", Behaviour::Write(void)),
    ],
    filters: &[
        crate::filter!("invoice", CreditNote, |note| Some(&*note.invoice), Some(crate::kind!("invoice"))),
        crate::filter!("customer", CreditNote, |note| Some(&*note.customer), Some(customer::KIND)),
        crate::filter!("customer_account", CreditNote, |note| note.rest.str("customer_account")),
    ],
    includes: &[Include {
        field: "lines",
        shown: Shown::Always,
        total_count: false,
        rows: lines::rows,
        url: |note| format!("/v1/credit_notes/{note}/lines"),
    }],
    expands: &[Expand::reference("refund", &["refund"])],
    changes: older::CHANGES,
    older: older::PARAMS,
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<CreditNote>,
    events: Events {
        created: Some("credit_note.created"),
        updated: &["credit_note.updated"],
        turns: TURNS,
        ..Events::NONE
    },
    named_by: &["credit_note"],
    defaults: &[
        ("amount", Fill::Int(0)),
        ("amount_shipping", Fill::Int(0)),
        ("currency", Fill::Text("usd")),
        ("discount_amount", Fill::Int(0)),
        ("discount_amounts", Fill::EmptyList),
        ("effective_at", Fill::Now),
        ("post_payment_amount", Fill::Int(0)),
        ("pre_payment_amount", Fill::Int(0)),
        ("pretax_credit_amounts", Fill::EmptyList),
        ("refunds", Fill::EmptyList),
        ("shipping_cost", Fill::Null),
        ("status", Fill::Text("issued")),
        ("subtotal", Fill::Int(0)),
        ("subtotal_excluding_tax", Fill::Int(0)),
        ("total", Fill::Int(0)),
        ("total_excluding_tax", Fill::Int(0)),
        ("total_taxes", Fill::EmptyList),
        ("type", Fill::Text("pre_payment")),
    ],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
