//! Changing a draft and its lines, and the little that changes later (billing 3.1, 3.5).
//!
//! May use: invoice items, discounts. Invariant: a refused call changes nothing; the lines of an invoice that is no draft never
//! change.

use std::sync::Arc;

use super::{Invoice, InvoiceLine, KIND, draft, lines, reference, terms};
use crate::contract::{Call, Ctx, In, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::object::{body, metadata};
use crate::resources::billing::invoice_items::{self, InvoiceItem, NewItem};
use crate::resources::catalog::discounts;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Ref, Tx};

/// What may change of an invoice that is no draft.
const LATER: &[&str] = &[
    "auto_advance",
    "days_until_due",
    "default_payment_method",
    "default_source",
    "due_date",
    "metadata",
    "payment_settings",
];

/// `POST /v1/invoices/:invoice`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    // The error's `param` is `id` here (billing 3.9).
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("id"))?;
    body::check_references(tx, call, KIND)?;
    let params = &call.params;
    if !invoice.is_draft()
        && let Some((frozen, _)) = params.iter().find(|(key, _)| !LATER.contains(key))
    {
        return Err(ApiError::invoice_is_finalized(frozen));
    }
    let mut changed = Edit::of(Arc::clone(&invoice));
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &body_of(params))?;
    changed.rest = rest;
    if let Some(number) = params.get("number") {
        changed.number = number.as_str().map(str::to_owned);
    }
    if let Some(date) = params.get("effective_at") {
        changed.effective_at = date.as_int();
    }
    terms::apply(tx, ctx, &mut changed, params)?;
    super::due::plan_notices(&mut changed, &ctx.settings);
    terms::discount(tx, ctx, &mut changed, params)?;
    changed.save(tx);
    draft::sync(tx, ctx, &invoice.id)?;
    Ok(Outcome::Done(reference(&invoice.id)))
}

/// The parameters that are shown as they are sent, without those of typed fields.
fn body_of(params: &Map) -> Map {
    let mut shown = terms::shown(params);
    for typed in ["auto_advance", "collection_method", "effective_at", "number"] {
        let _ = shown.remove(typed);
    }
    shown
}

/// `DELETE /v1/invoices/:invoice`: a draft goes with its items.
pub(super) fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::Path)?;
    if !invoice.is_draft() {
        return Err(ApiError::invoice_is_no_draft());
    }
    if invoice.subscription().is_some() {
        return Err(ApiError::invoice_of_subscription());
    }
    tx.quietly(|tx| {
        for line in lines::of(tx, &invoice.id) {
            tx.delete::<InvoiceLine>(&line.id);
        }
        for item in tx.having::<InvoiceItem>("invoice", &invoice.id) {
            invoice_items::remove(tx, &item.id);
        }
    });
    for discount in &invoice.discounts {
        if tx.get::<discounts::Discount>(discount).is_some_and(|known| known.invoice.as_ref() == Some(&invoice.id)) {
            discounts::remove(tx, discount);
        }
    }
    tx.delete::<Invoice>(&invoice.id);
    Ok(Outcome::Deleted(reference(&invoice.id)))
}

/// A draft whose lines may change.
fn editable(tx: &Tx, id: &str) -> Result<Arc<Invoice>> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.is_draft() { Ok(invoice) } else { Err(ApiError::invoice_not_editable()) }
}

/// `POST /v1/invoices/:invoice/add_lines`.
pub(super) fn add_lines(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = editable(tx, call.arg(0))?;
    // Each comes first, so the last one is added first (billing 3.5).
    for (index, line) in sent(call).into_iter().enumerate().rev() {
        let item = add_item(tx, ctx, &invoice, &line).map_err(|error| error.inside(&format!("lines[{index}]")))?;
        let item = require::<InvoiceItem>(tx, &item, In::Path)?;
        lines::add(tx, ctx, &invoice.id, &item, lines::Side::Front);
    }
    finish(tx, ctx, &invoice.id, call)
}

