//! Reading the events of `/v2` (platform 7.1): thin ones, which name an object instead of showing it.
//!
//! May use: the pages of `/v2`. Invariant: an event that was made more than 30 days ago does not exist.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::generic::v2;
use crate::limits::{EVENT_TYPES_MAX, EVENTS_LIFETIME_SECONDS};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object as _, Resource, downcast};
use crate::state::{Record, Tx};

crate::resource! {
    /// An event of `/v2`.
    CoreEvent = "v2.core.event" {
        /// The object that it is about: `id`, `type` and `url`.
        related_object: Absent<Map>,
    }
    hidden {
        /// Unix seconds of the sandbox's clock.
        created: i64,
    }
}

impl CoreEvent {
    fn is_alive(&self, now: i64) -> bool {
        now.saturating_sub(self.created) <= EVENTS_LIFETIME_SECONDS
    }

    /// The id of the object that it is about.
    fn about(&self) -> Option<&str> {
        self.related_object.0.as_ref()?.str("id")
    }
}

/// `GET /v2/core/events/:id`.
fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let event = require::<CoreEvent>(tx, call.arg(0), In::Path)?;
    match event.is_alive(ctx.now) {
        true => Ok(Outcome::Value(event.to_doc().into())),
        false => Err(missing(CoreEvent::KIND, call.arg(0), In::Path)),
    }
}

/// `GET /v2/core/events`.
fn list(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let types = call.params.list("types").unwrap_or_default();
    if types.len() > EVENT_TYPES_MAX {
        return Err(ApiError::array_too_long("types", EVENT_TYPES_MAX));
    }
    let about = call.params.str("object_id");
    let bounds = bounds(&call.params)?;
    let keep = |record: &Record| {
        downcast::<CoreEvent>(&*record.object).is_some_and(|event| {
            let is_wanted = |wanted: &Doc| wanted.as_str() == event.rest.str("type");
            event.is_alive(ctx.now)
                && (types.is_empty() || types.iter().any(is_wanted))
                && about.is_none_or(|about| event.about() == Some(about))
                && bounds.iter().all(|(holds, bound)| holds(&event.created, bound))
        })
    };
    let rows = |paged: &Call<'_>| list::page_where(tx, &ENTRY, paged, None, &keep);
    v2::page(call, &rows, &|item| item.record.object.to_doc())
}

/// What a time must be to another.
type Holds = fn(&i64, &i64) -> bool;

/// The bounds of times outside of `created`, which older libraries send, in Unix seconds.
fn bounds(params: &Map) -> Result<Vec<(Holds, i64)>> {
    let known: [(&str, Holds); 4] = [("gt", i64::gt), ("gte", i64::ge), ("lt", i64::lt), ("lte", i64::le)];
    let bound = |(name, holds): (&str, Holds)| {
        let time = params.str(name)?.parse::<jiff::Timestamp>();
        Some(time.map(|time| (holds, time.as_second())).map_err(|_| ApiError::param_not_instant(name)))
    };
    known.into_iter().filter_map(bound).collect()
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: CoreEvent::KIND,
    fields: CoreEvent::FIELDS,
    noun: "event",
    id: IdForm { prefix: "evt_test_", lead: "65", length: 20 },
    marks: &[
        Marked::acts(
            &["created", "gt", "gte", "lt", "lte", "object_id", "types"],
            "generic::v2::events_are_listed_by_type_and_time_and_are_retrieved",
        ),
        Marked::acts(&["limit", "page"], "generic::v2::pages_have_addresses"),
    ],
    operations: &[
        ("v2.core.events.list", Behaviour::Read(list)),
        ("v2.core.events.retrieve", Behaviour::Read(retrieve)),
    ],
    history: true,
    import: |visible, mut hidden, created| {
        hidden.set("created", created);
        crate::contract::import::<CoreEvent>(visible, hidden, created)
    },
    ..Entry::PLAIN
};
