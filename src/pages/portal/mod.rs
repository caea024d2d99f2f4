//! The customer portal: the page of a session, where its customer changes subscriptions, payment methods and details (billing-2 11.5).
//!
//! May use: the app, the sandboxes, the portal's actions. Invariant: whoever knows a session's id acts as its customer, as with the
//! URL of the real API, within what the configuration allows.

mod template;
mod view;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use self::template::PortalPreview;
use super::checkout::inputs::Typed;
use super::checkout::methods;
use super::linked::Linked;
use super::respond::{base_url, form_too_large, go_to, in_sandbox, no_page, page, see_other};
use super::templates::NoticePage;
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::resources::checkout::portal::act::{PortalAction, act};
use crate::resources::checkout::portal::configurations::PortalConfiguration;
use crate::resources::checkout::portal::sessions::PortalSession;
use crate::state::document::{Doc, Map};
use crate::url;

/// The address of a session's page.
pub(super) const PATH: &str = "/p/session/{id}";
/// The address of a configuration's login page.
pub(super) const LOGIN_PATH: &str = "/p/login/{id}";

/// The query of a link.
#[derive(Debug, Deserialize)]
pub(super) struct PortalPageLink {
    sandbox: Option<String>,
    /// What was done just now.
    done: Option<String>,
}

/// The page of a session.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PortalPageLink>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::<PortalSession>::of(&app, &id, link.sandbox.as_deref()) else { return no_page() };
    let done = link.done.as_deref().and_then(PortalAction::parse);
    // After it, there is nothing left to confirm.
    let asks = done.is_none();
    let preview = asks.then(|| view::confirmed(&found, &base_url(&app, &headers))).flatten();
    shown(&found, done, "", preview)
}

fn shown(
    found: &Linked<PortalSession>,
    done: Option<PortalAction>,
    refusal: &str,
    preview: Option<PortalPreview>,
) -> Response {
    view::of(found, done, refusal, preview).map_or_else(no_page, |template| page(&template))
}

/// The page where customers would log in by e-mail.
pub(super) async fn show_login(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PortalPageLink>,
) -> Response {
    let found = Linked::<PortalConfiguration>::of(&app, &id, link.sandbox.as_deref());
    found.filter(|found| found.object.login_page.bool("enabled") == Some(true)).map_or_else(no_page, |_| {
        let text = "Customers would log in here by email. No email is sent: create a session for a customer through the API, and open its url.";
        page(&NoticePage { heading: "Customer portal", text: text.to_owned(), onward: Default::default() })
    })
}

/// Does what the customer chose.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<PortalPageLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(found) = Linked::<PortalSession>::of(&app, &id, link.sandbox.as_deref()) else { return no_page() };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let Some(action) = typed.get("action").and_then(PortalAction::parse) else { return no_page() };
    let asked = asked(&typed);
    let base_url = base_url(&app, &headers);
    if action == PortalAction::UpdateSubscription && typed.get("step") == Some("preview") {
        return match view::preview(&found, &base_url, &asked) {
            Ok(preview) => shown(&found, None, "", Some(preview)),
            Err(error) => shown(&found, None, &sentence(&error), None),
        };
    }
    let done =
        engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| act(tx, ctx, &found.object, action, &asked));
    match done {
        Ok(_) => onward(&found, action, link.sandbox.as_deref()),
        // What a flow asks to confirm can be confirmed again.
        Err(error) => shown(&found, None, &sentence(&error), view::confirmed(&found, &base_url)),
    }
}

fn sentence(error: &ApiError) -> String {
    error.field("message").unwrap_or_default().to_owned()
}

/// What was entered, by the names that the portal reads.
fn asked(typed: &Typed) -> Map {
    let text = |name: &str| typed.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let texts = ["subscription", "price", "promotion_code", "feedback", "comment", "payment_method", "tax_id"];
    let mut asked =
        Map::from_entries(texts.into_iter().filter_map(|key| Some((key.into(), text(key)?.into()))).collect());
    // A detail that was emptied is cleared.
    for key in ["name", "email", "phone"].into_iter().filter(|key| typed.get(key).is_some()) {
        asked.set(key, text(key));
    }
    if let Some(quantity) = text("quantity").and_then(|text| text.parse::<i64>().ok()) {
        asked.set("quantity", quantity);
    }
    if typed.get("line1").is_some() {
        asked.set("address", address(typed, ""));
    }
    if typed.get("shipping_line1").is_some() {
        let name = text("shipping_name");
        let shipping = name.map(|name| Map::from([("address", address(typed, "shipping_")), ("name", name.into())]));
        asked.set("shipping", shipping);
    }
    if let Some(kind) = text("tax_id_type") {
        asked.set("tax_id", Map::from([("type", kind), ("value", text("tax_id").unwrap_or_default())]));
    }
    if typed.get("cardNumber").is_some() {
        let mut card = methods::params(typed);
        if let Some(name) = text("billingName") {
            let holder = Map::from([("billing_details", Map::from([("name", name)]))]);
            card.merge(&Map::from([("payment_method_data", holder)]));
        }
        asked.merge(&card);
    }
    asked
}

/// The address in inputs whose names begin so; null if all of them are empty.
fn address(typed: &Typed, beginning: &str) -> Doc {
    let parts = ["country", "postal_code", "state", "city", "line1", "line2"];
    let told = parts.into_iter().filter_map(|key| {
        let text = typed.get(&format!("{beginning}{key}"))?.trim();
        Some((key.into(), text.to_owned().into())).filter(|_| !text.is_empty())
    });
    let told = Map::from_entries(told.collect());
    if told.is_empty() { Doc::Null } else { told.into() }
}

/// Where the customer goes after it: out of a flow as the session says, or back to the page.
fn onward(found: &Linked<PortalSession>, action: PortalAction, sandbox: Option<&str>) -> Response {
    let after = found.object.flow.as_map().and_then(|flow| flow.map("after_completion"));
    match after.and_then(|after| after.str("type")) {
        Some("redirect") => {
            let url = after.and_then(|after| after.map("redirect")?.str("return_url")).unwrap_or_default();
            go_to(url)
        }
        Some("hosted_confirmation") => {
            let own = after.and_then(|after| after.map("hosted_confirmation")?.str("custom_message"));
            let back = view::return_url(found).unwrap_or_default();
            let onward = if back.is_empty() { Default::default() } else { (back, "Return".to_owned()) };
            page(&NoticePage {
                heading: view::said(action),
                text: own.unwrap_or("This page can be closed.").to_owned(),
                onward,
            })
        }
        _ => {
            let query = in_sandbox(sandbox);
            let joint = if query.is_empty() { '?' } else { '&' };
            see_other(&format!("{}{query}{joint}done={}", found.object.id, action.as_str()))
        }
    }
}

/// The addresses on the page are checked: a dump may contain anything.
fn checked(url: &str) -> Option<&str> {
    url::check(url).is_ok().then_some(url)
}
