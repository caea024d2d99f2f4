//! The page of a Financial Connections session, where a person links accounts at the test bank (connect-accounts 12).
//!
//! May use: the app, the sandboxes, sessions, the institutions of the test bank. Invariant: only whoever has the secret of a session
//! sees its page, and once something was linked, it says so and does nothing.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::assets;
use super::checkout::inputs::Typed;
use super::guard::Loads;
use super::linked::Linked;
use super::respond::{base_url, form_too_large, no_page, page};
use crate::app::App;
use crate::engine;
use crate::resources::financial_connections::sessions::{
    self, FinancialSession, INSTITUTIONS, SessionChoice, TestInstitution,
};

/// The address of a session's page.
pub(super) const PATH: &str = "/link-accounts/{session}";

/// The query of a link, and of the links on the page.
#[derive(Debug, Deserialize)]
pub(super) struct LinkQuery {
    client_secret: Option<String>,
    sandbox: Option<String>,
    /// The institution that was chosen.
    institution: Option<String>,
    /// Whether the numbers are typed.
    manual: Option<String>,
}

impl LinkQuery {
    /// The address of a step of the page.
    fn step(&self, more: Option<(&str, &str)>) -> String {
        let kept = [("client_secret", &self.client_secret), ("sandbox", &self.sandbox)];
        let kept = kept.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let query: Vec<(&str, &str)> = kept.chain(more).collect();
        format!("?{}", serde_urlencoded::to_string(query).unwrap_or_default())
    }
}

/// The page of an open session.
#[derive(Debug, Template)]
#[template(path = "link-accounts.html")]
struct LinkPage {
    /// What is done there.
    heading: String,
    /// Why the last press did nothing; empty if it did something.
    refusal: String,
    step: LinkStep,
}

/// One step of a session.
#[derive(Debug)]
enum LinkStep {
    /// Choosing an institution: names and addresses; where numbers are typed instead, empty for nowhere.
    Institutions { banks: Vec<(&'static str, String)>, by_hand: String },
    /// The institution is not there.
    Down { why: &'static str, back: String },
    /// Choosing accounts there.
    Accounts { institution: &'static str, accounts: Vec<LinkableAccount>, single: bool, back: String },
    /// Typing the numbers of an account.
    Numbers { back: String },
}

/// An account that can be linked.
#[derive(Debug)]
struct LinkableAccount {
    key: &'static str,
    name: &'static str,
    number: String,
    chosen: bool,
}

/// The page of a session that is over.
#[derive(Debug, Template)]
#[template(path = "linked.html")]
struct LinkedPage<'a> {
    heading: &'static str,
    text: &'static str,
    session: &'a str,
    /// `completed` or `canceled`.
    result: &'static str,
    /// Where the person goes on; empty for nowhere.
    onward: String,
}

/// The session whose page this is.
fn find(app: &App, id: &str, link: &LinkQuery) -> Option<Linked<FinancialSession>> {
    let found = Linked::<FinancialSession>::of(app, id, link.sandbox.as_deref())?;
    let secret = link.client_secret.as_deref()?;
    Some(found).filter(|found| found.object.client_secret.as_deref() == Some(secret))
}

/// The page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<LinkQuery>,
) -> Response {
    match find(&app, &id, &link) {
        None => no_page(),
        Some(found) if found.object.completed => over(&found, "completed"),
        Some(found) => open(&found.object, &link, String::new()),
    }
}

/// Does what the person chose.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<LinkQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(found) = find(&app, &id, &link) else { return no_page() };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let one = |name: &str| typed.get(name).unwrap_or_default().trim();
    let chosen = typed.0.iter().filter(|(name, _)| name == "accounts").map(|(_, key)| key.clone());
    let chosen: Vec<String> = chosen.collect();
    let choice = match one("action") {
        "cancel" => None,
        "link" => Some(SessionChoice::Linked { institution: one("institution"), accounts: &chosen }),
        "numbers" => Some(SessionChoice::Typed { routing: one("routing_number"), number: one("account_number") }),
        _ => return no_page(),
    };
    if found.object.completed {
        return over(&found, "completed");
    }
    let Some(choice) = choice else { return over(&found, "canceled") };
    let done = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        sessions::submit(tx, ctx, &id, choice)
    });
    match done {
        Ok(()) => over(&found, "completed"),
        Err(error) => open(&found.object, &link, error.field("message").unwrap_or_default().to_owned()),
    }
}

fn open(session: &FinancialSession, link: &LinkQuery, refusal: String) -> Response {
    let chosen = link.institution.as_deref().and_then(sessions::institution);
    let by_hand = link.manual.is_some() || !session.takes_links();
    let (heading, step) = match chosen {
        _ if by_hand && session.takes_numbers() => {
            let back = if session.takes_links() { link.step(None) } else { String::new() };
            ("Enter bank details".to_owned(), LinkStep::Numbers { back })
        }
        Some(bank) => at(session, bank, link),
        None => {
            let step = |bank: &TestInstitution| (bank.name, link.step(Some(("institution", bank.key))));
            let typed = || link.step(Some(("manual", "true")));
            let by_hand = if session.takes_numbers() { typed() } else { String::new() };
            let banks = INSTITUTIONS.iter().map(step).collect();
            ("Select your bank".to_owned(), LinkStep::Institutions { banks, by_hand })
        }
    };
    let mut shown = page(&LinkPage { heading, refusal, step });
    let policy = assets::policy(&[assets::STYLE, assets::LINK_STYLE], &[]);
    let _ = shown.extensions_mut().insert(Loads(policy));
    shown
}

/// The step at one institution.
fn at(session: &FinancialSession, bank: &'static TestInstitution, link: &LinkQuery) -> (String, LinkStep) {
    let back = link.step(None);
    if let Some(why) = bank.outage {
        return (format!("{} is not available", bank.name), LinkStep::Down { why, back });
    }
    let takes = bank.accounts.iter().filter(|account| session.takes(account)).enumerate();
    let accounts = takes.map(|(position, account)| LinkableAccount {
        key: account.key,
        name: account.name,
        number: format!("••••{}", account.last4()),
        chosen: position == 0,
    });
    let step = LinkStep::Accounts {
        institution: bank.key,
        accounts: accounts.collect(),
        single: session.limit() == Some(1),
        back,
    };
    (bank.name.to_owned(), step)
}

/// What the person sees at the end.
fn over(found: &Linked<FinancialSession>, result: &'static str) -> Response {
    let session = &found.object;
    let (heading, text) = match result {
        "completed" => ("Success", "Your account was connected. This page can be closed."),
        _ => ("Canceled", "Nothing was connected. This page can be closed."),
    };
    let url = session.rest.str("return_url").map(str::to_owned);
    let mut shown = page(&LinkedPage { heading, text, session: &session.id, result, onward: url.unwrap_or_default() });
    let policy = assets::policy(&[assets::STYLE], &[assets::LINKED_SCRIPT]);
    let _ = shown.extensions_mut().insert(Loads(policy));
    shown
}
