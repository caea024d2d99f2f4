//! The messages of the websocket (platform 3.3).
//!
//! May use: events, the headers and signature of deliveries, serde_json. Invariant: the signed text is exactly the text
//! that the CLI forwards.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map as Json, Value, json};

use crate::contract::version::Version;
use crate::events;
use crate::state::event::Event;
use crate::webhooks::{delivery, signature};

/// The body of a refused handshake, after which the CLI makes a new session.
pub(super) const UNKNOWN_SESSION: &str = "{\"error\":{\"message\":\"Unknown WebSocket ID.\"}}\n";

/// The body of a handshake that is refused because too many CLIs listen.
pub(super) const TOO_MANY: &str = "{\"error\":{\"message\":\"Too many CLI sessions are open.\"}}\n";

/// A thin event (platform 3.3). `secret` signs.
pub(super) fn thin_event(sandbox: &str, event: &Event, secret: &str) -> String {
    let body = events::json(event, None, sandbox);
    json!({
        "type": "v2_event",
        "http_headers": signed_headers(sandbox, &body, secret),
        "payload": String::from_utf8_lossy(&body),
        "destination_id": CLI_DESTINATION,
    })
    .to_string()
}

/// The destination that stands for a listening CLI.
const CLI_DESTINATION: &str = "ed_stripecli";

/// The headers with which the CLI forwards a body.
fn signed_headers(sandbox: &str, body: &[u8], secret: &str) -> Json<String, Value> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let signature = signature::header(secret, i64::try_from(at).unwrap_or(i64::MAX), body);
    let headers = delivery::sent_headers(sandbox, &signature, None).into_iter();
    headers.map(|(name, value)| (name.into(), value.into())).collect()
}

/// An event, once in the account's version and once in the newest one: the CLI drops the one that it was not started
/// for. Both are one conversation. `secret` signs.
pub(super) fn event(sandbox: &str, event: &Event, secret: &str, conversation: &str) -> [String; 2] {
    let copy = |named: Option<Version>| {
        let body = events::json(event, named, sandbox);
        let headers = signed_headers(sandbox, &body, secret);
        let frame = json!({
            "type": "webhook_event",
            "endpoint": {"api_version": named.map(Version::as_str)},
            "event_payload": String::from_utf8_lossy(&body),
            "http_headers": headers,
            "webhook_conversation_id": conversation,
            "webhook_id": conversation.replacen("wc_", "wh_", 1),
        });
        frame.to_string()
    };
    [copy(None), copy(Some(Version::newest()))]
}

/// A request of the log; `payload` is what the CLI prints.
pub(super) fn request(id: &str, payload: &Value) -> String {
    json!({"type": "request_log_event", "request_log_id": id, "event_payload": payload.to_string()}).to_string()
}

/// A message from the CLI.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Heard {
    /// It has received an event.
    EventAck {
        /// The event's conversation; empty for a request.
        webhook_conversation_id: String,
    },
    /// The receiver of a forwarded event has answered.
    WebhookResponse {
        /// The event's conversation.
        webhook_conversation_id: String,
    },
    /// A message that only a later CLI sends.
    #[serde(other)]
    Other,
}

impl Heard {
    /// Reads a message; an unreadable one is [`Heard::Other`].
    pub(super) fn parse(text: &str) -> Heard {
        serde_json::from_str(text).unwrap_or(Heard::Other)
    }
}
