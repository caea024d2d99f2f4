//! Credits: a customer's grants pay for the metered lines of an invoice that is finalized (billing-2 11.2).
//!
//! May use: the grants, prices. Invariant: credits pay what discounts leave of a line, before its taxes; a draft shows none.

use std::sync::Arc;

use super::{Invoice, InvoiceLine, draft};
use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::billing::credits::{self, Applied, MeteredLine, Share};
use crate::resources::catalog::prices::{self, Price};
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// Lets the customer's grants pay for the metered lines of a draft, and computes its amounts again.
///
/// # Errors
/// Its taxes cannot be computed.
pub(super) fn spend(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice) -> Result<()> {
    let Some(customer) = invoice.customer.as_ref() else { return Ok(()) };
    let mut lines = super::lines_of(tx, &invoice.id);
    lines.retain(|line| has_meter(tx, line));
    let metered: Vec<MeteredLine<'_>> = lines.iter().filter_map(|line| owed(line)).collect();
    let applied = credits::burn(tx, ctx, customer, &invoice.id, &invoice.currency, &metered);
    if applied.is_empty() {
        return Ok(());
    }
    tx.quietly(|tx| {
        for (place, line) in lines.iter().enumerate() {
            let own: Vec<Map> = applied.iter().filter(|one| one.share.line == place).map(shown).collect();
            if !own.is_empty() {
                tx.update::<InvoiceLine>(&line.id, |line| line.credits = Absent(Some(own)));
            }
        }
        draft::sync(tx, ctx, &invoice.id)
    })
}

/// Shows in a preview what the customer's grants would pay; no transaction is named, since there is none yet.
///
/// # Errors
/// Its taxes cannot be computed.
pub(super) fn show(copy: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(invoice) = copy.get::<Invoice>(id) else { return Ok(()) };
    let Some(customer) = invoice.customer.as_ref() else { return Ok(()) };
    let mut lines = super::lines_of(copy, id);
    lines.retain(|line| has_meter(copy, line));
    let metered: Vec<MeteredLine<'_>> = lines.iter().filter_map(|line| owed(line)).collect();
    let shares = credits::plan(copy, customer, &invoice.currency, &metered);
    for (place, line) in lines.iter().enumerate() {
        let own: Vec<Map> =
            shares.iter().filter(|share| share.line == place).map(|share| of_share(share, None)).collect();
        if !own.is_empty() {
            copy.update::<InvoiceLine>(&line.id, |line| line.credits = Absent(Some(own)));
        }
    }
    if shares.is_empty() { Ok(()) } else { draft::sync(copy, ctx, id) }
}

/// Whether a line bills a price with a meter.
fn has_meter(tx: &Tx, line: &Arc<InvoiceLine>) -> bool {
    // A price may be deleted while it is billed.
    let price = line.price().and_then(|price| tx.record(prices::KIND, price)?.get::<Price>());
    let recurring = price.as_ref().and_then(|price| price.rest.map("recurring"));
    recurring.is_some_and(|recurring| recurring.present("meter").is_some())
}

/// What discounts leave of a line.
fn owed(line: &InvoiceLine) -> Option<MeteredLine<'_>> {
    let discounts = line.rest.list("discount_amounts").unwrap_or_default().iter().filter_map(Doc::as_map);
    let off = discounts.filter_map(|one| one.int("amount")).fold(0, i64::saturating_add);
    Some(MeteredLine { id: &line.id, price: line.price()?, amount: line.amount.saturating_sub(off) })
}

fn shown(applied: &Applied) -> Map {
    of_share(&applied.share, Some(&applied.transaction))
}

fn of_share(share: &Share, transaction: Option<&Id>) -> Map {
    Map::from([
        ("amount", Doc::from(share.amount)),
        ("credit_balance_transaction", transaction.map(|id| id.to_string()).into()),
        ("type", "credit_balance_transaction".into()),
    ])
}
