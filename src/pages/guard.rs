//! What a browser may do with a page or a control call: which requests reach it, and what its answers allow.
//!
//! May use: axum, the check of visitors, the app's public URL. Invariant: every answer forbids the guessing of types, every
//! script and style that is not its own, and frames unless it is made for one.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::respond::refuse_as;
use crate::access::{self, PathClass, Visitor};
use crate::app::App;
use crate::entry;
use crate::error::Result;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What a page may load, if it does not say so itself.
const NOTHING: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What a page may load, in the words of a content security policy; how it may be embedded is added.
#[derive(Clone, Debug)]
pub(crate) struct Loads(pub(crate) String);

/// Marks the answer of a page that is shown in a frame although others of its path are not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framed;

/// Names the sandbox of the address in the query of a page, where its link may name it as well. A call of the control API is told by
/// its table whether it takes one.
fn name_sandbox(class: PathClass, request: &mut Request) -> Result<()> {
    let is_page = match class {
        PathClass::Page { .. } | PathClass::Consent => true,
        PathClass::Control | PathClass::Agent | PathClass::Api => false,
    };
    let query = request.uri().query().unwrap_or_default();
    let Some(query) =
        Some(query).filter(|_| is_page).map(|query| entry::query(request.headers(), query)).transpose()?.flatten()
    else {
        return Ok(());
    };
    if let Ok(target) = format!("{}?{query}", request.uri().path()).parse() {
        *request.uri_mut() = target;
    }
    Ok(())
}

/// Refuses what a page could send without the developer's knowledge, and says in each answer what a browser may do with it.
pub(crate) async fn guard(Shared(app): Shared<Arc<App>>, mut request: Request, next: Next) -> Response {
    let class = PathClass::of(request.uri().path());
    let checked = access::check_host(request.version(), request.headers())
        .and_then(|()| access::check(class, &Visitor::of(request.headers()), None, app.public_url()))
        .and_then(|()| access::check_encoding(request.headers()))
        .and_then(|()| name_sandbox(class, &mut request));
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(error) => refuse_as(&error),
    };
    let framed = class == PathClass::Page { framed: true } || response.extensions().get::<Framed>().is_some();
    let loads = response.extensions().get::<Loads>().map_or(NOTHING, |loads| &loads.0);
    // A form goes back to the shop by a redirect to anywhere, so `form-action` is not among them.
    let base = if loads.contains("base-uri") { "" } else { "; base-uri 'none'" };
    let policy = format!("{loads}{base}; frame-ancestors {}", if framed { "*" } else { "'none'" });
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    match class {
        PathClass::Page { .. } => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        }
        // No page of another site embeds it, not even unread.
        PathClass::Consent | PathClass::Control | PathClass::Agent | PathClass::Api => {
            headers.insert(CROSS_ORIGIN, HeaderValue::from_static("same-origin"));
        }
    }
    response
}
