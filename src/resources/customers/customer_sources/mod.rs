//! A customer's sources: cards, bank accounts and Source objects behind one list (core-payments 3.4 to
//! 3.6, 5.3).
//!
//! May use: customers, cards, bank accounts, sources, tokens. Invariant: attaching the first source makes it
//! the default, and removing the default promotes the most recently added of the rest.

mod attach;
pub(super) mod operations;

use std::cmp::Reverse;
use std::sync::Arc;

pub(super) use self::attach::{PreparedSource, prepare};

use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::instruments::sources::{self, Source};
use crate::state::document::Doc;
use crate::state::object::Resource;
use crate::state::{Id, Record, Tx};

/// The customer's sources: the default first, the others newest first (core-payments 3.6.7).
pub fn rows(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    let Some(customer) = tx.get::<Customer>(customer) else { return Vec::new() };
    let mut rows = newest_first(tx, &customer);
    if let Some(at) = rows.iter().position(|row| Some(row.object.id()) == customer.default_source.as_ref()) {
        rows[..=at].rotate_right(1);
    }
    rows
}

/// By the time of attaching; sources from a dump, which does not contain it, come last, by the time of creation.
fn newest_first(tx: &Tx, customer: &Customer) -> Vec<Arc<Record>> {
    let kinds = [Card::KIND, BankAccount::KIND, Source::KIND];
    let of_kind = |kind| tx.records_having(kind, "customer", &customer.id);
    let mut rows: Vec<_> = kinds.into_iter().flat_map(of_kind).collect();
    let attached = |row: &Record| customer.attached.iter().position(|id| id == row.object.id());
    rows.sort_by_key(|row| Reverse((attached(row), row.place)));
    rows
}

/// The customer's source with this id.
pub fn find(tx: &Tx, customer: &str, id: &str) -> Option<Instrument> {
    let found = tx
        .get::<Card>(id)
        .map(Instrument::Card)
        .or_else(|| tx.get::<BankAccount>(id).map(Instrument::BankAccount))
        .or_else(|| tx.get::<Source>(id).map(Instrument::Source))?;
    (found.customer().map(AsRef::as_ref) == Some(customer)).then_some(found)
}

/// Attaches the object of the `source` parameter (a token, a source id or a hash) to a customer, and makes it the
/// default if it is the first (core-payments 3.4, 5.3). `param` is the parameter's name.
///
/// # Errors
/// It cannot be attached, or the card is declined (core-payments 3.5); nothing is written then.
pub fn attach(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, source: &Doc, param: &'static str) -> Result<Instrument> {
    let prepared = prepare(tx, ctx, customer, source, param)?;
    Ok(store(tx, customer, prepared))
}

/// Stores a prepared source, and updates its customer.
fn store(tx: &mut Tx, customer: &str, prepared: PreparedSource) -> Instrument {
    let attached = prepared.store(tx);
    tx.update::<Customer>(customer, |customer| note_attached(customer, attached.id()));
    attached
}

/// Updates a customer whose source was attached: the first source is the default.
pub(super) fn note_attached(customer: &mut Customer, id: &Id) {
    customer.attached.push(Id::clone(id));
    customer.default_source.get_or_insert_with(|| Id::clone(id));
}

/// Removes a source from its customer: a card or bank account is deleted, a Source object is consumed (core-payments
/// 5.3.12 to 5.3.14); the default changes (core-payments 3.6.6).
pub fn remove(tx: &mut Tx, customer: &str, id: &str) {
    release(tx, customer, id);
    let Some(owner) = tx.get::<Customer>(customer) else { return };
    let mut changed = Customer::clone(&owner);
    note_removed(tx, &mut changed, id);
    tx.save(&owner, changed);
}

/// Ends a customer's source; the caller updates the customer.
pub(super) fn release(tx: &mut Tx, customer: &str, id: &str) {
    match find(tx, customer, id) {
        Some(Instrument::Card(_)) => tx.delete::<Card>(id),
        Some(Instrument::BankAccount(_)) => tx.delete::<BankAccount>(id),
        Some(Instrument::Source(_)) => sources::detach(tx, id),
        Some(Instrument::PaymentMethod(_)) | None => {}
    }
}

/// Updates a customer whose source was removed: the newest of the rest is the default, and invoices are no longer
/// charged to the removed one (core-payments 3.6.6, 4.5.6).
pub(super) fn note_removed(tx: &Tx, customer: &mut Customer, id: &str) {
    customer.attached.retain(|attached| &**attached != id);
    if customer.default_source.as_deref() == Some(id) {
        customer.default_source = newest_first(tx, customer).first().map(|row| Id::clone(row.object.id()));
    }
    if let Some(Doc::Map(settings)) = customer.rest.get_mut("invoice_settings")
        && settings.str("default_payment_method") == Some(id)
    {
        settings.set("default_payment_method", Doc::Null);
    }
}
