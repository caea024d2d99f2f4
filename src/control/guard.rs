//! Which requests reach the control API.
//!
//! May use: axum, the app's public URL. Invariant: no page on the internet reads or changes a developer's sandbox.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::{header_text, refuse};
use crate::app::App;

/// Refuses what a web page could send without the developer's knowledge: a foreign `Origin`, and a `Host` that is
/// neither a local name nor that of the public URL.
pub(crate) async fn guard(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = header_text(headers, "host").unwrap_or_default().to_owned();
    if let Some(origin) = header_text(headers, "origin")
        && origin.split("://").nth(1) != Some(host.as_str())
        && !is_public_origin(&app, origin)
    {
        return refuse(StatusCode::FORBIDDEN, "The control API takes no calls from pages of another origin.");
    }
    if !is_own_name(name_of(&host)) && !is_public_name(&app, &host) {
        return refuse(
            StatusCode::FORBIDDEN,
            "The control API answers to localhost, to IP addresses, to names without a dot (such as a service's name in a \
             network of containers), and to the host of --public-url.",
        );
    }
    next.run(request).await
}

/// A `Host` without its port.
fn name_of(host: &str) -> &str {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(host, |(address, _)| address),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.trim_end_matches('.')
}

/// Names that a page on the internet cannot make resolve to this machine: addresses, `localhost`, and names without a
/// dot, which only a local network resolves.
fn is_own_name(name: &str) -> bool {
    name.parse::<std::net::IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || name == "host.docker.internal"
        || (!name.is_empty() && !name.contains('.'))
}

/// Whether a page has the origin of the public URL, as behind a proxy.
fn is_public_origin(app: &App, origin: &str) -> bool {
    let of = |url: &str| {
        url.parse::<Uri>().ok().and_then(|url| Some((url.scheme_str()?.to_owned(), url.authority()?.clone())))
    };
    app.public_url().is_some_and(|public| of(public).is_some() && of(public) == of(origin))
}

/// Whether the host is that of the public URL: who configured it trusts it.
fn is_public_name(app: &App, host: &str) -> bool {
    let public = app.public_url().and_then(|url| url.parse::<Uri>().ok());
    public.and_then(|url| url.host().map(|name| name.eq_ignore_ascii_case(name_of(host)))).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_those_that_no_page_can_point_here() {
        for host in ["localhost", "localhost:1", "127.0.0.1:12111", "[::1]:12111", "[::1]", "stripe", "a.localhost:80"]
        {
            assert!(is_own_name(name_of(host)), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example:12111", "localhost.evil.example", "[evil.example]"] {
            assert!(!is_own_name(name_of(host)), "{host}");
        }
    }
}
