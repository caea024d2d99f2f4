//! The HTTP edge: listeners, keys, forms and headers.
//!
//! May use: axum, tokio, tower-http and [`dispatch`]. Invariant: no resource is
//! known here; whatever differs between operations comes from the catalogue and the registry.

mod aside;
pub mod auth;
pub mod bind;
mod connections;
mod multipart;
mod respond;
pub mod serve;

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::header::AsHeaderName;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method as HttpMethod, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;

use self::aside::{Away, Places};
use self::auth::Key;
use self::respond::{IDEMPOTENCY_KEY, STRIPE_ACCOUNT, STRIPE_VERSION};
use crate::access::{self, PathClass, Visitor};
use crate::app::App;
use crate::catalogue::{self, Method};
use crate::cli;
use crate::contract::version::Version;
use crate::contract::{self, IssuedKey};
use crate::dispatch::idempotency;
use crate::dispatch::{self, Answer};
use crate::engine;
use crate::error::ApiError;
use crate::faults::{self, CloseAt, Failure, RequestParts, Struck};
use crate::form::{self, Form, json};
use crate::limits::{BODY_BYTES_MAX, IDEMPOTENCY_KEY_CHARACTERS_MAX, UPLOAD_BYTES_MAX};
use crate::request_log::log::LogLine;
use crate::request_log::recent::RequestDetails;
use crate::resources::developer::ephemeral_keys::{self, EphemeralKey};
use crate::state::document::Text;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Id, Kind, Resource};

/// The whole service: health, control and the API.
pub fn router(app: Arc<App>) -> Router {
    let places = Arc::new(Places::default());
    let aside = middleware::from_fn_with_state(Arc::clone(&places), aside::handlers);
    let control = crate::control::router(&app).layer(aside);
    Router::new()
        .route("/healthz", get(health))
        .merge(control)
        .merge(cli::router())
        .fallback(answer)
        .layer(Extension(places))
        .with_state(app)
        .layer(CatchPanicLayer::custom(respond::panicked))
        .layer(middleware::map_response(respond::marked))
}

/// 200: a server listens once everything is loaded.
async fn health(request: Request) -> Response {
    let checked = access::check_host(request.version(), request.headers());
    checked.map_or_else(|error| respond::refused(&error), |()| respond::health())
}

/// Every request that is not for the control API.
async fn answer(
    Shared(app): Shared<Arc<App>>,
    Extension(places): Extension<Arc<Places>>,
    request: Request,
) -> Response {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    if parts.method == HttpMethod::OPTIONS {
        return respond::preflight(&parts.headers);
    }
    let mut body = read_body(&parts, body).await;
    let mut outline = None;
    if let (true, Ok(sent)) = (multipart::is_sent(&parts), &body) {
        let upload = places.run(Away::Heavy, multipart::as_form(&parts, sent.clone())).await;
        body = upload.map(|upload| {
            outline = Some(upload.outline);
            upload.form
        });
    }
    // What the log keeps of an upload: no content of files.
    let sent = outline.or_else(|| body.as_ref().ok().cloned()).unwrap_or_default();
    let sent_body = body.as_ref().ok().cloned().unwrap_or_default();
    let mut exchange = places.answer(&app, &parts, &sent_body, || exchange(&app, &parts, body)).await;
    let line = LogLine {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        status: exchange.answer.status,
        request_id: &exchange.request_id,
        sandbox: &exchange.sandbox,
        key: &exchange.masked_key,
        operation: exchange.answer.operation,
        error: exchange.answer.error.as_deref(),
        fault: exchange.fault.as_ref().map(|fault| fault.id.as_str()),
        duration: begun.elapsed(),
    };
    app.log().request(&line);
    let details = RequestDetails {
        created: exchange.now,
        version: &exchange.version,
        account: exchange.account.as_deref(),
        idempotency_key: idempotency_key(&parts),
        query: parts.uri.query().unwrap_or_default().as_bytes(),
        body: &sent,
        error: exchange.answer.refusal.take(),
        events: exchange.answer.events.take(),
    };
    app.cli().logged(&line, &details);
    app.recent().add(&line, details);
    if let Some(sandbox) = &exchange.due {
        let sandbox = Arc::clone(sandbox);
        tokio::task::spawn_blocking(move || engine::run_due(&sandbox));
    }
    match exchange.fault.take() {
        None => respond::api(&parts, exchange),
        Some(fault) => {
            tokio::time::sleep(fault.delay).await;
            respond::faulty(respond::api(&parts, exchange), &fault)
        }
    }
}

