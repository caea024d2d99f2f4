//! Account links: to the page where the people behind an account tell what is asked for (billing 6.2, connect-accounts 6).
//!
//! May use: accounts, their stages. Invariant: a link is opened once, within its time; what is done on its page is done by
//! whoever opened it.

use std::sync::Arc;

use super::requirements::{AskedFor, Facts, assess};
use super::{Account, check_path, stages, stored};
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Tx};
use crate::time::calendar::MINUTE;

crate::resource! {
    /// An account link. Its id is the end of its address, and the API does not show it.
    AccountLink = "account_link" {
        /// Unix seconds.
        created: i64,
        /// Until when it can be opened, in Unix seconds.
        expires_at: i64,
        /// The page.
        url: String,
    }
    hidden {
        /// The account.
        account: String,
        /// Whether it is to change what was told, not to tell it for the first time.
        updates: bool,
        /// Whether the page asks for what is due later, too.
        eventually: bool,
        /// Whether the page asks for what will be due once requirements change, too.
        future: bool,
        /// Where whoever opens it too late, or again, is led.
        refresh_url: Option<String>,
        /// Where the page leads back to.
        return_url: Option<String>,
        /// The end of the address of whoever opened it; null if nobody did.
        visit: Option<String>,
    }
}

/// How long an account link is valid, in seconds.
const LIFE_SECONDS: i64 = 5 * MINUTE;

/// Characters at the end of a link.
const RANDOM: usize = 12;

/// What an account link is to be.
pub(super) struct NewAccountLink<'a> {
    /// Its type.
    pub(super) kind: &'a str,
    /// What its page asks for.
    pub(super) collected: AskedFor,
    /// Where it leads: `refresh_url` and `return_url`.
    pub(super) leads: &'a Map,
    /// How long it is valid, in seconds.
    pub(super) life: i64,
}

/// The account that a parameter names.
pub(super) fn named(tx: &Tx, call: &Call<'_>) -> Result<Arc<Account>> {
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

/// What a link asks for by its options: what is due now, unless they say more.
pub(super) fn collected(options: Option<&Map>, older: Option<&str>) -> AskedFor {
    let text = |key: &str| options.and_then(|options| options.str(key));
    AskedFor {
        eventually: text("fields").or(older) == Some("eventually_due"),
        future: text("future_requirements") == Some("include"),
    }
}

/// `POST /v1/account_links`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = named(tx, call)?;
    let params = &call.params;
    if params.has("collect") && params.has("collection_options") {
        return Err(ApiError::params_exclusive("collect", "collection_options"));
    }
    let wanted = NewAccountLink {
        kind: params.str("type").unwrap_or_default(),
        collected: collected(params.map("collection_options"), params.str("collect")),
        leads: params,
        life: LIFE_SECONDS,
    };
    let link = begin(tx, ctx, &account, &wanted)?;
    let shown = Map::from([
        ("object", Doc::from("account_link")),
        ("created", link.created.into()),
        ("expires_at", link.expires_at.into()),
        ("url", link.url.into()),
    ]);
    Ok(Outcome::Value(shown.into()))
}

/// Makes a link to the page of an account, which is the platform's as the account itself is.
///
/// # Errors
/// The account cannot have a link of this type.
pub(super) fn begin(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, wanted: &NewAccountLink<'_>) -> Result<AccountLink> {
    let updates = wanted.kind != "account_onboarding";
    if updates && !account.is_collected_by_platform() {
        return Err(ApiError::account_link_not_for_account(wanted.kind));
    }
    let letter = match account.rest.str("type") {
        Some("custom") => "c",
        Some("express") => "e",
        _ => "s",
    };
    let id = ctx.ids.id("", RANDOM);
    let link = AccountLink {
        created: ctx.now,
        expires_at: ctx.now.saturating_add(wanted.life),
        url: ctx.link(&format!("/setup/{letter}/{}/{id}", account.id)),
        id: id.into(),
        account: account.id.to_string(),
        updates,
        eventually: wanted.collected.eventually,
        future: wanted.collected.future,
        refresh_url: wanted.leads.str("refresh_url").map(str::to_owned),
        return_url: wanted.leads.str("return_url").map(str::to_owned),
        visit: None,
        rest: Map::new(),
    };
    tx.within(AccountKey::PLATFORM, |tx| tx.insert(link.clone()));
    Ok(link)
}

/// Opens a link, by its id; returns the end of the address of whoever opened it, or `None` if it cannot be opened any more.
pub fn open(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Option<String> {
    let link = tx.get::<AccountLink>(id).filter(|link| link.visit.is_none() && ctx.now < link.expires_at)?;
    stored(tx, &link.account).ok()?;
    let visit = ctx.ids.id("", RANDOM);
    tx.update::<AccountLink>(id, |link| link.visit = Some(visit.clone()));
    Some(visit)
}

impl AccountLink {
    /// Which requirements the page asks for.
    fn collected(&self) -> AskedFor {
        AskedFor { eventually: self.eventually, future: self.future }
    }

    /// The requirements that its page asks for, and the account; `None` if there is no such account any more.
    pub fn asked(&self, tx: &Tx) -> Option<(Arc<Account>, Vec<String>)> {
        let account = stored(tx, &self.account).ok()?;
        let asked = assess(Facts::of(&account)).asked(self.collected());
        Some((account, asked.into_iter().collect()))
    }

    /// Fills its page in with test values.
    ///
    /// # Errors
    /// There is no such account any more, or it asks for something that has no test value.
    pub fn fill(&self, tx: &mut Tx, ctx: &Ctx<'_>) -> Result<()> {
        stages::fill(tx, ctx, &self.account, self.collected())
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: AccountLink::KIND,
    fields: AccountLink::FIELDS,
    noun: "account link",
    operations: &[("account_links.create", Behaviour::Write(create))],
    marks: &[
        Marked::acts(&["type"], "connect::links::only_what_the_platform_collects_can_be_updated_by_a_link"),
        Marked::acts(&["collect", "collection_options"], "connect::setup_page::the_page_asks_for_what_the_link_says"),
        Marked::acts(&["refresh_url"], "connect::setup_page::a_link_is_opened_once"),
        Marked::acts(&["return_url"], "connect::setup_page::one_press_tells_everything_and_leads_back"),
    ],
    import: crate::contract::import::<AccountLink>,
    derived: true,
    ..Entry::PLAIN
};
