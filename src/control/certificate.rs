//! The control call that shows whom a client of https has to trust.
//!
//! May use: axum, the app. Invariant: no key is shown.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::call::ControlCall;
use super::refuse;
use crate::app::App;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "GET",
    path: "/_pinstripe/ca.pem",
    handler: || get(show),
    what: "The certificate of the local authority that vouches for https, for whoever should trust it, such as another container",
    parameters: &[],
    body: None,
    example: "curl localhost:12111/_pinstripe/ca.pem",
}];

/// `GET /_pinstripe/ca.pem`.
async fn show(Shared(app): Shared<Arc<App>>) -> Response {
    match app.certificate() {
        Some(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem.to_owned()).into_response(),
        None => {
            refuse(StatusCode::NOT_FOUND, "There is no certificate, because this server does not listen for https.")
        }
    }
}
