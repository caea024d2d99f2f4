//! Webhook endpoints (platform 2.1).
//!
//! May use: the parts of `api` and `state`, the receiver's URL. Invariant: the secret is shown by the call that
//! creates the endpoint and by no other.

mod rules;

use std::sync::Arc;

use crate::contract::{Behaviour, Entry};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, Object, Resource};
use crate::state::{AccountKey, Id, State};

crate::resource! {
    /// A webhook endpoint.
    WebhookEndpoint = "webhook_endpoint" {
        /// The API version of its events; the account's default if null.
        api_version: Option<String>,
        /// Unix seconds.
        created: i64,
        /// The types of events that it receives; `*` means all.
        enabled_events: Vec<String>,
        /// The user's own keys and values.
        metadata: Map,
        /// `enabled` or `disabled`.
        status: String,
        /// The URL of the receiver.
        url: String,
    }
    hidden {
        /// The secret that signs its deliveries.
        secret: String,
        /// Whether it receives the events of connected accounts instead of its own account's.
        connect: bool,
    }
}

impl WebhookEndpoint {
    /// Whether events are sent to it.
    pub fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// Whether it asks for events of this type.
    pub fn wants(&self, event_type: &str) -> bool {
        self.enabled_events.iter().any(|wanted| wanted == "*" || wanted == event_type)
    }
}

/// An endpoint that is not deleted.
pub fn find(state: &State, account: AccountKey, id: &str) -> Option<Arc<WebhookEndpoint>> {
    state.record(account, WebhookEndpoint::KIND, id).filter(|record| !record.deleted)?.get()
}

/// The endpoints that receive an event of this type in `account`, each with its own account, in the order of their
/// creation.
pub fn that_get(state: &State, account: AccountKey, event_type: &str) -> Vec<(AccountKey, Id)> {
    let wanted = |owner: AccountKey, connect: bool| {
        let table = state.table(owner, WebhookEndpoint::KIND);
        let endpoints = table.into_iter().flat_map(|table| table.live());
        endpoints.filter_map(|record| record.get::<WebhookEndpoint>()).filter_map(move |endpoint| {
            let gets = endpoint.connect == connect && endpoint.is_enabled() && endpoint.wants(event_type);
            gets.then(|| (owner, Id::clone(&endpoint.id)))
        })
    };
    let own = wanted(account, false);
    let connected = (account != AccountKey::PLATFORM).then(|| wanted(AccountKey::PLATFORM, true));
    own.chain(connected.into_iter().flatten()).collect()
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: WebhookEndpoint::KIND,
    fields: WebhookEndpoint::FIELDS,
    noun: "webhook endpoint",
    id: IdForm::of("we_"),
    path_param: "webhook_endpoint",
    operations: &[
        ("webhook_endpoints.create", Behaviour::Write(rules::create)),
        ("webhook_endpoints.retrieve", Behaviour::Read(rules::retrieve)),
        ("webhook_endpoints.update", Behaviour::Write(rules::update)),
        ("webhook_endpoints.delete", Behaviour::Write(rules::delete)),
        ("webhook_endpoints.list", Behaviour::List),
    ],
    blank: Some(|_| Map::from([("enabled_events", Doc::from(vec!["*"])), ("status", Doc::from("enabled"))])),
    import,
    imported: Some(rules::complete_import),
    ..Entry::PLAIN
};

/// A dump may contain the secret, as the answer to the creating call does; it is stored and not shown.
fn import(mut visible: Map, mut hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    let secret = visible.remove("secret").or_else(|| hidden.remove("secret"));
    hidden.set("secret", secret.unwrap_or_else(|| Doc::from("")));
    crate::contract::import::<WebhookEndpoint>(visible, hidden, created)
}
