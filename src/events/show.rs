//! An event as a document: the object as it was then, and what it was before.
//!
//! May use: the renderer. Invariant: what is shown follows from the event and the version alone, but for the rows of
//! lists inside an object: which of them there are is what it was, what each says is that of the given state.

use bytes::Bytes;

use crate::api::render::Renderer;
use crate::api::versions::{self};
use crate::catalogue;
use crate::contract;
use crate::contract::version::Version;
use crate::state::document::{Doc, Map};
use crate::state::event::Event;
use crate::state::{Kind, Record, State, Tx};

/// An event in a version: the one it was made with (`None`), or the one that an endpoint asks for.
pub fn document(state: &State, event: &Event, version: Option<Version>) -> Map {
    let version = version.or_else(|| Version::parse(event.version).ok()).unwrap_or_else(Version::newest);
    let object = snapshot(state, event, &event.after, version, event.place.sequence);
    let mut data = Map::new();
    if let Some(before) = &event.before {
        data.set("previous_attributes", previous(&snapshot(state, event, before, version, event.began), &object));
    }
    data.set("object", object);
    let cause = event.cause.as_deref();
    let request = Map::from([
        ("id", Doc::from(cause.map(|cause| cause.request_id.to_string()))),
        ("idempotency_key", cause.and_then(|cause| cause.idempotency_key.as_deref().map(str::to_owned)).into()),
    ]);
    let mut shown = Map::from([
        ("id", Doc::from(event.id.to_string())),
        ("object", KIND.0.into()),
        ("api_version", version.as_str().into()),
        ("created", event.place.created.into()),
        ("data", data.into()),
        ("livemode", false.into()),
        ("pending_webhooks", i64::try_from(event.pending()).unwrap_or(i64::MAX).into()),
        ("request", request.into()),
        ("type", event.name.into()),
    ]);
    if event.account != crate::state::Account::PLATFORM {
        shown.set("account", state.account_id(event.account).map(ToString::to_string));
    }
    versions::convert(&Tx::new(state, event.account, contract::filters), KIND, &mut shown, version);
    shown
}

/// The `object` value of an event.
pub const KIND: Kind = Kind("event");

/// The body of an event's delivery: [`document`] as it is sent and signed.
pub fn json(state: &State, event: &Event, version: Option<Version>) -> Bytes {
    let mut json = Doc::Map(document(state, event, version)).to_json();
    json.push(b'\n');
    Bytes::from(json)
}

/// The object whole, also when it is deleted since (core-payments 10.2.8).
fn snapshot(state: &State, event: &Event, record: &Record, version: Version, until: u64) -> Map {
    let tx = Tx::new(state, event.account, contract::filters);
    let renderer = Renderer { tx: &tx, version, expand: &[], fields: None, until: Some(until) };
    renderer.snapshot(record, shown_kind(event))
}

/// The kind that the event's type is about: the object's own, or one that it answers as.
fn shown_kind(event: &Event) -> Kind {
    let own = event.after.object.kind();
    let types = catalogue::event_types();
    let known = types.binary_search_by(|known| known.name.cmp(event.name)).map(|at| types[at].objects);
    match known {
        Ok(objects) if !objects.contains(&own.0) => objects.first().map_or(own, |name| Kind(name)),
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
