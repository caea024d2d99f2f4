//! The receiver of a delivery as it is now: its URL, API version and secret.
//!
//! May use: webhook endpoints, events. Invariant: a change of an endpoint applies from the next attempt.

use bytes::Bytes;

use super::delivery::Target;
use super::settings::WebhookSettings;
use super::signature;
use crate::contract::version::Version;
use crate::events;
use crate::receiver_url::ReceiverUrl;
use crate::resources::developer::receivers::{self, EventReceiver};
use crate::state::State;
use crate::state::event::Event;

/// A receiver.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The URL; `None` for a collected event that no receiver asked for.
    pub url: Option<ReceiverUrl>,
    secret: String,
    version: Version,
}

/// The receiver of a target, if it can be sent to.
#[derive(Clone, Debug)]
pub enum FoundReceiver {
    /// It can be sent to.
    Ready(Receiver),
    /// The endpoint is disabled.
    Disabled,
    /// The endpoint is deleted.
    Gone,
}

impl Receiver {
    /// The receiver of events that no endpoint asks for: signed as for `--webhook-url`.
    pub fn nobody(settings: &WebhookSettings) -> Self {
        Receiver { url: None, secret: settings.secret.clone(), version: settings.version }
    }

    /// The receiver of a target.
    pub fn find(state: &State, settings: &WebhookSettings, target: &Target) -> FoundReceiver {
        match target {
            Target::Flag(position) => match settings.urls.get(*position) {
                Some(url) => FoundReceiver::Ready(Receiver { url: Some(url.clone()), ..Receiver::nobody(settings) }),
                None => FoundReceiver::Gone,
            },
            Target::Endpoint(account, id) => match receivers::find(state, *account, id) {
                None => FoundReceiver::Gone,
                Some(endpoint) if !endpoint.is_enabled => FoundReceiver::Disabled,
                Some(endpoint) => Receiver::of(&endpoint, settings),
            },
        }
    }

    fn of(endpoint: &EventReceiver, settings: &WebhookSettings) -> FoundReceiver {
        let version = endpoint.api_version.as_deref().and_then(|version| Version::parse(version).ok());
        // Only the endpoint of a dump can have a URL that cannot be sent to.
        let Ok(url) = endpoint.url.parse() else { return FoundReceiver::Disabled };
        FoundReceiver::Ready(Receiver {
            url: Some(url),
            secret: endpoint.secret.clone(),
            version: version.unwrap_or(settings.version),
        })
    }

    /// The body of an event of a sandbox for this receiver.
    pub fn body(&self, event: &Event, sandbox: &str) -> Bytes {
        events::json(event, Some(self.version), sandbox)
    }

    /// The `Stripe-Signature` of a body at this time, in Unix seconds.
    pub fn sign(&self, at: i64, body: &[u8]) -> String {
        signature::header(&self.secret, at, body)
    }
}
