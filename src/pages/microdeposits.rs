//! Where a customer tells what was deposited in a bank account, which verifies it (core-payments 7.6).
//!
//! May use: axum, the templates, decisions, the API's own operation. Invariant: the API's operation judges what is told, with its
//! errors and its count of attempts.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::decidable::{Decidable, PageLink};
use super::decision;
use super::respond::{base_url, nothing_for, page};
use super::templates::MicrodepositsPage;
use crate::app::App;
use crate::catalogue::Method;
use crate::dispatch::{self, Request};
use crate::form;

/// The address of an intent's page.
pub(super) const PATH: &str = "/microdeposit/{id}";

/// What is told: two amounts in cents, or a code.
#[derive(Debug, Default, Deserialize)]
struct DepositsForm {
    amount_1: Option<String>,
    amount_2: Option<String>,
    descriptor_code: Option<String>,
    result: Option<String>,
}

/// The page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PageLink>,
    headers: HeaderMap,
) -> Response {
    Decidable::find(&app, &id, &link).map_or_else(|| nothing_for(&headers), |found| shown(&found, &id, ""))
}

fn shown(found: &Decidable, id: &str, refusal: &str) -> Response {
    let action = found.next_action(id).filter(|_| found.question.is_open);
    page(&MicrodepositsPage {
        id,
        status: found.question.status,
        refusal,
        by: action.as_ref().and_then(|action| action.str("microdeposit_type")).unwrap_or_default(),
    })
}

/// Takes what the customer told; `result` decides without it, as on other pages.
pub(super) async fn submit(
    shared: Shared<Arc<App>>,
    path: Path<String>,
    Query(link): Query<PageLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told: DepositsForm = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    if link.result.is_some() || told.result.is_some() {
        return decision::decide(shared, path, Query(link), headers, body).await;
    }
    let (Shared(app), Path(id)) = (shared, path);
    let Some(found) = Decidable::find(&app, &id, &link) else { return nothing_for(&headers) };
    let sent = match (told.descriptor_code, told.amount_1, told.amount_2) {
        (Some(code), ..) => vec![("descriptor_code".to_owned(), code.trim().to_owned())],
        (None, one, two) => [one, two]
            .into_iter()
            .enumerate()
            .map(|(at, amount)| (format!("amounts[{at}]"), amount.unwrap_or_default().trim().to_owned()))
            .collect(),
    };
    let refusal = verify(&app, &found, &id, &sent, &headers).unwrap_or_default();
    Decidable::find(&app, &id, &link).map_or_else(|| nothing_for(&headers), |found| shown(&found, &id, &refusal))
}

/// Calls the operation; returns why it refuses.
fn verify(app: &App, found: &Decidable, id: &str, sent: &[(String, String)], headers: &HeaderMap) -> Option<String> {
    let path = format!("/v1/{}s/{id}/verify_microdeposits", found.kind.name());
    let form = match form::decode(serde_urlencoded::to_string(sent).unwrap_or_default().as_bytes()) {
        Ok(form) => form,
        Err(error) => return error.field("message").map(str::to_owned),
    };
    let base_url = base_url(app, headers);
    let account = found.sandbox.state().account_id(found.account).map(ToString::to_string);
    let request = Request {
        account: account.as_deref(),
        ..Request::internal(Method::Post, &path, form, &base_url, found.sandbox.ids())
    };
    let answer = dispatch::handle(&found.sandbox, request);
    answer.refusal.map(|error| error.str("message").unwrap_or_default().to_owned())
}
