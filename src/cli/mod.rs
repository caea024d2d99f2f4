//! The protocol of the Stripe CLI besides the API: sessions, a websocket with events or request logs, and resending
//! (platform 3).
//!
//! May use: axum's websocket, events and their signature, the app. Invariant: a request never waits for a listener; a
//! listener receives only committed events, each once, in the order of the commits.
//!
//! | part | what it is |
//! |---|---|
//! | `session` | the parameters of a session, encoded in its id, so that it survives a restart of the server |
//! | [`hub`] | the connected listeners and their queues |
//! | `socket` | one connection |
//! | `pace` | when the next event may be sent, so that forwarded events keep their order |
//! | `frames` | the messages |

mod calls;
mod frames;
pub mod hub;
mod pace;
mod session;
mod socket;

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(crate) use self::calls::{OPERATIONS, answer};

use self::session::SessionParams;
use crate::app::App;
use crate::limits::CLI_FRAME_BYTES_MAX;

/// The path of the websocket, before the account's id.
const SOCKET_PATH: &str = "/subscribe";

/// The websocket protocol that the CLI requests.
const PROTOCOL: &str = "stripecli-devproxy-v1";

/// The route of the websocket.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route(&format!("{SOCKET_PATH}/{{account}}"), get(subscribe))
}

/// A connecting CLI: its session's id is its only credential, and a page in a browser cannot send one.
async fn subscribe(
    Shared(app): Shared<Arc<App>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let id = headers.get("websocket-id").and_then(|id| id.to_str().ok());
    let Some(session) = id.and_then(SessionParams::from_id) else {
        return (StatusCode::UNAUTHORIZED, frames::UNKNOWN_SESSION).into_response();
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]).max_message_size(CLI_FRAME_BYTES_MAX),
        Err(rejection) => return rejection.into_response(),
    };
    match app.cli().join(session) {
        Some(seat) => {
            let secret = app.webhooks().settings().secret.clone();
            upgrade.on_upgrade(move |socket| socket::serve(seat, socket, secret))
        }
        None => (StatusCode::TOO_MANY_REQUESTS, frames::TOO_MANY).into_response(),
    }
}
