//! The HTTP edge: listeners, keys, forms and headers.
//!
//! May use: axum, tokio, tower-http and [`dispatch`]. Invariant: no resource is
//! known here; whatever differs between operations comes from the catalogue and the registry.

mod agents;
mod aside;
pub mod auth;
pub mod bind;
mod body;
mod connections;
mod front;
mod memory;
mod multipart;
mod named;
mod respond;
pub mod serve;
pub mod wire;

use std::any::Any;
use std::borrow::Cow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State as Shared;
use axum::http::header::AsHeaderName;
use axum::http::request::Parts;
use axum::http::{self, HeaderMap, HeaderName, Method as HttpMethod, Request, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use axum::{BoxError, Extension, Router};
use http_body_util::{Full, Limited};
use tower_http::catch_panic::CatchPanicLayer;

use self::aside::{Away, Places};
use self::auth::Key;
use self::body::AnswerBody;
use self::memory::HeaderMemory;
use self::respond::{IDEMPOTENCY_KEY, STRIPE_ACCOUNT, STRIPE_CONTEXT, STRIPE_VERSION};
use crate::access::{self, PathClass, Visitor};
use crate::activity;
use crate::app::App;
use crate::catalogue::{self, Find, Method};
use crate::cli;
use crate::contract::version::Version;
use crate::contract::{self, IssuedKey};
use crate::control::ApiSender;
use crate::dispatch::idempotency;
use crate::dispatch::{self, Answer, NamedOperation};
use crate::engine;
use crate::entry;
use crate::error::ApiError;
use crate::faults::{self, CloseAt, Failure, RequestParts, Struck};
use crate::form::{self, Form, json};
use crate::limits::{BODY_BYTES_MAX, IDEMPOTENCY_KEY_CHARACTERS_MAX, UPLOAD_BYTES_MAX};
use crate::pages::ui;
use crate::request_log::log::LogLine;
use crate::request_log::recent::RequestDetails;
use crate::resources;
use crate::resources::developer::ephemeral_keys::{self, EphemeralKey};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Id, Kind, Resource};

pub use self::front::Front;

/// The whole service: health, control and the API.
pub fn service(app: Arc<App>) -> Front {
    let places = Arc::new(Places::default());
    let aside = middleware::from_fn_with_state(Arc::clone(&places), aside::handlers);
    let sender = ApiSender::new({
        let (app, places) = (Arc::clone(&app), Arc::clone(&places));
        move |request| sent(Arc::clone(&app), Arc::clone(&places), request)
    });
    let control = crate::control::router(&app).layer(Extension(sender)).layer(aside);
    let agents = agents::router(&app, &places, control.clone());
    let router = Router::new()
        .route("/healthz", get(health))
        .merge(control)
        .merge(agents)
        .merge(cli::router())
        .fallback(routed)
        .layer(Extension(Arc::clone(&places)))
        .with_state(Arc::clone(&app))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| respond::panicked(&*panic)))
        .layer(middleware::map_response(async |answer: Response| respond::marked(answer)));
    Front::new(app, places, router)
}

/// 200: a server listens once everything is loaded.
async fn health(request: Request<Body>) -> Response {
    let checked = access::check_host(request.version(), request.headers());
    checked.map_or_else(|error| respond::refused(&error), |()| respond::health())
}

/// A request to a path that is in no namespace of the API, and has no route.
async fn routed(
    Shared(app): Shared<Arc<App>>,
    Extension(places): Extension<Arc<Places>>,
    request: Request<Body>,
) -> Response {
    match ui::at_root(&app, &request) {
        Some(onward) => onward,
        None => answer(&app, &places, &HeaderMemory::default(), request).await.map(Body::new),
    }
}

/// The answer to a request of the API that a control call sends.
async fn sent(app: Arc<App>, places: Arc<Places>, request: Request<Bytes>) -> Response {
    answer(&app, &places, &HeaderMemory::default(), request.map(Full::new)).await.map(Body::new)
}

