//! Creating, updating and deleting customers (core-payments 3.1 to 3.7).
//!
//! May use: sources, payment methods, tax ids, balances. Invariant: a refused call changes nothing.

use std::sync::{Arc, LazyLock};

use super::{TEST_CLOCK, fields, tax};
use crate::api::list;
use crate::contract::{Call, Ctx, In, On, Outcome, Reaction, Who, missing, missing_as, require, require_record};
use crate::error::{ApiError, Result};
use crate::object::{own_id, template};
use crate::resources::catalog::discounts::{self, Discount};
use crate::resources::customers::cash_balances;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_balances;
use crate::resources::customers::customer_discounts;
use crate::resources::customers::customer_sources;
use crate::resources::customers::customer_sources::PreparedSource;
use crate::resources::customers::tax_ids;
use crate::resources::instruments::payment_methods::{self, Instrument, PaymentMethod};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Id, Record, Ref, Tx};

/// The names, in different versions, of the parameter for a new source and for the default source.
const SOURCE_PARAMS: [&str; 3] = ["source", "card", "bank_account"];
const DEFAULT_PARAMS: [&str; 3] = ["default_source", "default_card", "default_bank_account"];

/// `POST /v1/customers`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    make(tx, ctx, &call.params).map(|id| Outcome::Done(Ref { kind: Customer::KIND, id }))
}

/// Creates a customer from the parameters of a call.
///
/// # Errors
/// Those of the call.
pub(in crate::resources) fn make(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let id = match own_id::check(ctx, params.str("id"))? {
        Some(id) if tx.record(Customer::KIND, id).is_some() => return Err(ApiError::customer_exists()),
        Some(id) => Id::from(id),
        None => super::ENTRY.id.draw(&ctx.ids).into(),
    };
    let clock = params.str("test_clock");
    if let Some(clock) = clock {
        require_record(tx, TEST_CLOCK, clock, In::Param("test_clock"))?;
    }
    let mut customer = Customer {
        id: Id::clone(&id),
        // A customer on a test clock was created at the clock's time (platform 8.1).
        created: ctx.now_of(tx, clock),
        default_source: None,
        email: None,
        metadata: Map::new(),
        attached: Vec::new(),
        tax_ip_address: Absent(None),
        rest: defaults(ctx),
    };
    customer.rest.set("test_clock", params.str("test_clock").map(str::to_owned));
    fields::change(tx, &mut customer, params)?;
    tax::change(&mut customer, params.map("tax"))?;
    let source = prepare_source(tx, ctx, &id, params)?;
    if let Some(source) = &source {
        customer_sources::note_attached(&mut customer, source.id());
    }
    let method = params.str("payment_method");
    let method = method.map(|method| payment_methods::obtain(tx, ctx, method, "payment_method")).transpose()?;
    change_default_method(tx, &mut customer, params, method.as_ref().map(Instrument::id))?;
    // The events of the customer's parts come after the customer's (core-payments 10.2.2, 10.2.3).
    tx.insert(customer);
    customer_balances::note_set(tx, ctx, &id, 0, "initial");
    customer_discounts::change(tx, ctx, &id, params)?;
    for (index, sent) in params.list("tax_id_data").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        tax_ids::create(tx, ctx, Some(&id), sent, &format!("tax_id_data[{index}]"))?;
    }
    fields::reserve_prefix(tx, ctx, &id, params);
    cash_balances::change_settings(tx, ctx, &id, params.map("cash_balance"));
    if let Some(source) = source {
        source.store(tx);
    }
    if let Some(method) = method {
        payment_methods::attach(tx, ctx, method.id(), &id)?;
    }
    Ok(id)
}

