//! An event as a document: the object as it was then, and what it was before.
//!
//! May use: the forms of objects in versions. Invariant: what is shown follows from the event and the version alone,
//! but for the count of open deliveries.

use bytes::Bytes;

use crate::api::inside::{Others, VersionForm};
use crate::api::versions;
use crate::catalogue;
use crate::contract::version::Version;
use crate::links;
use crate::state::document::{Doc, Map};
use crate::state::event::{Companion, Event, KIND};
use crate::state::sandbox::name_in_links;
use crate::state::{Kind, Object, Record};

/// An event in a version: the one it was made with (`None`), or the one that an endpoint asks for.
pub fn document(event: &Event, version: Option<Version>) -> Map {
    let version = version.or_else(|| Version::parse(event.version).ok()).unwrap_or_else(Version::newest);
    let object = snapshot(event, &event.after, event.companions_after(), version);
    let mut data = Map::new();
    if let Some(before) = &event.before {
        let before = snapshot(event, before, event.companions_before(), version);
        data.set("previous_attributes", previous(&before, &object));
    }
    data.set("object", object);
    let cause = event.cause.as_ref();
    let request = Map::from([
        ("id", Doc::from(cause.map(|cause| cause.request_id().to_owned()))),
        ("idempotency_key", cause.and_then(|cause| cause.idempotency_key().map(str::to_owned)).into()),
    ]);
    let mut shown = Map::from([
        ("id", Doc::from(event.id.to_string())),
        ("object", KIND.name().into()),
        ("api_version", version.as_str().into()),
        ("created", event.place.created.into()),
        ("data", data.into()),
        ("livemode", false.into()),
        ("pending_webhooks", i64::try_from(event.pending()).unwrap_or(i64::MAX).into()),
        ("request", request.into()),
        ("type", event.name.into()),
    ]);
    if let Some(account) = &event.account_id {
        shown.set("account", account.to_string());
    }
    convert(&mut shown, version);
    shown
}

/// Turns an event in the newest form into the form of a version, but for the object in it.
pub fn convert(event: &mut Map, version: Version) {
    versions::convert(Others::Then(&[]), KIND, event, version);
}

/// A thin event as it is sent: without what is shown only when it is retrieved, and the same in every version.
pub fn thin(event: &Event) -> Map {
    let mut shown = event.after.object.to_doc();
    for apart in ["data", "changes"] {
        let _ = shown.remove(apart);
    }
    if let Some(account) = &event.account_id {
        shown.set("context", account.to_string());
    }
    shown
}

/// The body of an event's delivery: [`document`] or [`thin`], as it is sent and signed. `sandbox` is the name of the one that it
/// happened in, to which its links lead.
pub fn json(event: &Event, version: Option<Version>, sandbox: &str) -> Bytes {
    let shown = if event.is_thin() { thin(event) } else { document(event, version) };
    let mut json = Doc::Map(shown).to_json();
    json.push(b'\n');
    let named = name_in_links(sandbox).and_then(|name| links::in_sandbox(&json, name, None));
    named.unwrap_or_else(|| Bytes::from(json))
}

/// The object whole, also when it is deleted since (core-payments 10.2.8).
fn snapshot(event: &Event, record: &Record, companions: &[Companion], version: Version) -> Map {
    let form = VersionForm { others: Others::Then(companions), version };
    form.snapshot(record, shown_kind(event.name, &*event.after.object))
}

/// The kind that an event's type is about: the object's own, or one that it answers as.
pub(super) fn shown_kind(name: &str, object: &dyn Object) -> Kind {
    let own = object.kind();
    let types = catalogue::event_types();
    let known = types.binary_search_by(|known| known.name.cmp(name)).map(|at| types[at].objects);
    match known {
        Ok(objects) if !objects.contains(&own.name()) => {
            objects.first().and_then(|name| Kind::named(name)).unwrap_or(own)
        }
        _ => own,
    }
}

/// The old values of what changed (platform 1.2): of an object its changed fields, of an array all of it, `null` for
/// what was not there.
fn previous(before: &Map, after: &Map) -> Map {
    let mut changed = Map::new();
    for (key, old) in before.iter() {
        match (old, after.get(key)) {
            (old, Some(new)) if old == new => {}
            (Doc::Map(old), Some(Doc::Map(new))) => changed.set(key.to_owned(), previous(old, new)),
            (old, _) => changed.set(key.to_owned(), old.clone()),
        }
    }
    for (key, _) in after.iter().filter(|(key, _)| !before.has(key)) {
        changed.set(key.to_owned(), Doc::Null);
    }
    changed
}
