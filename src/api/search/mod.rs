//! Search: the operations that find objects by a query (platform 5.2).
//!
//! May use: the registry, the state, the errors. Invariant: a search reads each object of a kind once, newest first,
//! and keeps at most a page of them; the state that it reads does not change.
//!
//! Unlike a list, a search takes time in proportion to the number of objects: the HTTP edge recognises it by
//! [`is_asked`] and runs it on another thread.

mod condition;
mod query;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use self::condition::Condition;
use crate::catalogue::{self, Find, Method, Returns};
use crate::contract::version::{Gate, Version};
use crate::contract::{Call, Entry, Found, Item};
use crate::error::{ApiError, Result};
use crate::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use crate::state::{Kind, Place, Tx};

/// Objects can be searched.
const SEARCH: Gate = Gate::since("2020-08-27");

/// The page of a search.
///
/// # Errors
/// A version without search, a limit out of range, a query that cannot be read or does not fit the resource, an unknown
/// page.
pub fn page(tx: &Tx, entry: &'static Entry, call: &Call<'_>, version: Version) -> Result<Found> {
    if !version.has(SEARCH) {
        return Err(ApiError::search_needs_version(version.as_str()));
    }
    let resource = entry.search.ok_or_else(ApiError::internal)?;
    let limit = limit(call)?;
    let condition = Condition::read(call.params.str("query").unwrap_or_default(), resource)?;
    let last_shown = call.params.str("page").map(|token| read_token(token, entry.kind)).transpose()?;
    let counts = call.params.expand.iter().any(|path| path == "total_count");

    let mut found = Found { url: call.path.to_owned(), items: Vec::new(), next_page: None, total_count: None };
    let mut total = 0;
    let table = tx.state().table(tx.account(), entry.kind);
    for record in table.iter().flat_map(|table| table.live().rev()) {
        let is_wanted = last_shown.is_none_or(|last| record.place < last);
        if !(is_wanted || counts) || !condition.holds(&*record.object) {
            continue;
        }
        total += 1;
        if is_wanted && found.items.len() < limit {
            found.items.push(Item { shown: entry.kind, record: record.clone() });
        } else if is_wanted && found.next_page.is_none() {
            found.next_page = found.items.last().map(|item| write_token(entry.kind, item.record.place));
            if !counts {
                break;
            }
        }
    }
    found.total_count = counts.then_some(total);
    Ok(found)
}

/// Whether a request is a search.
pub fn is_asked(path: &str) -> bool {
    // Most paths end in another way and need no look-up.
    path.ends_with("/search")
        && matches!(catalogue::find(Method::Get, path), Find::Operation(found)
            if matches!(found.operation.returns, Returns::SearchResult(_)))
}

/// A search refuses a limit that a list would lower.
fn limit(call: &Call<'_>) -> Result<usize> {
    let Some(sent) = call.params.int("limit") else { return Ok(PAGE_ITEMS_DEFAULT) };
    match usize::try_from(sent) {
        Ok(0) | Err(_) => Err(ApiError::param_below("limit", 1)),
        Ok(limit) if limit > PAGE_ITEMS_MAX => Err(ApiError::search_limit_above(PAGE_ITEMS_MAX, sent)),
        Ok(limit) => Ok(limit),
    }
}

/// The token of a page is the place of the last object before it. Objects that are created later are newer, so the page
/// does not change.
fn write_token(kind: Kind, last_shown: Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {} {}", kind.name(), last_shown.created, last_shown.sequence))
}

fn read_token(token: &str, kind: Kind) -> Result<Place> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.split(' ');
        let (named, created, sequence) = (parts.next()?, parts.next()?, parts.next()?);
        let place = Place { created: created.parse().ok()?, sequence: sequence.parse().ok()? };
        (named == kind.name() && parts.next().is_none()).then_some(place)
    };
    read().ok_or_else(|| ApiError::search_page_invalid(token))
}
