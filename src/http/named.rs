//! The host of a request, in one place whatever the protocol.
//!
//! May use: hyper's requests. Invariant: behind this, the host that a client asked is in `Host`, and the target is a path.

use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Uri, Version, header};

/// Moves the host of an HTTP/2 request, which stands in its target, to where HTTP/1.1 has it.
pub(super) fn by_headers<B>(request: &mut Request<B>) {
    if request.version() != Version::HTTP_2 {
        return;
    }
    let Some(authority) = request.uri().authority() else { return };
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    let host = HeaderValue::from_str(host);
    let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    if let Ok(host) = host {
        request.headers_mut().insert(header::HOST, host);
    }
}
