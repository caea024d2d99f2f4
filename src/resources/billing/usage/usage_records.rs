//! Usage records of versions before meters (billing 5.1, billing-2 11.2): usage that is reported for a subscription item.
//!
//! May use: subscription items by their kind. Invariant: an item has one record for each second, with what was reported for it.

use std::ops::Range;

use super::meter_events::{MeterFault, says};
use super::summaries::seeded;
use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, require_shown, show};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Kind, Ref, Tx};
use crate::time::calendar::MINUTE;

crate::resource! {
    /// What an item used at a time.
    UsageRecord = "usage_record" {
        /// The usage.
        quantity: i64,
        /// The item.
        subscription_item: Id,
        /// Unix seconds.
        timestamp: i64,
    }
    hidden {
        /// When it was reported first, in Unix seconds.
        created: i64,
    }
}

/// The kind of the items.
const ITEM: Kind = crate::kind!("subscription_item");

/// Meters took the place of usage records.
const METERS_ALONE: Gate = Gate::since("2025-03-31.basil");

/// How far ahead the time of usage may lie, in seconds.
const FUTURE_SECONDS_MAX: i64 = 5 * MINUTE;

/// What was reported for an item (by id) from `span.start` up to, and without, `span.end`, in Unix seconds.
pub fn total(tx: &Tx, item: &str, span: &Range<i64>) -> i64 {
    let records = tx.having::<UsageRecord>("subscription_item", item);
    let inside = records.iter().filter(|record| span.contains(&record.timestamp));
    inside.fold(0, |total: i64, record| total.saturating_add(record.quantity))
}

/// The item of a call, as it is shown, in a version that has usage records.
fn item(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Map> {
    if ctx.version.has(METERS_ALONE) {
        return Err(ApiError::url_unknown(call.operation.method.as_str(), call.path));
    }
    let record = require_shown(tx, ITEM, call.arg(0), In::PathAs("subscription_item"))?;
    Ok(show(record, ITEM).unwrap_or_default())
}

/// `POST /v1/subscription_items/:subscription_item/usage_records`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let item = item(tx, ctx, call)?;
    let quantity = call.params.int("quantity").unwrap_or_default();
    if quantity < 0 {
        return Err(ApiError::param_negative("quantity"));
    }
    // `now` is a text.
    let timestamp = call.params.int("timestamp").unwrap_or(ctx.now);
    if item.int("current_period_start").is_some_and(|start| timestamp < start) {
        return Err(ApiError::usage_record_too_old());
    }
    if timestamp > ctx.now.saturating_add(FUTURE_SECONDS_MAX) {
        return Err(ApiError::meter_event_time(says(MeterFault::TimestampInFuture)));
    }
    let records = tx.having::<UsageRecord>("subscription_item", call.arg(0));
    if let Some(known) = records.iter().find(|record| record.timestamp == timestamp) {
        let replaces = call.params.str("action") == Some("set");
        let quantity = if replaces { quantity } else { known.quantity.saturating_add(quantity) };
        tx.save(known, UsageRecord { quantity, ..UsageRecord::clone(known) });
        return Ok(Outcome::Done(Ref::to(&**known)));
    }
    Ok(Outcome::Done(tx.insert(UsageRecord {
        id: ENTRY.id.draw(&ctx.ids).into(),
        quantity,
        subscription_item: call.arg(0).into(),
        timestamp,
        created: ctx.now,
        rest: Map::from([("livemode", false)]),
    })))
}

/// `GET /v1/subscription_items/:subscription_item/usage_record_summaries`: the period that is not billed yet. Those before come
/// with the invoices that bill them.
fn summaries(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let item = item(tx, ctx, call)?;
    let start = item.int("current_period_start").unwrap_or(i64::MIN);
    let row = Map::from([
        ("id", Doc::from(SUMMARIES.id.draw(&seeded(&format!("{} {start}", call.arg(0)))))),
        ("object", SUMMARIES.kind.name().into()),
        ("invoice", Doc::Null),
        ("livemode", false.into()),
        ("period", Map::from([("end", Doc::Null), ("start", Doc::Null)]).into()),
        ("subscription_item", call.arg(0).to_owned().into()),
        ("total_usage", total(tx, call.arg(0), &(start..i64::MAX)).into()),
    ]);
    let rows = [row];
    let (shown, has_more) = list::part_of(&rows, call, SUMMARIES.noun, |row| row.str("id").unwrap_or_default())?;
    let shown = shown.iter().cloned().map(Doc::Map).collect();
    Ok(Outcome::Value(list::page_envelope(call, shown, has_more, rows.len()).into()))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: UsageRecord::KIND,
    fields: UsageRecord::FIELDS,
    noun: "usage record",
    id: IdForm::of("mbur_"),
    marks: &[Marked::acts(&["action"], "billing::usage::usage_records::usage_at_one_time_is_added_up_or_replaced")],
    operations: &[("subscription_items.usage_records.create", Behaviour::Write(create))],
    filters: &[crate::filter!("subscription_item", UsageRecord, |record| Some(&record.subscription_item))],
    import: crate::contract::import::<UsageRecord>,
    ..Entry::PLAIN
};

/// The registry's entry of the summaries, which are not stored.
pub static SUMMARIES: Entry = Entry {
    kind: crate::kind!("usage_record_summary"),
    noun: "usage record summary",
    id: IdForm::of("sis_"),
    marks: &[Marked::neutral(&["limit"], "there is one row")],
    operations: &[("subscription_items.usage_record_summaries.list", Behaviour::Read(summaries))],
    ..Entry::PLAIN
};
