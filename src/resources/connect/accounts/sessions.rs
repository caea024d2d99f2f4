//! Account sessions: which components a platform's page may show to the people behind an account (billing 6.2).
//!
//! May use: accounts, their stages, the catalogue's shapes. Invariant: a session has no id and cannot be retrieved: whoever has its
//! secret sees its components until it expires, and then it is gone; every component is in it, with every feature.

use std::sync::Arc;

use super::requirements::{AskedFor, Facts, assess};
use super::{Account, links, stages, stored};
use crate::catalogue::Field;
use crate::contract::{Behaviour, Call, Ctx, Entry, Outcome};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource as _;
use crate::state::{AccountKey, Kind, Tx};
use crate::time::calendar::HOUR;

crate::resource! {
    /// An account session. Its id is its client secret, and the API does not show it as an id.
    AccountSession = "account_session" {
        /// The account.
        account: String,
        /// What its secret gives access to.
        components: Map,
        /// Until when, in Unix seconds.
        expires_at: i64,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

const KIND: Kind = AccountSession::KIND;

/// What the onboarding of a session asks for: what is due now.
const ASKED: AskedFor = AskedFor { eventually: false, future: false };

impl AccountSession {
    /// Whether it shows a component.
    pub fn shows(&self, component: &str) -> bool {
        self.components.map(component).and_then(|component| component.bool("enabled")) == Some(true)
    }

    /// The requirements that are due, and the account; `None` if there is no such account any more.
    pub fn asked(&self, tx: &Tx) -> Option<(Arc<Account>, Vec<String>)> {
        let account = stored(tx, &self.account).ok()?;
        let asked = assess(Facts::of(&account)).asked(ASKED);
        Some((account, asked.into_iter().collect()))
    }

    /// Tells what is due, with test values.
    ///
    /// # Errors
    /// There is no such account any more, or it asks for something that has no test value.
    pub fn fill(&self, tx: &mut Tx, ctx: &Ctx<'_>) -> Result<()> {
        stages::fill(tx, ctx, &self.account, ASKED)
    }
}

/// How long a session is valid, in seconds.
const LIFE_SECONDS: i64 = HOUR;

/// Characters of a client secret after its prefix.
const SECRET_CHARACTERS: usize = 55;

/// Whether an account may be asked for its bank account, and whether it has to log in to Stripe for that.
const COLLECTION: &str = "external_account_collection";
const WITHOUT_LOGIN: &str = "disable_stripe_user_authentication";

/// `POST /v1/account_sessions`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = links::named(tx, call)?;
    let sent = call.params.map("components").ok_or_else(|| ApiError::param_missing("components"))?;
    let mut components = Map::new();
    for field in template::fields_at(KIND, &["components"]) {
        components.set(field.name, component(&account, field.name, sent.map(field.name))?);
    }
    let secret = ctx.ids.id("accs_secret__", SECRET_CHARACTERS);
    let session = AccountSession {
        id: secret.clone().into(),
        account: account.id.to_string(),
        components: components.clone(),
        expires_at: ctx.now + LIFE_SECONDS,
        created: ctx.now,
        rest: Map::new(),
    };
    let shown = Map::from([
        ("object", Doc::from(KIND.name())),
        ("account", session.account.clone().into()),
        ("client_secret", secret.into()),
        ("components", components.into()),
        ("expires_at", session.expires_at.into()),
        ("livemode", false.into()),
    ]);
    // It is the platform's, as the account itself is.
    let _ = tx.within(AccountKey::PLATFORM, |tx| tx.insert(session));
    Ok(Outcome::Value(shown.into()))
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
    fields: AccountSession::FIELDS,
    noun: KIND.name(),
    operations: &[("account_sessions.create", Behaviour::Write(create))],
    import: crate::contract::import::<AccountSession>,
    dues: &[crate::due!(AccountSession, "expire", |session| Some(session.expires_at), |tx, _, session| {
        tx.delete::<AccountSession>(&session.id);
        Ok(())
    })],
    derived: true,
    ..Entry::PLAIN
};
