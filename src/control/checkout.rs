//! The page of a Checkout Session, where a tester pays, and the call that pays without a browser.
//!
//! May use: axum, the templates, the sandboxes, Checkout Sessions. Invariant: whoever knows a session's id may pay it,
//! as with the URL of the real API; nothing else is possible here.

use crate::resources::checkout::sessions::{SessionMode, SessionPaymentStatus, SessionStatus};
use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::browsers::Framed;
use super::call::ControlCall;
use super::linked::Linked;
use super::pages::{go_to, in_browser, not_found, page, refused};
use super::{answer, base_url};
use crate::app::App;
use crate::engine;
use crate::generic::lines;
use crate::money;
use crate::pages::CheckoutPage;
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::resources::checkout::sessions::{self, Session};
use crate::resources::payments::paying::{Offer, Paid};
use crate::state::document::Map;
use crate::url;

/// The customer's address if neither the session nor the call has one.
const SOMEBODY: &str = "customer@example.com";

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/checkout/{id}",
        handler: || post(buy),
        what: "Pays or sets up a Checkout Session, as a customer does on its page, without a browser",
        parameters: &[
            ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
            (
                "payment_method",
                "the id of a payment method, a test id such as `pm_card_visa`, or a type such as `ideal`; when not \
                 sent, the first one that the page offers",
            ),
            ("email", "the customer's email address, if the session has none; `customer@example.com` when not sent"),
            ("name", "the customer's name"),
            ("country", "two letters; with the next ones the customer's address, by which automatic tax is computed"),
            ("postal_code", "as `country`"),
            ("state", "as `country`"),
            ("city", "as `country`"),
            ("line1", "as `country`"),
            ("line2", "as `country`"),
            ("promotion_code", "the text of a promotion code, if the session allows them; empty for none"),
            (
                "amount",
                "the unit amount that the customer chooses, in the currency's smallest unit, of a price with \
                 `custom_unit_amount`",
            ),
            ("step", "`details` stores what was entered, computes the amounts, and does not pay"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/checkout/cs_test_123?payment_method=pm_card_visa'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/checkout/{id}",
        handler: || get(show),
        what: "Shows the page of a Checkout Session, the address in its `url`",
        parameters: &[
            ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
            ("payment_intent", "added by a bank's page on the way back; ignored"),
            ("payment_intent_client_secret", "as `payment_intent`"),
            ("setup_intent", "as `payment_intent`"),
            ("setup_intent_client_secret", "as `payment_intent`"),
            ("redirect_status", "as `payment_intent`"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/checkout/cs_test_123'",
    },
];

/// What a customer enters, in the page's form or as parameters of a call.
#[derive(Debug, Deserialize)]
pub(super) struct Purchase {
    sandbox: Option<String>,
    payment_method: Option<String>,
    email: Option<String>,
    name: Option<String>,
    country: Option<String>,
    postal_code: Option<String>,
    state: Option<String>,
    city: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
    promotion_code: Option<String>,
    amount: Option<i64>,
    step: Option<PageStep>,
}

/// How far a customer goes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum PageStep {
    /// To what the page shows before it can be paid.
    Details,
    /// To the payment.
    Pay,
}

impl Purchase {
    /// The address, if a country was entered.
    fn address(&self) -> Option<Map> {
        let parts = [
            ("country", &self.country),
            ("postal_code", &self.postal_code),
            ("state", &self.state),
            ("city", &self.city),
            ("line1", &self.line1),
            ("line2", &self.line2),
        ];
        let entered =
            parts.into_iter().filter_map(|(key, part)| Some((key, part.clone().filter(|it| !it.is_empty())?)));
        let address = Map::from_entries(entered.map(|(key, part)| (key.into(), part.into())).collect());
        address.has("country").then_some(address)
    }
}

impl Linked<Session> {
    fn show(&self, refusal: &str) -> Response {
        let session = &self.object;
        let currency = session.currency.as_deref().unwrap_or_default();
        let tx = self.tx();
        let is_free = session.asks_no_method()
            || (session.payment_status == SessionPaymentStatus::NoPaymentRequired
                && session.mode == SessionMode::Payment);
        let line = |line: &Map| {
            let quantity = line.int("quantity").unwrap_or(1);
            let name = format!("{quantity} × {}", line.str("description").unwrap_or("item"));
            (name, money::display(line.int("amount_total").unwrap_or_default(), currency))
        };
        let lacks_place = session.lacks_place();
        let offers = if is_free || lacks_place { Vec::new() } else { session.offers(&tx) };
        let code = session.promotion_code().and_then(|id| tx.get::<PromotionCode>(id));
        let mut rows: Vec<(String, String)> =
            lines::of(&tx, &session.id).iter().map(|record| line(&record.object.to_doc())).collect();
        rows.extend(extras(session, currency));
        let mut shown = page(&CheckoutPage {
            id: &session.id,
            status: session.status.map_or("", SessionStatus::as_str),
            is_open: session.is_open(),
            total: session.amount_total.map(|total| money::display(total, currency)).unwrap_or_default(),
            lines: rows,
            amount: sessions::custom_amount(&tx, session),
            asks_address: lacks_place,
            takes_codes: session.takes_codes(),
            code: code.as_ref().map_or("", |code| &code.code),
            email: session.email().unwrap_or_default(),
            has_email: session.email().is_some(),
            offers: offers.into_iter().map(|offer| (offer.value, offer.label)).collect(),
            button: match session.mode {
                _ if lacks_place => "Continue",
                SessionMode::Setup => "Save",
                SessionMode::Payment => "Pay",
                SessionMode::Subscription => "Subscribe",
            },
            cancel_url: session.rest.str("cancel_url").filter(|url| url::check(url).is_ok()).unwrap_or_default(),
            refusal,
        });
        // An embedded session's page is made for a frame of the shop.
        if !session.is_hosted() {
            let _ = shown.extensions_mut().insert(Framed);
        }
        shown
    }
}

/// What is added to the lines, or taken off.
fn extras(session: &Session, currency: &str) -> Vec<(String, String)> {
    let details = session.rest.map("total_details");
    let amount = |key: &str| details.and_then(|details| details.int(key)).filter(|amount| *amount != 0);
    let rows = [
        ("Shipping", amount("amount_shipping")),
        ("Discount (included)", amount("amount_discount").map(|off| -off)),
        ("Tax (included)", amount("amount_tax")),
    ];
    let shown = |(name, amount): (&str, Option<i64>)| Some((name.to_owned(), money::display(amount?, currency)));
    rows.into_iter().filter_map(shown).collect()
}

/// The page where a customer pays; a customer who comes back from a bank's page is redirected to the shop
/// (intents-and-checkout 3.2).
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(purchase): Query<Purchase>,
) -> Response {
    let Some(found) = Linked::<Session>::of(&app, &id, purchase.sandbox.as_deref()) else { return not_found() };
    let destination = found.object.destination().filter(|_| found.object.status == Some(SessionStatus::Complete));
    destination.map_or_else(|| found.show(""), |url| go_to(&url))
}