/// Every request that is not for the control API. The future is copied some times before it is polled, so what few requests need
/// is kept apart from it.
async fn answer<B>(app: &App, places: &Places, memory: &HeaderMemory, request: Request<B>) -> http::Response<AnswerBody>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>>,
{
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let body = pin!(body);
    if parts.method == HttpMethod::OPTIONS {
        return respond::preflight(&parts.headers);
    }
    let mut body = read_body(&parts, body).await;
    let mut outline = None;
    if let (true, Ok(sent)) = (multipart::is_sent(&parts), &body) {
        let form = Box::pin(multipart::as_form(&parts, sent.clone()));
        let upload = Box::pin(places.run(Away::Heavy, form)).await;
        body = upload.map(|upload| {
            outline = Some(upload.outline);
            upload.form
        });
    }
    let sent: &[u8] = body.as_ref().map_or(&[], |sent| sent);
    let mut exchange = places.answer(app, &parts, memory, sent, || exchange(app, memory, &parts, &body)).await;
    // What the log keeps of an upload: no content of files.
    let logged = Logged { sent: outline.as_deref().unwrap_or(sent), is_whole: outline.is_none() };
    log(app, &parts, logged, &mut exchange, begun);
    if let Some(sandbox) = exchange.sandbox.take().filter(|_| exchange.is_due) {
        tokio::task::spawn_blocking(move || engine::run_due(&sandbox));
    }
    match exchange.fault.take() {
        None => respond::api(&parts, exchange),
        Some(fault) => {
            let response = respond::faulty(respond::api(&parts, exchange), &fault);
            Box::pin(tokio::time::sleep(fault.delay)).await;
            response
        }
    }
}

/// What the log keeps of a body.
#[derive(Clone, Copy)]
struct Logged<'a> {
    sent: &'a [u8],
    is_whole: bool,
}

/// By which a request asks to be left out of the log, as those do with which a page reads: `off`.
const LOG: HeaderName = HeaderName::from_static("pinstripe-log");

/// Whether a request asks to be left out, and is for an operation that changes nothing.
fn is_left_out(parts: &Parts, exchange: &Exchange) -> bool {
    if text(&parts.headers, &LOG) != Some("off") {
        return false;
    }
    let operation = exchange.answer.operation.and_then(NamedOperation::in_catalogue);
    operation.and_then(resources::behaviour).is_some_and(|(_, behaviour)| !behaviour.may_write())
}

/// Logs an answered request: a line, and what is kept of it.
fn log(app: &App, parts: &Parts, logged: Logged<'_>, exchange: &mut Exchange, begun: Instant) {
    if is_left_out(parts, exchange) {
        return;
    }
    let (refusal, events) = (exchange.answer.refusal.take(), exchange.answer.events.take());
    let commit = exchange.answer.commit.take();
    let line = LogLine {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        status: exchange.answer.status,
        request_id: &exchange.request_id,
        sandbox: exchange.sandbox_name(),
        key: exchange.key.as_ref().map_or("", |key| &key.masked),
        operation: exchange.answer.operation.map(NamedOperation::name),
        error: exchange.answer.error.as_deref(),
        fault: exchange.fault.as_ref().map(|fault| fault.id.as_str()),
        duration: begun.elapsed(),
    };
    app.log().request(&line);
    let details = RequestDetails {
        number: commit.as_ref().map(|commit| commit.number()).filter(|number| *number > 0),
        at: activity::milliseconds(),
        created: exchange.now,
        version: &exchange.version,
        account: exchange.account.as_deref(),
        idempotency_key: idempotency_key(parts),
        query: parts.uri.query().unwrap_or_default().as_bytes(),
        body: logged.sent,
        is_whole: logged.is_whole,
        error: refusal,
        events,
    };
    if !parts.headers.contains_key(&BY_UI) {
        count(app, parts, &exchange.answer);
    }
    app.cli().logged(&line, &details);
    let number = app.recent().add(&line, details);
    if let Some(activity) = app.activity() {
        let answer = Some(&exchange.answer.body).filter(|_| !exchange.answer.is_document());
        activity.answered(number, commit.as_ref(), answer);
    }
}

