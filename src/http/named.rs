//! The address of a request, in one place whatever the protocol.
//!
//! May use: hyper's requests, the addresses of sandboxes. Invariant: behind this, the host that a client asked is in `Host`, the target
//! is a path of the API, and what it named besides is noted.

use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Request, Response, Uri, Version, header};

use super::wire::Wire;
use crate::app::App;
use crate::entry::{self, NamedSandbox};
use crate::links;

/// How a connection is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// By https.
    pub(super) is_secure: bool,
    /// At a socket in a file, to which no link leads.
    is_file: bool,
}

impl Reached {
    /// How a client reached this wire.
    pub(super) fn by(wire: &Wire, is_secure: bool) -> Self {
        Reached { is_secure, is_file: matches!(wire, Wire::Unix(_)) }
    }
}

/// Notes how a request came in.
pub(super) fn noted<B>(mut request: Request<B>, reached: Reached, app: &App) -> Request<B> {
    by_headers(&mut request);
    let in_path = entry::split(request.uri().path()).map(|(name, behind)| (name.to_owned(), behind.to_owned()));
    if let Some((name, behind)) = in_path {
        let path = if behind.is_empty() { "/" } else { &behind };
        let target = match request.uri().query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        if let Ok(target) = target.parse() {
            *request.uri_mut() = target;
        }
        entry::mark(request.headers_mut(), reached.is_secure, Some(NamedSandbox::InPath(&name)));
    } else {
        let host = entry::host(request.headers()).map(|host| links::name_and_port(host).0);
        let in_host = host.filter(|host| !app.is_own_name(host)).and_then(entry::in_host).map(str::to_owned);
        entry::mark(request.headers_mut(), reached.is_secure, in_host.as_deref().map(NamedSandbox::InHost));
        if reached.is_file && in_host.is_none() {
            at_a_port(request.headers_mut(), app);
        }
    }
    request
}

/// Lets links lead to the server's own address, where the name of the host is the client's invention.
fn at_a_port(headers: &mut HeaderMap, app: &App) {
    let is_service = entry::host(headers).is_some_and(|host| links::is_service_host(links::name_and_port(host).0));
    let own = app.own_url().split_once("://").map(|(_, host)| HeaderValue::try_from(host));
    if let Some(Ok(own)) = own.filter(|_| !is_service && headers.contains_key(header::HOST)) {
        headers.insert(header::HOST, own);
    }
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
