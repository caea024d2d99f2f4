//! The page of a verification session, where a person shows who they are (connect-accounts 11).
//!
//! May use: the app, the sandboxes, verification sessions. Invariant: an address is used once: whoever comes back to it sees that it
//! is over.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::checkout::inputs::Typed;
use super::linked::Linked;
use super::respond::{base_url, form_too_large, go_to, no_page, page};
use super::templates::NoticePage;
use crate::app::App;
use crate::engine;
use crate::resources::identity::sessions::{self, VerificationResult, VerificationSession};

/// The address of a session's page.
pub(super) const PATH: &str = "/start/{code}";

/// The query of a link.
#[derive(Debug, Deserialize)]
pub(super) struct VerificationLink {
    sandbox: Option<String>,
    /// Sent by the page around a frame, which goes on itself: the frame stays.
    framed: Option<bool>,
}

/// What stands on the page.
#[derive(Debug, Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    id: &'a str,
    /// Why the last attempt failed; empty if there was none.
    last: &'a str,
    /// Why the last press did nothing; empty if it did something.
    refusal: &'a str,
    /// The ways in which it can fail: code and reason.
    faults: Vec<(&'static str, &'static str)>,
}

/// The session whose page this is, or what is shown in its place.
fn find(app: &App, code: &str, link: &VerificationLink) -> Result<Linked<VerificationSession>, Box<Response>> {
    let found = sessions::of_page(code).and_then(|id| Linked::of(app, &id, link.sandbox.as_deref()));
    let found: Linked<VerificationSession> = found.ok_or_else(|| Box::new(no_page()))?;
    let is_its = found.object.url.as_deref().is_some_and(|url| url.ends_with(&format!("/start/{code}")));
    if is_its { Ok(found) } else { Err(Box::new(over())) }
}

fn over() -> Response {
    page(&NoticePage {
        heading: "This link is over",
        text: "A link to a verification is used once. Ask for another one where you came from.".to_owned(),
        onward: Default::default(),
    })
}

/// The page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    Query(link): Query<VerificationLink>,
) -> Response {
    find(&app, &code, &link).map_or_else(|response| *response, |found| shown(&found.object, ""))
}

fn shown(session: &VerificationSession, refusal: &str) -> Response {
    page(&VerifyPage {
        id: &session.id,
        last: session.last_error.as_map().and_then(|error| error.str("reason")).unwrap_or_default(),
        refusal,
        faults: session.faults().map(|fault| (fault.as_str(), fault.reason())).collect(),
    })
}

/// Does what the person chose, and leads back.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(code): Path<String>,
    Query(link): Query<VerificationLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = match find(&app, &code, &link) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let Some(result) = typed.get("result").and_then(VerificationResult::parse) else { return no_page() };
    let session = &found.object;
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        sessions::submit(tx, ctx, &session.id, result)
    });
    match (done, &session.return_url) {
        (Ok(()), Some(url)) if link.framed != Some(true) => go_to(url),
        (Ok(()), _) => page(&NoticePage {
            heading: "Thank you",
            text: "This page can be closed.".to_owned(),
            onward: Default::default(),
        }),
        (Err(error), _) => shown(session, error.field("message").unwrap_or_default()),
    }
}