/// Marks what the web page of this server reads for itself.
const BY_UI: HeaderName = HeaderName::from_static("pinstripe-ui");

/// Counts an answered request by its operation; of one that was refused before its operation was known, it is found here.
fn count(app: &App, parts: &Parts, answer: &Answer) {
    let operation = answer.operation.and_then(NamedOperation::in_catalogue);
    match (operation, method(&parts.method)) {
        (Some(operation), _) => app.called().add(operation, answer.status),
        (None, Some(method)) if answer.operation.is_none() => match catalogue::find(method, parts.uri.path()) {
            Find::Operation(found) => app.called().add(found.operation, answer.status),
            Find::NoMethod | Find::NoPath => app.called().add_unknown(parts.method.as_str(), parts.uri.path()),
        },
        (None, None) => app.called().add_unknown(parts.method.as_str(), parts.uri.path()),
        (None, Some(_)) => {}
    }
}

/// An answer with the data for its headers and its log line.
struct Exchange {
    answer: Answer,
    request_id: String,
    version: Cow<'static, str>,
    /// The connected account of the request, as it was sent.
    account: Option<String>,
    /// The accepted key.
    key: Option<Arc<Key>>,
    /// The sandbox in which the request was carried out.
    sandbox: Option<Arc<Sandbox>>,
    /// Unix seconds of the sandbox's clock.
    now: i64,
    /// Whether something is due in the sandbox: what the API does a moment after an answer.
    is_due: bool,
    /// Whether a page in a browser may read the answer (CORS).
    public: bool,
    /// The fault that was applied to the request, if any.
    fault: Option<Struck>,
}

impl Exchange {
    /// The name of the sandbox: of a request that was refused early, that in its key.
    fn sandbox_name(&self) -> &str {
        let in_key = || self.key.as_ref()?.sandbox.as_deref();
        self.sandbox.as_ref().map(|sandbox| sandbox.name()).or_else(in_key).unwrap_or_default()
    }
}

async fn read_body<B>(parts: &Parts, body: Pin<&mut B>) -> Result<Bytes, ApiError>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>>,
{
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    // With HTTP/2 a body needs no header that announces it.
    let is_announced =
        || parts.version == http::Version::HTTP_2 || parts.headers.contains_key(header::TRANSFER_ENCODING);
    if declared == Some("0") || (declared.is_none() && !is_announced()) {
        return Ok(Bytes::new());
    }
    access::check_encoding(&parts.headers)?;
    let max = if multipart::is_sent(parts) { UPLOAD_BYTES_MAX } else { BODY_BYTES_MAX };
    body::whole(Limited::new(body, max)).await.map_err(|error| match access::is_too_large(&*error) {
        true => ApiError::body_too_large(max),
        false => ApiError::body_unreadable(),
    })
}

