//! The components of a platform's page about an account, each in a frame (billing 6.2).
//!
//! May use: the app, the sandboxes, account sessions, accounts and their money. Invariant: a component is shown only to whoever has
//! the secret of a session that shows it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::template::ComponentPage;
use super::{dashboard, requirements};
use crate::app::App;
use crate::contract;
use crate::engine;
use crate::money;
use crate::pages::assets;
use crate::pages::checkout::inputs::Typed;
use crate::pages::guard::Loads;
use crate::pages::linked::Linked;
use crate::pages::respond::{base_url, form_too_large, no_page, page};
use crate::resources::connect::accounts::Account;
use crate::resources::connect::accounts::sessions::AccountSession;
use crate::state::Tx;
use crate::state::document::Map;
use crate::time::calendar;

/// The address of a component: its tag without `stripe-connect-`.
pub(super) const PATH: &str = "/connect/components/{tag}";

/// How many payments are shown, the newest first.
const PAYMENTS_MAX: usize = 20;

/// The query of a component's address.
#[derive(Debug, Deserialize)]
pub(super) struct ComponentLink {
    client_secret: Option<String>,
    sandbox: Option<String>,
}

/// The session of a component, if it shows it; otherwise the type of the error and what it says.
fn find(app: &App, tag: &str, link: &ComponentLink) -> Result<Linked<AccountSession>, (&'static str, String)> {
    let secret = link.client_secret.as_deref().unwrap_or_default();
    let found = Linked::<AccountSession>::of(app, secret, link.sandbox.as_deref());
    let found =
        found.ok_or_else(|| ("authentication_error", "The account session is unknown or has expired.".to_owned()))?;
    let component = tag.replace('-', "_");
    match found.object.shows(&component) {
        true => Ok(found),
        false => Err((
            "invalid_request_error",
            format!("The component `{component}` is not enabled in this account session."),
        )),
    }
}

/// The component.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(tag): Path<String>,
    Query(link): Query<ComponentLink>,
) -> Response {
    match find(&app, &tag, &link) {
        Ok(found) => shown(&found, &tag, String::new()),
        Err((kind, message)) => failed(kind, &message),
    }
}

fn failed(kind: &str, message: &str) -> Response {
    let said = [json!({"type": "loaderror", "error": {"type": kind, "message": message}})];
    let failed =
        ComponentPage { heading: "Something went wrong".to_owned(), text: message.to_owned(), ..said_of(&said) };
    framed(&failed)
}

/// An empty component that says this to the page around it.
fn said_of(said: &[Value]) -> ComponentPage {
    ComponentPage { said: Value::from(said.to_vec()).to_string(), ..ComponentPage::default() }
}

fn framed(component: &ComponentPage) -> Response {
    let mut shown = page(component);
    let policy = assets::policy(&[assets::STYLE], &[assets::COMPONENT_SCRIPT]);
    let _ = shown.extensions_mut().insert(Loads(policy));
    shown
}

fn shown(found: &Linked<AccountSession>, tag: &str, refusal: String) -> Response {
    let state = found.sandbox.state();
    let tx = found.tx();
    let Some((account, asked)) = found.object.asked(&tx) else {
        return failed("invalid_request_error", "There is no such account any more.");
    };
    let Some(key) = state.account(&account.id) else {
        return failed("invalid_request_error", "There is no such account any more.");
    };
    let own = Tx::new(&state, key, contract::indexes);
    let component = component(tag, &account, &asked, &own);
    framed(&ComponentPage { refusal, ..component })
}

/// What a component shows.
fn component(tag: &str, account: &Account, asked: &[String], own: &Tx) -> ComponentPage {
    let ready = [json!({"type": "ready"})];
    let plain = |heading: &str| ComponentPage { heading: heading.to_owned(), ..said_of(&ready) };
    let list = |heading: &str, columns, rows: Vec<Vec<String>>, none: &str| {
        let text = if rows.is_empty() { none.to_owned() } else { String::new() };
        ComponentPage { columns, rows, text, ..plain(heading) }
    };
    match tag {
        "account-onboarding" => ComponentPage {
            groups: requirements::in_words(asked),
            takes_answers: true,
            text: "One press tells what is asked for with test data, and every check ends well.".to_owned(),
            ..plain("Set up your account")
        },
        "notification-banner" => {
            let groups = requirements::in_words(asked);
            let count = groups.len();
            let said =
                [json!({"type": "ready"}), json!({"type": "notifications", "total": count, "actionRequired": count})];
            let text = if count == 0 { "Nothing is asked for at the moment." } else { "This is asked for." };
            let heading = if count == 0 { "No notifications" } else { "Your account needs attention" };
            ComponentPage { heading: heading.to_owned(), text: text.to_owned(), groups, ..said_of(&said) }
        }
        "account-management" => ComponentPage { facts: dashboard::facts(account), ..plain("Account") },
        "payments" => list("Payments", &["Created", "Status", "Amount"], payments(own), "There are no payments yet."),
        "payouts" => {
            let rows = dashboard::payouts(own).into_iter().map(|it| vec![it.arrives, it.status.to_owned(), it.amount]);
            list("Payouts", &["Arrives", "Status", "Amount"], rows.collect(), "Nothing was paid out yet.")
        }
        "balances" => {
            let row =
                |it: super::template::DashboardBalance| vec![it.currency.to_uppercase(), it.available, it.pending];
            let rows = dashboard::balances(own).into_iter().map(row);
            list("Balance", &["Currency", "Available", "On the way"], rows.collect(), "There is no money yet.")
        }
        "documents" => ComponentPage { text: "There are no documents yet.".to_owned(), ..plain("Documents") },
        other => ComponentPage {
            text: "Pinstripe has no page for this component.".to_owned(),
            ..plain(&format!("stripe-connect-{other}"))
        },
    }
}

fn payments(own: &Tx) -> Vec<Vec<String>> {
    let charges = own.state().table(own.account(), crate::kind!("charge"));
    let newest = charges.into_iter().flat_map(|table| table.live().rev()).take(PAYMENTS_MAX);
    let row = |charge: Map| {
        let (amount, currency) = (charge.int("amount").unwrap_or_default(), charge.str("currency").unwrap_or_default());
        let status = charge.str("status").unwrap_or_default().to_owned();
        vec![
            calendar::date_in_short(charge.int("created").unwrap_or_default()),
            status,
            money::display(amount, currency),
        ]
    };
    newest.map(|record| row(record.object.to_doc())).collect()
}

/// Tells what is asked for, or leaves it for later.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(tag): Path<String>,
    Query(link): Query<ComponentLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = match find(&app, &tag, &link) {
        Ok(found) if tag == "account-onboarding" => found,
        Ok(_) => return no_page(),
        Err((kind, message)) => return failed(kind, &message),
    };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let filled = match typed.get("action") {
        Some("fill") => engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
            found.object.fill(tx, ctx)
        }),
        Some("leave") => Ok(()),
        _ => return no_page(),
    };
    match filled {
        Ok(()) => framed(&ComponentPage {
            heading: "You’re all done here".to_owned(),
            text: "This can be closed.".to_owned(),
            ..said_of(&[json!({"type": "exit"})])
        }),
        Err(error) => shown(&found, &tag, error.field("message").unwrap_or_default().to_owned()),
    }
}
