//! The address of a request, in one place whatever the protocol.
//!
//! May use: hyper's requests, the addresses of sandboxes. Invariant: behind this, the host that a client asked is in `Host`, the target
//! is a path of the API, and what it named besides is noted.

use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Response, Uri, Version, header};

use crate::entry;

/// Notes how a request came in.
pub(super) fn noted<B>(mut request: Request<B>, is_secure: bool) -> Request<B> {
    by_headers(&mut request);
    let Some((name, behind)) = entry::split(request.uri().path()) else {
        entry::mark(request.headers_mut(), is_secure, None);
        return request;
    };
    let name = name.to_owned();
    let path = if behind.is_empty() { "/" } else { behind };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    if let Ok(target) = target.parse() {
        *request.uri_mut() = target;
    }
    entry::mark(request.headers_mut(), is_secure, Some(&name));
    request
}

/// How the path began that is not in the request any more, for the addresses in its answer.
pub(super) fn beginning<B>(request: &Request<B>) -> Option<String> {
    Some(entry::path(request.headers())).filter(|path| !path.is_empty()).map(str::to_owned)
}

/// An answer that leads on to an address at the same beginning.
pub(super) fn led_on<B>(mut answer: Response<B>, beginning: &str) -> Response<B> {
    let onward = answer.headers().get(header::LOCATION).and_then(|onward| onward.to_str().ok());
    let onward = onward.filter(|onward| onward.starts_with('/') && !onward.starts_with("//"));
    if let Some(Ok(onward)) = onward.map(|onward| HeaderValue::try_from([beginning, onward].concat())) {
        answer.headers_mut().insert(header::LOCATION, onward);
    }
    answer
}

/// Moves the host of an HTTP/2 request, which stands in its target, to where HTTP/1.1 has it.
fn by_headers<B>(request: &mut Request<B>) {
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
