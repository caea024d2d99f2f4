//! Showing cash balances and changing their settings (core-payments 3.1, 3.8).
//!
//! May use: customers, documents. Invariant: every customer has a cash balance to show, stored or not.

use super::CashBalance;
use crate::contract::{Call, Ctx, Outcome};
use crate::error::Result;
use crate::object::template;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Id, Tx};

/// An empty balance of a customer.
fn empty(customer: &Id, created: i64) -> CashBalance {
    let mut rest = template::template(CashBalance::KIND);
    rest.set("livemode", false);
    CashBalance {
        id: Id::clone(customer),
        available: Doc::Null,
        customer: Id::clone(customer),
        settings: settings("automatic", true),
        created,
        rest,
    }
}

fn settings(mode: &str, is_default: bool) -> Map {
    Map::from([("reconciliation_mode", Doc::from(mode.to_owned())), ("using_merchant_default", is_default.into())])
}

/// Stores a customer's balance if it is not stored yet.
pub(super) fn ensure(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id) {
    if tx.get::<CashBalance>(customer).is_none() {
        tx.insert(empty(customer, ctx.now));
    }
}

/// A customer's cash balance as a document; every customer has one.
pub fn doc_of(tx: &Tx, customer: &str) -> Map {
    let stored = tx.get::<CashBalance>(customer);
    stored.map_or_else(|| empty(&customer.into(), 0).to_doc(), |balance| balance.to_doc())
}

/// Whether a customer ever had a cash balance; it may be zero.
pub fn has_any(tx: &Tx, customer: &str) -> bool {
    tx.get::<CashBalance>(customer).is_some_and(|balance| !balance.available.is_null())
}

/// `GET /v1/customers/:customer/cash_balance`.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    Ok(Outcome::Value(doc_of(tx, &customer.id).into()))
}

/// `POST /v1/customers/:customer/cash_balance`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    change_settings(tx, ctx, &customer.id, Some(&call.params));
    Ok(Outcome::Value(doc_of(tx, &customer.id).into()))
}

/// Merges the `settings` of a `cash_balance` parameter into those of a customer's balance.
pub fn change_settings(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, change: Option<&Map>) {
    let mode = change.and_then(|change| change.map("settings")).and_then(|sent| sent.str("reconciliation_mode"));
    let Some(mode) = mode else { return };
    let changed = match mode {
        "merchant_default" => settings("automatic", true),
        mode => settings(mode, false),
    };
    ensure(tx, ctx, customer);
    if tx.get::<CashBalance>(customer).is_some_and(|balance| balance.settings != changed) {
        tx.update::<CashBalance>(customer, |balance| balance.settings = changed);
    }
}
