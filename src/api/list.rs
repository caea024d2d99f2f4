//! Lists: filters, cursors and pages (core-payments 1.9).
//!
//! May use: the registry and the state. Invariant: a page costs the same whatever the number of objects is;
//! one filter walks its index, several walk the index of the first declared and check the others.

use std::sync::Arc;

use crate::catalogue;
use crate::contract::{self, Call, Entry, In, Item, List};
use crate::error::{ApiError, Result};
use crate::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_DEFAULT_V2, PAGE_ITEMS_MAX};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Place, Record, Table, Tx};

/// One end of a page.
enum Cursor<T> {
    Start,
    After(T),
    Before(T),
}

/// The page of a kind's objects for a call. `parent` is a filter with a value from the path.
///
/// # Errors
/// An unknown cursor, both cursors, or a filter with an unknown object (core-payments 1.9).
pub fn page(tx: &Tx, entry: &'static Entry, call: &Call<'_>, parent: Option<(&str, &str)>) -> Result<List> {
    page_where(tx, entry, call, parent, &|_| true)
}

/// As [`page`], with only the objects for which `keep` is true: for filters without an index, such as a range of
/// amounts.
///
/// # Errors
/// Those of [`page`].
pub fn page_where(
    tx: &Tx,
    entry: &'static Entry,
    call: &Call<'_>,
    parent: Option<(&str, &str)>,
    keep: &dyn Fn(&Record) -> bool,
) -> Result<List> {
    let wanted = wanted_filters(tx, entry, call, parent)?;
    let window = window(call, |id, param| {
        let record = tx.record(entry.kind, id);
        record.map(|record| record.place).ok_or_else(|| contract::missing(entry.kind, id, In::Param(param)))
    })?;
    let Window { limit, backwards, .. } = window;
    let mut items = Vec::with_capacity(limit + 1);
    let Some(table) = tx.state().table(tx.account(), entry.kind) else {
        let total_count = call.params.total_count.then_some(0);
        return Ok(List { total_count, ..finish(call, entry, items, limit, backwards) });
    };
    let rest = wanted.get(1..).unwrap_or_default();
    let is_wanted = |record: &Record| {
        keep(record) && rest.iter().all(|(position, value)| entry.filters[*position].has(&*record.object, value))
    };
    let mut take = |record: &Arc<Record>| {
        if is_wanted(record) {
            items.push(Item { shown: entry.kind, record: Arc::clone(record) });
        }
        items.len() <= limit
    };
    // `all` stops at the first record beyond the page.
    let _ = match (wanted.first(), backwards) {
        (Some((position, value)), true) => window.having(table, entry, *position, value).all(&mut take),
        (Some((position, value)), false) => window.having(table, entry, *position, value).rev().all(&mut take),
        (None, true) => table.between(window.from, window.to).all(&mut take),
        (None, false) => table.between(window.from, window.to).rev().all(&mut take),
    };
    // The only part of a list that takes as long as there are rows.
    let total = || {
        let (from, to) = created_range(&call.params);
        let whole = Window { from, to, ..window };
        match wanted.first() {
            Some((position, value)) => {
                whole.having(table, entry, *position, value).filter(|row| is_wanted(row)).count()
            }
            None => table.between(from, to).filter(|row| is_wanted(row)).count(),
        }
    };
    let total_count = call.params.total_count.then(total);
    Ok(List { total_count, ..finish(call, entry, items, limit, backwards) })
}

/// The page of a short list with an order of its own, such as a customer's sources.
///
/// # Errors
/// An unknown cursor, or both.
pub fn page_of(rows: &[Item], call: &Call<'_>, noun: &str) -> Result<List> {
    let (shown, has_more) = part_of(rows, call, noun, |item| item.record.object.id())?;
    let total_count = call.params.total_count.then_some(rows.len());
    Ok(List { url: call.path.to_owned(), items: shown.to_vec(), has_more, counts: false, total_count })
}

/// The rows of a short list for a call, and whether there are more; `id` returns the id of a row, to find a cursor.
///
/// # Errors
/// An unknown cursor, or both.
pub fn part_of<'r, T>(rows: &'r [T], call: &Call<'_>, noun: &str, id: impl Fn(&T) -> &str) -> Result<(&'r [T], bool)> {
    let cursor = cursor(call, |sought, param| {
        let at = rows.iter().position(|row| id(row) == sought);
        at.ok_or_else(|| contract::missing_as(noun, sought, In::Param(param)))
    })?;
    let limit = limit(call);
    Ok(match cursor {
        Cursor::Start => (&rows[..rows.len().min(limit)], rows.len() > limit),
        Cursor::After(at) => {
            let rest = &rows[at + 1..];
            (&rest[..rest.len().min(limit)], rest.len() > limit)
        }
        Cursor::Before(at) => (&rows[at.saturating_sub(limit)..at], at > limit),
    })
}

/// The envelope around the rendered rows of a page; `total` is the number of rows on all pages.
pub fn page_envelope(call: &Call<'_>, rows: Vec<Doc>, has_more: bool, total: usize) -> Map {
    let mut page = envelope(call.path.to_owned(), rows, has_more);
    if call.params.total_count {
        page.set("total_count", i64::try_from(total).unwrap_or(i64::MAX));
    }
    page
}

/// The envelope around rendered rows.
pub fn envelope(url: impl Into<Doc>, rows: Vec<Doc>, has_more: bool) -> Map {
    Map::from([
        ("object", Doc::from("list")),
        ("data", Doc::List(rows)),
        ("has_more", Doc::from(has_more)),
        ("url", url.into()),
    ])
}

