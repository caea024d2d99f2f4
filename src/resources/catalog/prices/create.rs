//! Creating prices: their checks, and what follows from them (billing 1.2).
//!
//! May use: products, the amounts of prices. Invariant: a stored price has a product.

use super::{KIND, Price, amounts};
use crate::contract::version::Gate;
use crate::contract::{Call, Ctx, In, Outcome, require_shown, require_usable};
use crate::error::{ApiError, Result};
use crate::money::{self, Decimal};
use crate::object::body;
use crate::resources::catalog::products;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Ref, Tx};

/// A metered price needs a meter.
const METERED_NEEDS_METER: Gate = Gate::since("2025-03-31.basil");

/// The longest interval of each unit.
const INTERVALS: [(&str, &str, i64); 4] =
    [("day", "daily", 1095), ("week", "weekly", 156), ("month", "monthly", 36), ("year", "yearly", 3)];

/// `POST /v1/products`, which may make the product's default price with it.
pub(super) fn create_product(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, products::KIND)?;
    let price = call.params.map("default_price_data").map(|_| Id::from(super::ENTRY.id.draw(&ctx.ids)));
    let id = products::insert(tx, ctx, &call.params, price.clone())?;
    if let (Some(price), Some(data)) = (price, call.params.map("default_price_data")) {
        // The product's event is first, and shows its price already (billing 7.2).
        let data = data.clone().with("product", id.to_string());
        create_as(tx, ctx, &price, &data).map_err(|error| error.inside("default_price_data"))?;
    }
    Ok(Outcome::Done(Ref { kind: products::KIND, id }))
}

/// `POST /v1/prices`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    check(params)?;
    body::check_references(tx, call, KIND)?;
    let mut sent = Map::clone(params);
    describe_product(tx, ctx, &mut sent)?;
    insert(tx, ctx, &super::ENTRY.id.draw(&ctx.ids).into(), &sent, false).map(Outcome::Done)
}

/// A price with a given id.
///
/// # Errors
/// Those of `POST /v1/prices`.
pub fn create_as(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, sent: &Map) -> Result<Ref> {
    check(sent)?;
    insert(tx, ctx, id, sent, false)
}

/// A price that is described in place (`price_data`); it is inactive (billing 1.2).
///
/// # Errors
/// Those of `POST /v1/prices`.
pub fn inline(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map) -> Result<Id> {
    check(data)?;
    let mut sent = data.clone().with("active", false);
    describe_product(tx, ctx, &mut sent)?;
    let product = sent.str("product").unwrap_or_default();
    require_shown(tx, products::KIND, product, In::Param("product"))?;
    insert(tx, ctx, &super::ENTRY.id.draw(&ctx.ids).into(), &sent, true).map(|made| made.id)
}

/// Creates the product that is described in the parameters, and refers to it.
fn describe_product(tx: &mut Tx, ctx: &Ctx<'_>, sent: &mut Map) -> Result<()> {
    if let Some(Doc::Map(data)) = sent.remove("product_data") {
        let product = products::insert(tx, ctx, &data, None).map_err(|error| error.inside("product_data"))?;
        sent.set("product", product.to_string());
    }
    Ok(())
}

/// The checks that do not depend on stored objects.
fn check(sent: &Map) -> Result<()> {
    match (sent.has("product"), sent.has("product_data")) {
        (false, false) => return Err(ApiError::price_needs_product()),
        (true, true) => return Err(ApiError::params_exclusive("product", "product_data")),
        _ => {}
    }
    check_currency(sent)?;
    check_options(sent)?;
    if sent.str("billing_scheme") != Some("tiered") {
        return check_amounts(sent);
    }
    if sent.present("recurring").is_none() {
        return Err(ApiError::tiers_of_one_time_price());
    }
    check_tiers(sent)
}

fn check_currency(sent: &Map) -> Result<()> {
    let currency = sent.str("currency").unwrap_or_default();
    if !money::is_currency(&currency.to_lowercase()) {
        return Err(ApiError::currency_invalid("currency", currency, money::CURRENCIES));
    }
    for (key, _) in sent.map("currency_options").into_iter().flat_map(Map::iter) {
        if !money::is_currency(key) {
            return Err(ApiError::currency_invalid("currency_options", key, money::CURRENCIES));
        }
    }
    Ok(())
}

/// The prices in other currencies: their amounts and tiers.
fn check_options(sent: &Map) -> Result<()> {
    for (currency, option) in sent.map("currency_options").into_iter().flat_map(Map::iter) {
        let Some(option) = option.as_map() else { continue };
        let checked = amounts::check(option, "unit_amount").and_then(|()| check_rows(option));
        checked.map_err(|error| error.inside(currency).inside("currency_options"))?;
    }
    Ok(())
}

fn check_tiers(sent: &Map) -> Result<()> {
    for param in ["tiers", "tiers_mode"] {
        if sent.present(param).is_none() {
            return Err(ApiError::param_missing(param));
        }
    }
    if let Some(param) = ["unit_amount", "unit_amount_decimal"].into_iter().find(|param| sent.present(param).is_some())
    {
        return Err(ApiError::params_exclusive(param, "tiers"));
    }
    check_rows(sent)
}

