//! The former addresses of pages: they lead on to where the pages are now, so that links in exports of older versions work.
//!
//! May use: axum, the table of pages. Invariant: nothing is looked up here; the page says whether it knows the object.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;

use crate::app::App;
use crate::links;
use crate::pages::respond::{base_url, go_to};

/// The path of a page for an object's id.
type ToPage = fn(&str) -> String;

/// The former paths, in the router's notation, and the pages that they lead to.
const FORMER: &[(&str, ToPage)] = &[
    ("/_pinstripe/authorize/{id}", |id| format!("/authorize/{id}")),
    ("/_pinstripe/sources/{id}/redirect", |id| format!("/authorize/{id}")),
    ("/_pinstripe/checkout/{id}", |id| format!("/c/pay/{id}")),
    ("/_pinstripe/invoice/{id}", |id| format!("/i/{id}")),
    ("/_pinstripe/invoice/{id}/pdf", |id| format!("/invoice/{id}/pdf")),
    ("/_pinstripe/credit_note/{id}/pdf", |id| format!("/credit_notes/{id}/pdf")),
    ("/_pinstripe/receipts/{id}", |id| format!("/receipts/{id}")),
    ("/_pinstripe/files/{id}", |id| format!("/files/{id}/contents")),
    ("/_pinstripe/portal/{id}", |id| match id.starts_with("bpc_") {
        true => format!("/p/login/{id}"),
        false => format!("/p/session/{id}"),
    }),
];

/// The routes.
pub(super) fn router() -> Router<Arc<App>> {
    FORMER.iter().fold(Router::new(), |router, (path, to)| {
        let lead_on = move |Shared(app): Shared<Arc<App>>, Path(id): Path<String>, uri: Uri, headers: HeaderMap| async move {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            go_to(&format!("{}{query}", links::to(&base_url(&app, &headers), &to(&id))))
        };
        router.route(path, get(lead_on))
    })
}