fn finish(call: &Call<'_>, entry: &Entry, mut items: Vec<Item>, limit: usize, backwards: bool) -> List {
    let has_more = items.len() > limit;
    items.truncate(limit);
    if backwards {
        items.reverse();
    }
    List { url: call.path.to_owned(), items, has_more, counts: entry.counts, total_count: None }
}

/// The largest number of rows of a page.
pub fn limit(call: &Call<'_>) -> usize {
    match call.params.int("limit") {
        None if catalogue::is_v2(call.path) => PAGE_ITEMS_DEFAULT_V2,
        None => PAGE_ITEMS_DEFAULT,
        Some(n) => usize::try_from(n).unwrap_or(1).clamp(1, PAGE_ITEMS_MAX),
    }
}

/// Each cursor is looked up before two at once are refused (core-payments 1.9.4).
fn cursor<T>(call: &Call<'_>, find: impl Fn(&str, &'static str) -> Result<T>) -> Result<Cursor<T>> {
    let after = call.params.str("starting_after").map(|id| find(id, "starting_after")).transpose()?;
    let before = call.params.str("ending_before").map(|id| find(id, "ending_before")).transpose()?;
    match (after, before) {
        (Some(_), Some(_)) => Err(ApiError::both_cursors()),
        (Some(at), None) => Ok(Cursor::After(at)),
        (None, Some(at)) => Ok(Cursor::Before(at)),
        (None, None) => Ok(Cursor::Start),
    }
}

/// The filters of the request, as positions among the entry's filters with values, in declared order.
fn wanted_filters(
    tx: &Tx,
    entry: &'static Entry,
    call: &Call<'_>,
    parent: Option<(&str, &str)>,
) -> Result<Vec<(usize, Id)>> {
    let mut wanted = Vec::new();
    for (position, filter) in entry.filters.iter().enumerate() {
        if let Some((_, value)) = parent.filter(|(param, _)| *param == filter.param) {
            wanted.push((position, Id::from(value)));
            continue;
        }
        let value = match call.params.get(filter.param) {
            Some(Doc::Text(text)) => Id::from(text.as_ref()),
            Some(Doc::Bool(b)) => Id::from(if *b { "true" } else { "false" }),
            _ => continue,
        };
        if let Some(target) = filter.target {
            contract::require_shown(tx, target, &value, In::Param(filter.param))?;
        }
        wanted.push((position, value));
    }
    Ok(wanted)
}

/// The part of an order from which a page is taken.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The first place, included.
    pub from: Place,
    /// The last place, included.
    pub to: Place,
    /// Whether the page is taken from the end at `from`, not from the end at `to`.
    pub backwards: bool,
    /// The largest number of objects in the page.
    pub limit: usize,
}

/// The part for a call; `find` returns the place of a cursor, or an error for the given parameter.
///
/// # Errors
/// An unknown cursor, or both.
pub fn window(call: &Call<'_>, find: impl Fn(&str, &'static str) -> Result<Place>) -> Result<Window> {
    let cursor = cursor(call, find)?;
    let (mut from, mut to) = created_range(&call.params);
    match cursor {
        Cursor::Start => {}
        Cursor::After(place) => to = to.min(step(place, -1)),
        Cursor::Before(place) => from = from.max(step(place, 1)),
    }
    if from > to {
        // Nothing is created at the end of time: this range is empty, and in order.
        from = Place { created: i64::MAX, sequence: u64::MAX };
        to = from;
    }
    Ok(Window { from, to, backwards: matches!(cursor, Cursor::Before(_)), limit: limit(call) })
}

impl Window {
    fn having<'t>(
        &self,
        table: &'t Table,
        entry: &'static Entry,
        position: usize,
        value: &'t str,
    ) -> impl DoubleEndedIterator<Item = &'t Arc<Record>> {
        table.having(position, &entry.filters[position], value, self.from, self.to)
    }
}

fn step(place: Place, by: i64) -> Place {
    match by {
        ..0 => Place { sequence: place.sequence.saturating_sub(1), ..place },
        _ => Place { sequence: place.sequence.saturating_add(1), ..place },
    }
}

/// The first and the last number of a range parameter: `created=ts` or `created[gt|gte|lt|lte]=ts`
/// (core-payments 1.2.9).
fn bounds(range: Option<&Doc>) -> (i64, i64) {
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    match range {
        Some(Doc::Int(at)) => (from, to) = (*at, *at),
        Some(Doc::Map(range)) => {
            let low = [range.int("gte"), range.int("gt").map(|at| at.saturating_add(1))];
            let high = [range.int("lte"), range.int("lt").map(|at| at.saturating_sub(1))];
            from = low.into_iter().flatten().max().unwrap_or(from);
            to = high.into_iter().flatten().min().unwrap_or(to);
        }
        _ => {}
    }
    (from, to)
}

/// Whether a number lies in a range parameter; without one every number does.
pub fn within(range: Option<&Doc>, value: i64) -> bool {
    let (from, to) = bounds(range);
    (from..=to).contains(&value)
}

/// The places that the filter `created` allows: the first and the last, both included.
pub fn created_range(params: &Map) -> (Place, Place) {
    let (from, to) = bounds(params.get("created"));
    (Place { created: from, sequence: 0 }, Place { created: to, sequence: u64::MAX })
}
