//! The content of files that were uploaded.
//!
//! May use: axum, the sandboxes, files. Invariant: the content of an upload is never served as a page, since nobody trusts it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::linked::Linked;
use super::receipt::ViewLink;
use super::respond::nothing_for;
use crate::app::App;
use crate::generic;
use crate::resources::developer::file_links::FileLink;
use crate::state::Kind;

/// The address of a file's content.
pub(super) const PATH: &str = "/files/{id}/contents";

/// The address of a link to a file.
pub(super) const LINK_PATH: &str = "/links/{id}";

/// The kind of uploads.
const FILE: Kind = crate::kind!("file");

/// The content of a file, at its `url`.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<ViewLink>,
    headers: HeaderMap,
) -> Response {
    content(&app, &id, link.sandbox.as_deref()).unwrap_or_else(|| nothing_for(&headers))
}

/// The content of the file that a link leads to, until the link expires.
pub(super) async fn show_linked(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<ViewLink>,
    headers: HeaderMap,
) -> Response {
    let found = Linked::<FileLink>::of(&app, &id, link.sandbox.as_deref()).filter(|found| !found.object.expired);
    let content = found.and_then(|found| content(&app, &found.object.file, Some(found.sandbox.name())));
    content.unwrap_or_else(|| nothing_for(&headers))
}

/// The answer with the content of a file.
fn content(app: &App, id: &str, sandbox: Option<&str>) -> Option<Response> {
    let (sandbox, account) = app.locate(FILE, id, sandbox)?;
    let state = sandbox.state();
    let content = generic::content(&*state.record(account, FILE, id)?.object)?;
    let mut response = Response::new(Body::from(STANDARD.decode(&*content.base64).ok()?));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Some(response)
}
