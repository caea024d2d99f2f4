//! `POST /oauth/token` and `POST /oauth/deauthorize` (connect-accounts 10).
//!
//! May use: accounts, the platform as an application. Invariant: a code gives tokens once; what is revoked is refused at once.

use super::super::{Account, application, capabilities, directory, requirements, stored};
use super::link::known;
use super::{CODE, OAuthScope, RANDOM, REFRESH_TOKEN, account_in, client_sandbox, secret};
use crate::contract::{Call, Ctx, IssuedKey, KeyKind, Outcome};
use crate::error::{ApiError, Result};
use crate::resources::connect::accounts::application::Application;
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Tx};

/// The largest number of valid access tokens of an account; the oldest makes room.
const ACCESS_TOKENS_MAX: usize = 100;

/// `POST /oauth/token`.
pub(in crate::resources::connect::accounts) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_platform(tx, ctx, call)?;
    match call.params.str("grant_type") {
        Some("refresh_token") => by_refresh_token(tx, ctx, call),
        _ => by_code(tx, ctx, call),
    }
}

/// A connected account has no accounts of its own, and a `client_id` is the caller's.
fn check_platform(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<()> {
    let named = call.params.str("client_id").map(client_sandbox).transpose()?.flatten();
    if tx.account() != AccountKey::PLATFORM || named.is_some_and(|named| named != ctx.sandbox) {
        return Err(ApiError::oauth_client_unknown());
    }
    Ok(())
}

/// Exchanges a code, which connects the account.
fn by_code(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let code = call.params.str("code").ok_or_else(|| ApiError::param_missing("code"))?;
    let unknown = || ApiError::oauth_code_unknown(code);
    let id = account_in(code, CODE).ok_or_else(unknown)?;
    let account = known(tx, &id).map_err(|_| unknown())?;
    let held =
        application::of_account(tx, &id).filter(|held| held.code.as_deref() == Some(code)).ok_or_else(unknown)?;
    if held.code_spent {
        application::change(tx, &account, Application::revoke);
        return Ok(Outcome::Refused(ApiError::oauth_code_used()));
    }
    if held.code_until.is_some_and(|until| ctx.now >= until) {
        return Err(ApiError::oauth_code_expired(code));
    }
    for name in call.params.list("assert_capabilities").unwrap_or_default().iter().filter_map(Doc::as_str) {
        if !account.rest.map("capabilities").is_some_and(|requested| requested.has(name)) {
            return Err(ApiError::oauth_capability_lacking(name));
        }
    }
    if stored(tx, &id).is_err() {
        let account = Account::clone(&account);
        capabilities::follow(tx, &requirements::derived(&account));
        tx.quietly(|tx| tx.insert(account));
    }
    let scope = held.code_scope.unwrap_or(OAuthScope::ReadOnly);
    let access_token = application::change(tx, &account, |held| {
        held.code_spent = true;
        held.scope = Some(scope);
        held.refresh_token = Some(secret(REFRESH_TOKEN, &id, &ctx.ids.id("", RANDOM)));
        held.publishable_key.get_or_insert_with(|| issue(ctx, KeyKind::Publishable, &id));
        held.give(ctx, &id, scope)
    });
    application::announce(tx, &account, "account.application.authorized");
    answer(tx, &id, &access_token, scope)
}

/// Exchanges a refresh token for one more access token, of its scope or a lesser one.
fn by_refresh_token(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let sent = call.params.str("refresh_token").ok_or_else(|| ApiError::param_missing("refresh_token"))?;
    let id = account_in(sent, REFRESH_TOKEN).ok_or_else(ApiError::oauth_refresh_token_unknown)?;
    let account = stored(tx, &id).map_err(|_| ApiError::oauth_refresh_token_unknown())?;
    let held = application::of_account(tx, &id).filter(|held| held.refresh_token.as_deref() == Some(sent));
    let most = held.ok_or_else(ApiError::oauth_refresh_token_unknown)?.scope.unwrap_or(OAuthScope::ReadOnly);
    let scope = match call.params.str("scope") {
        None => most,
        Some(scope) => OAuthScope::parse(scope).ok_or_else(|| ApiError::oauth_scope_unknown(scope))?,
    };
    if scope != most && scope != OAuthScope::ReadOnly {
        return Err(ApiError::oauth_scope_exceeded(scope.as_str(), most.as_str()));
    }
    let access_token = application::change(tx, &account, |held| held.give(ctx, &id, scope));
    answer(tx, &id, &access_token, scope)
}

/// A new key of an account.
fn issue(ctx: &Ctx<'_>, kind: KeyKind, account: &str) -> String {
    IssuedKey::write(kind, ctx.sandbox, account, &ctx.ids.id("", IssuedKey::RANDOM))
}

fn answer(tx: &Tx, id: &str, access_token: &str, scope: OAuthScope) -> Result<Outcome> {
    let held = application::of_account(tx, id).ok_or_else(ApiError::internal)?;
    let shown = Map::from([
        ("access_token", Doc::from(access_token.to_owned())),
        ("livemode", false.into()),
        ("refresh_token", held.refresh_token.clone().into()),
        ("scope", scope.as_str().into()),
        ("stripe_publishable_key", held.publishable_key.clone().into()),
        ("stripe_user_id", id.to_owned().into()),
        ("token_type", "bearer".into()),
    ]);
    Ok(Outcome::Value(shown.into()))
}

/// `POST /oauth/deauthorize`.
pub(in crate::resources::connect::accounts) fn deauthorize(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    call: &Call<'_>,
) -> Result<Outcome> {
    let _ = call.params.str("client_id").ok_or_else(|| ApiError::param_missing("client_id"))?;
    let id = call.params.str("stripe_user_id").ok_or_else(|| ApiError::param_missing("stripe_user_id"))?;
    check_platform(tx, ctx, call)?;
    let account = stored(tx, id).map_err(|_| ApiError::oauth_not_connected(id))?;
    let controller = account.rest.map("controller");
    let dashboard = controller.and_then(|controller| controller.map("stripe_dashboard"));
    if dashboard.and_then(|dashboard| dashboard.str("type")) == Some("none") {
        return Err(ApiError::oauth_account_controlled(id));
    }
    application::deauthorize(tx, &account);
    tx.delete::<Account>(&account.id);
    debug_assert!(!directory::is_known(tx, id), "a disconnected account is not there any more");
    Ok(Outcome::Value(Map::from([("stripe_user_id", id.to_owned())]).into()))
}

impl Application {
    /// Adds an access token.
    fn give(&mut self, ctx: &Ctx<'_>, account: &str, scope: OAuthScope) -> String {
        let token = issue(ctx, KeyKind::Secret, account);
        let issued = |held: &Doc| held.as_map().and_then(|held| held.int("issued"));
        let oldest = self.access_tokens.iter().min_by_key(|(_, held)| issued(held)).map(|(token, _)| token.to_owned());
        if let Some(oldest) = oldest.filter(|_| self.access_tokens.len() >= ACCESS_TOKENS_MAX) {
            let _ = self.access_tokens.remove(&oldest);
        }
        let held = Map::from([("issued", Doc::from(ctx.now)), ("scope", scope.as_str().into())]);
        self.access_tokens.set(token.clone(), held);
        token
    }
}
