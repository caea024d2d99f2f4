//! What an account asks to be able to do (billing 6.2).
//!
//! May use: accounts. Invariant: a capability is what its account says of it; nothing of it is stored apart.

use super::{Account, change_stored, check_path, requirements, shape, stored};
use crate::api::error::{ApiError, Result};
use crate::api::list;
use crate::api::operation::{Call, Ctx, Outcome};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// `GET /v1/accounts/:account/capabilities`: those that it asked for.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    let names = account.rest.map("capabilities").into_iter().flat_map(Map::iter).map(|(name, _)| name.to_owned());
    let rows = names.map(|name| Doc::Map(show(&account, &name))).collect();
    Ok(Outcome::Value(list::envelope(call.path.to_owned(), rows, false).into()))
}

/// `GET /v1/accounts/:account/capabilities/:capability`.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    check_name(call.arg(1))?;
    Ok(Outcome::Value(show(&account, call.arg(1)).into()))
}

/// `POST /v1/accounts/:account/capabilities/:capability`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    check_name(call.arg(1))?;
    let mut account = (*stored(tx, call.arg(0))?).clone();
    if let Some(requested) = call.params.bool("requested") {
        request(&mut account, call.arg(1), requested, ctx.now);
        requirements::follow(&mut account);
        change_stored(tx, account.clone());
    }
    Ok(Outcome::Value(show(&account, call.arg(1)).into()))
}

/// Asks for a capability, or no longer.
pub(super) fn request(account: &mut Account, name: &str, requested: bool, now: i64) {
    let mut capabilities = account.rest.map("capabilities").cloned().unwrap_or_default();
    let mut asked = account.asked.clone().unwrap_or_default();
    match requested {
        true if !capabilities.has(name) => {
            capabilities.set(name.to_owned(), "inactive");
            asked.set(name.to_owned(), now);
        }
        true => {}
        false => {
            drop(capabilities.remove(name));
            drop(asked.remove(name));
        }
    }
    account.rest.set("capabilities", capabilities);
    account.asked = Some(asked);
}

fn check_name(name: &str) -> Result<()> {
    let known = crate::catalogue::field(shape::fields("capabilities"), name).is_some();
    if known { Ok(()) } else { Err(ApiError::missing_in_path("capability", name, "capability")) }
}

fn show(account: &Account, name: &str) -> Map {
    let status = account.rest.map("capabilities").and_then(|all| all.str(name));
    let due = if status == Some("active") || status.is_none() { Vec::new() } else { requirements::due(account) };
    let reason = (!due.is_empty()).then_some("requirements.fields_needed");
    Map::from([
        ("id", Doc::from(name.to_owned())),
        ("object", "capability".into()),
        ("account", account.id.to_string().into()),
        ("future_requirements", requirements::hash(&[], None).into()),
        ("requested", status.is_some().into()),
        ("requested_at", account.asked.as_ref().and_then(|asked| asked.int(name)).into()),
        ("requirements", requirements::hash(&due, reason).into()),
        ("status", status.unwrap_or("unrequested").to_owned().into()),
    ])
}