/// An answer with the data for its headers and its log line.
struct Exchange {
    answer: Answer,
    request_id: String,
    version: Text,
    /// The connected account of the request, as it was sent.
    account: Option<String>,
    sandbox: String,
    /// Unix seconds of the sandbox's clock.
    now: i64,
    masked_key: String,
    /// The sandbox, if something is due in it: what the API does a moment after an answer.
    due: Option<Arc<Sandbox>>,
    /// Whether a page in a browser may read the answer (CORS).
    public: bool,
    /// The fault that was applied to the request, if any.
    fault: Option<Struck>,
}

async fn read_body(parts: &Parts, body: Body) -> Result<Bytes, ApiError> {
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared == Some("0") || (declared.is_none() && !parts.headers.contains_key(header::TRANSFER_ENCODING)) {
        return Ok(Bytes::new());
    }
    access::check_encoding(&parts.headers)?;
    let max = if multipart::is_sent(parts) { UPLOAD_BYTES_MAX } else { BODY_BYTES_MAX };
    to_bytes(body, max).await.map_err(|error| match access::is_too_large(&error) {
        true => ApiError::body_too_large(max),
        false => ApiError::body_unreadable(),
    })
}

/// Authentication, then the version, then the operation (core-payments 1.6, validation order).
fn exchange(app: &App, parts: &Parts, body: Result<Bytes, ApiError>) -> Exchange {
    if let Err(error) = access::check_host(parts.version, &parts.headers) {
        return early(app, &error, parts, None);
    }
    let form = body.and_then(|body| decode(parts, &body));
    let (key, sandbox) = match find_sandbox(app, parts, form.as_ref().ok()) {
        Ok(found) => found,
        Err(error) => return early(app, &error, parts, None),
    };
    let (version, named) = match find_version(app, &parts.headers, form.as_ref().ok()) {
        Ok(found) => found,
        Err((sent, error)) => return early(app, &error, parts, Some((key, sent))),
    };
    let account = find_account(&parts.headers, form.as_ref().ok().filter(|_| key.kind.is_public()));
    let account = account.or_else(|| Some(IssuedKey::of(key.issued.as_deref()?)?.account.to_owned()));
    let fault = strike(&sandbox, parts, form.as_ref().ok(), account.as_deref());
    let ids = sandbox.ids();
    let request_id = ids.id("req_", 14);
    let idempotency_key = idempotency_key(parts);
    let base_url = app.base_url(text(&parts.headers, header::HOST));
    let answer = form.and_then(|form| {
        if let Some(failure) = fault.as_ref().and_then(Struck::failure) {
            return Err(ApiError::fault(failure));
        }
        if fault.as_ref().and_then(Struck::reset) == Some(CloseAt::Before) {
            return Err(ApiError::fault(Failure::Unavailable));
        }
        if let Some(key) = idempotency_key {
            check_idempotency_key(key)?;
        }
        let request = dispatch::Request {
            method: method(&parts.method),
            method_name: parts.method.as_str(),
            path: parts.uri.path(),
            form,
            key: key.kind,
            masked_key: &key.masked,
            account: account.as_deref(),
            ephemeral_key: key.ephemeral.as_deref(),
            issued_key: key.issued.as_deref(),
            version,
            version_is_sent: named.is_some(),
            request_id: &request_id,
            idempotency_key,
            base_url: &base_url,
            decline: fault.as_ref().and_then(Struck::decline),
            ids,
            strict: app.is_strict(),
        };
        let of_the_cli = cli::answer(app, &sandbox, &request);
        let answer = of_the_cli.unwrap_or_else(|| dispatch::handle(&sandbox, request));
        Ok(printed(&sandbox, account.as_deref(), parts.uri.path(), answer))
    });
    let answer = answer.unwrap_or_else(|error| dispatch::refuse_early(&error, parts.uri.path()));
    Exchange {
        // A preview's name, or one with flags, is shown as it was sent.
        version: answer
            .replayed_version()
            .map(Text::from)
            .or(named.map(Text::from))
            .unwrap_or_else(|| version.as_str().into()),
        answer,
        request_id,
        account,
        sandbox: sandbox.name().to_owned(),
        now: sandbox.now(),
        due: (engine::is_due(&sandbox) && !sandbox.runs_engine()).then_some(sandbox),
        public: key.kind.is_public(),
        masked_key: key.masked,
        fault,
    }
}

