//! What a browser may do with `/_pinstripe`: which requests reach it, and what its answers allow.
//!
//! May use: axum, the check of visitors, the app's public URL. Invariant: every answer forbids scripts and the guessing of
//! types, and frames too unless it is made for one.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::refuse_as;
use crate::access::{self, PathClass, Visitor};
use crate::app::App;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

// A form goes back to the shop by a redirect to anywhere, so `form-action` is not among them.
const ALONE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
const IN_FRAME: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors *");

/// Marks the answer of a page that is shown in a frame although others of its path are not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framed;

/// Refuses what a page could send without the developer's knowledge, and says in each answer what a browser may do with it.
pub(crate) async fn guard(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let class = PathClass::of(request.uri().path());
    let checked = access::check_host(request.version(), request.headers())
        .and_then(|()| access::check(class, &Visitor::of(request.headers()), None, app.public_url()))
        .and_then(|()| access::check_encoding(request.headers()));
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(error) => refuse_as(&error),
    };
    let framed = class == PathClass::Page { framed: true } || response.extensions().get::<Framed>().is_some();
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::CONTENT_SECURITY_POLICY, if framed { IN_FRAME } else { ALONE });
    match class {
        PathClass::Page { .. } => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        }
        // No page of another site embeds it, not even unread.
        PathClass::Control | PathClass::Api => {
            headers.insert(CROSS_ORIGIN, HeaderValue::from_static("same-origin"));
        }
    }
    response
}
