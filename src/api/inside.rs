//! What an object shows of other objects besides their ids: the rows of lists inside it, and data for the form of an
//! older version.
//!
//! May use: the registry, the versions, the state. Invariant: an object with its [`Companion`]s shows the same in every
//! version as when they were collected, however the state changes.

use std::cell::LazyCell;
use std::sync::Arc;

use crate::api::{list, versions};
use crate::contract::version::Version;
use crate::contract::{self, Include, Rewrite, Seen, Shown};
use crate::limits::PAGE_ITEMS_DEFAULT;
use crate::state::document::{Doc, Map};
use crate::state::event::Companion;
use crate::state::{Kind, Record, Ref, Tx};

/// Where the other objects of an object are found.
#[derive(Clone, Copy, Debug)]
pub enum Others<'a> {
    /// In the current state.
    Now(&'a Tx),
    /// Among records that were collected earlier.
    Then(&'a [Companion]),
}

/// The records that an object shows in one place.
#[derive(Debug, Default)]
pub struct Rows {
    /// The visible ones: the first page of a list.
    pub records: Vec<Arc<Record>>,
    /// The number of all records.
    pub count: usize,
}

impl Rows {
    fn of(mut records: Vec<Arc<Record>>) -> Self {
        let count = records.len();
        records.truncate(PAGE_ITEMS_DEFAULT);
        Rows { records, count }
    }
}

impl Others<'_> {
    /// The rows of a list inside an object.
    pub fn rows(self, include: &Include, owner: &Record) -> Rows {
        match self {
            Others::Now(tx) => Rows::of((include.rows)(tx, owner.object.id())),
            Others::Then(companions) => found(companions, owner.object.kind(), owner.object.id(), include.field),
        }
    }

    /// The record from which an older form of an object takes data: the result of `find` for its document.
    pub(super) fn other(
        self,
        kind: Kind,
        object: &Map,
        field: &str,
        find: fn(&Tx, Seen<'_>) -> Option<Arc<Record>>,
    ) -> Option<Arc<Record>> {
        match self {
            Others::Now(tx) => find(tx, Seen::Document(object)),
            Others::Then(companions) => {
                found(companions, kind, object.str("id").unwrap_or_default(), field).records.pop()
            }
        }
    }
}

fn found(companions: &[Companion], kind: Kind, id: &str, field: &str) -> Rows {
    let mine =
        |companion: &&Companion| companion.field == field && companion.owner.kind == kind && *companion.owner.id == *id;
    let found = companions.iter().find(mine);
    found.map_or_else(Rows::default, |found| Rows { records: found.records.clone(), count: found.count })
}

/// The records that any version shows in an object, shown as a kind, with nothing expanded.
pub fn collect(tx: &Tx, record: &Record, kind: Kind) -> Vec<Companion> {
    let mut companions = Vec::new();
    add(tx, record, kind, &mut companions);
    companions
}

fn add(tx: &Tx, record: &Record, kind: Kind, out: &mut Vec<Companion>) {
    let owner = || Ref { kind: record.object.kind(), id: Arc::clone(record.object.id()) };
    for include in contract::entry(kind).map_or(&[][..], |entry| entry.includes) {
        if matches!(include.shown, Shown::Expanded) {
            continue;
        }
        let Rows { records, count } = Others::Now(tx).rows(include, record);
        for row in &records {
            add(tx, row, row.object.kind(), out);
        }
        if count > 0 {
            out.push(Companion { owner: owner(), field: include.field, records, count });
        }
    }
    let own = &*record.object;
    // What shows itself is asked itself: most objects show nothing of others, and a document of them would be made for nothing.
    let shows_itself = own.kind() == kind && !has_view(kind, kind);
    let shown = LazyCell::new(|| if shows_itself { None } else { contract::show_object(own, kind) });
    for change in contract::entry(kind).map_or(&[][..], |entry| entry.changes) {
        let Some(Rewrite::With { field, find, .. }) = change.older else { continue };
        let found = match shows_itself {
            true => find(tx, Seen::Object(own)),
            false => shown.as_ref().and_then(|object| find(tx, Seen::Document(object))),
        };
        if let Some(found) = found {
            let owner = Ref { kind, ..owner() };
            out.push(Companion { owner, field, records: vec![found], count: 1 });
        }
    }
}

/// Whether objects of a stored kind show something else than themselves as a kind.
fn has_view(kind: Kind, from: Kind) -> bool {
    contract::entry(kind).is_some_and(|entry| entry.views.iter().any(|view| view.from == from))
}

/// Shows objects in a version, with nothing expanded.
#[derive(Clone, Copy, Debug)]
pub struct VersionForm<'a> {
    /// Where other objects are found.
    pub others: Others<'a>,
    /// The version.
    pub version: Version,
}

impl VersionForm<'_> {
    /// An object in full as a kind shows it, also if it was deleted.
    pub fn snapshot(&self, record: &Record, kind: Kind) -> Map {
        let doc = contract::show_object(&*record.object, kind).unwrap_or_else(|| record.object.to_doc());
        self.completed(doc, record, kind)
    }

    /// An object's newest form in the form of the version, with its visible lists.
    pub(super) fn completed(&self, mut doc: Map, record: &Record, kind: Kind) -> Map {
        versions::convert(self.others, kind, &mut doc, self.version);
        let includes = contract::entry(kind).map_or(&[][..], |entry| entry.includes);
        for include in includes.iter().filter(|include| self.is_included(include)) {
            doc.set(include.field, self.list(include, record, |row| self.shown(row)));
        }
        doc
    }

    fn shown(&self, row: &Record) -> Option<Map> {
        let kind = row.object.kind();
        let doc = contract::show(row, kind)?;
        Some(if row.deleted { doc } else { self.completed(doc, row, kind) })
    }

    /// Whether a list inside an object is shown without being expanded.
    pub(super) fn is_included(&self, include: &Include) -> bool {
        match include.shown {
            Shown::Always => true,
            Shown::Before(gate) | Shown::Until(gate) => !self.version.has(gate),
            Shown::Expanded => false,
        }
    }

    /// A list inside an object, with the rows that `show` makes.
    pub(super) fn list(&self, include: &Include, owner: &Record, show: impl Fn(&Record) -> Option<Map>) -> Map {
        let Rows { records, count } = self.others.rows(include, owner);
        let docs = records.iter().filter_map(|row| show(row)).map(Doc::Map).collect();
        let mut list = list::envelope((include.url)(owner.object.id()), docs, count > records.len());
        if include.total_count {
            list.set("total_count", i64::try_from(count).unwrap_or(i64::MAX));
        }
        list
    }
}
