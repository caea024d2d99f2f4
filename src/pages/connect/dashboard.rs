//! The dashboard of an express account, where a login link leads (billing 6.2).
//!
//! May use: the app, the sandboxes, accounts and their money. Invariant: it changes nothing, and only whoever opened the link
//! sees it.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;

use super::ConnectPageLink;
use super::template::{DashboardBalance, DashboardPage, DashboardPayout};
use crate::app::App;
use crate::contract;
use crate::engine;
use crate::money;
use crate::pages::linked::Linked;
use crate::pages::respond::{base_url, in_sandbox, no_page, page, refuse_as, see_other};
use crate::pages::templates::NoticePage;
use crate::resources::connect::accounts::Account;
use crate::resources::connect::accounts::login_links::{self, LoginLink};
use crate::resources::ledger::balance;
use crate::resources::ledger::payouts::Payout;
use crate::state::Tx;
use crate::state::document::Doc;
use crate::state::object::Resource as _;
use crate::time::calendar;

/// The address of a link: the account, the end of the link.
pub(super) const PATH: &str = "/express/{account}/{link}";
/// The address of whoever opened it.
pub(super) const VISIT_PATH: &str = "/express/{account}/{link}/{visit}";

/// How many payouts are shown, the newest first.
const PAYOUTS_MAX: usize = 20;

/// Opens a link.
pub(super) async fn open(
    Shared(app): Shared<Arc<App>>,
    Path((account, id)): Path<(String, String)>,
    Query(link): Query<ConnectPageLink>,
    headers: HeaderMap,
) -> Response {
    let sandbox = link.sandbox.as_deref();
    let found = Linked::<LoginLink>::of(&app, &id, sandbox).filter(|found| found.object.account == account);
    let Some(found) = found else { return no_page() };
    let opened = engine::apply(&found.sandbox, found.account, &base_url(&app, &headers), |tx, ctx| {
        Ok(login_links::open(tx, ctx, &id))
    });
    match opened {
        Ok(Some(visit)) => see_other(&format!("{id}/{visit}{}", in_sandbox(sandbox))),
        Ok(None) => over(),
        Err(error) => refuse_as(&error),
    }
}

fn over() -> Response {
    page(&NoticePage {
        heading: "This link is over",
        text: "A login link is opened once. Ask for another one where you came from.".to_owned(),
        onward: Default::default(),
    })
}

/// The dashboard.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path((_, id, visit)): Path<(String, String, String)>,
    Query(link): Query<ConnectPageLink>,
) -> Response {
    let Some(found) = Linked::<LoginLink>::of(&app, &id, link.sandbox.as_deref()) else { return no_page() };
    if found.object.visit.as_deref() != Some(&visit) {
        return over();
    }
    dashboard(&found).map_or_else(over, |template| page(&template))
}

fn dashboard(found: &Linked<LoginLink>) -> Option<DashboardPage> {
    let account = found.tx().get::<Account>(&found.object.account)?;
    let state = found.sandbox.state();
    let own = Tx::new(&state, state.account(&account.id)?, contract::indexes);
    let profile = account.rest.map("business_profile").and_then(|profile| profile.str("name"));
    let name = profile.or_else(|| account.rest.map("company").and_then(|company| company.str("name")));
    Some(DashboardPage {
        name: name.unwrap_or(&account.id).to_owned(),
        balances: balances(&own),
        payouts: payouts(&own),
        facts: facts(&account),
    })
}

pub(super) fn balances(own: &Tx) -> Vec<DashboardBalance> {
    let of = |currency: String| DashboardBalance {
        available: money::display(balance::available(own, &currency), &currency),
        pending: money::display(balance::pending(own, &currency), &currency),
        currency,
    };
    balance::currencies(own).into_iter().map(of).collect()
}

pub(super) fn payouts(own: &Tx) -> Vec<DashboardPayout> {
    let newest = own.state().table(own.account(), Payout::KIND).into_iter().flat_map(|table| table.live().rev());
    let shown = |payout: Arc<Payout>| DashboardPayout {
        arrives: calendar::date_in_short(payout.arrival_date),
        status: payout.status.as_str(),
        amount: money::display(payout.amount, &payout.currency),
    };
    newest.filter_map(|record| record.get::<Payout>()).take(PAYOUTS_MAX).map(shown).collect()
}

pub(super) fn facts(account: &Account) -> Vec<(&'static str, String)> {
    let text = |key: &str| account.rest.str(key).map(str::to_owned);
    let flag = |key: &str| {
        let says = |on: bool| if on { "yes".to_owned() } else { "no".to_owned() };
        account.rest.bool(key).map(says)
    };
    let banks = account.rest.map("external_accounts").and_then(|list| list.list("data")).unwrap_or_default();
    let last: Vec<&str> = banks.iter().filter_map(Doc::as_map).filter_map(|bank| bank.str("last4")).collect();
    let banks = (!last.is_empty()).then(|| format!("ending in {}", last.join(", ")));
    let facts = [
        ("Account", Some(account.id.to_string())),
        ("Email", text("email")),
        ("Country", text("country")),
        ("Currency", text("default_currency").map(|currency| currency.to_uppercase())),
        ("Paid out to", banks),
        ("Takes payments", flag("charges_enabled")),
        ("Is paid out", flag("payouts_enabled")),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