/// Pays the session.
pub(super) async fn buy(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(purchase): Query<Purchase>,
    headers: HeaderMap,
) -> Response {
    let Some(mut found) = Linked::<Session>::of(&app, &id, purchase.sandbox.as_deref()) else { return not_found() };
    let chosen = chosen(&found, &purchase);
    let base_url = base_url(&app, &headers);
    let only_details = purchase.step == Some(PageStep::Details);
    let paid = engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| {
        let paid = match only_details {
            true => sessions::enter(tx, ctx, &id, &chosen).map(|()| Paid::Waiting(None))?,
            false => sessions::pay(tx, ctx, &id, &chosen)?,
        };
        // As it is before what happens a moment after the answer.
        Ok((paid, tx.get::<Session>(&id)))
    });
    let paid = paid.map(|(paid, after)| {
        found.object = after.unwrap_or_else(|| Arc::clone(&found.object));
        paid
    });
    let (status, error) = match &paid {
        Ok(Paid::Declined(error)) => (StatusCode::PAYMENT_REQUIRED, Some(error)),
        Err(error) => (StatusCode::from_u16(error.status()).unwrap_or(StatusCode::CONFLICT), Some(error)),
        Ok(_) => (StatusCode::OK, None),
    };
    let message = error.and_then(|error| error.field("message")).unwrap_or_default();
    if in_browser(&headers) {
        return match paid {
            Ok(Paid::Waiting(Some(url))) => go_to(&url),
            Ok(Paid::Complete) if found.object.destination().is_some() => {
                go_to(&found.object.destination().unwrap_or_default())
            }
            _ => found.show(message),
        };
    }
    match error {
        Some(error) => refused(status, error),
        None => answer(status, &outcome(&found.object, &paid)),
    }
}

/// The purchase as parameters of a confirmation.
fn chosen(found: &Linked<Session>, purchase: &Purchase) -> Map {
    let first = || found.object.offers(&found.tx()).into_iter().next().map(|offer| offer.value);
    let mut chosen =
        purchase.payment_method.clone().or_else(first).map_or_else(Map::new, |value| Offer::params(&value));
    chosen.set("email", purchase.email.clone().unwrap_or_else(|| SOMEBODY.to_owned()));
    chosen.set("name", purchase.name.clone().filter(|name| !name.is_empty()));
    if let Some(address) = purchase.address() {
        chosen.set("address", address);
    }
    if let Some(code) = &purchase.promotion_code {
        chosen.set("promotion_code", code.clone());
    }
    if let Some(amount) = purchase.amount {
        chosen.set("amount", amount);
    }
    chosen
}

/// The answer to a call without a browser.
fn outcome(session: &Session, paid: &Result<Paid, crate::error::ApiError>) -> Value {
    let next = match paid {
        Ok(Paid::Waiting(url)) => url.clone(),
        _ => None,
    };
    json!({
        "id": &*session.id,
        "object": sessions::KIND.name(),
        "status": session.status.map(SessionStatus::as_str),
        "payment_status": session.payment_status.as_str(),
        "next_url": next,
        "return_url": session.destination().filter(|_| session.status == Some(SessionStatus::Complete)),
    })
}
