//! The stand-in for Stripe.js: its script, and the documents and scripts of the frames that it opens (stripe-js 3, 5, 12).
//!
//! May use: axum, deflate, the guard's marks. Invariant: what is served is in this binary, and is the same whoever asks; the script finds
//! the API at its own origin, so that no address stands in it.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use miniz_oxide::deflate::compress_to_vec;

use super::guard::Loads;
use super::respond::{in_browser, no_page, refused};
use crate::app::App;
use crate::error::ApiError;
use crate::links;

/// What the documents of the frames may load: their own scripts and styles, the API, the pages of banks, and a shop's fonts.
const FRAME_LOADS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
                           frame-src 'self'; img-src 'self' data:; font-src 'self' data: http: https:";

/// How hard is compressed, from 1 to 10: once, when first asked for.
const COMPRESSION: u8 = 9;

/// A file that a browser asks for.
#[derive(Debug)]
struct BrowserFile {
    /// Its name; for a document the beginning of its name, after which the service writes a hash that changes with each release.
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
    /// The text as gzip, once it was asked for.
    packed: OnceLock<Bytes>,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const DOCUMENT: &str = "text/html; charset=utf-8";

const fn file(name: &'static str, media_type: &'static str, text: &'static str) -> BrowserFile {
    BrowserFile { name, media_type, text, packed: OnceLock::new() }
}

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
    let script = || get(async |headers: HeaderMap| STRIPE_JS.answer(&headers));
    let connect = || get(async |headers: HeaderMap| CONNECT_JS.answer(&headers));
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
    if links::place(uri.path()).is_some() { STRIPE_JS.answer(&headers) } else { no_page() }
}

async fn show_frame(method: Method, uri: Uri, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let read = matches!(method, Method::GET | Method::HEAD);
    match FRAMES.iter().find(|file| read && file.has_name(&name)) {
        Some(file) => file.answer(&headers),
        None if in_browser(&headers) => no_page(),
        // A client of the API may have mistaken the version.
        None => refused(StatusCode::NOT_FOUND, &ApiError::url_unknown(method.as_str(), uri.path())),
    }
}

impl BrowserFile {
    fn has_name(&self, name: &str) -> bool {
        match name.strip_prefix(self.name) {
            Some(hash) if self.media_type == DOCUMENT => hash.ends_with(".html"),
            rest => rest == Some(""),
        }
    }

    /// The file, compressed for whoever takes that.
    fn answer(&self, headers: &HeaderMap) -> Response {
        let takes_gzip = headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(is_gzip);
        let body = if takes_gzip { self.packed() } else { Bytes::from_static(self.text.as_bytes()) };
        let mut response = Response::new(Body::from(body));
        let sent = response.headers_mut();
        sent.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        // A server of another version has other files under the same names.
        sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        sent.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        // A page that is isolated from other origins loads it as well.
        sent.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
        if takes_gzip {
            sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.media_type == DOCUMENT {
            let _ = response.extensions_mut().insert(Loads(FRAME_LOADS.to_owned()));
        }
        response
    }

    fn packed(&self) -> Bytes {
        self.packed.get_or_init(|| gzip(self.text.as_bytes()).into()).clone()
    }
}

/// Whether a part of an `Accept-Encoding` asks for gzip.
fn is_gzip(part: &str) -> bool {
    let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
    let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0));
    matches!(coding.trim(), "gzip" | "*") && !refused
}

/// A text as a file of gzip: a header without a name or a time, the deflated text, its checksum and length.
fn gzip(text: &[u8]) -> Vec<u8> {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let packed = compress_to_vec(text, COMPRESSION);
    [&HEADER[..], &packed, &crc32fast::hash(text).to_le_bytes(), &length.to_le_bytes()].concat()
}
