//! Previews: what the next invoice would be (billing 3.8, billing-2 5.8).
//!
//! May use: invoice items, customers. Invariant: a preview is the real thing, made on a copy of the state that is thrown away,
//! so it cannot disagree with what it previews.

use super::{BillingReason, Invoice, create, lines, reference};
use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, In, Item, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items::{self, NewItem};
use crate::resources::customers::customer::Customer;
use crate::resources::customers::operations;
use crate::resources::customers::tax_ids;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// `GET /v1/invoices/upcoming` is gone: `upcoming` is an id that no invoice has.
const UPCOMING_IS_GONE: Gate = Gate::since("2025-03-31.basil");

/// `POST /v1/invoices/create_preview`.
pub(super) fn create_preview(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (copy, id) = make(tx, ctx, &call.params, ApiError::preview_needs_customer)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(Outcome::Done(reference(&id)))))
}

/// `GET /v1/invoices/upcoming`.
pub(super) fn upcoming(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_version(ctx)?;
    let (copy, id) = make(tx, ctx, &call.params, ApiError::upcoming_needs_customer)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(Outcome::Done(reference(&id)))))
}

/// `GET /v1/invoices/upcoming/lines`.
pub(super) fn upcoming_lines(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_version(ctx)?;
    let (copy, id) = make(tx, ctx, &call.params, ApiError::upcoming_needs_customer)?;
    let row = |record| Item { shown: lines::LINES.kind, record };
    let rows: Vec<Item> = lines::rows(&copy, &id).into_iter().map(row).collect();
    let page = list::page_of(&rows, call, lines::LINES.noun)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(Outcome::List(page))))
}

fn check_version(ctx: &Ctx<'_>) -> Result<()> {
    if ctx.version.has(UPCOMING_IS_GONE) { Err(missing(super::KIND, "upcoming", In::Path)) } else { Ok(()) }
}

/// A copy of the state with the invoice in it.
fn make(tx: &Tx, ctx: &Ctx<'_>, params: &Map, nobody: fn() -> ApiError) -> Result<(Tx, Id)> {
    let mut copy = tx.rehearsal();
    let tx = &mut copy;
    let known = params.str("customer").map(|id| require::<Customer>(tx, id, In::Param("customer"))).transpose()?;
    let customer = match (&known, params.map("customer_details")) {
        (Some(customer), details) => {
            know(tx, ctx, &customer.id, details)?;
            Id::clone(&customer.id)
        }
        (None, Some(details)) => operations::make(tx, ctx, &described(details))?,
        (None, None) => return Err(nobody()),
    };
    for (index, item) in params.list("invoice_items").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        add(tx, ctx, &customer, item).map_err(|error| error.inside(&format!("invoice_items[{index}]")))?;
    }
    if invoice_items::pending(tx, &customer).is_empty() {
        return Err(ApiError::nothing_upcoming(&customer));
    }
    let kept = ["automatic_tax", "currency", "discounts", "issuer", "on_behalf_of"];
    let kept = kept.into_iter().filter_map(|name| Some((name.into(), params.get(name)?.clone())));
    let mut sent = Map::from_entries(kept.collect());
    sent.set("customer", customer.to_string());
    sent.set("pending_invoice_items_behavior", "include");
    if let Some(coupon) = params.present("coupon") {
        sent.set("discounts", Doc::List(vec![Map::from([("coupon", coupon.clone())]).into()]));
    }
    let id = create::make(tx, ctx, &sent, create::Purpose::Preview)?;
    tx.update::<Invoice>(&id, |invoice| {
        invoice.billing_reason = Some(BillingReason::Upcoming);
        if known.is_none() {
            invoice.customer = None;
        }
    });
    Ok((copy, id))
}

/// A pending item that is another in the preview, or a new one.
fn add(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, item: &Map) -> Result<()> {
    match item.str("invoiceitem") {
        Some(known) => {
            require::<invoice_items::InvoiceItem>(tx, known, In::Param("invoiceitem"))?;
            invoice_items::change(tx, ctx, known, item)
        }
        None => {
            let about = NewItem { customer: Some(customer), ..NewItem::default() };
            invoice_items::create_from(tx, ctx, item, &about).map(drop)
        }
    }
}

/// The parameters of a customer who is described for a preview.
fn described(details: &Map) -> Map {
    let mut sent = details.clone();
    if let Some(ids) = sent.remove("tax_ids") {
        sent.set("tax_id_data", ids);
    }
    sent
}

/// What is known of a customer for a preview alone.
fn know(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, details: Option<&Map>) -> Result<()> {
    let Some(details) = details else { return Ok(()) };
    tx.update::<Customer>(customer, |customer| {
        for key in ["address", "shipping", "tax_exempt"] {
            if let Some(value) = details.get(key) {
                customer.rest.set(key, value.clone());
            }
        }
    });
    for (index, sent) in details.list("tax_ids").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        let within = format!("customer_details[tax_ids][{index}]");
        tax_ids::create(tx, ctx, Some(customer), sent, &within)?;
    }
    Ok(())
}

/// The line of a preview has an id of its own form (billing 3.5).
pub(super) fn line_id(ctx: &Ctx<'_>, invoice: &str) -> Id {
    let id = lines::LINES.id.draw(&ctx.ids);
    match is_preview(invoice) {
        true => id.replacen(lines::LINES.id.prefix, "il_tmp_", 1).into(),
        false => id.into(),
    }
}

/// What the ids of previews begin with.
pub(super) const PREFIX: &str = "upcoming_";

/// Whether an id is that of a preview.
pub(super) fn is_preview(invoice: &str) -> bool {
    invoice.starts_with(PREFIX)
}
