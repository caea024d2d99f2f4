//! Invoices of quotes that were accepted and recur not (billing 5.2, billing-2 11.3).
//!
//! May use: invoice items, customers. Invariant: such an invoice is a draft that bills what the quote offered, and nothing else.

use super::{BillingReason, Invoice, create, draft, reference, terms};
use crate::contract::{Ctx, In, require};
use crate::error::Result;
use crate::resources::billing::invoice_items;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// What a quote offered.
#[derive(Debug)]
pub struct QuotedSale<'a> {
    /// The quote.
    pub quote: &'a Id,
    /// Who accepted it.
    pub customer: &'a Id,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The lines: `price`, `quantity`, `tax_rates`, `discounts`.
    pub lines: Vec<Map>,
    /// Other parameters of the invoice, its `discounts` among them.
    pub params: Map,
}

/// Makes the draft of a quote.
///
/// # Errors
/// It cannot have these parameters, or a discount can no longer be redeemed.
pub fn draft_of_quote(tx: &mut Tx, ctx: &Ctx<'_>, sale: &QuotedSale<'_>) -> Result<Id> {
    invoice_items::note_currency(tx, sale.customer, sale.currency);
    let id = tx.quietly(|tx| make(tx, ctx, sale))?;
    tx.announce("invoice.created", &reference(&id));
    Ok(id)
}

fn make(tx: &mut Tx, ctx: &Ctx<'_>, sale: &QuotedSale<'_>) -> Result<Id> {
    let id = create::sold(tx, ctx, &sale.params, (sale.customer, sale.currency), &sale.lines)?;
    draft::sync(tx, ctx, &id)?;
    let mut invoice = Edit::of(require::<Invoice>(tx, &id, In::Path)?);
    terms::discount(tx, ctx, &mut invoice, &sale.params)?;
    invoice.billing_reason = Some(BillingReason::QuoteAccept);
    let details = Map::from([("quote", sale.quote.to_string())]);
    let parent = Map::from([
        ("quote_details", Doc::from(details)),
        ("subscription_details", Doc::Null),
        ("type", "quote_details".into()),
    ]);
    invoice.rest.set("parent", parent);
    invoice.save(tx);
    draft::sync(tx, ctx, &id)?;
    Ok(id)
}
