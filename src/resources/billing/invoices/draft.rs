//! A draft follows its items and its customer (billing 3.3, 3.5).
//!
//! May use: invoice items, customers and their balances. Invariant: every item of a draft has a line, and no line is without one.

use super::{Invoice, InvoiceLine, amounts, lines};
use crate::contract::Ctx;
use crate::error::Result;
use crate::object::template;
use crate::resources::billing::invoice_items::{self, InvoiceItem};
use crate::resources::billing::invoice_payments::InvoicePayment;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_balances;
use crate::state::document::{Doc, Map};
use crate::state::object::Flag;
use crate::state::{Edit, Id, Ref, Tx};

/// Brings a draft into line with its items and its customer.
///
/// # Errors
/// Its taxes cannot be computed.
pub(super) fn sync(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(invoice) = tx.get::<Invoice>(id).filter(|invoice| invoice.is_draft()) else { return Ok(()) };
    sync_lines(tx, ctx, id);
    let mut changed = Edit::of(std::sync::Arc::clone(&invoice));
    know_customer(tx, &mut changed);
    let balance = balance(tx, &changed);
    amounts::compute(tx, ctx, &mut changed, balance)?;
    if !crate::state::Object::shows_as(&*changed, &*invoice) {
        changed.save(tx);
    }
    Ok(())
}

/// Adds, changes and removes the lines of items.
pub(super) fn sync_lines(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let items = tx.having::<InvoiceItem>("invoice", id);
    let lines = lines::of(tx, id);
    for line in &lines {
        match line.item().map(|item| items.iter().find(|known| &*known.id == item)) {
            Some(Some(item)) => lines::update(tx, line, item),
            // A dump may lack the item of a line.
            Some(None) if is_known(tx, line) => tx.delete::<InvoiceLine>(&line.id),
            Some(None) | None => {}
        }
    }
    let has_line = |item: &InvoiceItem| lines.iter().any(|line| line.item() == Some(&item.id));
    for item in items.iter().rev().filter(|item| !has_line(item)) {
        lines::add(tx, ctx, id, item, lines::Side::End);
    }
}

fn is_known(tx: &Tx, line: &InvoiceLine) -> bool {
    line.item().is_some_and(|item| tx.record(invoice_items::KIND, item).is_some())
}

/// What an invoice of a dump is paid by; a draft is brought into line with its items.
pub(super) fn imported(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    let mut intents: Vec<Id> = tx
        .having::<InvoicePayment>("invoice", &about.id)
        .iter()
        .filter_map(|payment| payment.payment_intent().map(Id::from))
        .collect();
    let older = tx.get::<Invoice>(&about.id).and_then(|invoice| invoice.rest.str("payment_intent").map(Id::from));
    intents.extend(older.filter(|older| !intents.contains(older)));
    tx.update::<Invoice>(&about.id, |invoice| {
        if invoice.payment_intents.is_empty() {
            invoice.payment_intents = intents;
        }
        invoice.failing = Flag(invoice.is_open() && invoice.is_charged() && invoice.attempted);
    });
    sync(tx, ctx, &about.id)
}

/// The customer's balance in the invoice's currency.
pub(super) fn balance(tx: &Tx, invoice: &Invoice) -> i64 {
    let customer = invoice.customer.as_deref().unwrap_or_default();
    customer_balances::of_customer(tx, customer).int(&invoice.currency).unwrap_or_default()
}

/// What an invoice shows of its customer, until it is finalized (billing 3.3).
pub(super) fn know_customer(tx: &Tx, invoice: &mut Invoice) {
    let Some(customer) = invoice.customer.as_ref().and_then(|id| tx.get::<Customer>(id)) else { return };
    let of = |key: &str| customer.rest.get(key).cloned().unwrap_or_default();
    for (field, key) in [("customer_name", "name"), ("customer_phone", "phone"), ("customer_tax_exempt", "tax_exempt")]
    {
        invoice.rest.set(field, of(key));
    }
    for (field, key) in [("customer_address", "address"), ("customer_shipping", "shipping")] {
        let mut value = of(key);
        template::complete_key(super::KIND, field, &mut value);
        invoice.rest.set(field, value);
    }
    invoice.rest.set("customer_email", customer.email.clone());
    let ids = tx.records_having(crate::kind!("tax_id"), "customer", &customer.id);
    let shown = ids.iter().rev().map(|record| {
        let doc = record.object.to_doc();
        let part = |key: &str| doc.get(key).cloned().unwrap_or_default();
        Doc::from(Map::from([("type", part("type")), ("value", part("value"))]))
    });
    invoice.rest.set("customer_tax_ids", Doc::List(shown.collect()));
}
