//! The pictures of codes to scan, and vouchers to print.
//!
//! May use: axum, decisions, the crate for PDFs. Invariant: whoever may see the page of an object may see these.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::decidable::{Decidable, PageLink};
use super::paper::{Paper, PaperSum};
use super::respond::nothing_for;
use super::{invoice, methods};
use crate::app::App;
use crate::contract::Asked;
use crate::money;
use crate::qr;
use crate::state::document::Doc;
use crate::time::calendar;

/// The address of a picture: an id with `.png` or `.svg`.
pub(super) const PATH: &str = "/qr/{file}";
/// The address of a voucher as PDF.
pub(super) const VOUCHER_PATH: &str = "/vouchers/{id}/pdf";

/// The picture of the code that leads to an object's page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(file): Path<String>,
    Query(link): Query<PageLink>,
    headers: HeaderMap,
) -> Response {
    let (id, ending) = file.rsplit_once('.').unwrap_or((&file, ""));
    let action = Decidable::find(&app, id, &link).and_then(|found| found.next_action(id));
    let Some(page) = action.as_ref().and_then(|action| action.str("hosted_instructions_url")) else {
        return nothing_for(&headers);
    };
    let (body, kind) = match ending {
        "png" => (qr::png(page), "image/png"),
        "svg" => (qr::svg(page).into_bytes(), "image/svg+xml"),
        _ => return nothing_for(&headers),
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A voucher as PDF.
pub(super) async fn print(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PageLink>,
    headers: HeaderMap,
) -> Response {
    let paper = Decidable::find(&app, &id, &link).and_then(|found| voucher(&found, &id));
    paper.map_or_else(|| nothing_for(&headers), |paper| invoice::printed(&paper))
}

/// What a voucher says; one that is paid or expired, that it is over.
fn voucher(found: &Decidable, id: &str) -> Option<Paper> {
    let (amount, currency) = found.question.amount.as_ref().filter(|_| found.question.asked == Asked::Authorization)?;
    let amount = money::display(*amount, currency);
    let method = methods::name(&found.question.title);
    let action = found.next_action(id).unwrap_or_default();
    let number = action.str("number").map(str::to_owned);
    // What waits without a number is no voucher.
    if found.question.is_open && number.is_none() {
        return None;
    }
    let expires = action.get("expires_at").and_then(Doc::as_int).map(calendar::date_in_words);
    let headline = match &number {
        Some(_) => format!("{amount} to pay with {method}"),
        None => format!("{amount} with {method}: nothing is left to pay"),
    };
    let facts = [("Number", number.clone()), ("Pay until", expires)];
    Some(Paper {
        title: "Voucher",
        number: number.unwrap_or_else(|| id.to_owned()),
        headline,
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        sums: vec![PaperSum { label: "Total".to_owned(), amount, is_strong: true }],
        ..Paper::default()
    })
}
