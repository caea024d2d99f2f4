//! What a person sees in a browser: the pages that links in answers lead to, and what is printed.
//!
//! May use: axum, askama, pdf-writer, the app, the sandboxes, the rules of what a page does. Invariant: a page makes no
//! request beyond itself and its own form, contains every style and script, and shows and does only what its link gives
//! access to.

mod assets;
pub(crate) mod checkout;
pub(crate) mod connect;
mod countries;
pub(crate) mod guard;
pub(crate) mod linked;
mod methods;
mod paper;
mod payment_link;
pub mod pdf;
mod portal;
pub(crate) mod respond;
mod templates;

pub(crate) use self::methods::name as method_name;
pub use self::paper::{PageSize, Paper, PaperLine, PaperSum, Party};
pub use self::templates::{DecisionPage, InvoicePage, ReceiptPage};

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;

use crate::app::App;
use crate::limits::BODY_BYTES_MAX;

/// The routes of the pages; the caller puts the guard in front of them.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(checkout::PATH, get(checkout::show).post(checkout::submit))
        .route(checkout::RETURN_PATH, get(checkout::come_back))
        // Whoever only looks begins no session.
        .route(payment_link::PATH, get(payment_link::show).head(|| async {}))
        .route(portal::PATH, get(portal::show).post(portal::submit))
        .route(portal::LOGIN_PATH, get(portal::show_login))
        .merge(connect::router())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
