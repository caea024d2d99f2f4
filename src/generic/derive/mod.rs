//! Fields that follow from others, for the kinds that are used most (billing 1, 2; intents-and-checkout 3).
//!
//! May use: fills, other generic objects. Invariant: a field is derived from the request and from objects that
//! exist, never from chance.

mod schedules;

use super::fill::Source;
use super::{kinds, operations};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::resources::catalog::prices;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Tx};
use crate::time::calendar::{DAY, Interval};

/// Makes what a request asks to be made along with an object; hands back the parameters with its id in place of
/// the description.
///
/// # Errors
/// Parameters that exclude each other, or that need one another.
pub(super) fn before(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, sent: &Map) -> Result<Map> {
    let mut sent = sent.clone();
    match kind.0 {
        "invoice" if sent.get("customer").or(sent.get("customer_account")).or(sent.get("from_invoice")).is_none() => {
            return Err(ApiError::param_missing("customer"));
        }
        "checkout.session" => inline_each(tx, ctx, &mut sent, &["shipping_options"], SHIPPING)?,
        "subscription_schedule" => {
            schedules::check(&sent)?;
            inline_each(tx, ctx, &mut sent, &["phases", "items"], PRICE)?;
            inline_each(tx, ctx, &mut sent, &["phases", "add_invoice_items"], PRICE)?;
        }
        "v2.core.event_destination" => {
            if let Some(part) = DESTINATIONS.iter().find(|part| sent.str("type") == Some(part) && !sent.has(part)) {
                return Err(ApiError::param_missing(part));
            }
        }
        "file" if sent.map("file").is_none() => return Err(ApiError::param_not_object("file")),
        "subscription_item" | "item" | "invoiceitem" => {
            if kind.0 == "subscription_item" {
                recurring(tx, &sent)?;
            }
            inline(tx, ctx, &mut sent, PRICE)?;
        }
        _ => {}
    }
    Ok(sent)
}

/// Where events can be sent under `/v2`, each described by the parameter of its name.
const DESTINATIONS: &[&str] = &["amazon_eventbridge", "azure_event_grid", "webhook_endpoint"];

/// A parameter that describes an object, and the one that names it instead, which is its kind's name.
type Described = (&'static str, &'static str);

const PRICE: Described = ("price_data", "price");
const SHIPPING: Described = ("shipping_rate_data", "shipping_rate");

/// As [`inline`], in each part of the lists that follow one another.
fn inline_each(tx: &mut Tx, ctx: &Ctx<'_>, sent: &mut Map, lists: &[&str], what: Described) -> Result<()> {
    let [list, below @ ..] = lists else { return inline(tx, ctx, sent, what) };
    let Some(Doc::List(parts)) = sent.get_mut(list) else { return Ok(()) };
    parts.iter_mut().enumerate().try_for_each(|(i, part)| match part {
        Doc::Map(part) => {
            inline_each(tx, ctx, part, below, what).map_err(|error| error.inside(&format!("{list}[{i}]")))
        }
        _ => Ok(()),
    })
}

/// Makes the object that a parameter describes, and names it under another.
fn inline(tx: &mut Tx, ctx: &Ctx<'_>, sent: &mut Map, (described, named): Described) -> Result<()> {
    let kind = Kind(named);
    let Some(Doc::Map(data)) = sent.get(described) else { return Ok(()) };
    if sent.present(named).is_some() {
        return Err(ApiError::params_exclusive(named, described));
    }
    let id = match contract::with_rules(kind) {
        Some(entry) => {
            let describe = entry.describe.ok_or_else(|| ApiError::not_implemented_feature(described))?;
            describe(tx, ctx, data)
        }
        None => describe_shape(tx, ctx, kind, data),
    };
    let id = id.map_err(|error| error.inside(described))?;
    let _ = sent.remove(described);
    sent.set(named, id.to_string());
    Ok(())
}

/// Makes an object without rules.
fn describe_shape(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, data: &Map) -> Result<Id> {
    let info = kinds::of(kind).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let body = operations::make(tx, ctx, data, info, &id, &[], |_| {})?;
    operations::store(tx, ctx, info, &id, None, body);
    Ok(id.into())
}

/// Only recurring prices can be subscribed to (billing 2.4).
fn recurring(tx: &Tx, sent: &Map) -> Result<()> {
    let price = sent.str("price").and_then(|id| contract::resolve(tx, Kind("price"), id));
    let price = price.and_then(|record| contract::show(record, Kind("price")));
    match price {
        Some(price) if price.str("type") == Some("one_time") => Err(ApiError::price_not_recurring()),
        Some(price) if price.bool("active") == Some(false) => Err(ApiError::price_inactive()),
        _ => Ok(()),
    }
}

/// Sets the derived fields of a new object.
pub(super) fn fields(source: &Source<'_>, kind: Kind, body: &mut Map) {
    match kind.0 {
        "subscription_item" => subscription_item(source, body),
        "item" => item(source, body),
        "invoiceitem" => invoice_item(source, body),
        "subscription" => subscription_status(source, body),
        "subscription_schedule" => schedules::fields(source, body),
        "v2.core.vault.gb_bank_account" | "v2.core.vault.us_bank_account" => vaulted(source, body),
        "file" => file(source, body),
        "file_link" => {
            let file = source.sent.str("file").unwrap_or_default();
            body.set("url", format!("{}/_pinstripe/files/{file}", source.ctx.base_url));
        }
        _ => {}
    }
}

