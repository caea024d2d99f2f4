//! Files that browsers load: scripts, styles and documents that are in this binary.
//!
//! May use: axum, deflate. Invariant: what is served is in this binary, and is the same whoever asks.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use miniz_oxide::deflate::compress_to_vec;

/// How hard is compressed, from 1 to 10: once, when first asked for.
const COMPRESSION: u8 = 9;

/// A file that a browser asks for.
#[derive(Debug)]
pub(super) struct BrowserFile {
    /// Its name, or how its name begins.
    pub(super) name: &'static str,
    pub(super) media_type: &'static str,
    pub(super) text: &'static str,
    /// The text as gzip, once it was asked for.
    packed: OnceLock<Bytes>,
}

pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";
pub(super) const STYLE: &str = "text/css; charset=utf-8";
pub(super) const DOCUMENT: &str = "text/html; charset=utf-8";

/// A file with a name, a type and a text.
pub(super) const fn file(name: &'static str, media_type: &'static str, text: &'static str) -> BrowserFile {
    BrowserFile { name, media_type, text, packed: OnceLock::new() }
}

impl BrowserFile {
    /// The file, compressed for whoever takes that; nothing but its name for whoever has it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let packed = || self.packed.get_or_init(|| gzip(self.text.as_bytes()).into()).clone();
        served(headers, self.media_type, Bytes::from_static(self.text.as_bytes()), packed)
    }
}

/// A text that is made for who asks, as a file.
pub(super) fn made(headers: &HeaderMap, media_type: &'static str, text: String) -> Response {
    let text = Bytes::from(text);
    served(headers, media_type, text.clone(), || gzip(&text).into())
}

fn served(headers: &HeaderMap, media_type: &'static str, text: Bytes, packed: impl FnOnce() -> Bytes) -> Response {
    // A weak one: it is the same for the text and for its compressed form.
    let tag = format!("W/\"{:08x}-{:x}\"", crc32fast::hash(&text), text.len());
    let is_known = parts(headers, header::IF_NONE_MATCH).any(|known| known == "*" || known == tag);
    let takes_gzip = parts(headers, header::ACCEPT_ENCODING).any(is_gzip);
    let body = match (is_known, takes_gzip) {
        (true, _) => Bytes::new(),
        (false, true) => packed(),
        (false, false) => text,
    };
    let mut response = Response::new(Body::from(body));
    let sent = response.headers_mut();
    // A server of another version has other files under the same names.
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    sent.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        sent.insert(header::ETAG, tag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    sent.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if takes_gzip {
        sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The parts of a header that is a list.
fn parts(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
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
