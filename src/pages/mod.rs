//! What a person sees in a browser: the pages that links in answers lead to, and what is printed.
//!
//! May use: axum, askama, pdf-writer, the app, the sandboxes, the rules of what a page does. Invariant: a page makes no
//! request beyond itself and its own form, contains every style and script, and shows and does only what its link gives
//! access to.

mod assets;
mod browser_file;
pub(crate) mod checkout;
pub(crate) mod connect;
mod countries;
mod decidable;
pub(crate) mod decision;
mod file;
pub(crate) mod guard;
mod identity;
pub(crate) mod invoice;
mod link_accounts;
pub(crate) mod linked;
mod mandate;
mod methods;
mod microdeposits;
mod paper;
mod papers;
mod payment_link;
pub mod pdf;
mod portal;
mod receipt;
mod recovery;
pub(crate) mod respond;
mod scan;
mod stripe_js;
mod templates;
mod texts;
pub mod ui;

pub(crate) use self::methods::name as method_name;
pub use self::paper::{PageSize, Paper, PaperLine, PaperSum, Party};
pub(crate) use self::papers::print;
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
        .route(recovery::PATH, get(recovery::show).head(|| async {}))
        .route(portal::PATH, get(portal::show).post(portal::submit))
        .route(portal::LOGIN_PATH, get(portal::show_login))
        .route(decision::PATH, get(decision::show).post(decision::decide))
        .route(invoice::PATH, get(invoice::show).post(invoice::pay))
        .route(invoice::PDF_PATH, get(invoice::print))
        .route(invoice::CREDIT_NOTE_PATH, get(invoice::print_credit_note))
        .route(receipt::PATH, get(receipt::show))
        .route(microdeposits::PATH, get(microdeposits::show).post(microdeposits::submit))
        .route(mandate::PATH, get(mandate::show))
        .route(scan::PATH, get(scan::show))
        .route(scan::VOUCHER_PATH, get(scan::print))
        .route("/favicon.ico", get(respond::icon))
        .route(file::PATH, get(file::show))
        .route(file::LINK_PATH, get(file::show_linked))
        .merge(connect::router())
        .merge(stripe_js::router())
        .route(identity::PATH, get(identity::show).post(identity::submit))
        .route(link_accounts::PATH, get(link_accounts::show).post(link_accounts::submit))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
