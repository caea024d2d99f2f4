//! Event destinations (platform 2.1, 7.1): receivers of events that are managed under `/v2`.
//!
//! May use: the pages of `/v2`, the receiver's URL, thin events. Invariant: the signing secret is shown by the call that creates the
//! destination, if it is asked for, and by no other.

use std::sync::Arc;

use crate::api::list;
use crate::catalogue::{self, Type};
use crate::contract::Fill::{Format, Random, Text};
use crate::contract::version::Version;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, require};
use crate::error::{ApiError, Result};
use crate::generic::v2::{self, ThinEvent, announce_thin};
use crate::limits::WEBHOOK_ENDPOINTS_MAX;
use crate::object::body;
use crate::receiver_url::ReceiverUrl;
use crate::state::document::Map;
use crate::state::event::THIN;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object as _, Resource};
use crate::state::{Edit, Kind, Ref, Tx};
use crate::time::calendar::rfc3339_millis;

crate::resource! {
    /// A destination.
    EventDestination = "v2.core.event_destination" {
        /// The types of events that it gets; `*` stands for all.
        enabled_events: Vec<String>,
        /// `enabled` or `disabled`.
        status: String,
        /// Why it is disabled.
        status_details: Absent<Map>,
        /// When it was changed last.
        updated: String,
        /// The URL, and the secret that signs what is sent there.
        webhook_endpoint: Absent<Map>,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = EventDestination::KIND;

/// The types; each is described by the parameter of its name.
const TYPES: [&str; 3] = ["amazon_eventbridge", "azure_event_grid", WEBHOOK];
const WEBHOOK: &str = "webhook_endpoint";
const URL: &str = "webhook_endpoint[url]";

/// What asks for nothing in an object.
const ASKED: &str = "include";

/// `POST /v2/core/event_destinations`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    check_type(params)?;
    check_payload(params)?;
    check_url(params)?;
    check_events(params, params.str("event_payload").unwrap_or_default())?;
    let existing = tx.state().table(tx.account(), KIND).map_or(0, |table| table.live().count());
    if existing >= WEBHOOK_ENDPOINTS_MAX {
        return Err(ApiError::event_destinations_too_many(WEBHOOK_ENDPOINTS_MAX));
    }
    let mut shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &sent(params))?;
    shown.set("updated", rfc3339_millis(ctx.now));
    let made = (ENTRY.import)(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    let made = tx.insert_object(made);
    show(tx, call, &made)
}

/// `GET /v2/core/event_destinations/:id`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let destination = require::<EventDestination>(tx, call.arg(0), In::Path)?;
    show(tx, call, &Ref::to(&*destination))
}

/// `POST /v2/core/event_destinations/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = require::<EventDestination>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    if params.has(WEBHOOK) && stored.webhook_endpoint.0.is_none() {
        return Err(ApiError::destination_part_of_other_type(WEBHOOK));
    }
    check_url(params)?;
    check_events(params, stored.rest.str("event_payload").unwrap_or_default())?;
    let mut changed = stored.to_doc();
    body::change(tx, ctx, KIND, &mut changed, &sent(params))?;
    changed.set("updated", rfc3339_millis(ctx.now));
    let hidden = Map::from([("created", stored.created)]);
    let changed = EventDestination::from_docs(changed, hidden, stored.created).map_err(|_| ApiError::internal())?;
    tx.save(&stored, changed);
    show(tx, call, &Ref::to(&*stored))
}

/// `DELETE /v2/core/event_destinations/:id`.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = require::<EventDestination>(tx, call.arg(0), In::Path)?;
    tx.delete::<EventDestination>(&stored.id);
    Ok(v2::stub(&Ref::to(&*stored)))
}

/// `POST /v2/core/event_destinations/:id/disable`.
fn disable(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let by_user = Map::from([("disabled", Map::from([("reason", "user")]))]);
    turn(tx, ctx, call, "disabled", by_user)
}

/// `POST /v2/core/event_destinations/:id/enable`.
fn enable(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, ctx, call, "enabled", Map::new())
}

/// A destination that is what it is to be stays as it is.
fn turn(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, status: &str, details: Map) -> Result<Outcome> {
    let stored = require::<EventDestination>(tx, call.arg(0), In::Path)?;
    if stored.status != status {
        let mut changed = Edit::of(Arc::clone(&stored));
        changed.status = status.to_owned();
        changed.status_details = Absent(Some(details));
        changed.updated = rfc3339_millis(ctx.now);
        changed.save(tx);
    }
    show(tx, call, &Ref::to(&*stored))
}

/// `POST /v2/core/event_destinations/:id/ping`: an event shows that it is reached; the event is the answer.
fn ping(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = require::<EventDestination>(tx, call.arg(0), In::Path)?;
    let related = Some((KIND, stored.id.to_string(), format!("/v2/core/event_destinations/{}", stored.id)));
    let name = "v2.core.event_destination.ping";
    let event = announce_thin(tx, ctx, ThinEvent { name, related, data: None, by_request: true })?;
    let shown = tx.record(THIN, &event.id).map(|record| record.object.to_doc());
    Ok(Outcome::Value(shown.unwrap_or_default().into()))
}

/// `GET /v2/core/event_destinations`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let rows = |paged: &Call<'_>| list::page_where(tx, &ENTRY, paged, None, &|_| true);
    v2::page(call, &rows, &|item| asked_of(item.record.object.to_doc(), call))
}

fn show(tx: &Tx, call: &Call<'_>, of: &Ref) -> Result<Outcome> {
    let stored = require::<EventDestination>(tx, &of.id, In::Path)?;
    Ok(Outcome::Value(asked_of(stored.to_doc(), call).into()))
}

