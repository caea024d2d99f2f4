//! What happened to one object, and what followed a request.
//!
//! May use: the ring. Invariant: nothing is kept for it: it is read from what is kept anyway.

use std::collections::HashSet;

use serde_json::Value;

use super::Activity;
use super::changes::{self, changed};
use super::ring::{ActivityRow, Happening, RowSource};
use crate::request_log::without_secrets;
use crate::state::Id;
use crate::state::sandbox::CommitCause;

/// A change of an object, by what changed it.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The number of the row.
    pub seq: u64,
    /// Milliseconds of the machine's clock.
    pub at: i64,
    /// The type of the row: `request`, `work` or `control`.
    pub row_type: &'static str,
    /// `created`, `changed` or `deleted`.
    pub what: &'static str,
    /// The id of the request, if it was one.
    pub request: Option<String>,
    /// The fields before and after; none for an object that was created or deleted.
    pub fields: Value,
}

impl Activity {
    /// What is known of how an object of a sandbox changed, newest first, back to where the sandbox was reset, restored or replaced,
    /// or to where the object was created: it may have the id of one that was deleted.
    pub fn history(&self, sandbox: &str, id: &str) -> Vec<HistoryEntry> {
        let begun = self.lock().begun(sandbox);
        let mut rows = self.after(begun, usize::MAX, Some(sandbox)).kept;
        rows.retain(|row| row.wrote(id));
        let entries = rows.iter().rev().flat_map(|row| {
            let written = changes::of(&row.commits());
            let of_object: Vec<HistoryEntry> = written
                .iter()
                .filter(|one| **one.after.object.id() == *id)
                .map(changed)
                .map(|change| HistoryEntry {
                    seq: row.number,
                    at: row.at,
                    row_type: row.row_type(),
                    what: change.what(),
                    request: row.request_id(),
                    fields: without_secrets(change.fields()),
                })
                .collect();
            of_object
        });
        let mut entries: Vec<HistoryEntry> = entries.collect();
        let created = entries.iter().position(|entry| entry.what == "created");
        entries.truncate(created.map_or(entries.len(), |created| created + 1));
        entries
    }

    /// The rows of due work after a row, about objects that it changed, oldest first.
    pub fn later(&self, row: &ActivityRow) -> Vec<Value> {
        let ids: HashSet<Id> = changes::of(&row.commits()).iter().map(|one| Id::clone(one.after.object.id())).collect();
        let rows = self.after(row.number, usize::MAX, None).kept;
        rows.iter().filter(|later| later.is_work_for(&ids, row)).map(|later| later.row(false)).collect()
    }
}

impl ActivityRow {
    /// Whether it wrote an object with this id.
    fn wrote(&self, id: &str) -> bool {
        self.commits().iter().flat_map(|commit| &commit.written).any(|one| **one.after.object.id() == *id)
    }

    /// Whether it is due work about one of these objects, in the sandbox of another row.
    fn is_work_for(&self, ids: &HashSet<Id>, of: &ActivityRow) -> bool {
        let RowSource::Other(Happening::Work(commit)) = &self.what else { return false };
        let CommitCause::Due(due) = &commit.cause else { return false };
        ids.contains(&due.about.id) && of.is_of(&commit.sandbox)
    }

    /// The id of the request, if it is one.
    fn request_id(&self) -> Option<String> {
        match &self.what {
            RowSource::Request(request, _) => Some(request.id().to_owned()),
            RowSource::Other(_) => None,
        }
    }
}
