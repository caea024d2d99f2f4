//! Who a delivery goes to, as it stands now: where, in which version, and signed with what.
//!
//! May use: webhook endpoints, events. Invariant: a change of an endpoint counts from the next attempt on.

use bytes::Bytes;

use super::delivery::Target;
use super::settings::Settings;
use super::signature;
use crate::contract::version::Version;
use crate::events;
use crate::receiver_url::ReceiverUrl;
use crate::resources::developer::webhook_endpoints::{self, WebhookEndpoint};
use crate::state::State;
use crate::state::event::Event;

/// A receiver.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Where it is; `None` for a collected event that nobody would have got.
    pub url: Option<ReceiverUrl>,
    secret: String,
    version: Version,
}

/// What has become of a target.
#[derive(Clone, Debug)]
pub enum Found {
    /// It can be sent to.
    Ready(Receiver),
    /// It is switched off.
    Disabled,
    /// It is deleted.
    Gone,
}

impl Receiver {
    /// The receiver of events that nobody else gets: signed as for a `--webhook-url`.
    pub fn nobody(settings: &Settings) -> Self {
        Receiver { url: None, secret: settings.secret.clone(), version: settings.version }
    }

    /// The receiver behind a target.
    pub fn find(state: &State, settings: &Settings, target: &Target) -> Found {
        match target {
            Target::Flag(position) => match settings.urls.get(*position) {
                Some(url) => Found::Ready(Receiver { url: Some(url.clone()), ..Receiver::nobody(settings) }),
                None => Found::Gone,
            },
            Target::Endpoint(account, id) => match webhook_endpoints::find(state, *account, id) {
                None => Found::Gone,
                Some(endpoint) if !endpoint.is_enabled() => Found::Disabled,
                Some(endpoint) => Receiver::of(&endpoint, settings),
            },
        }
    }

    fn of(endpoint: &WebhookEndpoint, settings: &Settings) -> Found {
        let version = endpoint.api_version.as_deref().and_then(|version| Version::parse(version).ok());
        // Only an endpoint of a dump may have a URL that nothing can be sent to.
        let Ok(url) = endpoint.url.parse() else { return Found::Disabled };
        Found::Ready(Receiver {
            url: Some(url),
            secret: endpoint.secret.clone(),
            version: version.unwrap_or(settings.version),
        })
    }

    /// The body of an event for this receiver.
    pub fn body(&self, state: &State, event: &Event) -> Bytes {
        events::json(state, event, Some(self.version))
    }

    /// The `Stripe-Signature` of a body at this time, in Unix seconds.
    pub fn sign(&self, at: i64, body: &[u8]) -> String {
        signature::header(&self.secret, at, body)
    }
}
