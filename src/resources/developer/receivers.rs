//! The receivers of events: webhook endpoints, and event destinations of `/v2` with a URL (platform 2.1).
//!
//! May use: webhook endpoints. Invariant: a thin event goes to destinations that ask for thin events, every other one to the
//! rest.

use std::sync::Arc;

use crate::resources::developer::webhook_endpoints::{self, WebhookEndpoint};
use crate::state::document::{Doc, Map};
use crate::state::event::Event;
use crate::state::{AccountKey, Id, Kind, Record, Resource as _, State};

/// The kind of a destination.
const DESTINATION: Kind = crate::kind!("v2.core.event_destination");

/// A receiver of events.
#[derive(Clone, Debug)]
pub struct EventReceiver {
    /// Its URL.
    pub url: String,
    /// The secret that signs what it gets.
    pub secret: String,
    /// The API version of its events; the account's default if none.
    pub api_version: Option<String>,
    /// Whether events are sent to it.
    pub is_enabled: bool,
}

impl EventReceiver {
    fn of_endpoint(endpoint: &WebhookEndpoint) -> Self {
        EventReceiver {
            url: endpoint.url.clone(),
            secret: endpoint.secret.clone(),
            api_version: endpoint.api_version.clone(),
            is_enabled: endpoint.is_enabled(),
        }
    }

    /// `None` for a destination without a URL, which is a service of somebody else.
    fn of_destination(shown: &Map) -> Option<Self> {
        let receiver = shown.map("webhook_endpoint")?;
        Some(EventReceiver {
            url: receiver.str("url")?.to_owned(),
            secret: receiver.str("signing_secret").unwrap_or_default().to_owned(),
            api_version: shown.str("snapshot_api_version").map(str::to_owned),
            is_enabled: shown.str("status") == Some("enabled"),
        })
    }
}

/// The receiver with an id that is not deleted.
pub fn find(state: &State, account: AccountKey, id: &str) -> Option<EventReceiver> {
    if let Some(endpoint) = webhook_endpoints::find(state, account, id) {
        return Some(EventReceiver::of_endpoint(&endpoint));
    }
    let record = state.record(account, DESTINATION, id).filter(|record| !record.deleted)?;
    EventReceiver::of_destination(&record.object.to_doc())
}

/// Every receiver that is not deleted, by account and id; the endpoints of an account first.
pub fn all(state: &State) -> Vec<(AccountKey, Id, EventReceiver)> {
    let ids = |account, kind| {
        let table = state.table(account, kind).into_iter();
        table.flat_map(|table| table.live()).map(move |record| (account, Id::clone(record.object.id())))
    };
    let all = state.accounts().flat_map(|account| ids(account, WebhookEndpoint::KIND).chain(ids(account, DESTINATION)));
    all.filter_map(|(account, id)| {
        let found = find(state, account, &id)?;
        Some((account, id, found))
    })
    .collect()
}

/// The receivers of an event, each with its own account, in the order of their creation; the endpoints first.
pub fn that_get(state: &State, event: &Event) -> Vec<(AccountKey, Id)> {
    let mut found = Vec::new();
    if !event.is_thin() {
        found = webhook_endpoints::that_get(state, event.account, event.name);
    }
    let owners = [event.account, AccountKey::PLATFORM];
    let owners = if event.account == AccountKey::PLATFORM { &owners[..1] } else { &owners[..] };
    for owner in owners {
        let destinations = state.table(*owner, DESTINATION).into_iter().flat_map(|table| table.live());
        let of_other = *owner != event.account;
        let gets = |record: &&Arc<Record>| takes(&record.object.to_doc(), event, of_other);
        found.extend(destinations.filter(gets).map(|record| (*owner, Id::clone(record.object.id()))));
    }
    found
}

/// The names of the accounts whose events a destination gets: its own, and those that are connected to it.
const OWN: [&str; 2] = ["self", "@self"];
const CONNECTED: [&str; 2] = ["other_accounts", "@accounts"];

/// Whether a destination gets an event, of its own account or of a connected one.
fn takes(shown: &Map, event: &Event, of_other: bool) -> bool {
    let texts = |key: &str| shown.list(key).unwrap_or_default().iter().filter_map(Doc::as_str);
    let from = if of_other { CONNECTED } else { OWN };
    let is_from = texts("events_from").any(|name| from.contains(&name)) || (!of_other && !shown.has("events_from"));
    let wanted = |name: &str| match name.strip_suffix('*') {
        Some(beginning) => event.name.starts_with(beginning),
        None => event.name == name,
    };
    let receiver = EventReceiver::of_destination(shown);
    is_from
        && receiver.is_some_and(|receiver| receiver.is_enabled)
        && (shown.str("event_payload") == Some("thin")) == event.is_thin()
        && texts("enabled_events").any(wanted)
}
