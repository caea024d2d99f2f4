//! The page of a payment link, which begins a Checkout Session for whoever opens it (intents-and-checkout 3.4).
//!
//! May use: the app, the sandboxes, payment links. Invariant: a visit begins one session, or says why there is none.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::linked::Linked;
use super::respond::{base_url, go_to, in_sandbox, no_page, page};
use super::templates::NoticePage;
use crate::app::App;
use crate::engine;
use crate::resources::checkout::payment_links::{self, PaymentLink, Visit};
use crate::resources::checkout::sessions;

/// The address of a link's page.
pub(super) const PATH: &str = "/test_{code}";

/// The query of a visit; parameters of other kinds, such as those of campaigns, are nobody's business here.
#[derive(Debug, Default, Deserialize)]
struct VisitLink {
    sandbox: Option<String>,
    prefilled_email: Option<String>,
    prefilled_promo_code: Option<String>,
    client_reference_id: Option<String>,
    locale: Option<String>,
}

impl VisitLink {
    /// Reads a query. A shop adds one of its own to a link, such as `?prefilled_email=`, as if the link had none; the sandbox may be
    /// named in it.
    fn read(query: &str) -> Self {
        let (first, rest) = query.split_once('&').unwrap_or((query, ""));
        let joined = match first.split_once('?') {
            Some((named, own)) if named.starts_with("sandbox=") => format!("{named}&{own}&{rest}"),
            _ => query.to_owned(),
        };
        serde_urlencoded::from_str(&joined).unwrap_or_default()
    }
}

/// Begins a session, and leads to its page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let link = VisitLink::read(query.as_deref().unwrap_or_default());
    let id = payment_links::of_page(&code);
    let Some(found) = Linked::<PaymentLink>::of(&app, &id, link.sandbox.as_deref()) else {
        return no_page();
    };
    let visit = Visit {
        prefilled_email: link.prefilled_email,
        prefilled_promo_code: link.prefilled_promo_code,
        client_reference_id: link.client_reference_id,
        locale: link.locale,
    };
    let base_url = base_url(&app, &headers);
    let begun =
        engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| payment_links::visit(tx, ctx, &id, &visit));
    match begun {
        Ok(Some(session)) => {
            go_to(&format!("{}{}", sessions::page(&base_url, &session), in_sandbox(link.sandbox.as_deref())))
        }
        Ok(None) => {
            let own = found.object.rest.str("inactive_message");
            said("This link is no longer active", own.unwrap_or("Nothing can be bought here any more."))
        }
        Err(error) => said("Something went wrong", error.field("message").unwrap_or_default()),
    }
}

fn said(heading: &'static str, text: &str) -> Response {
    page(&NoticePage { heading, text: text.to_owned(), onward: Default::default() })
}