/// The tiers themselves: each has an amount, and together they give every quantity one price.
fn check_rows(sent: &Map) -> Result<()> {
    let tiers: Vec<&Map> = sent.list("tiers").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    if tiers.is_empty() {
        return Ok(());
    }
    let amounts = ["unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal"];
    if tiers.iter().any(|tier| amounts.iter().all(|name| tier.present(name).is_none())) {
        return Err(ApiError::tier_without_amount());
    }
    for (i, tier) in tiers.iter().enumerate() {
        for name in ["unit_amount", "flat_amount"] {
            amounts::check(tier, name).map_err(|error| error.inside(&format!("tiers[{i}]")))?;
        }
    }
    let bounds: Vec<Option<i64>> = tiers.iter().map(|tier| tier.int("up_to")).collect();
    let ascending = bounds.windows(2).all(|pair| match (pair[0], pair[1]) {
        (Some(low), Some(high)) => 0 < low && low < high,
        (Some(low), None) => 0 < low,
        (None, _) => false,
    });
    if ascending && bounds.last() == Some(&None) { Ok(()) } else { Err(ApiError::tiers_out_of_order()) }
}

fn check_amounts(sent: &Map) -> Result<()> {
    if sent.present("tiers").is_some() {
        return Err(ApiError::tiers_need_scheme());
    }
    let custom = sent.map("custom_unit_amount").is_some_and(|custom| custom.bool("enabled") == Some(true));
    let amount = ["unit_amount", "unit_amount_decimal"].into_iter().find(|name| sent.present(name).is_some());
    match (amount, custom) {
        (None, false) => Err(ApiError::price_needs_amount()),
        (Some(amount), true) => Err(ApiError::params_exclusive(amount, "custom_unit_amount")),
        _ => amounts::check(sent, "unit_amount"),
    }
}

/// Stores a price whose product exists.
pub(super) fn insert(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, sent: &Map, inline: bool) -> Result<Ref> {
    check_recurring(tx, ctx, sent)?;
    let mut shown = body::new(tx, ctx, KIND, id, sent)?;
    take_lookup_key(tx, id, sent)?;
    amounts::complete(&mut shown);
    if sent.map("custom_unit_amount").is_some_and(|custom| custom.bool("enabled") != Some(true)) {
        shown.set("custom_unit_amount", Doc::Null);
    }
    let recurring = shown.present("recurring").is_some();
    shown.set("type", if recurring { "recurring" } else { "one_time" });
    let hidden = Map::from([("inline", inline)]);
    let price = Price::read(shown, hidden, ctx.now).map_err(|_| ApiError::internal())?;
    if !recurring {
        return Ok(tx.insert(price));
    }
    Ok(tx.job(|tx| {
        let about = tx.insert(price);
        (about.clone(), ["plan.created", "price.created"].map(|event| (event, about.clone())))
    }))
}

fn check_recurring(tx: &Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<()> {
    let Some(recurring) = sent.map("recurring") else { return Ok(()) };
    if let Some(count) = recurring.int("interval_count") {
        let longest = INTERVALS.iter().find(|(unit, ..)| recurring.str("interval") == Some(unit));
        match longest {
            Some((_, adverb, most)) if count > *most => return Err(ApiError::interval_too_long(adverb, *most)),
            _ if count < 1 => return Err(ApiError::param_below("recurring[interval_count]", 1)),
            _ => {}
        }
    }
    if recurring.str("aggregate_usage").is_some_and(|usage| usage != "sum") {
        return Err(ApiError::not_implemented_feature("usage that is aggregated otherwise than by its sum"));
    }
    let metered = recurring.str("usage_type") == Some("metered");
    match recurring.str("meter") {
        None if metered && ctx.version.has(METERED_NEEDS_METER) => Err(ApiError::metered_price_needs_meter()),
        Some(meter) => require_usable(tx, METER, meter, "recurring[meter]"),
        None => Ok(()),
    }
}

const METER: Kind = crate::kind!("billing.meter");

/// Takes a lookup key from its holder, or refuses it (billing 1.2).
pub(super) fn take_lookup_key(tx: &mut Tx, id: &Id, sent: &Map) -> Result<()> {
    let Some(key) = sent.str("lookup_key") else { return Ok(()) };
    let Some(holder) = tx.having::<Price>("lookup_key", key).into_iter().find(|price| price.id != *id) else {
        return Ok(());
    };
    if sent.bool("transfer_lookup_key") != Some(true) {
        return Err(ApiError::lookup_key_taken(&holder.id));
    }
    tx.update::<Price>(&holder.id, |price| price.lookup_key = None);
    Ok(())
}

/// A price for a single amount; the price and its product are used for nothing else and emit no events (billing 3.5).
///
/// # Errors
/// None that a caller could correct.
pub fn mint(tx: &mut Tx, ctx: &Ctx<'_>, currency: &str, unit: Decimal, name: &str) -> Result<Price> {
    tx.quietly(|tx| {
        let described = Map::from([("active", Doc::from(false)), ("name", name.to_owned().into())]);
        let product = products::insert(tx, ctx, &described, None)?;
        let sent = Map::from([
            ("active", Doc::from(false)),
            ("currency", currency.to_owned().into()),
            ("product", product.to_string().into()),
            ("unit_amount_decimal", unit.text().into()),
        ]);
        let about = insert(tx, ctx, &super::ENTRY.id.draw(&ctx.ids).into(), &sent, true)?;
        tx.get::<Price>(&about.id).map(|price| Price::clone(&price)).ok_or_else(ApiError::internal)
    })
}
