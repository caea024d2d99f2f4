//! Tax ids of customers and of the account (core-payments 3.8).
//!
//! May use: customers. Invariant: a tax id belongs to one customer or to the account, for ever, and only a test number
//! becomes `verified` or `unverified`.

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, In, Marked, Outcome, Trigger, Under, require, require_of};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::customers::customer;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};

crate::resource! {
    /// A tax id.
    TaxId = "tax_id" {
        /// Unix seconds.
        created: i64,
        /// The customer; null for a tax id of the account.
        customer: Option<Id>,
        /// The type, such as `eu_vat`.
        kind as "type": String,
        /// The number.
        value: String,
    }
    hidden {
        /// When an authority looks its number up, in Unix seconds; absent once it has, or when none does.
        look_up_at: Absent<i64>,
    }
}

/// The value of the filter `owner` for the account's own tax ids.
const OWN: &str = "self";

/// The types whose numbers are verified; others stay as they are.
const LOOKED_UP: [&str; 3] = ["au_abn", "eu_vat", "gb_vat"];

/// The countries of the European Union's value added tax; XI is Northern Ireland.
const EU: &str = "AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI";

/// The test numbers, behind a country's letters if there are any, with their results.
const TEST_NUMBERS: [(&str, &str); 3] =
    [("000000000", "verified"), ("111111111", "unverified"), ("222222222", "pending")];

/// `POST /v1/customers/:customer/tax_ids`.
fn create_for_customer(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    create(tx, ctx, Some(&customer.id), &call.params, "").map(Outcome::Done)
}

/// `POST /v1/tax_ids`.
fn create_for_owner(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = owner(tx, call)?;
    create(tx, ctx, customer.as_ref(), &call.params, "").map(Outcome::Done)
}

/// A new tax id of a customer, or of the account. `sent` contains `type` and `value`; `prefix` is their place in the
/// request, for errors, and empty at the root.
///
/// # Errors
/// A number that does not fit its type.
pub fn create(tx: &mut Tx, ctx: &Ctx<'_>, customer: Option<&Id>, sent: &Map, prefix: &str) -> Result<Ref> {
    let [kind, value] = ["type", "value"].map(|key| sent.str(key).unwrap_or_default().to_owned());
    check(&kind, &value, &if prefix.is_empty() { "value".to_owned() } else { format!("{prefix}[value]") })?;
    let looked_up = LOOKED_UP.contains(&kind.as_str());
    let mut rest = template::template(TaxId::KIND);
    rest.set("country", country(&kind, &value));
    rest.set("livemode", false);
    rest.set("owner", owner_hash(customer));
    rest.set("verification", verification(if looked_up { "pending" } else { "unavailable" }));
    let customer = customer.cloned();
    let id = ENTRY.id.draw(&ctx.ids).into();
    let look_up_at = Absent(looked_up.then_some(ctx.now));
    Ok(tx.insert(TaxId { id, created: ctx.now, customer, kind, value, look_up_at, rest }))
}

/// Checks that a number fits its type; `param` is its parameter, for the error.
///
/// # Errors
/// It does not fit.
pub fn check(kind: &str, value: &str, param: &str) -> Result<()> {
    let is_wrong = kind == "eu_vat" && !is_eu_vat(value);
    if is_wrong { Err(ApiError::tax_id_invalid(param, kind)) } else { Ok(()) }
}

fn owner_hash(customer: Option<&Id>) -> Map {
    let mut owner = Map::from([("customer_account", Doc::Null), ("type", Doc::from(OWN))]);
    if let Some(customer) = customer {
        owner.set("customer", customer.to_string());
        owner.set("type", "customer");
    }
    owner
}

fn verification(status: &'static str) -> Map {
    Map::from([("status", Doc::from(status)), ("verified_address", Doc::Null), ("verified_name", Doc::Null)])
}

/// The part behind a country's letters, and the letters.
fn parts(value: &str) -> (&str, &str) {
    match value.get(..2).filter(|letters| letters.bytes().all(|byte| byte.is_ascii_uppercase())) {
        Some(letters) => (letters, &value[2..]),
        None => ("", value),
    }
}

fn is_test_number(value: &str) -> bool {
    TEST_NUMBERS.iter().any(|(number, _)| *number == parts(value).1)
}

