//! The page of an account link, where the people behind an account tell what is asked for (connect-accounts 6).
//!
//! May use: the app, the sandboxes, account links. Invariant: a link that was opened before, or too late, leads to its
//! `refresh_url` and does nothing else.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;

use super::ConnectPageLink;
use super::requirements;
use super::template::SetupPage;
use crate::app::App;
use crate::engine;
use crate::pages::checkout::inputs::Typed;
use crate::pages::linked::Linked;
use crate::pages::respond::{base_url, form_too_large, go_to, in_sandbox, no_page, page, refuse_as, see_other};
use crate::pages::templates::NoticePage;
use crate::resources::connect::accounts::links::{self, AccountLink};

/// The address of a link: the letter of the account's type, the account, the end of the link.
pub(super) const PATH: &str = "/setup/{letter}/{account}/{link}";
/// The address of whoever opened it.
pub(super) const VISIT_PATH: &str = "/setup/{letter}/{account}/{link}/{visit}";
/// The address where terms of Apple are accepted.
pub(super) const TERMS_PATH: &str = "/setup/terminal/{link}";

/// The id of an account link and the sandbox that its address names.
pub(crate) fn link_of(url: &str) -> Option<(&str, Option<String>)> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let named: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let sandbox = named.into_iter().find(|(name, _)| name == "sandbox").map(|(_, value)| value);
    let (before, id) = address.rsplit_once('/')?;
    before.contains("/setup/").then_some((id, sandbox))
}

/// Opens a link.
pub(super) async fn open(
    Shared(app): Shared<Arc<App>>,
    Path((_, account, id)): Path<(String, String, String)>,
    Query(link): Query<ConnectPageLink>,
    headers: HeaderMap,
) -> Response {
    let sandbox = link.sandbox.as_deref();
    let found = Linked::<AccountLink>::of(&app, &id, sandbox).filter(|found| found.object.account == account);
    let Some(found) = found else { return no_page() };
    let opened = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        Ok(links::open(tx, ctx, &id))
    });
    match opened {
        Ok(Some(visit)) => see_other(&format!("{id}/{visit}{}", in_sandbox(sandbox))),
        Ok(None) => over(&found.object),
        Err(error) => refuse_as(&error),
    }
}

/// The link of whoever opened it.
fn visited(app: &App, id: &str, visit: &str, sandbox: Option<&str>) -> Result<Linked<AccountLink>, Box<Response>> {
    let found = Linked::<AccountLink>::of(app, id, sandbox).ok_or_else(|| Box::new(no_page()))?;
    if found.object.visit.as_deref() == Some(visit) { Ok(found) } else { Err(Box::new(over(&found.object))) }
}

/// What a link leads to that was opened before, or too late.
fn over(link: &AccountLink) -> Response {
    match &link.refresh_url {
        Some(url) => go_to(url),
        None => page(&NoticePage {
            heading: "This link is over",
            text: "An account link is opened once, within minutes. Ask for another one where you came from.".to_owned(),
            onward: Default::default(),
        }),
    }
}

/// The page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path((_, _, id, visit)): Path<(String, String, String, String)>,
    Query(link): Query<ConnectPageLink>,
) -> Response {
    match visited(&app, &id, &visit, link.sandbox.as_deref()) {
        Ok(found) => shown(&found, String::new()),
        Err(response) => *response,
    }
}

fn shown(found: &Linked<AccountLink>, refusal: String) -> Response {
    let Some((account, asked)) = found.object.asked(&found.tx()) else { return over(&found.object) };
    let text = |key: &str| account.rest.str(key).map(str::to_owned);
    let name = account.rest.map("business_profile").and_then(|profile| profile.str("name")).map(str::to_owned);
    let facts = [
        ("Account", Some(account.id.to_string())),
        ("Name", name),
        ("Email", text("email")),
        ("Country", text("country")),
    ];
    page(&SetupPage {
        heading: if found.object.updates { "Update your account" } else { "Set up your account" },
        facts: facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        groups: requirements::in_words(&asked),
        refusal,
    })
}

/// Does what the person chose: fills everything in, or leaves it for later.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path((_, _, id, visit)): Path<(String, String, String, String)>,
    Query(link): Query<ConnectPageLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = match visited(&app, &id, &visit, link.sandbox.as_deref()) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    match typed.get("action") {
        Some("fill") => {}
        Some("leave") => return onward(&found.object),
        _ => return no_page(),
    }
    let filled =
        engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| found.object.fill(tx, ctx));
    match filled {
        Ok(()) => onward(&found.object),
        Err(error) => shown(&found, error.field("message").unwrap_or_default().to_owned()),
    }
}

/// Where the person goes then.
fn onward(link: &AccountLink) -> Response {
    match &link.return_url {
        Some(url) => go_to(url),
        None => page(&NoticePage {
            heading: "You’re all done here",
            text: "This page can be closed.".to_owned(),
            onward: Default::default(),
        }),
    }
}

/// The page where a merchant would accept the terms of Tap to Pay, which nothing here waits for.
pub(super) async fn show_terms(Path(_): Path<String>) -> Response {
    page(&NoticePage {
        heading: "Terms of service",
        text: "A merchant would accept Apple’s terms for Tap to Pay here. Nothing waits for that on this server."
            .to_owned(),
        onward: Default::default(),
    })
}
