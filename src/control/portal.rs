//! The call that does without a browser what a customer does in the portal.
//!
//! May use: axum, the sandboxes, the portal. Invariant: whoever knows a session's id acts as its customer, as with
//! the URL of the real API, within what the configuration allows.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url, refuse};
use crate::app::App;
use crate::engine;
use crate::pages::linked::Linked;
use crate::pages::respond::{not_there, refused_as};
use crate::resources::checkout::portal::act::{PortalAction, act};
use crate::resources::checkout::portal::configurations::PortalConfiguration;
use crate::resources::checkout::portal::sessions::PortalSession;
use crate::state::Resource as _;
use crate::state::document::Map;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/portal/{id}",
    handler: || post(enter),
    what: "Does what the customer of a portal session does on its page, if its configuration allows it",
    parameters: &[
        ("sandbox", "the sandbox of the session; every sandbox is searched when not sent"),
        (
            "action",
            "`cancel_subscription`, `keep_subscription` (takes a cancellation back), `pause_subscription`, \
                 `update_subscription`, `update_payment_method`, `remove_payment_method`, `update_customer`, \
                 `add_tax_id` or `remove_tax_id`",
        ),
        ("subscription", "when not sent, that of the session's flow, or the customer's only one that goes on"),
        ("price", "the new price; when not sent, that of the flow"),
        ("quantity", "the new quantity; when not sent, that of the flow"),
        ("promotion_code", "the text of a promotion code for the subscription"),
        ("feedback", "why the customer cancels: one of the configuration's options"),
        ("comment", "why the customer cancels, in own words"),
        ("payment_method", "the id of a payment method, or a test id such as `pm_card_visa`"),
        ("tax_id", "the id of a tax id to remove, or the number of one to add"),
        ("tax_id_type", "the type of a tax id to add, such as `eu_vat`"),
        ("name", "the customer's name; empty to clear it, as with the next ones"),
        ("email", "the customer's email address"),
        ("phone", "the customer's telephone number"),
        ("country", "two letters; with the next ones the customer's address"),
        ("postal_code", "as `country`"),
        ("state", "as `country`"),
        ("city", "as `country`"),
        ("line1", "as `country`"),
        ("line2", "as `country`"),
    ],
    body: None,
    example: "curl -X POST 'localhost:12111/_pinstripe/portal/bps_123?action=update_payment_method&payment_method=pm_card_visa'",
}];

/// What a customer enters.
#[derive(Debug, Deserialize)]
pub(super) struct PortalEntry {
    sandbox: Option<String>,
    action: Option<String>,
    subscription: Option<String>,
    price: Option<String>,
    quantity: Option<i64>,
    promotion_code: Option<String>,
    feedback: Option<String>,
    comment: Option<String>,
    payment_method: Option<String>,
    tax_id: Option<String>,
    tax_id_type: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    country: Option<String>,
    postal_code: Option<String>,
    state: Option<String>,
    city: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
}

impl PortalEntry {
    /// What was entered, by the names that the portal reads.
    fn asked(&self) -> Map {
        let texts = [
            ("subscription", &self.subscription),
            ("price", &self.price),
            ("promotion_code", &self.promotion_code),
            ("feedback", &self.feedback),
            ("comment", &self.comment),
            ("payment_method", &self.payment_method),
            ("tax_id", &self.tax_id),
        ];
        let details = [("name", &self.name), ("email", &self.email), ("phone", &self.phone)];
        let address = [
            ("country", &self.country),
            ("postal_code", &self.postal_code),
            ("state", &self.state),
            ("city", &self.city),
            ("line1", &self.line1),
            ("line2", &self.line2),
        ];
        let mut asked = entered(&texts);
        // What is sent empty is cleared.
        for (key, text) in details {
            if let Some(text) = text {
                asked.set(key, Some(text.clone()).filter(|text| !text.is_empty()));
            }
        }
        if let Some(kind) = &self.tax_id_type {
            let number = self.tax_id.clone().unwrap_or_default();
            asked.set("tax_id", Map::from([("type", kind.clone()), ("value", number)]));
        }
        let address = entered(&address);
        if !address.is_empty() {
            asked.set("address", address);
        }
        if let Some(quantity) = self.quantity {
            asked.set("quantity", quantity);
        }
        asked
    }
}

/// The texts that were entered.
fn entered(texts: &[(&'static str, &Option<String>)]) -> Map {
    let entered = texts.iter().filter_map(|(key, text)| Some(((*key).into(), text.as_ref()?.clone().into())));
    Map::from_entries(entered.collect())
}

/// Does what a customer does.
pub(super) async fn enter(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(entry): Query<PortalEntry>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::<PortalSession>::of(&app, &id, entry.sandbox.as_deref()) else {
        return not_there(PortalSession::KIND.name(), &id, entry.sandbox.as_deref());
    };
    let Some(action) = entry.action.as_deref().and_then(PortalAction::parse) else {
        return refuse(StatusCode::BAD_REQUEST, "`action` must be one of those that GET /_pinstripe/ lists.");
    };
    let asked = entry.asked();
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        act(tx, ctx, &found.object, action, &asked)
    });
    match done {
        Ok(changed) => answer(
            StatusCode::OK,
            &json!({"id": &*changed.id, "object": changed.kind.name(), "return_url": destination(&found)}),
        ),
        Err(error) => refused_as(&error),
    }
}

/// Where the customer goes afterwards.
fn destination(found: &Linked<PortalSession>) -> Option<String> {
    let session = &found.object;
    let after = session.flow.as_map().and_then(|flow| flow.map("after_completion"));
    let redirect = after.and_then(|after| after.map("redirect")?.str("return_url"));
    let configuration = found.tx().get::<PortalConfiguration>(&session.configuration);
    let usual = || configuration.and_then(|configuration| configuration.default_return_url.clone());
    redirect.or(session.return_url.as_deref()).map(str::to_owned).or_else(usual)
}
