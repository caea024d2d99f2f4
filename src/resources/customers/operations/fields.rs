//! The parameters of a customer that only change the customer (core-payments 3.1).
//!
//! May use: documents, the errors, metadata. Invariant: an address that is shown is complete, and an invoice prefix
//! belongs to one customer.

use std::sync::Arc;

use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::object::{metadata, template};
use crate::resources::customers::customer::{Customer, InvoicePrefix};
use crate::state::document::{Doc, Map};
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Record, Tx};

/// Fields that are stored as they are sent; nested objects are merged leaf by leaf, `null` unsets.
const KEPT: &[&str] = &[
    "balance",
    "business_name",
    "description",
    "individual_name",
    "name",
    "next_invoice_sequence",
    "phone",
    "preferred_locales",
    "tax_exempt",
];

/// The largest number of custom fields on a customer's invoices (core-payments 3.1).
const CUSTOM_FIELDS_MAX: usize = 4;

/// Applies the parameters that change nothing but the customer.
pub(super) fn change(tx: &Tx, customer: &mut Customer, params: &Map) -> Result<()> {
    if let Some(email) = params.get("email") {
        customer.email = email.as_str().map(str::to_owned);
    }
    for key in KEPT {
        match params.get(key) {
            None => {}
            // An unset `tax_exempt` returns to its default.
            Some(Doc::Null) if *key == "tax_exempt" => customer.rest.set(*key, "none"),
            Some(value) => customer.rest.set(*key, value.clone()),
        }
    }
    if params.int("next_invoice_sequence").is_some_and(|next| next < 1) {
        return Err(ApiError::param_below("next_invoice_sequence", 1));
    }
    // A balance is kept in the account's currency (core-payments 3.1).
    if params.int("balance").is_some_and(|balance| balance != 0) && customer.rest.present("currency").is_none() {
        customer.rest.set("currency", "usd");
    }
    for key in ["address", "shipping"] {
        merge_nested(&mut customer.rest, params, key);
    }
    if let Some(Doc::Map(settings)) = params.get("invoice_settings") {
        let mut settings = settings.clone();
        // It must be attached, which is checked after the sources are created.
        let _ = settings.remove("default_payment_method");
        if settings.list("custom_fields").is_some_and(|fields| fields.len() > CUSTOM_FIELDS_MAX) {
            return Err(ApiError::array_too_long("invoice_settings[custom_fields]", CUSTOM_FIELDS_MAX));
        }
        let mut merged = customer.rest.map("invoice_settings").cloned().unwrap_or_default();
        merged.merge(&settings);
        let mut merged = Doc::Map(merged);
        template::complete_key(Customer::KIND, "invoice_settings", &mut merged);
        customer.rest.set("invoice_settings", merged);
    }
    // A customer may send its own prefix again, also a generated one.
    if let Some(prefix) = params.get("invoice_prefix")
        && customer.rest.get("invoice_prefix") != Some(prefix)
    {
        check_prefix(tx, &customer.id, prefix.as_str().unwrap_or_default())?;
        customer.rest.set("invoice_prefix", prefix.clone());
    }
    customer.metadata = metadata::merge(&customer.metadata, params.get("metadata"))?;
    Ok(())
}

/// `address` and `shipping`: one leaf leaves the others, an empty object changes nothing, and the result is complete
/// (core-payments 1.2.8, 3.1).
fn merge_nested(rest: &mut Map, params: &Map, key: &'static str) {
    match params.get(key) {
        Some(Doc::Map(change)) if change.is_empty() => {}
        Some(Doc::Map(change)) => {
            let mut merged = rest.map(key).cloned().unwrap_or_default();
            merged.merge(change);
            let mut merged = Doc::Map(merged);
            template::complete_key(Customer::KIND, key, &mut merged);
            rest.set(key, merged);
        }
        Some(_) => rest.set(key, Doc::Null),
        None => {}
    }
}

/// Upper-case letters and digits, and no other customer's (core-payments 3.1).
fn check_prefix(tx: &Tx, id: &str, prefix: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !(1..=12).contains(&prefix.len()) || !prefix.bytes().all(fits) {
        return Err(ApiError::invoice_prefix_invalid());
    }
    let chosen = tx.get::<InvoicePrefix>(prefix).map(|taken| Id::clone(&taken.customer));
    match chosen.or_else(|| made_up_for(tx, prefix)).filter(|owner| &**owner != id) {
        Some(owner) => Err(ApiError::invoice_prefix_taken(&owner)),
        None => Ok(()),
    }
}

/// The customer for whom this prefix was generated. This is needed too seldom for an index.
fn made_up_for(tx: &Tx, prefix: &str) -> Option<Id> {
    let customers = tx.state().table(tx.account(), Customer::KIND)?;
    let mut all = customers.live().chain(customers.deleted());
    let has_it = |record: &&Arc<Record>| {
        downcast::<Customer>(&*record.object).is_some_and(|one| one.rest.str("invoice_prefix") == Some(prefix))
    };
    all.find(has_it).map(|record| Id::clone(record.object.id()))
}

/// Reserves a chosen prefix of a customer, for ever.
pub(super) fn reserve_prefix(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, params: &Map) {
    if let Some(prefix) = params.str("invoice_prefix").filter(|prefix| tx.get::<InvoicePrefix>(prefix).is_none()) {
        let (id, customer) = (prefix.into(), Id::clone(customer));
        tx.insert(InvoicePrefix { id, created: ctx.now, customer, rest: Map::new() });
    }
}
