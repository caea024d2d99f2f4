//! The address at which an expired Checkout Session is begun anew (`after_expiration[recovery]`, intents-and-checkout 3.1).
//!
//! May use: the app, the sandboxes, Checkout Sessions. Invariant: a visit begins one session, or says why there is none.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::linked::Linked;
use super::respond::{base_url, go_to, in_sandbox, no_page, page};
use super::templates::NoticePage;
use crate::app::App;
use crate::engine;
use crate::resources::checkout::sessions::{self, Session};

/// The address, the `url` of a recovery.
pub(super) const PATH: &str = "/r/{code}";

/// The query of a visit.
#[derive(Debug, Deserialize)]
pub(super) struct RecoveryLink {
    sandbox: Option<String>,
}

/// Begins the session anew, and leads to its page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    Query(link): Query<RecoveryLink>,
    headers: HeaderMap,
) -> Response {
    let id = sessions::of_recovery(&code);
    let Some(found) = Linked::<Session>::of(&app, &id, link.sandbox.as_deref()) else { return no_page() };
    let base_url = base_url(&app, &headers);
    let begun = engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| sessions::recover(tx, ctx, &id));
    match begun {
        Ok(Some(session)) => {
            go_to(&format!("{}{}", sessions::page(&base_url, &session), in_sandbox(link.sandbox.as_deref())))
        }
        Ok(None) => said("This link is no longer active", "Begin again where you came from."),
        Err(error) => said("Something went wrong", error.field("message").unwrap_or_default()),
    }
}

fn said(heading: &'static str, text: &str) -> Response {
    page(&NoticePage { heading, text: text.to_owned(), onward: Default::default() })
}
