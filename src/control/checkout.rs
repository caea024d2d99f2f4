//! The call that fills in and pays a Checkout Session without a browser.
//!
//! May use: axum, the sandboxes, Checkout Sessions, the inputs of their page. Invariant: what the page refuses is refused; what the
//! page asks for and the call leaves out is made up.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use super::call::{ControlCall, Parameter};
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::pages::checkout::inputs;
use crate::pages::linked::{Linked, onward};
use crate::pages::respond::{answer, base_url, not_there, refuse, refused, refused_as};
use crate::resources::checkout::sessions::{self, CustomField, CustomFieldKind, Session, SessionStatus};
use crate::resources::payments::paying::{Offer, Paid};
use crate::state::Resource as _;
use crate::state::document::{Doc, Map};

const OWN: [Parameter; 3] = [
    ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
    (
        "payment_method",
        "the id of a payment method, a test id such as `pm_card_visa`, or a type such as `ideal`; when not sent, the first one \
         that the page offers",
    ),
    ("step", "`details` stores what was entered, computes the amounts, and does not pay"),
];

/// The parameters: those of this call, and what the page lets a customer enter.
static PARAMETERS: [Parameter; OWN.len() + inputs::PARAMETERS.len()] = {
    let mut all = [OWN[0]; OWN.len() + inputs::PARAMETERS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < OWN.len() { OWN[at] } else { inputs::PARAMETERS[at - OWN.len()] };
        at += 1;
    }
    all
};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/checkout/{id}",
    handler: || post(buy),
    what: "Pays or sets up a Checkout Session, as a customer does on its page, without a browser",
    parameters: &PARAMETERS,
    body: None,
    example: "curl -X POST 'localhost:12111/_pinstripe/checkout/cs_test_123?payment_method=pm_card_visa'",
}];

fn value_of<'s>(sent: &'s [(String, String)], name: &str) -> Option<&'s str> {
    sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn sandbox_of(sent: &[(String, String)]) -> Option<&str> {
    value_of(sent, "sandbox")
}

/// Pays the session.
async fn buy(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(sent): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let Some(mut found) = Linked::<Session>::of(&app, &id, sandbox_of(&sent)) else {
        return not_there(Session::KIND.name(), &id, sandbox_of(&sent));
    };
    let only_details = match value_of(&sent, "step") {
        Some("details") => true,
        None | Some("pay") => false,
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "`step` must be `details` or `pay`."),
    };
    let entered = match inputs::of_call(&sent) {
        Ok(entered) => entered,
        Err(name) => return refuse(StatusCode::BAD_REQUEST, &format!("`{name}` is not valid.")),
    };
    let chosen = chosen(&found, &sent, &entered, only_details);
    let base_url = base_url(&app, &headers);
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
    match &paid {
        Ok(Paid::Declined(error)) => refused(StatusCode::PAYMENT_REQUIRED, error),
        Err(error) => refused_as(error),
        Ok(_) => answer(StatusCode::OK, &outcome(&found, &paid, &base_url)),
    }
}

/// What is entered and what pays, with what is made up.
fn chosen(found: &Linked<Session>, sent: &[(String, String)], entered: &Map, only_details: bool) -> Map {
    let first = || found.object.offers(&found.tx()).into_iter().next().map(|offer| offer.value);
    let method = value_of(sent, "payment_method").map(str::to_owned).or_else(first);
    let mut chosen = method.map_or_else(Map::new, |value| Offer::params(&value));
    if !only_details {
        chosen.merge(&made_up(&found.object, entered));
    }
    if found.object.email().is_none() {
        chosen.set("email", SOMEBODY);
    }
    chosen.merge(entered);
    chosen
}

/// The customer's address if neither the session nor the call has one.
const SOMEBODY: &str = "customer@example.com";

/// What the session asks for, has not got and is not sent.
fn made_up(session: &Session, entered: &Map) -> Map {
    let asked = session.asked();
    let place = |country: &str| {
        Map::from(
            [
                ("city", "San Francisco"),
                ("country", country),
                ("line1", "354 Oyster Point Blvd"),
                ("postal_code", "94080"),
                ("state", "CA"),
            ]
            .map(|(key, value)| (key, Doc::from(value.to_owned()))),
        )
    };
    let country = asked
        .ships_to
        .as_ref()
        .map(|places| if places.contains(&"US") { "US" } else { places.first().copied().unwrap_or("US") });
    let mut all = Map::new();
    for name in session.missing().into_iter().filter(|name| !entered.has(name)) {
        match name.as_str() {
            "phone" => all.set("phone", "+15555550123"),
            "shipping" if !asked.shop_ships => {
                let name = entered.str("name").unwrap_or("Jenny Rosen").to_owned();
                let shipping =
                    Map::from([("address", Doc::from(place(country.unwrap_or("US")))), ("name", name.into())]);
                all.set("shipping", shipping);
            }
            // Where taxes depend on the place, it is not made up.
            "address" if !session.lacks_place() => all.set("address", place("US")),
            "business_name" => all.set("business_name", "Rosen Ltd"),
            "individual_name" => all.set("individual_name", "Jenny Rosen"),
            "tax_id" => all.set("tax_id", Map::from([("type", "eu_vat"), ("value", "DE123456789")])),
            "consent[terms_of_service]" => all.set("consent", Map::from([("terms_of_service", true)])),
            _ => {}
        }
    }
    let answers = asked.custom_fields.iter().filter(|field| !field.is_optional);
    let answers = answers.map(|field| (field.key.to_owned().into(), sample(field).into()));
    all.set("custom_fields", Map::from_entries(answers.collect()));
    all
}

/// What fits a field of the merchant's own: what is preset, or the simplest.
fn sample(field: &CustomField<'_>) -> String {
    if !field.value.is_empty() {
        return field.value.to_owned();
    }
    let length = usize::try_from(field.least.unwrap_or(1)).unwrap_or(1).max(1);
    match field.kind {
        CustomFieldKind::Dropdown => field.options.first().map(|(value, _)| (*value).to_owned()).unwrap_or_default(),
        CustomFieldKind::Numeric => "1".repeat(length),
        CustomFieldKind::Text => "x".repeat(length),
    }
}

/// The answer: how far the session is, and where the browser would go.
fn outcome(found: &Linked<Session>, paid: &Result<Paid, ApiError>, base_url: &str) -> Value {
    let session = &found.object;
    let next = match paid {
        Ok(Paid::Waiting(Some(url))) => Some(onward(&found.sandbox, url, base_url)),
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
