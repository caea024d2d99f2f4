//! The phases of a subscription schedule (billing 5.3).
//!
//! May use: prices and subscriptions, the calendar. Invariant: each phase begins where the one before it ends, and no
//! subscription is created or changed.

use crate::catalogue::{self, Field, Type};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::generic::described;
use crate::generic::kinds::checkout::PRICE;
use crate::object::blank;
use crate::object::fill::FillInput;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};
use crate::time::calendar::Interval;

const KIND: Kind = crate::kind!("subscription_schedule");

/// Checks the parameters of a new schedule, and creates the prices that are described in its phases.
///
/// # Errors
/// `customer` is missing, or `from_subscription` comes with parameters of a new schedule.
pub(super) fn before(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Map> {
    let from = sent.present("from_subscription");
    if sent.present("customer").or(sent.present("customer_account")).or(from).is_none() {
        return Err(ApiError::param_missing("customer"));
    }
    let described = ["phases", "start_date", "default_settings"].into_iter().find(|name| sent.present(name).is_some());
    if let Some(described) = described.filter(|_| from.is_some()) {
        return Err(ApiError::params_exclusive("from_subscription", described));
    }
    let mut sent = sent.clone();
    described::each(tx, ctx, &mut sent, &["phases", "items"], PRICE)?;
    described::each(tx, ctx, &mut sent, &["phases", "add_invoice_items"], PRICE)?;
    Ok(sent)
}

/// Sets the fields that follow from the phases, when they are new or were sent again.
pub(super) fn fields(source: &FillInput<'_>, body: &mut Map) {
    if let Some(subscription) = source.sent.str("from_subscription") {
        from_subscription(source, subscription, body);
    }
    let before = contract::resolve(source.tx, KIND, source.id).and_then(|record| start(&record.object.to_doc()));
    let first = start(body).or(source.sent.int("start_date")).or(before).unwrap_or(source.ctx.now);
    let sent = source.sent.list("phases").unwrap_or_default();
    let Some(Doc::List(phases)) = body.get_mut("phases") else { return };
    let mut start = first;
    for (i, phase) in phases.iter_mut().enumerate() {
        let Doc::Map(phase) = phase else { continue };
        let sent = sent.get(i).and_then(Doc::as_map).cloned().unwrap_or_default();
        let price = prices(source, phase);
        phase.set("start_date", start);
        let end = phase.int("end_date").unwrap_or_else(|| end(start, &sent, price.as_ref()));
        phase.set("end_date", end);
        if let Some(currency) =
            price.and_then(|price| price.get("currency").cloned()).filter(|_| !phase.has("currency"))
        {
            phase.set("currency", currency);
        }
        start = end;
    }
    stand(source.ctx.now, body);
}

/// When the first phase of a schedule begins.
fn start(schedule: &Map) -> Option<i64> {
    schedule.list("phases")?.first()?.as_map()?.int("start_date")
}

/// Adds each item's price as its plan; returns the first.
fn prices(source: &FillInput<'_>, phase: &mut Map) -> Option<Map> {
    let mut first = None;
    if let Some(Doc::List(items)) = phase.get_mut("items") {
        for item in items {
            let Doc::Map(item) = item else { continue };
            let Some(id) = item.str("price").or(item.str("plan")).map(str::to_owned) else { continue };
            if first.is_none() {
                let price = contract::resolve(source.tx, crate::kind!("price"), &id);
                first = price.and_then(|price| contract::show(price, crate::kind!("price")));
            }
            for name in ["plan", "price"] {
                if item.present(name).is_none() {
                    item.set(name, id.clone());
                }
            }
        }
    }
    first
}

/// The end of a phase: after its duration, its iterations, or one interval of its price.
fn end(start: i64, sent: &Map, price: Option<&Map>) -> i64 {
    let unit = |of: Option<&Map>| of.and_then(|of| of.str("interval")).and_then(Interval::parse);
    let count = |of: Option<&Map>| of.and_then(|of| of.int("interval_count")).unwrap_or(1);
    let (unit, count) = match sent.map("duration") {
        duration @ Some(_) => (unit(duration), count(duration)),
        None => {
            let recurring = price.and_then(|price| price.map("recurring"));
            (unit(recurring), count(recurring).saturating_mul(sent.int("iterations").unwrap_or(1)))
        }
    };
    unit.unwrap_or(Interval::Month).after(start, count).unwrap_or(start)
}

/// The one phase of an existing subscription.
fn from_subscription(source: &FillInput<'_>, id: &str, body: &mut Map) {
    let Some(record) = contract::resolve(source.tx, crate::kind!("subscription"), id) else { return };
    let subscription = record.object.to_doc();
    let mut items = source.tx.records_having(crate::kind!("subscription_item"), "subscription", id);
    items.reverse();
    let items: Vec<Map> = items.iter().map(|item| item.object.to_doc()).collect();
    let rows = items.iter().map(|item| {
        let price = item.map("price").and_then(|price| price.get("id")).cloned().unwrap_or_default();
        let mut row = blank("phases.items", item_fields());
        for (field, value) in [("plan", price.clone()), ("price", price)] {
            row.set(field, value);
        }
        row.set("quantity", item.get("quantity").cloned().unwrap_or_default());
        Doc::Map(row)
    });
    let mut phase = blank("phases", phase_fields());
    phase.set("items", Doc::List(rows.collect()));
    for (field, of_item) in [("start_date", "current_period_start"), ("end_date", "current_period_end")] {
        phase.set(field, items.first().and_then(|item| item.int(of_item)).unwrap_or(source.ctx.now));
    }
    phase.set("currency", subscription.get("currency").cloned().unwrap_or_default());
    body.set("phases", Doc::List(vec![Doc::Map(phase)]));
    for (field, value) in [("subscription", subscription.get("id")), ("customer", subscription.get("customer"))] {
        body.set(field, value.cloned().unwrap_or_default());
    }
}

/// The empty form of a nested object.
fn blank(path: &str, fields: &'static [Field]) -> Map {
    blank::of_nested(KIND, fields, path).body
}

/// The fields of an array's elements.
fn fields_of(fields: &'static [Field], name: &str) -> &'static [Field] {
    match catalogue::field(fields, name).map(|field| field.kind) {
        Some(Type::Array(Type::Object(fields))) => fields,
        _ => &[],
    }
}

fn phase_fields() -> &'static [Field] {
    fields_of(KIND.object().map_or(&[], |object| object.fields), "phases")
}

fn item_fields() -> &'static [Field] {
    fields_of(phase_fields(), "items")
}

/// Sets status and current phase: a schedule whose first phase has begun is active.
fn stand(now: i64, body: &mut Map) {
    let phases = body.list("phases").unwrap_or_default().iter().filter_map(Doc::as_map);
    let spans = phases.filter_map(|phase| Some((phase.int("start_date")?, phase.int("end_date")?)));
    let spans: Vec<(i64, i64)> = spans.collect();
    let begun = spans.first().is_some_and(|(start, _)| *start <= now);
    let current = spans.iter().find(|(start, end)| (*start..*end).contains(&now));
    body.set("status", if begun { "active" } else { "not_started" });
    body.set("current_phase", current.map(|(start, end)| Map::from([("end_date", *end), ("start_date", *start)])));
}