/// Sets the derived fields of an object that what was sent has been laid over.
pub(super) fn changed(source: &Source<'_>, kind: Kind, body: &mut Map) {
    match kind.0 {
        "subscription_schedule" if source.sent.has("phases") => schedules::fields(source, body),
        _ => {}
    }
}

/// Sets what follows from the rest whenever an object is new or changed.
pub(super) fn follows(kind: Kind, body: &mut Map) {
    if kind.0 == "v2.core.account" {
        let configurations = body.map("configuration").into_iter().flat_map(Map::iter);
        let applied = configurations.filter(|(_, one)| one.as_map().and_then(|one| one.bool("applied")) != Some(false));
        let applied: Vec<Doc> = applied.map(|(name, _)| Doc::from(name.to_owned())).collect();
        body.set("applied_configurations", Doc::List(applied));
    }
    if kind.0 == "payment_method_configuration" {
        let methods: Vec<String> =
            body.iter().filter(|(_, value)| value.as_map().is_some()).map(|(key, _)| key.to_owned()).collect();
        for method in methods {
            let Some(Doc::Map(method)) = body.get_mut(&method) else { continue };
            let on = method.map("display_preference").and_then(|shown| shown.str("preference")) == Some("on");
            if let Some(Doc::Map(preference)) = method.get_mut("display_preference") {
                preference.set("value", if on { "on" } else { "off" });
                method.set("available", on);
            }
        }
    }
}

/// The price that an object shows, whole.
fn price(body: &Map) -> Option<&Map> {
    body.map("price").or_else(|| body.map("plan"))
}

fn subscription_item(source: &Source<'_>, body: &mut Map) {
    let Some(price) = price(body).cloned() else { return };
    let price = prices::as_price(&price);
    body.set("plan", prices::as_plan(&price).unwrap_or_default());
    let interval = price.map("recurring").cloned().unwrap_or_default();
    body.set("price", price);
    let months = interval.int("interval_count").unwrap_or(1);
    let unit = interval.str("interval").and_then(Interval::parse).unwrap_or(Interval::Month);
    body.set("current_period_start", source.ctx.now);
    body.set("current_period_end", unit.after(source.ctx.now, months).unwrap_or(source.ctx.now));
}

/// A line of a session, a link or a quote: its price times its quantity.
fn item(source: &Source<'_>, body: &mut Map) {
    let quantity = body.int("quantity").unwrap_or(1);
    body.set("quantity", quantity);
    let Some(price) = price(body).cloned() else { return };
    let amount = price.int("unit_amount").unwrap_or_default().saturating_mul(quantity);
    for (field, value) in [("amount_subtotal", amount), ("amount_total", amount)] {
        body.set(field, value);
    }
    body.set("currency", price.str("currency").unwrap_or("usd").to_owned());
    let product = price.str("product").and_then(|id| contract::resolve(source.tx, Kind("product"), id));
    if let Some(name) = product.and_then(|product| product.object.to_doc().get("name").cloned()) {
        body.set("description", name);
    }
}

fn invoice_item(source: &Source<'_>, body: &mut Map) {
    let named = source.sent.map("pricing").and_then(|pricing| pricing.str("price")).or(source.sent.str("price"));
    let price =
        named.and_then(|id| contract::resolve(source.tx, Kind("price"), id)).map(|record| record.object.to_doc());
    let quantity = body.int("quantity").unwrap_or(1);
    body.set("quantity_decimal", quantity.to_string());
    if let Some(price) = price {
        let unit = price.int("unit_amount").unwrap_or_default();
        body.set("amount", unit.saturating_mul(quantity));
        body.set("currency", price.str("currency").unwrap_or("usd").to_owned());
        let details = Map::from([("price", price.get("id").cloned()), ("product", price.get("product").cloned())]);
        body.set(
            "pricing",
            Map::from([
                ("price_details", Doc::from(details)),
                ("type", Doc::from("price_details")),
                ("unit_amount_decimal", Doc::from(unit.to_string())),
            ]),
        );
    }
}

/// What a vault shows of a bank account: its last digits and its currency.
fn vaulted(source: &Source<'_>, body: &mut Map) {
    let number = source.sent.str("account_number").or(source.sent.str("iban")).unwrap_or_default();
    let digits: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    body.set("last4", digits.iter().skip(digits.len().saturating_sub(4)).collect::<String>());
    let currency = source.sent.get("currency").cloned();
    body.set("supported_currencies", Doc::List(currency.into_iter().collect()));
}

/// A trial has begun, or a first payment is waited for (billing 2.5).
fn subscription_status(source: &Source<'_>, body: &mut Map) {
    let trial = source.sent.int("trial_period_days").filter(|days| *days > 0);
    let end = trial.map(|days| source.ctx.now + days * DAY).or(source.sent.int("trial_end"));
    if let Some(end) = end.filter(|end| *end > source.ctx.now) {
        body.set("status", "trialing");
        body.set("trial_start", source.ctx.now);
        body.set("trial_end", end);
        body.set("billing_cycle_anchor", end);
    } else if source.sent.str("payment_behavior") == Some("default_incomplete") {
        body.set("status", "incomplete");
    }
}

/// What a file shows of its upload.
fn file(source: &Source<'_>, body: &mut Map) {
    let Some(sent) = source.sent.map("file") else { return };
    let name = sent.str("filename").unwrap_or_default();
    let size = sent.str("size").and_then(|size| size.parse::<i64>().ok()).unwrap_or_default();
    body.set("filename", name.to_owned());
    body.set("size", size);
    body.set("type", name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()));
    body.set("url", format!("{}/_pinstripe/files/{}", source.ctx.base_url, source.id));
}