/// The item of a new line: a pending one, or a new one.
fn add_item(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice, line: &Map) -> Result<Id> {
    let Some(id) = line.str("invoice_item") else {
        let about = NewItem {
            invoice: Some(&invoice.id),
            customer: invoice.customer.as_ref(),
            currency: Some(&invoice.currency),
        };
        return invoice_items::create_from(tx, ctx, line, &about);
    };
    let item = require::<InvoiceItem>(tx, id, In::Param("invoice_item"))?;
    if item.invoice.is_some() || Some(&item.customer) != invoice.customer.as_ref() {
        return Err(ApiError::invoice_item_is_taken(id));
    }
    if item.currency != invoice.currency {
        return Err(ApiError::invoice_currencies_differ(&item.currency, &invoice.currency));
    }
    invoice_items::assign(tx, id, Some(&invoice.id));
    Ok(Id::clone(&item.id))
}

/// `POST /v1/invoices/:invoice/update_lines`.
pub(super) fn update_lines(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = editable(tx, call.arg(0))?;
    for (index, sent) in sent(call).into_iter().enumerate() {
        let line = line_of(tx, &invoice, sent.str("id").unwrap_or_default(), index)?;
        change_line(tx, ctx, &line, &sent).map_err(|error| error.inside(&format!("lines[{index}]")))?;
    }
    finish(tx, ctx, &invoice.id, call)
}

/// `POST /v1/invoices/:invoice/remove_lines`.
pub(super) fn remove_lines(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = editable(tx, call.arg(0))?;
    for (index, sent) in sent(call).into_iter().enumerate() {
        let line = line_of(tx, &invoice, sent.str("id").unwrap_or_default(), index)?;
        tx.delete::<InvoiceLine>(&line.id);
        if let Some(item) = line.item() {
            match sent.str("behavior") {
                Some("unassign") => invoice_items::assign(tx, item, None),
                _ => invoice_items::remove(tx, item),
            }
        }
    }
    finish(tx, ctx, &invoice.id, call)
}

/// `POST /v1/invoices/:invoice/lines/:line_item_id`.
pub(super) fn update_line(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, call.arg(0), In::PathAs("invoice"))?;
    if !invoice.is_draft() {
        return Err(ApiError::invoice_not_editable());
    }
    let line = tx.get::<InvoiceLine>(call.arg(1)).filter(|line| line.invoice.as_ref() == Some(&invoice.id));
    let line = line.ok_or_else(|| crate::contract::missing(lines::LINES.kind, call.arg(1), In::Path))?;
    change_line(tx, ctx, &line, &call.params)?;
    draft::sync(tx, ctx, &invoice.id)?;
    Ok(Outcome::Done(Ref::to(&*line)))
}

fn sent(call: &Call<'_>) -> Vec<Map> {
    call.params.list("lines").unwrap_or_default().iter().filter_map(Doc::as_map).cloned().collect()
}

fn line_of(tx: &Tx, invoice: &Invoice, id: &str, index: usize) -> Result<Arc<InvoiceLine>> {
    let line = tx.get::<InvoiceLine>(id).filter(|line| line.invoice.as_ref() == Some(&invoice.id));
    line.ok_or_else(|| missing_as(lines::LINES.noun, id, In::Param(&format!("lines[{index}][id]"))))
}

/// Changes what a line bills: its item.
fn change_line(tx: &mut Tx, ctx: &Ctx<'_>, line: &InvoiceLine, params: &Map) -> Result<()> {
    match line.item() {
        Some(item) => invoice_items::change(tx, ctx, item, params),
        None => Err(ApiError::not_implemented_feature("changing a line that no invoice item stands behind")),
    }
}

/// The draft with what its lines became.
fn finish(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    let merged = metadata::merge(&invoice.metadata, call.params.get("invoice_metadata"))?;
    if merged != invoice.metadata {
        tx.update::<Invoice>(id, |invoice| invoice.metadata = merged);
    }
    draft::sync(tx, ctx, id)?;
    Ok(Outcome::Done(reference(id)))
}
