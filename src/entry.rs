//! The address by which a request came in, which the links in its answer begin with.
//!
//! May use: the `http` crate's types. Invariant: only this server says it; what a client sends under the name is dropped.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Bears the scheme of the address.
const ENTRY: HeaderName = HeaderName::from_static("pinstripe-entry");

/// Notes by which scheme a request came in.
pub fn mark(headers: &mut HeaderMap, is_secure: bool) {
    if is_secure {
        headers.insert(ENTRY, HeaderValue::from_static("https"));
    } else {
        headers.remove(ENTRY);
    }
}

/// What was noted, if anything: without a note, a request came in by http.
pub fn noted(headers: &HeaderMap) -> Option<&str> {
    headers.get(ENTRY).and_then(|noted| noted.to_str().ok())
}

/// The scheme by which a request came in.
pub fn scheme(headers: &HeaderMap) -> &'static str {
    if noted(headers).is_some() { "https" } else { "http" }
}

/// The host that a request was sent to.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok())
}