/// A customer without any parameters (core-payments 3.2).
pub(super) fn defaults(ctx: &Ctx<'_>) -> Map {
    /// The common part of all customers, built once.
    static COMMON: LazyLock<Map> = LazyLock::new(|| {
        let nulls = ["address", "currency", "customer_account", "description", "discount", "name", "phone", "shipping"];
        let settings = ["custom_fields", "default_payment_method", "footer", "rendering_options"];
        let mut common = template::template(Customer::KIND);
        nulls.into_iter().chain(["test_clock"]).for_each(|key| common.set(key, Doc::Null));
        common.set("balance", 0);
        common.set("delinquent", false);
        common.set("invoice_prefix", "");
        common.set("invoice_settings", Map::from(settings.map(|key| (key, Doc::Null))));
        common.set("livemode", false);
        common.set("next_invoice_sequence", 1);
        common.set("preferred_locales", Doc::List(Vec::new()));
        common.set("tax_exempt", "none");
        common
    });
    COMMON.clone().with("invoice_prefix", ctx.ids.id("", 8).to_uppercase())
}

/// Puts an existing customer on a test clock that is made for it, for good (billing 4.1).
///
/// # Errors
/// It is on one already.
pub fn put_on_clock(tx: &mut Tx, customer: &Arc<Customer>, clock: &str) -> Result<()> {
    if let Some(other) = customer.rest.str("test_clock") {
        return Err(ApiError::customer_has_test_clock(&customer.id, other));
    }
    let mut changed = Customer::clone(customer);
    changed.rest.set("test_clock", clock.to_owned());
    tx.save(customer, changed);
    Ok(())
}

/// The source in a request, under any name of the parameter.
fn prepare_source(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, params: &Map) -> Result<Option<PreparedSource>> {
    sent(params, SOURCE_PARAMS).map(|(param, source)| customer_sources::prepare(tx, ctx, id, source, param)).transpose()
}

fn sent<'p>(params: &'p Map, names: [&'static str; 3]) -> Option<(&'static str, &'p Doc)> {
    names.into_iter().find_map(|name| params.present(name).map(|value| (name, value)))
}

/// `invoice_settings[default_payment_method]`: attached to this customer, or empty (core-payments 3.3.6 to 3.3.8).
/// `new` is the object of the request's `payment_method`, because a test id such as `pm_card_visa` can be sent in both
/// parameters.
fn change_default_method(tx: &Tx, customer: &mut Customer, params: &Map, new: Option<&Id>) -> Result<()> {
    let wanted = params.map("invoice_settings").and_then(|settings| settings.get("default_payment_method"));
    let Some(wanted) = wanted else { return Ok(()) };
    let wanted = match (wanted.as_str(), new) {
        (None, _) => Doc::Null,
        (method, Some(new)) if method == params.str("payment_method") => Doc::from(new.to_string()),
        (Some(method), _) => {
            check_attached(tx, customer, method)?;
            Doc::from(method.to_owned())
        }
    };
    if let Some(Doc::Map(settings)) = customer.rest.get_mut("invoice_settings") {
        settings.set("default_payment_method", wanted);
    }
    Ok(())
}

fn check_attached(tx: &Tx, customer: &Customer, method: &str) -> Result<()> {
    const PARAM: &str = "invoice_settings[default_payment_method]";
    let is_source = customer.attached.iter().any(|id| &**id == method)
        || customer_sources::find(tx, &customer.id, method).is_some();
    match tx.get::<PaymentMethod>(method) {
        _ if is_source => Ok(()),
        Some(found) if found.customer.as_ref() == Some(&customer.id) => Ok(()),
        None if !method.starts_with("pm_card_") => Err(missing(PaymentMethod::KIND, method, In::Param(PARAM))),
        _ => Err(ApiError::default_payment_method_not_attached(method, PARAM)),
    }
}