/// A destination with what a call asks for.
fn asked_of(shown: Map, call: &Call<'_>) -> Map {
    let creation = catalogue::operation("v2.core.event_destinations.create");
    v2::asked_of(shown, creation.map_or(&[], v2::shown_on_request), call)
}

/// The parameters that the destination shows.
fn sent(params: &Map) -> Map {
    let mut sent = params.clone();
    let _ = sent.remove(ASKED);
    sent
}

/// A destination is described by the parameter with the name of its type, and by no other.
fn check_type(params: &Map) -> Result<()> {
    let kind = params.str("type").unwrap_or_default();
    for part in TYPES {
        match (part == kind, params.present(part).is_some()) {
            (true, false) => return Err(ApiError::param_missing(part)),
            (false, true) => return Err(ApiError::destination_part_of_other_type(part)),
            (true, true) | (false, false) => {}
        }
    }
    Ok(())
}

/// The version of snapshots is one that was released; thin events have none.
fn check_payload(params: &Map) -> Result<()> {
    const VERSION: &str = "snapshot_api_version";
    match params.str(VERSION) {
        Some(_) if params.str("event_payload") == Some("thin") => Err(ApiError::thin_events_have_no_version(VERSION)),
        Some(version) => match Version::parse(version) {
            Ok(_) => Ok(()),
            Err(_) => Err(ApiError::destination_version_unknown(VERSION, version)),
        },
        None => Ok(()),
    }
}

/// An address that is not public is allowed: this server exists for local receivers.
fn check_url(params: &Map) -> Result<()> {
    match params.map(WEBHOOK).and_then(|receiver| receiver.str("url")) {
        Some(url) => url.parse::<ReceiverUrl>().map(drop).map_err(|fault| ApiError::url_invalid(URL, fault)),
        None => Ok(()),
    }
}

/// Some events are asked for; of snapshots, such as webhook endpoints know.
fn check_events(params: &Map, payload: &str) -> Result<()> {
    const PARAM: &str = "enabled_events";
    let Some(wanted) = params.list(PARAM) else { return Ok(()) };
    if wanted.is_empty() {
        return Err(ApiError::param_missing(PARAM));
    }
    let endpoints = catalogue::operation("webhook_endpoints.create");
    let known = endpoints.and_then(|operation| catalogue::field(operation.params, PARAM)).map(|field| field.kind);
    let Some(Type::Array(Type::Enum(known))) = known.filter(|_| payload == "snapshot") else { return Ok(()) };
    let names = wanted.iter().enumerate().filter_map(|(index, name)| Some((index, name.as_str()?)));
    match names.into_iter().find(|(_, name)| !known.contains(name)) {
        Some((index, name)) => Err(ApiError::event_type_unknown(&format!("{PARAM}[{index}]"), name)),
        None => Ok(()),
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: EventDestination::FIELDS,
    noun: "event destination",
    id: IdForm::v2("ed_test_"),
    marks: &[
        Marked::acts(&[ASKED], "developer::event_destinations::the_secret_is_shown_once_when_it_is_asked_for"),
        Marked::acts(
            &[
                "amazon_eventbridge",
                "azure_event_grid",
                "enabled_events",
                "event_payload",
                "snapshot_api_version",
                "type",
                "webhook_endpoint",
            ],
            "developer::event_destinations::what_a_destination_is_has_to_fit_its_type",
        ),
        Marked::acts(
            &["description", "metadata", "name"],
            "developer::event_destinations::a_destination_is_changed_disabled_enabled_pinged_and_deleted",
        ),
        Marked::acts(&["events_from"], "developer::event_destinations::a_destination_says_whose_events_it_gets"),
        Marked::acts(
            &["limit", "page"],
            "developer::event_destinations::destinations_are_listed_the_newest_first_in_pages",
        ),
    ],
    operations: &[
        ("v2.core.event_destinations.create", Behaviour::Write(create)),
        ("v2.core.event_destinations.retrieve", Behaviour::Read(retrieve)),
        ("v2.core.event_destinations.update", Behaviour::Write(update)),
        ("v2.core.event_destinations.delete", Behaviour::Write(delete)),
        ("v2.core.event_destinations.disable", Behaviour::Write(disable)),
        ("v2.core.event_destinations.enable", Behaviour::Write(enable)),
        ("v2.core.event_destinations.ping", Behaviour::Write(ping)),
        ("v2.core.event_destinations.list", Behaviour::Read(list)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: |mut visible, mut hidden, created| {
        // Neither a dump nor a state file of before destinations had rules says it in Unix seconds.
        if !hidden.has("created") {
            hidden.set("created", created);
        }
        let made = rfc3339_millis(created);
        for key in ["created", "updated"] {
            if visible.present(key).is_none() {
                visible.set(key, made.clone());
            }
        }
        crate::contract::import::<EventDestination>(visible, hidden, created)
    },
    defaults: &[
        (
            "amazon_eventbridge.aws_event_source_arn",
            Format("arn:aws:events:us-east-1::event-source/aws.partner/stripe.com/{id}"),
        ),
        ("amazon_eventbridge.aws_event_source_status", Text("pending")),
        ("azure_event_grid.azure_partner_topic_name", Format("{id}")),
        ("azure_event_grid.azure_partner_topic_status", Text("never_activated")),
        ("description", Text("")),
        ("status", Text("enabled")),
        ("webhook_endpoint.signing_secret", Random("whsec_", 32)),
    ],
    ..Entry::PLAIN
};