/// An answer with the document that it stands for, if the operation answers with one: the one named before the path's last
/// word.
fn printed(sandbox: &Sandbox, account: Option<&str>, path: &str, answer: Answer) -> Answer {
    if !answer.is_document() {
        return answer;
    }
    let id = path.trim_end_matches('/').rsplit('/').nth(1).unwrap_or_default();
    match crate::control::print(sandbox, account, id) {
        Some(document) => Answer { body: document.into(), ..answer },
        None => dispatch::refuse_early(&ApiError::internal(), path),
    }
}

/// The fault that applies to a request, if any.
fn strike(sandbox: &Sandbox, parts: &Parts, form: Option<&Form>, account: Option<&str>) -> Option<Struck> {
    let (method_name, path) = (parts.method.as_str(), parts.uri.path());
    let asked = RequestParts { method: method_name, known_method: method(&parts.method), path, form };
    sandbox.faults().strike(&asked, || {
        let state = sandbox.state();
        // A request for an unknown account names no objects.
        let account = account.map_or(Some(AccountKey::PLATFORM), |id| state.account(id));
        account.map(|account| faults::named(&state, account, path, form)).unwrap_or_default()
    })
}

/// The answer to a request whose key or version is refused.
fn early(app: &App, error: &ApiError, parts: &Parts, known: Option<(Key, String)>) -> Exchange {
    let ids = app.default_sandbox().ids();
    let (key, version) = known.map_or((None, None), |(key, version)| (Some(key), Some(version)));
    let sent = text(&parts.headers, &STRIPE_VERSION).map(str::to_owned);
    Exchange {
        account: find_account(&parts.headers, None),
        answer: dispatch::refuse_early(error, parts.uri.path()),
        request_id: ids.id("req_", 14),
        version: version.or(sent).map_or(app.default_version().as_str().into(), Text::from),
        sandbox: key.as_ref().map_or_else(String::new, |key| key.sandbox.clone().unwrap_or_default()),
        now: app.default_sandbox().now(),
        due: None,
        // A browser page may read why its key was refused (CORS).
        public: key.as_ref().is_none_or(|key| key.kind.is_public()),
        masked_key: key.map_or_else(String::new, |key| key.masked),
        fault: None,
    }
}

/// Query and body use the same grammar and are merged (platform 7.3).
fn decode(parts: &Parts, body: &[u8]) -> Result<Form, ApiError> {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let query = if catalogue::is_v2(parts.uri.path()) { form::decode_repeated(query)? } else { form::decode(query)? };
    if body.is_empty() {
        return Ok(query);
    }
    let content_type = text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if catalogue::is_v2(parts.uri.path()) {
        let is_json = essence.is_empty() || essence.eq_ignore_ascii_case("application/json");
        return if is_json { Ok(form::merge(query, json::decode(body)?)) } else { Err(ApiError::body_not_json()) };
    }
    if !essence.is_empty()
        && !multipart::is_sent(parts)
        && !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(ApiError::body_type());
    }
    Ok(form::merge(query, form::decode(body)?))
}

