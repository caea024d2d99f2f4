//! Plans: recurring prices under their older name (billing 1.3).
//!
//! May use: prices. Invariant: a plan is stored as a price, so that the two always agree.

use std::sync::Arc;

use super::{Price, amounts, as_plan, as_price, create};
use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Expand, In, Join, Marked, Outcome, Rewrite, Seen, Trigger, View, missing,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::object::{metadata, own_id};
use crate::resources::catalog::products::{self, Product, ProductType};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

/// The kind; no object is stored under it.
pub const KIND: Kind = crate::kind!("plan");

/// The fields of a plan about its interval.
const RECURRING: [&str; 6] =
    ["aggregate_usage", "interval", "interval_count", "meter", "trial_period_days", "usage_type"];

fn find(tx: &Tx, id: &str) -> Result<Arc<Price>> {
    tx.get::<Price>(id).filter(|price| price.is_recurring()).ok_or_else(|| missing(KIND, id, In::Path))
}

fn shown(id: &Id) -> Outcome {
    Outcome::Done(Ref { kind: KIND, id: Id::clone(id) })
}

/// `POST /v1/plans`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    if params.present("product").is_none() {
        return Err(ApiError::param_missing("product"));
    }
    let tiered = params.str("billing_scheme") == Some("tiered");
    let has_amount = ["amount", "amount_decimal"].iter().any(|name| params.present(name).is_some());
    if !tiered && !has_amount {
        return Err(ApiError::plan_needs_amount());
    }
    body::check_references(tx, call, KIND)?;
    let id: Id = match own_id::check(ctx, params.str("id"))? {
        Some(id) if tx.get::<Price>(id).is_some() => return Err(ApiError::already_exists(ENTRY.noun)),
        Some(id) => id.into(),
        None => ENTRY.id.draw(&ctx.ids).into(),
    };
    let mut sent = as_price_parameters(params);
    let made = match params.get("product") {
        Some(Doc::Map(data)) => products::insert(tx, ctx, data, None).map_err(|error| error.inside("product"))?,
        product => product.and_then(Doc::as_str).unwrap_or_default().into(),
    };
    check_product(tx, &made)?;
    sent.set("product", made.to_string());
    create::create_as(tx, ctx, &id, &sent).map_err(ApiError::about_plan)?;
    Ok(shown(&id))
}

/// The parameters of a plan as those of a price.
fn as_price_parameters(params: &Map) -> Map {
    let keep = |key: &str| !RECURRING.contains(&key) && !matches!(key, "id" | "product");
    let renamed = |key: &str| match key {
        "amount" => "unit_amount".to_owned(),
        "amount_decimal" => "unit_amount_decimal".to_owned(),
        "transform_usage" => "transform_quantity".to_owned(),
        key => key.to_owned(),
    };
    let own = params.iter().filter(|(key, _)| keep(key)).map(|(key, value)| (renamed(key).into(), value.clone()));
    let mut sent = Map::from_entries(own.collect());
    let recurring = RECURRING.iter().filter_map(|key| Some(((*key).into(), params.present(key)?.clone())));
    sent.set("recurring", Map::from_entries(recurring.collect()));
    sent
}

/// Plans need a product of the type `service` (billing 1.1).
fn check_product(tx: &Tx, id: &str) -> Result<()> {
    match tx.get::<Product>(id).filter(|product| product.kind != ProductType::Service) {
        Some(product) => Err(ApiError::plan_of_good(id, product.kind.as_str())),
        None => Ok(()),
    }
}

/// `POST /v1/plans/:plan`.
fn update(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let price = find(tx, call.arg(0))?;
    let params = &call.params;
    body::check_references(tx, call, KIND)?;
    if let Some(product) = params.str("product") {
        check_product(tx, product)?;
    }
    let metadata = metadata::merge(&price.metadata, params.get("metadata"))?;
    tx.update::<Price>(&price.id, |price| {
        price.metadata = metadata;
        if let Some(active) = params.bool("active") {
            price.active = active;
        }
        if let Some(product) = params.str("product") {
            price.product = product.into();
        }
        if let Some(nickname) = params.get("nickname") {
            price.rest.set("nickname", nickname.clone());
        }
        if let (Some(days), Some(Doc::Map(recurring))) =
            (params.get("trial_period_days"), price.rest.get_mut("recurring"))
        {
            recurring.set("trial_period_days", days.clone());
        }
    });
    Ok(shown(&price.id))
}

/// `DELETE /v1/plans/:plan`: subscriptions to it continue.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let price = find(tx, call.arg(0))?;
    tx.job(|tx| {
        tx.delete::<Price>(&price.id);
        ((), ["plan.deleted", "price.deleted"].map(|event| (event, Ref::to(&*price))))
    });
    let id = Doc::from(price.id.to_string());
    Ok(Outcome::Value(Map::from([("id", id), ("object", KIND.name().into()), ("deleted", true.into())]).into()))
}

