//! Login links: to the dashboard of an express account (billing 6.2).
//!
//! May use: accounts. Invariant: a link is opened once; the dashboard is seen by whoever opened it, and changes nothing.

use super::{check_path, stored};
use crate::contract::{Behaviour, Call, Ctx, Entry, Outcome};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Tx};

crate::resource! {
    /// A login link. Its id is the end of its address, and the API does not show it.
    LoginLink = "login_link" {
        /// Unix seconds.
        created: i64,
        /// The page.
        url: String,
    }
    hidden {
        /// The account.
        account: String,
        /// The end of the address of whoever opened it; null if nobody did.
        visit: Option<String>,
    }
}

/// Characters at the end of a link.
const RANDOM: usize = 12;

/// `POST /v1/accounts/:account/login_links`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
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
    let id = ctx.ids.id("", RANDOM);
    let link = LoginLink {
        created: ctx.now,
        url: ctx.link(&format!("/express/{}/{id}", account.id)),
        id: id.into(),
        account: account.id.to_string(),
        visit: None,
        rest: Map::new(),
    };
    let shown = Map::from([
        ("object", Doc::from("login_link")),
        ("created", link.created.into()),
        ("url", link.url.clone().into()),
    ]);
    tx.within(AccountKey::PLATFORM, |tx| tx.insert(link));
    Ok(Outcome::Value(shown.into()))
}

/// Opens a link, by its id; returns the end of the address of whoever opened it, or `None` if it was opened before, or there is
/// no such account any more.
pub fn open(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Option<String> {
    let link = tx.get::<LoginLink>(id).filter(|link| link.visit.is_none())?;
    stored(tx, &link.account).ok()?;
    let visit = ctx.ids.id("", RANDOM);
    tx.update::<LoginLink>(id, |link| link.visit = Some(visit.clone()));
    Some(visit)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: LoginLink::KIND,
    fields: LoginLink::FIELDS,
    noun: "login link",
    operations: &[("accounts.login_links.create", Behaviour::Write(create))],
    import: crate::contract::import::<LoginLink>,
    derived: true,
    ..Entry::PLAIN
};
