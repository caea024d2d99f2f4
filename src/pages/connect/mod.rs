//! The pages of the people behind connected accounts (connect-accounts 6, 10).
//!
//! May use: the app, the sandboxes, accounts. Invariant: a link is opened once; what is done on its page is done by whoever
//! opened it.

pub(crate) mod authorize;
mod components;
mod dashboard;
mod requirements;
pub(crate) mod setup;
mod template;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;

/// The routes of these pages.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        // Whoever only looks opens no link.
        .route(setup::PATH, get(setup::open).head(|| async {}))
        .route(setup::VISIT_PATH, get(setup::show).post(setup::submit))
        .route(setup::TERMS_PATH, get(setup::show_terms))
        .route(authorize::STANDARD, get(authorize::show).post(authorize::submit))
        .route(authorize::EXPRESS, get(authorize::show).post(authorize::submit))
        .route(components::PATH, get(components::show).post(components::submit))
        .route(dashboard::PATH, get(dashboard::open).head(|| async {}))
        .route(dashboard::VISIT_PATH, get(dashboard::show))
}

/// The query of a link.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct ConnectPageLink {
    sandbox: Option<String>,
}
