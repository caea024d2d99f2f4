//! Links for the people behind an account: to the pages where they tell what is asked for, and to the Express Dashboard
//! (billing 6.2, connect-accounts 6).
//!
//! May use: accounts. Invariant: a link is returned and not stored, and each call makes another one.

use super::{Account, check_path, stored};
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// How long an account link is valid, in seconds.
const LIFE_SECONDS: i64 = 300;

/// Characters at the end of a link.
const RANDOM: usize = 12;

/// The page of an account link; the first letter after it stands for the type of the account.
const SETUP: &str = "https://connect.stripe.com/setup";

const DASHBOARD: &str = "https://connect.stripe.com/express";

/// The account that a parameter names.
pub(super) fn named(tx: &Tx, call: &Call<'_>) -> Result<std::sync::Arc<Account>> {
    let id = call.params.str("account").ok_or_else(|| ApiError::param_missing("account"))?;
    check_path(tx, id)?;
    stored(tx, id).map_err(|_| missing(Account::KIND, id, In::Param("account")))
}

impl Account {
    /// Whether the platform collects what the account has to tell, and not Stripe.
    pub(super) fn is_collected_by_platform(&self) -> bool {
        let controller = self.rest.map("controller");
        controller.and_then(|controller| controller.str("requirement_collection")) == Some("application")
    }
}

/// `POST /v1/account_links`.
fn create_account_link(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = named(tx, call)?;
    match call.params.str("type").unwrap_or_default() {
        "account_onboarding" => {}
        _ if account.is_collected_by_platform() => {}
        kind => return Err(ApiError::account_link_not_for_account(kind)),
    }
    if call.params.has("collect") && call.params.has("collection_options") {
        return Err(ApiError::params_exclusive("collect", "collection_options"));
    }
    let letter = match account.rest.str("type") {
        Some("custom") => "c",
        Some("express") => "e",
        _ => "s",
    };
    let link = Map::from([
        ("object", Doc::from("account_link")),
        ("created", ctx.now.into()),
        ("expires_at", (ctx.now + LIFE_SECONDS).into()),
        ("url", format!("{SETUP}/{letter}/{}/{}", account.id, ctx.ids.id("", RANDOM)).into()),
    ]);
    Ok(Outcome::Value(link.into()))
}

/// `POST /v1/accounts/:account/login_links`.
fn create_login_link(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    let controller = account.rest.map("controller");
    let dashboard = controller.and_then(|controller| controller.map("stripe_dashboard"));
    if dashboard.and_then(|dashboard| dashboard.str("type")) != Some("express") {
        return Err(ApiError::login_link_without_dashboard(call.arg(0)));
    }
    if account.rest.bool("details_submitted") != Some(true) {
        return Err(ApiError::login_link_before_onboarding());
    }
    let link = Map::from([
        ("object", Doc::from("login_link")),
        ("created", ctx.now.into()),
        ("url", format!("{DASHBOARD}/{}/{}", account.id, ctx.ids.id("", RANDOM)).into()),
    ]);
    Ok(Outcome::Value(link.into()))
}

/// The registry's entry of account links.
pub static ACCOUNT_LINKS: Entry = Entry {
    kind: crate::kind!("account_link"),
    noun: "account link",
    operations: &[("account_links.create", Behaviour::Read(create_account_link))],
    marks: &[
        Marked::acts(&["type"], "connect::links::only_what_the_platform_collects_can_be_updated_by_a_link"),
        Marked::neutral(&["collect", "collection_options"], "the page asks for it, and the link shows nothing of it"),
        Marked::neutral(&["refresh_url", "return_url"], "the page leads there, and the link shows nothing of it"),
    ],
    ..Entry::PLAIN
};

/// The registry's entry of login links.
pub static LOGIN_LINKS: Entry = Entry {
    kind: crate::kind!("login_link"),
    noun: "login link",
    operations: &[("accounts.login_links.create", Behaviour::Read(create_login_link))],
    ..Entry::PLAIN
};
