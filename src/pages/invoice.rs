//! The page of an invoice, where its customer sees and pays it, its PDF and that of a credit note.
//!
//! May use: axum, the templates, the sandboxes, invoices. Invariant: whoever knows an invoice's id may see and pay it, as with the
//! URL of the real API; a draft has no page.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::linked::{Linked, onward};
use super::paper::Paper;
use super::respond::{
    answer, base_url, go_to, in_browser, in_sandbox, nothing_for, page, refused, refused_as, see_other,
};
use super::templates::InvoicePage;
use super::{papers, pdf};
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::money;
use crate::resources::billing::credit_notes::CreditNote;
use crate::resources::billing::invoices::{self, Invoice, InvoiceStatus};
use crate::resources::payments::paying::{Offer, Paid};
use crate::resources::payments::payment_intents::IntentStatus;
use crate::state::document::Map;

/// The address of an invoice's page.
pub(super) const PATH: &str = "/i/{id}";
/// The address of its PDF.
pub(super) const PDF_PATH: &str = "/invoice/{id}/pdf";
/// The address of a credit note's PDF.
pub(super) const CREDIT_NOTE_PATH: &str = "/credit_notes/{id}/pdf";

/// What a customer chooses, in the page's form or as parameters of a call; or what a bank's page sends back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CustomerChoice {
    sandbox: Option<String>,
    payment_method: Option<String>,
    redirect_status: Option<String>,
}

impl Linked<Invoice> {
    fn to_show(app: &App, id: &str, sandbox: Option<&str>) -> Option<Self> {
        Linked::<Invoice>::of(app, id, sandbox).filter(|found| !found.object.is_draft())
    }

    fn show(&self, sandbox: Option<&str>, refusal: &str) -> Response {
        let (invoice, tx) = (&self.object, self.tx());
        let is_processing =
            invoices::intent(&tx, invoice).is_some_and(|intent| intent.status == IntentStatus::Processing);
        let offers = invoices::offers(&tx, invoice);
        page(&InvoicePage {
            paper: &papers::of_invoice(&tx, invoice),
            status: invoice.status.map_or("", InvoiceStatus::as_str),
            // Next to the page, so that it works behind any public URL.
            pdf: &format!("../invoice/{}/pdf{}", invoice.id, in_sandbox(sandbox)),
            refusal,
            notice: if is_processing && !invoice.is_paid() { "The payment is being processed." } else { "" },
            offers: offers.into_iter().map(|offer| (offer.value, offer.label)).collect(),
            due: money::display(invoice.amount_remaining, &invoice.currency),
        })
    }

    /// Why the intent's last attempt failed.
    fn failure(&self) -> String {
        let intent = invoices::intent(&self.tx(), &self.object);
        let error = intent.as_ref().and_then(|intent| intent.last_payment_error.as_map());
        error.and_then(|error| error.str("message")).unwrap_or_default().to_owned()
    }
}

/// The page of an invoice; a customer who comes back from a bank's page sees what became of the payment.
pub(crate) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
    headers: HeaderMap,
) -> Response {
    let sandbox = payment.sandbox.as_deref();
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return nothing_for(&headers) };
    let has_failed = payment.redirect_status.as_deref() == Some("failed") && !found.object.is_paid();
    let refusal = if has_failed { found.failure() } else { String::new() };
    found.show(sandbox, &refusal)
}

/// Pays the invoice.
pub(crate) async fn pay(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sandbox = payment.sandbox.as_deref();
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return nothing_for(&headers) };
    let form: CustomerChoice = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let first = || invoices::offers(&found.tx(), &found.object).into_iter().next().map(|offer| offer.value);
    let chosen = form.payment_method.or_else(|| payment.payment_method.clone()).or_else(first);
    let chosen = chosen.map_or_else(Map::new, |value| Offer::params(&value));
    let base_url = base_url(&app, &headers);
    let paid = engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| invoices::pay(tx, ctx, &id, &chosen));
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return nothing_for(&headers) };
    if !in_browser(&headers) {
        return outcome(&found, &paid, &base_url);
    }
    match &paid {
        Ok(Paid::Waiting(Some(url))) => go_to(&onward(&found.sandbox, url, &base_url)),
        // The page again, which a reload does not pay a second time.
        Ok(Paid::Complete | Paid::Waiting(None)) => see_other(&format!("{id}{}", in_sandbox(sandbox))),
        Ok(Paid::Declined(error)) | Err(error) => found.show(sandbox, error.field("message").unwrap_or_default()),
    }
}

/// The answer to a call without a browser.
fn outcome(found: &Linked<Invoice>, paid: &Result<Paid, ApiError>, base_url: &str) -> Response {
    let next = match paid {
        Ok(Paid::Declined(error)) => return refused(StatusCode::PAYMENT_REQUIRED, error),
        Err(error) => {
            return refused_as(error);
        }
        Ok(Paid::Waiting(next)) => next.as_deref().map(|url| onward(&found.sandbox, url, base_url)),
        Ok(Paid::Complete) => None,
    };
    let invoice = &found.object;
    let outcome = json!({
        "id": &*invoice.id,
        "object": invoices::KIND.name(),
        "status": invoice.status.map(InvoiceStatus::as_str),
        "amount_paid": invoice.amount_paid,
        "amount_remaining": invoice.amount_remaining,
        "next_url": next,
    });
    answer(StatusCode::OK, &outcome)
}

/// The invoice's PDF.
pub(crate) async fn print(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::to_show(&app, &id, payment.sandbox.as_deref()) else { return nothing_for(&headers) };
    printed(&papers::of_invoice(&found.tx(), &found.object))
}

/// The PDF of a credit note.
pub(crate) async fn print_credit_note(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
    headers: HeaderMap,
) -> Response {
    let found = Linked::<CreditNote>::of(&app, &id, payment.sandbox.as_deref());
    let paper = found.and_then(|found| papers::of_credit_note(&found.tx(), &found.object));
    paper.map_or_else(|| nothing_for(&headers), |paper| printed(&paper))
}

/// A document as a PDF.
pub(super) fn printed(paper: &Paper) -> Response {
    let plain = |text: &str| -> String {
        let kept = |character: char| character.is_ascii_alphanumeric() || character == '-';
        text.chars().map(|character| if kept(character) { character } else { '-' }).collect()
    };
    let name = format!("attachment; filename=\"{}-{}.pdf\"", plain(paper.title), plain(&paper.number));
    let mut response = Response::new(Body::from(pdf::draw(paper)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
