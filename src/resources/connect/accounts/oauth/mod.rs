//! OAuth: accounts that are connected to the platform by the people who have them (connect-accounts 10).
//!
//! May use: accounts, the platform as an application. Invariant: an account is connected from the exchange of a code for tokens
//! until it is disconnected; before and after, it is as if deleted, and none of its keys is accepted.
//!
//! | part | what it is |
//! |---|---|
//! | [`link`] | what a person agrees to: scope, account, prefilled details; the code for it |
//! | `prefill` | `stripe_user[…]` of a link as the parameters of an account |
//! | `tokens` | codes and refresh tokens become access tokens; the end of a connection |

pub mod link;
mod prefill;
pub(super) mod tokens;

use super::Account;
use super::application::{self, Application};
use crate::contract::IssuedKey;
use crate::error::{ApiError, Result, mask_key};
use crate::resources::connect::directory;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::sandbox::is_sandbox_name;
use crate::state::{AccountKey, Tx};

crate::values! {
    /// What a platform may do in a connected account (connect-accounts 10).
    pub enum OAuthScope {
        Express = "express",
        ReadOnly = "read_only",
        ReadWrite = "read_write",
    }
}

/// What a code and a refresh token begin with.
const CODE: &str = "ac_";
const REFRESH_TOKEN: &str = "rt_";

/// Characters at the end of a code or of a refresh token that nobody can guess. Before them stands the account.
const RANDOM: usize = 16;

/// The id of the account that a code or a refresh token names.
fn account_in(secret: &str, prefix: &str) -> Option<String> {
    let rest = secret.strip_prefix(prefix)?;
    let (account, _) = rest.split_at_checked(rest.len().checked_sub(RANDOM)?)?;
    Some(format!("acct_{account}"))
}

/// A code or a refresh token of an account.
fn secret(prefix: &str, account: &str, random: &str) -> String {
    format!("{prefix}{}{random}", account.trim_start_matches("acct_"))
}

/// The sandbox that a `client_id` names; `None` if it names none. Any id of an application is the platform's, as any key is.
///
/// # Errors
/// It is no id of an application.
pub fn client_sandbox(client_id: &str) -> Result<Option<&str>> {
    let name = client_id.strip_prefix("ca_").filter(|name| !name.is_empty());
    let name = name.ok_or_else(ApiError::oauth_client_unknown)?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match name.strip_prefix("sandbox_") {
        _ if !is_plain => Err(ApiError::oauth_client_unknown()),
        Some(sandbox) if is_sandbox_name(sandbox) => Ok(Some(sandbox)),
        Some(_) => Err(ApiError::oauth_client_unknown()),
        None => Ok(None),
    }
}

/// An account as its platform sees it: less of one that somebody else made and connected (connect-accounts 2.1).
pub(super) fn shown(account: &Account) -> Map {
    let mut shown = account.to_doc();
    if !account.joined || account.rest.str("type") != Some("standard") {
        return shown;
    }
    for key in ["business_type", "company", "individual"] {
        let _ = shown.remove(key);
    }
    if let Some(Doc::Map(profile)) = shown.get_mut("business_profile") {
        let _ = profile.remove("product_description");
    }
    if let Some(Doc::Map(requirements)) = shown.get_mut("requirements") {
        requirements.set("past_due", Vec::<Doc>::new());
    }
    let date = shown.map("tos_acceptance").and_then(|tos| tos.get("date")).cloned();
    shown.with("tos_acceptance", Map::from([("date", date.unwrap_or(Doc::Null))]))
}

/// The account of a key that OAuth issued.
///
/// # Errors
/// The key was revoked, or never issued: 401.
pub fn holder(tx: &Tx, key: &str) -> Result<AccountKey> {
    let account = IssuedKey::of(key).and_then(|issued| directory::find(tx, issued.account));
    let is_held = |account: &AccountKey| application::of(tx, *account).is_some_and(|held| held.issued(key));
    account.filter(is_held).ok_or_else(|| ApiError::key_expired(&mask_key(key)))
}

/// Checks that the platform may change something in an account; `key` is the one that OAuth issued, if one was used.
///
/// # Errors
/// It may only read: 403.
pub fn check_write(tx: &Tx, account: AccountKey, key: Option<&str>) -> Result<()> {
    let Some(held) = application::of(tx, account) else { return Ok(()) };
    let scope = key.and_then(|key| held.scope_of(key)).or(held.scope);
    match (scope, tx.state().account_id(account)) {
        (Some(OAuthScope::ReadOnly), Some(id)) => Err(ApiError::oauth_read_only(id)),
        _ => Ok(()),
    }
}

impl Application {
    /// Whether a key was issued and is still valid.
    fn issued(&self, key: &str) -> bool {
        self.access_tokens.has(key) || self.publishable_key.as_deref() == Some(key)
    }

    /// What an access token may do.
    fn scope_of(&self, token: &str) -> Option<OAuthScope> {
        self.access_tokens.map(token)?.str("scope").and_then(OAuthScope::parse)
    }
}
