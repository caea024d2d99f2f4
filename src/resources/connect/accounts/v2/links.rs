//! Account links of `/v2`: the page is that of a link of `/v1` (billing 6.1).
//!
//! May use: account links. Invariant: a link lives as an account link; what is kept of it here shows what it was.

use super::super::links::{self, NewAccountLink};
use super::super::stored;
use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object as _, Resource};
use crate::time::calendar::{MINUTE, rfc3339_millis};

crate::resource! {
    /// An account link as `/v2` shows it, with the id of the account link, which it does not show.
    CoreAccountLink = "v2.core.account_link" {
        /// The page.
        url: String,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// How long a link is valid, in seconds.
const LIFE_SECONDS: i64 = 10 * MINUTE;

/// `POST /v2/core/account_links`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.params.str("account").ok_or_else(|| ApiError::param_missing("account"))?;
    let account = stored(tx, id).map_err(|_| missing(super::KIND, id, In::Param("account")))?;
    let sent = call.params.map("use_case").ok_or_else(|| ApiError::param_missing("use_case"))?;
    let kind = sent.str("type").ok_or_else(|| ApiError::param_missing("type").inside("use_case"))?;
    let case = sent.map(kind).ok_or_else(|| ApiError::param_missing(kind).inside("use_case"))?;
    let collected = links::collected(case.map("collection_options"), None);
    let wanted = NewAccountLink { kind, collected, leads: case, life: LIFE_SECONDS };
    let link = links::begin(tx, ctx, &account, &wanted)?;
    let mut told = case.clone();
    let _ = told.remove("configurations");
    let rest = Map::from([
        ("account", Doc::from(link.account.clone())),
        ("created", rfc3339_millis(link.created).into()),
        ("expires_at", rfc3339_millis(link.expires_at).into()),
        ("livemode", false.into()),
        ("use_case", Map::from([("type", kind.to_owned())]).with(kind.to_owned(), told).into()),
    ]);
    let link = CoreAccountLink { id: link.id, url: link.url, created: link.created, rest };
    let mut shown = link.to_doc();
    let _ = shown.remove("id");
    tx.insert(link);
    Ok(Outcome::Value(shown.into()))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: CoreAccountLink::KIND,
    fields: CoreAccountLink::FIELDS,
    noun: "account link",
    operations: &[("v2.core.account_links.create", Behaviour::Write(create))],
    marks: &[Marked::neutral(
        &["use_case.account_onboarding.configurations", "use_case.account_update.configurations"],
        "the page asks for what the account has to tell, whatever it is for",
    )],
    import: |visible, mut hidden, created| {
        if !hidden.has("created") {
            hidden.set("created", created);
        }
        contract::import::<CoreAccountLink>(visible, hidden, created)
    },
    ..Entry::PLAIN
};
