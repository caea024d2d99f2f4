//! The changes of objects as calls show them.
//!
//! May use: the state, the registry. Invariant: fields are compared when a change is shown.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map as Json, Value, json};

use crate::contract;
use crate::state::document::{Doc, MemberDifference, differing_members};
use crate::state::sandbox::{Commit, WrittenObject};
use crate::state::{Id, Kind, Record};

/// Whether the API shows a kind as an object, which is no history.
pub fn is_shown(kind: Kind) -> bool {
    kind.object().is_some() && contract::entry(kind).is_none_or(|entry| !entry.history)
}

/// A change of an object: in which account, unless that is the platform, and the object before and after. One that is `None`, or
/// deleted, was not there.
#[derive(Clone, Copy, Debug)]
pub struct ChangedObject<'a> {
    /// The account.
    pub account: Option<&'a str>,
    /// The object before.
    pub before: Option<&'a Record>,
    /// The object after.
    pub after: Option<&'a Record>,
}

impl<'a> ChangedObject<'a> {
    /// The object's kind and id.
    fn about(&self) -> (&'static str, &'a str) {
        let record = self.after.or(self.before);
        record.map_or(("", ""), |record| (record.object.kind().name(), record.object.id()))
    }

    /// Whether it was created, changed or deleted.
    pub fn what(&self) -> &'static str {
        match (self.before, self.after) {
            (None, _) => "created",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "deleted",
        }
    }

    /// The change in short: what, the object, its id, its account.
    pub fn row(&self) -> Value {
        let (kind, id) = self.about();
        json!({"what": self.what(), "object": kind, "id": id, "account": self.account})
    }

    /// The change with each field before and after, or with the whole object that was created or deleted.
    pub fn details(&self) -> Value {
        let mut row = self.row();
        match (self.before, self.after) {
            (Some(_), Some(_)) => row["fields"] = self.fields(),
            (before, after) => {
                for (key, record) in [("before", before), ("after", after)] {
                    if let Some(record) = record {
                        row[key] = value(&Doc::Map(record.object.to_doc()));
                    }
                }
            }
        }
        row
    }

    /// The fields that are not the same before and after; none for an object that was not there on one side.
    pub fn fields(&self) -> Value {
        let (Some(before), Some(after)) = (self.before, self.after) else { return json!([]) };
        differing_members(&before.object.to_doc(), &after.object.to_doc()).iter().map(field).collect()
    }
}

/// A field without a value on one side has no member for it: `null` is a value.
fn field(member: &MemberDifference) -> Value {
    let sides = [("before", &member.before), ("after", &member.after)];
    let sides = sides.into_iter().filter_map(|(key, doc)| Some((key.to_owned(), value(doc.as_ref()?))));
    let path = ("path".to_owned(), Value::from(&*member.path));
    Value::Object(std::iter::once(path).chain(sides).collect::<Json<String, Value>>())
}

fn value(doc: &Doc) -> Value {
    serde_json::to_value(doc).unwrap_or_default()
}

/// What some commits changed together of what the API shows, each object once, in order.
pub(super) fn of(commits: &[Arc<Commit>]) -> Vec<WrittenObject> {
    let mut all: Vec<WrittenObject> = Vec::new();
    let mut places: HashMap<(Option<Id>, Kind, Id), usize> = HashMap::new();
    let written = commits.iter().flat_map(|commit| &commit.written);
    for one in written.filter(|one| is_shown(one.after.object.kind())) {
        let key = (one.account.clone(), one.after.object.kind(), Id::clone(one.after.object.id()));
        let place = *places.entry(key).or_insert(all.len());
        match all.get_mut(place) {
            Some(earlier) => earlier.after = Arc::clone(&one.after),
            None => all.push(one.clone()),
        }
    }
    all.retain(|one| {
        let change = changed(one);
        match (change.before, change.after) {
            (Some(before), Some(after)) => !before.object.shows_as(&*after.object),
            (None, None) => false,
            _ => true,
        }
    });
    all
}

/// A written object as a change.
pub(super) fn changed(one: &WrittenObject) -> ChangedObject<'_> {
    ChangedObject {
        account: one.account.as_deref(),
        before: one.before.as_deref().filter(|record| !record.deleted),
        after: Some(&*one.after).filter(|record| !record.deleted),
    }
}
