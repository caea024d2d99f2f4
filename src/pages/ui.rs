//! The page for the person who develops: what happened in the server, live. Its files, and how a browser comes to it.
//!
//! May use: axum, the files of browsers, the check of visitors, the app. Invariant: every path of the page answers with the same document,
//! which finds everything else relative to its base; what it shows it reads from the control API and the API.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;

use super::browser_file::{BrowserFile, DOCUMENT, SCRIPT, STYLE, file, made};
use super::guard::Loads;
use super::respond::{in_browser, not_found};
use crate::access::{self, PathClass, Visitor};
use crate::app::App;
use crate::entry;
use crate::links;

/// The address of the page.
pub const PATH: &str = "/_pinstripe/ui";

/// What the page may load: its own files, and the two APIs at its own address.
const PAGE_LOADS: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                          base-uri 'self'; form-action 'self'";

// `FILES`, as the build lists them.
include!(concat!(env!("OUT_DIR"), "/ui.rs"));

/// The document that every path of the page answers with.
const INDEX: &str = "index.html";

/// The routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(PATH, get(show))
        .route("/_pinstripe/ui/", get(show))
        .route("/_pinstripe/ui/{*path}", get(show_below))
}

async fn show(headers: HeaderMap) -> Response {
    index(&headers)
}

async fn show_below(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match path.strip_prefix("files/") {
        None => index(&headers),
        Some(name) => named(name).map_or_else(not_found, |file| file.answer(&headers)),
    }
}

fn named(name: &str) -> Option<&'static BrowserFile> {
    FILES.iter().find(|file| file.name == name)
}

/// The document, with the address that it is at and the sandbox that this names.
fn index(headers: &HeaderMap) -> Response {
    let Some(document) = named(INDEX) else { return not_found() };
    let mut response = match entry::sandbox(headers) {
        None => document.answer(headers),
        Some(sandbox) => {
            let at =
                format!("<base href=\"{}{PATH}/\"><meta name=\"sandbox\" content=\"{sandbox}\">", entry::path(headers));
            made(headers, DOCUMENT, document.text.replacen(&format!("<base href=\"{PATH}/\">"), &at, 1))
        }
    };
    let _ = response.extensions_mut().insert(Loads(PAGE_LOADS.to_owned()));
    response
}

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Leads a browser in which a person opened the server's address to the page. Nobody else is led anywhere: neither a client of the API
/// nor a check of health asks for a document.
pub(crate) fn at_root<B>(app: &App, request: &Request<B>) -> Option<Response> {
    let headers = request.headers();
    let opens = headers.get(FETCH_MODE).is_none_or(|mode| mode == "navigate");
    let is_person = request.method() == Method::GET && in_browser(headers) && opens;
    if request.uri().path() != "/" || !app.has_ui() || !is_person || headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    // The service's own names are no names of the control API.
    let is_dashboard = entry::host(headers).is_some_and(|host| links::is_dashboard_host(links::name_and_port(host).0));
    let place = match is_dashboard {
        true => [app.public_url().unwrap_or_else(|| app.own_url()), PATH].concat(),
        false => {
            access::check(PathClass::Control, &Visitor::of(headers), None, app.public_url()).ok()?;
            PATH.to_owned()
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(place).ok()?);
    // What the address answers depends on who asks.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}
