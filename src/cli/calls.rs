//! The CLI's own calls, which are in no API reference: a session, and an event that is sent again (platform 3.2, 3.5).
//!
//! May use: the dispatch, the app. Invariant: they are authenticated, logged and refused like any call of the API.

use std::sync::Arc;

use super::SOCKET_PATH;
use super::session::{Feature, Filters, SessionParams};
use crate::app::App;
use crate::catalogue::Method;
use crate::contract::version::Version;
use crate::contract::{In, missing_as};
use crate::dispatch::{self, Answer, NamedOperation, Request};
use crate::error::{ApiError, Result};
use crate::events;
use crate::form::Form;
use crate::limits::CLI_LISTENERS_MAX;
use crate::state::AccountKey;
use crate::state::document::{Doc, Map};
use crate::state::sandbox::Sandbox;
use crate::time::calendar::DAY;

/// Seconds after which a CLI connects again. Reconnecting has no use here, and events in between would be lost.
const RECONNECT_SECONDS: i64 = DAY;

const RETRY: &str = "events.retry";
const SESSION: &str = "stripecli.sessions.create";

/// The names of the CLI's own calls in the request log.
pub(crate) const OPERATIONS: [&str; 2] = [RETRY, SESSION];

/// The parameters with which a CLI says that it forwards events: those of the account and those of connected accounts.
const FORWARDS: [&str; 2] = ["forward_to_url", "forward_connect_to_url"];

/// The answer to one of the CLI's own calls; `None` for every other request.
pub(crate) fn answer(app: &App, sandbox: &Arc<Sandbox>, request: &Request<'_>) -> Option<Answer> {
    if request.method != Some(Method::Post) {
        return None;
    }
    let event = request.path.strip_prefix("/v1/events/").and_then(|rest| rest.strip_suffix("/retry"));
    let (name, carry_out): (_, &dyn Fn() -> Result<Answer>) = match event {
        Some(event) => (RETRY, &|| retry(app, sandbox, event, request)),
        None if request.path == "/v1/stripecli/sessions" => {
            (SESSION, &|| session(app, sandbox, request).map(dispatch::shown))
        }
        None => return None,
    };
    let is_secret = if request.key.is_public() { Err(ApiError::secret_key_required()) } else { Ok(()) };
    let answer = is_secret.and_then(|()| carry_out());
    let answer = answer.unwrap_or_else(|error| dispatch::refuse_early(&error, request.path));
    Some(Answer { operation: Some(NamedOperation::Cli(name)), ..answer })
}

/// `POST /v1/stripecli/sessions`.
fn session(app: &App, sandbox: &Arc<Sandbox>, request: &Request<'_>) -> Result<Doc> {
    let form = &request.form;
    let asked = form.values("websocket_features");
    let known = [Feature::Webhooks, Feature::RequestLogs, Feature::V2Events];
    let feature = known.into_iter().find(|known| asked.contains(&known.as_str()));
    let feature = feature.ok_or_else(|| match asked.first() {
        None => ApiError::param_missing("websocket_features"),
        Some(other) => ApiError::cli_feature_unknown(other),
    })?;
    if app.cli().is_full() {
        return Err(ApiError::cli_listeners_too_many(CLI_LISTENERS_MAX));
    }
    let filters = form.value("filters").filter(|text| !text.is_empty()).map(serde_json::from_str::<Filters>);
    let filters = filters.transpose().map_err(|error| ApiError::cli_filters_invalid(&error.to_string()))?;
    let session = SessionParams {
        sandbox: sandbox.name().to_owned(),
        feature,
        thin: asked.contains(&Feature::V2Events.as_str()),
        forwards: FORWARDS.iter().any(|name| form.value(name).is_some_and(|url| !url.is_empty())),
        filters: filters.unwrap_or_default(),
    };
    let state = sandbox.state();
    let account = state.account_id(AccountKey::PLATFORM).map(ToString::to_string).unwrap_or_default();
    let shown = Map::from([
        ("default_version", Doc::from(app.default_version().as_str())),
        ("device_token", request.ids.id("", 32).into()),
        ("display_connect_filter_warning", false.into()),
        ("latest_version", Version::newest().as_str().into()),
        ("reconnect_delay", RECONNECT_SECONDS.into()),
        ("secret", app.webhooks().settings().secret.clone().into()),
        ("websocket_authorized_feature", feature.as_str().into()),
        ("websocket_id", session.id().into()),
        ("websocket_url", format!("{}{SOCKET_PATH}/{account}", socket_base(request.base_url)).into()),
    ]);
    Ok(Doc::Map(shown))
}

/// The address of this server for websockets: `wss` where the server's own is `https` (platform 3.2).
fn socket_base(base_url: &str) -> String {
    base_url.strip_prefix("http").map_or_else(|| base_url.to_owned(), |rest| ["ws", rest].concat())
}

/// `POST /v1/events/:id/retry`.
fn retry(app: &App, sandbox: &Arc<Sandbox>, id: &str, request: &Request<'_>) -> Result<Answer> {
    let path = format!("/v1/events/{id}");
    let form = &request.form;
    let answer = dispatch::handle(
        sandbox,
        Request {
            method: Some(Method::Get),
            method_name: Method::Get.as_str(),
            path: &path,
            form: Form::default(),
            account: form.value("account").or(request.account),
            idempotency_key: None,
            ids: request.ids.take(),
            ..*request
        },
    );
    let state = sandbox.state();
    let Some(event) = events::find(&state, id).filter(|_| answer.status == 200) else { return Ok(answer) };
    if form.value("for_stripecli") == Some("true") {
        app.cli().again(sandbox.name(), event);
        return Ok(answer);
    }
    let outbox = app.webhooks().outbox(sandbox);
    let targets = match form.value("webhook_endpoint") {
        None => outbox.targets(&state, event),
        Some(id) => {
            let missing = || missing_as("webhook endpoint", id, In::Param("webhook_endpoint"));
            vec![outbox.target(&state, event, id).ok_or_else(missing)?]
        }
    };
    outbox.again(event, targets);
    app.webhooks().work_off(&outbox);
    Ok(answer)
}
