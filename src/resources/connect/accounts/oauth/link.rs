//! What a person agrees to at the address of `GET /oauth/authorize` (connect-accounts 10).
//!
//! May use: accounts, the prefilled details. Invariant: agreeing connects nothing yet; the account is there, as if deleted, and
//! waits for the exchange of the code.

use std::sync::Arc;

use super::super::{Account, ENTRY, blank, capabilities, requirements, shape, told};
use super::{CODE, OAuthScope, RANDOM, prefill, secret};
use crate::contract::{Ctx, In, missing};
use crate::countries;
use crate::error::Result;
use crate::resources::connect::accounts::application;
use crate::state::document::Map;
use crate::state::{AccountKey, Id, Resource, Tx};
use crate::time::calendar::MINUTE;

/// How long a code can be exchanged, in seconds.
const CODE_SECONDS: i64 = 5 * MINUTE;

/// What a person agrees to.
#[derive(Debug)]
pub struct OAuthLink<'l> {
    /// What the platform may do then.
    pub scope: OAuthScope,
    /// The account that is connected, which may be connected already; a new one if there is none.
    pub account: Option<&'l str>,
    /// The query of the link, with `stripe_user[…]` and `suggested_capabilities[]`.
    pub query: &'l [(String, String)],
}

/// The account that is connected when the code is exchanged, and the code.
#[derive(Debug)]
pub struct Agreed {
    /// The id of the account.
    pub account: Id,
    /// The code.
    pub code: String,
}

/// Agrees; the current account is the platform.
///
/// # Errors
/// The account that is named does not exist.
pub fn agree(tx: &mut Tx, ctx: &Ctx<'_>, link: &OAuthLink<'_>) -> Result<Agreed> {
    let account = match link.account {
        Some(id) => known(tx, id)?,
        None => tx.quietly(|tx| create(tx, ctx, link)),
    };
    let code = secret(CODE, &account.id, &ctx.ids.id("", RANDOM));
    application::change(tx, &account, |held| {
        held.code = Some(code.clone());
        held.code_scope = Some(link.scope);
        held.code_until = Some(ctx.now + CODE_SECONDS);
        held.code_spent = false;
    });
    Ok(Agreed { account: Id::clone(&account.id), code })
}

/// An account by its id, connected or not.
pub(super) fn known(tx: &Tx, id: &str) -> Result<Arc<Account>> {
    let record = tx.state().record(AccountKey::PLATFORM, Account::KIND, id);
    record.and_then(|record| record.get()).ok_or_else(|| missing(Account::KIND, id, In::Param("account")))
}

/// A new account, which is not connected yet. Details that are no details of an account are passed over, as the API does.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, link: &OAuthLink<'_>) -> Arc<Account> {
    let id = String::from(ENTRY.id.draw(&ctx.ids));
    tx.add_account(&id);
    let told = prefill::parameters(link.scope, link.query);
    let full = tx.attempt(|tx| describe(tx, ctx, &id, &told));
    let account =
        full.unwrap_or_else(|_| blank(id.clone(), ctx.now, shape::fresh(ctx, &id, countries::DEFAULT, &Map::new())));
    let account = Account { joined: true, ..account };
    tx.insert(account.clone());
    capabilities::follow(tx, &requirements::derived(&account));
    tx.delete::<Account>(&id);
    Arc::new(account)
}

fn describe(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, told: &Map) -> Result<Account> {
    let country = told.str("country").unwrap_or(countries::DEFAULT);
    let mut account = blank(id.to_owned(), ctx.now, shape::fresh(ctx, id, country, told));
    told::change(tx, ctx, &mut account, None, told)?;
    Ok(account)
}
