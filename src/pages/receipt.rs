//! The receipt of a charge, and the content of files.
//!
//! May use: axum, the templates, the sandboxes, charges and files. Invariant: nothing here changes an object, and the content of an
//! upload is never served as a page.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::linked::Linked;
use super::respond::{nothing_for, page};
use super::templates::ReceiptPage;
use crate::app::App;
use crate::money;
use crate::resources::payments::charges::Charge;

/// The address of a charge's receipt.
pub(super) const PATH: &str = "/receipts/{id}";

/// The query of a link to what can only be looked at.
#[derive(Debug, Deserialize)]
pub(super) struct ViewLink {
    /// The sandbox of the object; every sandbox is searched when it is not sent.
    pub(super) sandbox: Option<String>,
}

/// The receipt at `charge.receipt_url` (core-payments 2).
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<ViewLink>,
    headers: HeaderMap,
) -> Response {
    let found = Linked::<Charge>::of(&app, &id, link.sandbox.as_deref());
    // What was not paid has no receipt.
    let shown = found.map(|found| found.object).filter(|charge| charge.rest.present("receipt_url").is_some());
    let Some(charge) = shown else { return nothing_for(&headers) };
    page(&ReceiptPage {
        id: &id,
        amount: money::display(charge.amount_captured, &charge.currency),
        refunded: money::display(charge.amount_refunded, &charge.currency),
        description: charge.description.as_deref().unwrap_or_default(),
    })
}
