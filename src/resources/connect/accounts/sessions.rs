//! Account sessions: which components a platform's page may show to the people behind an account (billing 6.2).
//!
//! May use: accounts, the catalogue's shapes. Invariant: a session is returned and not stored: it has no id and cannot be
//! retrieved; every component is in it, with every feature.

use super::{Account, links};
use crate::catalogue::Field;
use crate::contract::{Behaviour, Call, Ctx, Entry, Outcome};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};
use crate::time::calendar::HOUR;

const KIND: Kind = crate::kind!("account_session");

/// How long a session is valid, in seconds.
const LIFE_SECONDS: i64 = HOUR;

/// Characters of a client secret after its prefix.
const SECRET_CHARACTERS: usize = 55;

/// Whether an account may be asked for its bank account, and whether it has to log in to Stripe for that.
const COLLECTION: &str = "external_account_collection";
const WITHOUT_LOGIN: &str = "disable_stripe_user_authentication";

/// `POST /v1/account_sessions`.
fn create(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = links::named(tx, call)?;
    let sent = call.params.map("components").ok_or_else(|| ApiError::param_missing("components"))?;
    let mut components = Map::new();
    for field in template::fields_at(KIND, &["components"]) {
        components.set(field.name, component(&account, field.name, sent.map(field.name))?);
    }
    let session = Map::from([
        ("object", Doc::from(KIND.name())),
        ("account", account.id.to_string().into()),
        ("client_secret", ctx.ids.id("accs_secret__", SECRET_CHARACTERS).into()),
        ("components", components.into()),
        ("expires_at", (ctx.now + LIFE_SECONDS).into()),
        ("livemode", false.into()),
    ]);
    Ok(Outcome::Value(session.into()))
}

/// A component as it was sent, with the features that were not.
fn component(account: &Account, name: &str, sent: Option<&Map>) -> Result<Map> {
    let enabled = sent.and_then(|sent| sent.bool("enabled")).unwrap_or(false);
    let mut features = sent.and_then(|sent| sent.map("features")).cloned().unwrap_or_default();
    for feature in [(COLLECTION, false), (WITHOUT_LOGIN, true)] {
        if features.bool(feature.0) == Some(feature.1) && !account.is_collected_by_platform() {
            return Err(ApiError::session_feature_not_for_account(name, feature.0, feature.1));
        }
    }
    for field in template::fields_at(KIND, &["components", name, "features"]) {
        if !features.has(field.name) {
            let value = default(account, field, &features);
            features.set(field.name, value);
        }
    }
    Ok(Map::from([("enabled", Doc::from(enabled)), ("features", features.into())]))
}

/// Whether a feature that was not sent is on, as the descriptions of the parameters say.
fn default(account: &Account, feature: &Field, sent: &Map) -> bool {
    let losses = account.rest.map("controller").and_then(|controller| controller.map("losses"));
    match feature.name {
        "destination_on_behalf_of_charge_management" => false,
        WITHOUT_LOGIN => sent.bool(COLLECTION) == Some(false),
        "edit_payout_schedule" | "instant_payouts" | "standard_payouts" => {
            losses.and_then(|losses| losses.str("payments")) == Some("stripe")
        }
        "smart_disputes_management" => sent.bool("dispute_management").unwrap_or(true),
        _ => true,
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: KIND.name(),
    operations: &[("account_sessions.create", Behaviour::Read(create))],
    ..Entry::PLAIN
};