/// `GET /v1/plans`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let is_plan = |price: &Price| price.is_recurring() && !price.inline;
    let keep = |record: &Record| downcast::<Price>(&*record.object).is_some_and(is_plan);
    let mut page = list::page_where(tx, &super::ENTRY, call, None, &keep)?;
    page.items.iter_mut().for_each(|item| item.shown = KIND);
    Ok(Outcome::List(page))
}

/// A plan in a dump is stored as a price.
fn import(
    visible: Map,
    hidden: Map,
    created: i64,
) -> Result<Arc<dyn crate::state::Object>, crate::state::object::FieldError> {
    let mut price = body::blank_of(Price::KIND);
    as_price(&visible.with("object", KIND.name()))
        .into_entries()
        .into_iter()
        .for_each(|(key, value)| price.set(key, value));
    amounts::complete(&mut price);
    Ok(Arc::new(Price::read(price, hidden, created)?))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::describes(&["product"], "products.create").on(&["plans.create"]),
        Marked::acts(&["aggregate_usage", "usage_type"], "catalog::prices::before_basil_usage_says_how_it_adds_up"),
    ],
    noun: "plan",
    id: IdForm::of("plan_"),
    path_param: "plan",
    operations: &[
        ("plans.create", Behaviour::Write(create)),
        ("plans.retrieve", Behaviour::Retrieve),
        ("plans.update", Behaviour::Write(update)),
        ("plans.delete", Behaviour::Write(delete)),
        ("plans.list", Behaviour::Read(list)),
    ],
    joins: &[Join {
        field: "tiers",
        doc: |tx, id| Some(Doc::List(tx.get::<Price>(id)?.tiers.0.clone()?.into_iter().map(Doc::Map).collect())),
    }],
    expands: &[Expand::field("tiers")],
    changes: &[
        Change {
            since: Gate::since("2025-03-31.basil"),
            older: Some(Rewrite::Alone(usage_adds_up)),
            what: "plan.aggregate_usage",
        },
        Change { since: TIERS_APART, older: Some(TIERS_WITHIN), what: "plan.tiers" },
        Change { since: TIER_AMOUNTS, older: None, what: "plan.tiers had an amount" },
        Change {
            since: Gate::since("2018-02-05"),
            older: Some(Rewrite::With { field: "product", find: product_of, older: was_its_own_product }),
            what: "plan.name, plan.statement_descriptor",
        },
        Change {
            since: Gate::since("2018-02-05"),
            older: None,
            what: "plan.name and plan.statement_descriptor were parameters",
        },
    ],
    views: &[View { from: Price::KIND, doc: |price| as_plan(&price.to_doc()) }],
    import,
    named_by: &["plan", "price"],
    triggers: &[Trigger::update("plan.updated", "/v1/plans/{id}"), Trigger::delete("plan.deleted", "/v1/plans/{id}")],
    ..Entry::PLAIN
};

/// Before meters, usage was aggregated by the plan.
pub(super) fn usage_adds_up(plan: &mut Map) {
    let metered = plan.str("usage_type") == Some("metered");
    plan.set("aggregate_usage", metered.then_some("sum"));
}

/// The first version in which tiers are shown only when they are expanded.
pub(super) const TIERS_APART: Gate = Gate::since("2020-08-27");

/// The first version in which a tier has a `unit_amount` and a `flat_amount`.
pub(super) const TIER_AMOUNTS: Gate = Gate::since("2018-08-23");

/// The tiers are shown with the price or the plan; those of a plan are null without any (shapes 2.6).
pub(super) const TIERS_WITHIN: Rewrite = Rewrite::With {
    field: "tiers",
    find: |tx, shown| tx.record(Price::KIND, &shown.id()).cloned(),
    older: |shown, price| {
        let tiers = price.and_then(|price| downcast::<Price>(&*price.object)?.tiers.0.clone());
        match tiers {
            Some(tiers) => shown.set("tiers", Doc::List(tiers.into_iter().map(Doc::Map).collect())),
            None if shown.str("object") == Some(KIND.name()) => shown.set("tiers", Doc::Null),
            None => {}
        }
    },
};

fn product_of(tx: &Tx, plan: Seen<'_>) -> Option<Arc<Record>> {
    tx.record(products::KIND, &plan.text("product")?).cloned()
}

/// Before plans had products, they had their names.
fn was_its_own_product(plan: &mut Map, product: Option<&Record>) {
    let product = product.map(|product| product.object.to_doc()).unwrap_or_default();
    for name in ["name", "statement_descriptor"] {
        plan.set(name, product.get(name).cloned().unwrap_or_default());
    }
}
