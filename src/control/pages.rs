//! Pages that a tester's browser sees: where a redirect source is authorized, and receipts.
//!
//! May use: axum, the templates, the sandboxes. Invariant: a page shows and does only what its link, with the
//! object's secret, entitles to.

use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{answer, refuse};
use crate::app::App;
use crate::money;
use crate::resources::charges::Charge;
use crate::resources::sources::{self, Source};
use crate::state::Resource;

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage<'a> {
    id: &'a str,
    kind: &'a str,
    amount: String,
    status: &'a str,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    id: &'a str,
    amount: String,
    refunded: String,
    description: &'a str,
}

/// The secret of the object that a page is about.
#[derive(Debug, Deserialize)]
pub(super) struct Secret {
    client_secret: Option<String>,
    /// Set by a call without a browser: the answer is then JSON.
    result: Option<String>,
}

/// What the tester chose.
#[derive(Debug, Default, Deserialize)]
struct Choice {
    result: Option<String>,
}

/// Where a redirect source sends its customer (core-payments 5.4.9).
pub(super) async fn show_source(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(secret): Query<Secret>,
) -> Response {
    let Some(source) = find_source(&app, &id, &secret) else { return not_found() };
    let amount =
        source.amount.zip(source.currency.as_deref()).map(|(amount, currency)| money::display(amount, currency));
    page(&SourcePage { id: &id, kind: &source.kind, amount: amount.unwrap_or_default(), status: &source.status })
}

/// The tester authorizes or fails the payment; the browser goes back to the shop's `return_url`.
pub(super) async fn settle_source(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(secret): Query<Secret>,
    body: Bytes,
) -> Response {
    // A call without a browser has no form; the choice is then in the query.
    let choice: Choice = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let by_call = secret.result.is_some();
    let succeeded = match secret.result.as_deref().or(choice.result.as_deref()) {
        Some("succeeded") => true,
        Some("failed") => false,
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` must be `succeeded` or `failed`."),
    };
    let Some(source) = find_source(&app, &id, &secret) else { return not_found() };
    if source.status != "pending" {
        return refuse(
            StatusCode::CONFLICT,
            &format!("The source is {}; only a pending one can be settled.", source.status),
        );
    }
    if let Some((sandbox, account)) = app.locate(Source::KIND, &id) {
        crate::api::dispatch::apply(&sandbox, account, |tx| sources::settle(tx, &id, succeeded));
    }
    let return_url = source.rest.map("redirect").and_then(|redirect| redirect.str("return_url"));
    match return_url.filter(|_| !by_call) {
        None => answer(StatusCode::OK, &json!({"source": id, "succeeded": succeeded})),
        Some(url) => {
            let joint = if url.contains('?') { '&' } else { '?' };
            go_to(&format!("{url}{joint}client_secret={}&livemode=false&source={id}", source.client_secret))
        }
    }
}

/// What `charge.receipt_url` names (core-payments 2).
pub(super) async fn show_receipt(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    let charge = app.locate(Charge::KIND, &id).and_then(|(sandbox, account)| {
        sandbox.state().record(account, Charge::KIND, &id).and_then(|record| record.get::<Charge>())
    });
    let Some(charge) = charge else { return not_found() };
    page(&ReceiptPage {
        id: &id,
        amount: money::display(charge.amount_captured, &charge.currency),
        refunded: money::display(charge.amount_refunded, &charge.currency),
        description: charge.description.as_deref().unwrap_or_default(),
    })
}

fn find_source(app: &App, id: &str, secret: &Secret) -> Option<Arc<Source>> {
    let (sandbox, account) = app.locate(Source::KIND, id)?;
    let source: Arc<Source> = sandbox.state().record(account, Source::KIND, id)?.get()?;
    (Some(source.client_secret.as_str()) == secret.client_secret.as_deref()).then_some(source)
}

fn not_found() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is nothing here for this link.")
}

fn page(template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.");
    };
    let mut response = Response::new(Body::from(html));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn go_to(url: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return refuse(StatusCode::BAD_REQUEST, "The source's return_url is no URL.");
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    response
}