fn find_sandbox(app: &App, parts: &Parts, form: Option<&Form>) -> Result<(Key, Arc<Sandbox>), ApiError> {
    let header = text(&parts.headers, header::AUTHORIZATION);
    let is_oauth = catalogue::is_oauth(parts.uri.path());
    let in_form = if is_oauth { "client_secret" } else { "key" };
    let sent = match header {
        Some(header) => auth::from_header(header),
        None => form.and_then(|form| form.value(in_form)).map(str::to_owned),
    };
    let key = auth::parse(sent.as_deref().unwrap_or_default())?;
    if header.is_none() && !key.kind.is_public() && !is_oauth {
        return Err(ApiError::key_in_parameter());
    }
    // Before the key's sandbox is made.
    access::check(PathClass::of(parts.uri.path()), &Visitor::of(&parts.headers), Some(key.kind), app.public_url())?;
    let made_in = key.ephemeral.as_deref().and_then(issuer).and_then(|(kind, id)| app.locate(kind, &id, None));
    let sandbox = match (&key.sandbox, made_in) {
        // A key that an object issued belongs to the sandbox in which it was created.
        (None, Some((sandbox, _))) => sandbox,
        (None, None) => Arc::clone(app.default_sandbox()),
        (Some(name), _) => app.sandbox(name)?,
    };
    Ok((key, sandbox))
}

/// The object that issued a key.
fn issuer(key: &str) -> Option<(Kind, Id)> {
    match contract::tokens(key) {
        Some(tokens) => Some((tokens.issued_by, (tokens.session)(key)?)),
        None => Some((EphemeralKey::KIND, ephemeral_keys::id_of(key)?)),
    }
}

/// The version of a request, and the name that it sent.
fn find_version(
    app: &App,
    headers: &HeaderMap,
    form: Option<&Form>,
) -> Result<(Version, Option<String>), (String, ApiError)> {
    let sent = text(headers, &STRIPE_VERSION).or_else(|| form.and_then(|form| form.value("_stripe_version")));
    let Some(sent) = sent else { return Ok((app.default_version(), None)) };
    Version::parse(sent).map(|version| (version, Some(sent.to_owned()))).map_err(|error| (sent.to_owned(), error))
}

/// The connected account of a request: from a header, or from the form of a browser page.
fn find_account(headers: &HeaderMap, form: Option<&Form>) -> Option<String> {
    let header = text(headers, &STRIPE_ACCOUNT).or(text(headers, "stripe-context"));
    header.or_else(|| form.and_then(|form| form.value("_stripe_account"))).map(str::to_owned)
}

/// The idempotency key of a request for which it counts: only a POST, or a DELETE under `/v2` (core-payments 1.12.1).
fn idempotency_key(parts: &Parts) -> Option<&str> {
    // A key may contain any characters, while a header's text is ASCII.
    let counts = idempotency::counts(parts.method.as_str(), parts.uri.path());
    let sent = parts.headers.get(&IDEMPOTENCY_KEY).filter(|_| counts)?;
    std::str::from_utf8(sent.as_bytes()).ok()
}

fn check_idempotency_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() {
        return Err(ApiError::idempotency_key_empty());
    }
    if key.chars().count() > IDEMPOTENCY_KEY_CHARACTERS_MAX {
        return Err(ApiError::idempotency_key_too_long());
    }
    Ok(())
}

fn method(method: &HttpMethod) -> Option<Method> {
    match *method {
        HttpMethod::GET | HttpMethod::HEAD => Some(Method::Get),
        HttpMethod::POST => Some(Method::Post),
        HttpMethod::DELETE => Some(Method::Delete),
        _ => None,
    }
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
