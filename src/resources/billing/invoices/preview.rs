//! Previews: what the next invoice would be (billing 3.8, billing-2 5.8).
//!
//! May use: invoice items, customers. Invariant: a preview is the real thing, made on a copy of the state that is thrown away,
//! so it cannot disagree with what it previews.

use super::{BillingReason, Invoice, billing_credits, create, lines, reference};
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

/// Whether `GET /v1/invoices/upcoming` is an operation of the request's version.
///
/// # Errors
/// There is no such invoice any more.
pub fn check_version(ctx: &Ctx<'_>) -> Result<()> {
    if ctx.version.has(UPCOMING_IS_GONE) { Err(missing(super::KIND, "upcoming", In::Path)) } else { Ok(()) }
}

/// The answer that shows the preview in a copy of the state.
pub fn shown(copy: Tx, id: &Id) -> Outcome {
    Outcome::Preview(Box::new(copy), Box::new(Outcome::Done(reference(id))))
}

/// The answer that shows its lines.
///
/// # Errors
/// Those of a list.
pub fn shown_lines(copy: Tx, id: &Id, call: &Call<'_>) -> Result<Outcome> {
    let row = |record| Item { shown: lines::LINES.kind, record };
    let rows: Vec<Item> = lines::rows(&copy, id).into_iter().map(row).collect();
    let page = list::page_of(&rows, call, lines::LINES.noun)?;
    Ok(Outcome::Preview(Box::new(copy), Box::new(Outcome::List(page))))
}

/// Who is billed in a preview.
#[derive(Clone, Debug)]
pub struct PreviewedCustomer {
    /// The customer, in the copy of the state.
    pub customer: Id,
    /// Whether it is stored; otherwise it was described for the preview.
    is_known: bool,
}

/// The customer that the parameters name or describe, or the `usual` one, in a copy of the state, with the items of the preview
/// pending; `None` if there is none.
///
/// # Errors
/// There is no such customer; a description or an item that cannot be.
pub fn billed(copy: &mut Tx, ctx: &Ctx<'_>, params: &Map, usual: Option<&Id>) -> Result<Option<PreviewedCustomer>> {
    let named = params.str("customer").map(|id| require::<Customer>(copy, id, In::Param("customer"))).transpose()?;
    let known = named.map(|customer| Id::clone(&customer.id)).or_else(|| usual.cloned());
    let is_known = known.is_some();
    let customer = match (known, params.map("customer_details")) {
        (Some(customer), details) => {
            know(copy, ctx, &customer, details)?;
            customer
        }
        (None, Some(details)) => operations::make(copy, ctx, &described(details))?,
        (None, None) => return Ok(None),
    };
    for (index, item) in params.list("invoice_items").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        add(copy, ctx, &customer, item).map_err(|error| error.inside(&format!("invoice_items[{index}]")))?;
    }
    Ok(Some(PreviewedCustomer { customer, is_known }))
}

/// The invoice of what is pending.
///
/// # Errors
/// Nothing is.
pub fn of_pending(copy: &mut Tx, ctx: &Ctx<'_>, params: &Map, customer: &Id) -> Result<Id> {
    if invoice_items::pending(copy, customer).is_empty() {
        return Err(ApiError::nothing_upcoming(customer));
    }
    let kept = ["automatic_tax", "currency", "discounts", "issuer", "on_behalf_of"];
    let kept = kept.into_iter().filter_map(|name| Some((name.into(), params.get(name)?.clone())));
    let mut sent = Map::from_entries(kept.collect());
    sent.set("customer", customer.to_string());
    sent.set("pending_invoice_items_behavior", "include");
    if let Some(coupon) = params.present("coupon") {
        sent.set("discounts", Doc::List(vec![Map::from([("coupon", coupon.clone())]).into()]));
    }
    create::make(copy, ctx, &sent, create::Purpose::Preview)
}

/// A preview shows what the customer's billing credits would pay.
///
/// # Errors
/// Its taxes cannot be computed.
pub fn spend_credits(copy: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    billing_credits::show(copy, ctx, id)
}

/// A preview says that it is one, and not of whom if nobody knows the customer.
pub fn tell(copy: &mut Tx, id: &Id, billed: &PreviewedCustomer) {
    copy.update::<Invoice>(id, |invoice| {
        invoice.billing_reason = Some(BillingReason::Upcoming);
        if !billed.is_known {
            invoice.customer = None;
        }
    });
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
