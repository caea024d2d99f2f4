//! The page of an invoice, where its customer sees and pays it, its PDF and that of a credit note, and the call that pays without
//! a browser.
//!
//! May use: axum, the templates, the sandboxes, invoices. Invariant: whoever knows an invoice's id may see and pay it, as with the
//! URL of the real API; a draft has no page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::call::{ControlCall, Parameter};
use super::{answer, base_url, papers};
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::money;
use crate::pages::linked::Linked;
use crate::pages::respond::{go_to, in_browser, in_sandbox, not_found, page, refused};
use crate::pages::{InvoicePage, Paper, pdf};
use crate::resources::billing::credit_notes::CreditNote;
use crate::resources::billing::invoices::{self, Invoice, InvoiceStatus};
use crate::resources::payments::paying::{Offer, Paid};
use crate::resources::payments::payment_intents::IntentStatus;
use crate::state::document::Map;

const SANDBOX: Parameter = ("sandbox", "the sandbox of the invoice; every sandbox is searched when not sent");

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/invoice/{id}",
        handler: || post(pay),
        what: "Pays an invoice, as a customer does on its page, without a browser",
        parameters: &[
            SANDBOX,
            (
                "payment_method",
                "the id of a payment method, a test id such as `pm_card_visa`, or a type such as `ideal`; when not \
                 sent, the first one that the page offers",
            ),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/invoice/in_123?payment_method=pm_card_visa'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/invoice/{id}",
        handler: || get(show),
        what: "Shows the page of an invoice, the address in its `hosted_invoice_url`",
        parameters: &[
            SANDBOX,
            ("redirect_status", "added by a bank's page on the way back: `succeeded` or `failed`"),
            ("payment_intent", "added by a bank's page on the way back; ignored"),
            ("payment_intent_client_secret", "as `payment_intent`"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/invoice/in_123'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/invoice/{id}/pdf",
        handler: || get(print),
        what: "Returns an invoice as a PDF, the address in its `invoice_pdf`",
        parameters: &[SANDBOX],
        body: None,
        example: "curl -o invoice.pdf 'localhost:12111/_pinstripe/invoice/in_123/pdf'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/credit_note/{id}/pdf",
        handler: || get(print_credit_note),
        what: "Returns a credit note as a PDF, the address in its `pdf`",
        parameters: &[("sandbox", "the sandbox of the credit note; every sandbox is searched when not sent")],
        body: None,
        example: "curl -o note.pdf 'localhost:12111/_pinstripe/credit_note/cn_123/pdf'",
    },
];

/// What a customer chooses, in the page's form or as parameters of a call; or what a bank's page sends back.
#[derive(Debug, Deserialize)]
pub(super) struct CustomerChoice {
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
            pdf: &format!("{}/pdf{}", invoice.id, in_sandbox(sandbox)),
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
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
) -> Response {
    let sandbox = payment.sandbox.as_deref();
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return not_found() };
    let has_failed = payment.redirect_status.as_deref() == Some("failed") && !found.object.is_paid();
    let refusal = if has_failed { found.failure() } else { String::new() };
    found.show(sandbox, &refusal)
}

/// Pays the invoice.
pub(super) async fn pay(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
    headers: HeaderMap,
) -> Response {
    let sandbox = payment.sandbox.as_deref();
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return not_found() };
    let first = || invoices::offers(&found.tx(), &found.object).into_iter().next().map(|offer| offer.value);
    let chosen = payment.payment_method.clone().or_else(first);
    let chosen = chosen.map_or_else(Map::new, |value| Offer::params(&value));
    let base_url = base_url(&app, &headers);
    let paid = engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| invoices::pay(tx, ctx, &id, &chosen));
    let Some(found) = Linked::to_show(&app, &id, sandbox) else { return not_found() };
    if !in_browser(&headers) {
        return outcome(&found.object, &paid);
    }
    match &paid {
        Ok(Paid::Waiting(Some(url))) => go_to(url),
        // The page again, which a reload does not pay a second time.
        Ok(Paid::Complete | Paid::Waiting(None)) => {
            go_to(&format!("{base_url}/_pinstripe/invoice/{id}{}", in_sandbox(sandbox)))
        }
        Ok(Paid::Declined(error)) | Err(error) => found.show(sandbox, error.field("message").unwrap_or_default()),
    }
}

/// The answer to a call without a browser.
fn outcome(invoice: &Invoice, paid: &Result<Paid, ApiError>) -> Response {
    let next = match paid {
        Ok(Paid::Declined(error)) => return refused(StatusCode::PAYMENT_REQUIRED, error),
        Err(error) => {
            return refused(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::CONFLICT), error);
        }
        Ok(Paid::Waiting(next)) => next.as_deref(),
        Ok(Paid::Complete) => None,
    };
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
pub(super) async fn print(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
) -> Response {
    let Some(found) = Linked::to_show(&app, &id, payment.sandbox.as_deref()) else { return not_found() };
    printed(&papers::of_invoice(&found.tx(), &found.object))
}

/// The PDF of a credit note.
pub(super) async fn print_credit_note(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(payment): Query<CustomerChoice>,
) -> Response {
    let found = Linked::<CreditNote>::of(&app, &id, payment.sandbox.as_deref());
    let paper = found.and_then(|found| papers::of_credit_note(&found.tx(), &found.object));
    paper.map_or_else(not_found, |paper| printed(&paper))
}

/// A document as a PDF.
fn printed(paper: &Paper) -> Response {
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
