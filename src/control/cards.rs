//! The control call that lists the test cards and bank accounts.
//!
//! May use: axum, the tables of test cards. Invariant: it says what `docs/test-cards.md` says.

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::answer;
use super::call::ControlCall;
use crate::issuers::page;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "GET",
    path: "/_pinstripe/cards",
    handler: || get(list),
    what: "Lists the test cards by what they are for, with their payment methods and tokens and with what happens otherwise than with an \
           ordinary card (`outcomes`), and the test bank accounts",
    parameters: &[],
    body: None,
    example: "curl localhost:12111/_pinstripe/cards",
}];

/// `GET /_pinstripe/cards`.
async fn list() -> Response {
    answer(StatusCode::OK, &page::json())
}
