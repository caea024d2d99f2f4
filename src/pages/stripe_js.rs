//! The stand-in for Stripe.js: its script, and the documents and scripts of the frames that it opens (stripe-js 3, 5, 12).
//!
//! May use: axum, the files of browsers, the guard's marks. Invariant: what is served is in this binary, and is the same whoever asks; the script finds
//! the API at its own origin, so that no address stands in it.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{any, get};

use super::browser_file::{BrowserFile, DOCUMENT, SCRIPT, STYLE, file};
use super::guard::Loads;
use super::respond::{in_browser, no_page, refused};
use crate::app::App;
use crate::error::ApiError;
use crate::links;

/// What the documents of the frames may load: their own scripts and styles, the API, the pages of banks, and a shop's fonts.
const FRAME_LOADS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
                           frame-src 'self'; img-src 'self' data:; font-src 'self' data: http: https:";

static STRIPE_JS: BrowserFile = file("stripe.js", SCRIPT, include_str!(concat!(env!("OUT_DIR"), "/stripe-js.js")));

static CONNECT_JS: BrowserFile = file("connect.js", SCRIPT, include_str!("../../templates/connect-js/connect.js"));

/// What the script opens in frames.
static FRAMES: [BrowserFile; 11] = [
    file("elements-inner.js", SCRIPT, include_str!(concat!(env!("OUT_DIR"), "/stripe-frames.js"))),
    file("elements-inner.css", STYLE, include_str!("../../templates/stripe-frames/inner.css")),
    file("elements-inner-", DOCUMENT, include_str!("../../templates/stripe-frames/inner.html")),
    file("controller.js", SCRIPT, include_str!("../../templates/stripe-frames/controller.js")),
    file("controller-", DOCUMENT, include_str!("../../templates/stripe-frames/controller.html")),
    file("three-ds-2-challenge.js", SCRIPT, include_str!("../../templates/stripe-frames/challenge.js")),
    file("three-ds-2-challenge-", DOCUMENT, include_str!("../../templates/stripe-frames/challenge.html")),
    file("modal.js", SCRIPT, include_str!("../../templates/stripe-frames/modal.js")),
    file("modal-", DOCUMENT, include_str!("../../templates/stripe-frames/modal.html")),
    file("embedded.js", SCRIPT, include_str!("../../templates/stripe-frames/embedded.js")),
    file("embedded-checkout-inner-", DOCUMENT, include_str!("../../templates/stripe-frames/embedded.html")),
];

/// The routes: the script under each of its names, and what it opens.
pub(super) fn router() -> Router<Arc<App>> {
    let script = || get(async |headers: HeaderMap| embedded(&STRIPE_JS, &headers));
    let connect = || get(async |headers: HeaderMap| embedded(&CONNECT_JS, &headers));
    Router::new()
        .route("/v3", script())
        .route("/v3/", script())
        .route("/v3/stripe.js", script())
        .route("/{train}/stripe.js", get(show_train))
        .route("/v3/{name}", any(show_frame))
        .route("/v0.1/connect.js", connect())
        .route("/v1.0/connect.js", connect())
}

/// The script of a release train, whose names are words in small letters.
async fn show_train(uri: Uri, headers: HeaderMap) -> Response {
    if links::place(uri.path()).is_some() { embedded(&STRIPE_JS, &headers) } else { no_page() }
}

async fn show_frame(method: Method, uri: Uri, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let read = matches!(method, Method::GET | Method::HEAD);
    match FRAMES.iter().find(|file| read && has_name(file, &name)) {
        Some(file) => embedded(file, &headers),
        None if in_browser(&headers) => no_page(),
        // A client of the API may have mistaken the version.
        None => refused(StatusCode::NOT_FOUND, &ApiError::url_unknown(method.as_str(), uri.path())),
    }
}

/// Whether a file has this name. A document has only the beginning of it, after which the service writes a hash that changes with each
/// release.
fn has_name(file: &BrowserFile, name: &str) -> bool {
    match name.strip_prefix(file.name) {
        Some(hash) if file.media_type == DOCUMENT => hash.ends_with(".html"),
        rest => rest == Some(""),
    }
}

/// The answer with a file for the page of a shop.
fn embedded(file: &BrowserFile, headers: &HeaderMap) -> Response {
    let mut response = file.answer(headers);
    // A page that is isolated from other origins loads it as well.
    let cross_origin = HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(HeaderName::from_static("cross-origin-resource-policy"), cross_origin);
    if file.media_type == DOCUMENT {
        let _ = response.extensions_mut().insert(Loads(FRAME_LOADS.to_owned()));
    }
    response
}