/// `POST /v1/customers/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let customer = require::<Customer>(tx, call.arg(0), In::Path)?;
    let mut changed = Customer::clone(&customer);
    fields::change(tx, &mut changed, params)?;
    tax::change(&mut changed, params.map("tax"))?;
    let id = Id::clone(&customer.id);
    if let Some(source) = prepare_source(tx, ctx, &id, params)? {
        replace_default(tx, &mut changed, source);
    }
    if let Some((_, Doc::Text(source))) = sent(params, DEFAULT_PARAMS) {
        changed.default_source = Some(Id::clone(source_of(tx, &id, source)?.id()));
    }
    change_default_method(tx, &mut changed, params, None)?;
    let balance = customer.rest.int("balance").unwrap_or_default();
    // A discount alone is no event of the customer (billing-2 12.1).
    if params.iter().any(|(name, _)| !customer_discounts::PARAMS.contains(&name)) {
        tx.save(&customer, changed);
    }
    customer_balances::note_set(tx, ctx, &id, balance, "adjustment");
    customer_discounts::change(tx, ctx, &id, params)?;
    fields::reserve_prefix(tx, ctx, &id, params);
    cash_balances::change_settings(tx, ctx, &id, params.map("cash_balance"));
    Ok(Outcome::Done(Ref { kind: Customer::KIND, id }))
}

fn source_of(tx: &Tx, customer: &str, source: &str) -> Result<Instrument> {
    // The error contains `source`, whichever parameter was sent (core-payments 3.6.4).
    customer_sources::find(tx, customer, source).ok_or_else(|| missing_as("source", source, In::Param("source")))
}

/// A new source becomes the default, and the previous default is removed (core-payments 3.4.4). The customer is written
/// once, at the end (core-payments 10.2.7).
fn replace_default(tx: &mut Tx, customer: &mut Customer, source: PreparedSource) {
    let before = customer.default_source.replace(Id::clone(source.id()));
    customer_sources::note_attached(customer, source.id());
    source.store(tx);
    if let Some(before) = before {
        customer_sources::release(tx, &customer.id, &before);
        customer_sources::note_removed(tx, customer, &before);
    }
}

/// `GET /v1/customers`: customers on a test clock are only listed on request (core-payments 3.3.3).
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let asked = call.params.str("test_clock").is_some();
    let shown = |customer: Arc<Customer>| customer.rest.str("test_clock").is_none();
    let keep = |record: &Record| asked || record.get().is_some_and(shown);
    list::page_where(tx, &super::ENTRY, call, None, &keep).map(Outcome::List)
}

/// `DELETE /v1/customers/:id`: attached payment methods cannot be used any more (core-payments 3.7.5).
pub(super) fn delete(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = require::<Customer>(tx, call.arg(0), In::Path)?;
    if cash_balances::has_any(tx, &customer.id) {
        return Err(ApiError::customer_has_cash_balance(&customer.id));
    }
    remove(tx, &customer.id);
    Ok(Outcome::Deleted(Ref::to(&*customer)))
}

/// What customers follow: the test clock by which they live is deleted, and their discount ends.
pub(super) const REACTIONS: &[Reaction] = &[
    Reaction {
        to: TEST_CLOCK,
        on: On::Deletion,
        who: Who::Having("test_clock"),
        run: |tx, _, customer| {
            remove(tx, customer);
            Ok(())
        },
    },
    Reaction {
        to: discounts::KIND,
        on: On::Deletion,
        who: Who::Named(|discount| downcast::<Discount>(discount)?.customer.clone()),
        run: |tx, _, customer| {
            customer_discounts::forget_ended(tx, customer);
            Ok(())
        },
    },
];

/// Deletes a customer with its objects.
fn remove(tx: &mut Tx, customer: &Id) {
    let sources = customer_sources::rows(tx, customer);
    // The customer first: its event shows it as it was (core-payments 10.2.8).
    tx.delete::<Customer>(customer);
    for source in sources {
        customer_sources::release(tx, customer, source.object.id());
    }
    payment_methods::release_all(tx, customer);
}

/// In a dump, a customer without a default source gets its first source as the default.
pub(super) fn complete_import(tx: &mut Tx, _ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    let first = customer_sources::rows(tx, &about.id).last().map(|row| Id::clone(row.object.id()));
    tx.update::<Customer>(&about.id, |customer| {
        if customer.default_source.is_none() {
            customer.default_source = first;
        }
    });
    Ok(())
}