/// Authentication, then the version, then the operation (core-payments 1.6, validation order).
fn exchange(app: &App, memory: &HeaderMemory, parts: &Parts, body: &Result<Bytes, ApiError>) -> Exchange {
    if let Err(error) = access::check_host(parts.version, &parts.headers) {
        return early(app, &error, parts, None);
    }
    let form = body.as_ref().map_err(ApiError::clone).and_then(|body| decode(parts, body));
    let (key, sandbox) = match find_sandbox(app, memory, parts, form.as_ref().ok()) {
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
    let base_url = memory.base_url(app, &parts.headers);
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
            logged: true,
        };
        let of_the_cli = cli::answer(app, &sandbox, &request);
        let answer = of_the_cli.unwrap_or_else(|| dispatch::handle(&sandbox, request));
        Ok(printed(&sandbox, account.as_deref(), parts.uri.path(), answer))
    });
    let answer = answer.unwrap_or_else(|error| dispatch::refuse_early(&error, parts.uri.path()));
    Exchange {
        // A preview's name, or one with flags, is shown as it was sent.
        version: answer.replayed_version().map(Cow::Borrowed).or(named).unwrap_or(Cow::Borrowed(version.as_str())),
        answer,
        request_id,
        account,
        now: sandbox.now(),
        is_due: engine::is_due(&sandbox) && !sandbox.runs_engine(),
        sandbox: Some(sandbox),
        public: key.kind.is_public(),
        key: Some(key),
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
    match crate::pages::print(sandbox, account, id) {
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
fn early(app: &App, error: &ApiError, parts: &Parts, known: Option<(Arc<Key>, String)>) -> Exchange {
    let ids = app.default_sandbox().ids();
    let (key, version) = known.map_or((None, None), |(key, version)| (Some(key), Some(version)));
    let sent = text(&parts.headers, &STRIPE_VERSION).map(str::to_owned);
    Exchange {
        account: find_account(&parts.headers, None),
        answer: dispatch::refuse_early(error, parts.uri.path()),
        request_id: ids.id("req_", 14),
        version: version.or(sent).map_or(Cow::Borrowed(app.default_version().as_str()), Cow::Owned),
        sandbox: None,
        now: app.default_sandbox().now(),
        is_due: false,
        // A browser page may read why its key was refused (CORS).
        public: key.as_ref().is_none_or(|key| key.kind.is_public()),
        key,
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

fn find_sandbox(
    app: &App,
    memory: &HeaderMemory,
    parts: &Parts,
    form: Option<&Form>,
) -> Result<(Arc<Key>, Arc<Sandbox>), ApiError> {
    let header = text(&parts.headers, header::AUTHORIZATION);
    let is_oauth = catalogue::is_oauth(parts.uri.path());
    let in_form = if is_oauth { "client_secret" } else { "key" };
    let key = match header {
        Some(header) => memory.key(header)?,
        None => Arc::new(auth::parse(form.and_then(|form| form.value(in_form)).unwrap_or_default())?),
    };
    if header.is_none() && !key.kind.is_public() && !is_oauth {
        return Err(ApiError::key_in_parameter());
    }
    // Before the key's sandbox is made.
    access::check(PathClass::of(parts.uri.path()), &Visitor::of(&parts.headers), Some(key.kind), app.public_url())?;
    let addressed = entry::sandbox(&parts.headers);
    if let (Some(named), Some(addressed)) = (&key.sandbox, addressed)
        && named != addressed
    {
        return Err(ApiError::sandbox_of_other_address(named, addressed));
    }
    let made_in = key.ephemeral.as_deref().and_then(issuer).and_then(|(kind, id)| app.locate(kind, &id, None));
    if let (Some((made_in, _)), Some(addressed)) = (&made_in, addressed)
        && made_in.name() != addressed
    {
        return Err(ApiError::sandbox_of_other_address(made_in.name(), addressed));
    }
    let sandbox = match (key.sandbox.as_deref().or(addressed), made_in) {
        // A key that an object issued belongs to the sandbox in which it was created.
        (_, Some((sandbox, _))) => sandbox,
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
type SentVersion = (Version, Option<Cow<'static, str>>);

fn find_version(app: &App, headers: &HeaderMap, form: Option<&Form>) -> Result<SentVersion, (String, ApiError)> {
    let sent = text(headers, &STRIPE_VERSION).or_else(|| form.and_then(|form| form.value("_stripe_version")));
    let Some(sent) = sent else { return Ok((app.default_version(), None)) };
    let version = Version::parse(sent).map_err(|error| (sent.to_owned(), error))?;
    let is_own_name = version.as_str() == sent;
    let name = if is_own_name { Cow::Borrowed(version.as_str()) } else { Cow::Owned(sent.to_owned()) };
    Ok((version, Some(name)))
}

/// The connected account of a request: from a header, or from the form of a browser page.
fn find_account(headers: &HeaderMap, form: Option<&Form>) -> Option<String> {
    let header = text(headers, &STRIPE_ACCOUNT).or(text(headers, &STRIPE_CONTEXT));
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
