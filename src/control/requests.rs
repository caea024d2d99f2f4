//! The request log over the control API.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::{answer, find_sandbox, refuse};
use crate::app::App;
use crate::http::recent::Wanted;

/// `GET /_pinstripe/requests`.
pub(super) async fn list(Shared(app): Shared<Arc<App>>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let wanted = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(rejection) => return refuse(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    match find_sandbox(&app, wanted.sandbox.as_deref()) {
        Ok(sandbox) => answer(StatusCode::OK, &json!({"requests": app.recent().list(sandbox.name(), &wanted)})),
        Err(refusal) => *refusal,
    }
}

/// `GET /_pinstripe/requests/ID`.
pub(super) async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.recent().get(&id) {
        Some(request) => answer(StatusCode::OK, &request),
        None => refuse(StatusCode::NOT_FOUND, "That request is not among the last ones."),
    }
}