fn is_eu_vat(value: &str) -> bool {
    let (country, number) = parts(value);
    let fits = (2..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_test_number(value) || (fits && EU.split(' ').any(|known| known == country))
}

/// The country of the number: from the type, or from a European number itself.
fn country(kind: &str, value: &str) -> Option<String> {
    match (kind, parts(value).0) {
        ("eu_vat", "EL") => Some("GR".to_owned()),
        ("eu_vat", letters) => Some(letters.to_owned()).filter(|letters| !letters.is_empty()),
        ("eu_oss_vat", _) => None,
        (kind, _) => kind.split('_').next().map(str::to_uppercase),
    }
}

/// The authority answers: what the test number says, and nothing about any other.
fn look_up(tx: &mut Tx, _: &Ctx<'_>, tax_id: &Arc<TaxId>) -> Result<()> {
    let found = TEST_NUMBERS.iter().find(|(number, _)| *number == parts(&tax_id.value).1);
    tx.update::<TaxId>(&tax_id.id, |tax_id| {
        tax_id.look_up_at = Absent(None);
        if let Some((_, status)) = found.filter(|(_, status)| *status != "pending") {
            tax_id.rest.set("verification", verification(status));
        }
    });
    Ok(())
}

/// The customer in an `owner` parameter; `None` for the account itself.
fn owner(tx: &Tx, call: &Call<'_>) -> Result<Option<Id>> {
    let Some(owner) = call.params.map("owner") else { return Ok(None) };
    match owner.str("type") {
        Some("customer") => {
            let param = "owner[customer]";
            let id = owner.str("customer").ok_or_else(|| ApiError::param_missing(param))?;
            require::<Customer>(tx, id, In::Param(param)).map(|customer| Some(Id::clone(&customer.id)))
        }
        Some("account" | "application") => {
            Err(ApiError::value_not_implemented("owner[type]", "tax ids of accounts and applications"))
        }
        _ => Ok(None),
    }
}

/// The tax id in a path, if it belongs to the customer before it.
fn find(tx: &Tx, call: &Call<'_>) -> Result<Arc<TaxId>> {
    let (id, customer) = match call.args {
        [_, id] => (id, Some(customer::in_path(tx, call.arg(0))?)),
        _ => (&call.args[0], None),
    };
    let of = customer.as_ref().map(|customer| &customer.id);
    require_of(tx, id, In::Path, |tax_id: &TaxId| of.is_none_or(|customer| tax_id.customer.as_ref() == Some(customer)))
}

/// `DELETE /v1/tax_ids/:id`, also under a customer.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let tax_id = find(tx, call)?;
    tx.delete::<TaxId>(&tax_id.id);
    Ok(Outcome::Deleted(Ref::to(&*tax_id)))
}

/// `GET /v1/tax_ids`: those of the account, unless an owner is sent.
fn list_of_owner(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let owner = owner(tx, call)?;
    let owner = owner.as_deref().unwrap_or(OWN);
    list::page(tx, &ENTRY, call, Some(("owner", owner))).map(Outcome::List)
}

/// Completes a tax id of a dump.
fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<TaxId>(&about.id, |tax_id| {
        let mut rest = template::template(TaxId::KIND);
        rest.set("country", country(&tax_id.kind, &tax_id.value));
        rest.set("owner", owner_hash(tax_id.customer.as_ref()));
        rest.merge(&tax_id.rest);
        tax_id.rest = rest;
    });
    Ok(())
}

/// The customer in a path.
const UNDER: Under = Under { filter: "customer", param: "customer" };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: TaxId::KIND,
    marks: &[Marked::refused(&["owner.account", "owner.customer_account"])],
    fields: TaxId::FIELDS,
    noun: "tax_id",
    id: IdForm::of("txi_"),
    path_param: "id",
    operations: &[
        ("tax_ids.create", Behaviour::Write(create_for_owner)),
        ("tax_ids.retrieve", Behaviour::Retrieve),
        ("tax_ids.delete", Behaviour::Write(delete)),
        ("tax_ids.list", Behaviour::Read(list_of_owner)),
        ("customers.tax_ids.create", Behaviour::Write(create_for_customer)),
        ("customers.tax_ids.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("customers.tax_ids.delete", Behaviour::Write(delete)),
        ("customers.tax_ids.list", Behaviour::ListUnder(UNDER)),
    ],
    filters: &[
        crate::filter!("customer", TaxId, |tax_id| tax_id.customer.as_deref(), Some(customer::KIND)),
        crate::filter!("owner", TaxId, |tax_id| Some(tax_id.customer.as_deref().unwrap_or(OWN))),
    ],
    import: crate::contract::import::<TaxId>,
    imported: Some(imported),
    events: Events {
        created: Some("customer.tax_id.created"),
        updated: &["customer.tax_id.updated"],
        deleted: Some("customer.tax_id.deleted"),
        ..Events::NONE
    },
    named_by: &["account_tax_ids"],
    dues: &[crate::due!(TaxId, "look_up", |tax_id| tax_id.look_up_at.0, look_up)],
    triggers: &[
        Trigger::post(
            "customer.tax_id.created",
            "/v1/customers/{id}/tax_ids",
            &[("type", "eu_vat"), ("value", "DE123456789")],
        )
        .of(customer::KIND),
        Trigger::delete("customer.tax_id.deleted", "/v1/customers/{customer}/tax_ids/{id}"),
    ],
    ..Entry::PLAIN
};
