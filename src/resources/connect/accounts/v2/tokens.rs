//! Tokens of `/v2`: what is told of an account or of a person before either exists, to be used once (billing 6.1).
//!
//! May use: the state. Invariant: a token shows nothing of what it tells, and tells it once.

use std::sync::Arc;

use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, Marked, Outcome, Public, Visible, missing, require};
use crate::error::{ApiError, Result};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, Object, Resource};
use crate::time::calendar::{MINUTE, rfc3339_millis};

crate::resource! {
    /// A token of an account.
    CoreAccountToken = "v2.core.account_token" {
        /// When it ends.
        expires_at: String,
        /// Whether it has told something.
        used: bool,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// What it tells: parameters of an account.
        told: Map,
    }
}

crate::resource! {
    /// A token of a person.
    CorePersonToken = "v2.core.account_person_token" {
        /// When it ends.
        expires_at: String,
        /// Whether it has told something.
        used: bool,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The account that the person is to belong to.
        account: String,
        /// What it tells: parameters of a person.
        told: Map,
    }
}

/// How long a token can be used, in seconds.
const TOKEN_SECONDS: i64 = 10 * MINUTE;

/// Where the agreement of somebody with something is said to come from.
const AGREED_FROM: &str = "127.0.0.1";

/// `POST /v2/core/account_tokens`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let token = CoreAccountToken {
        id: ACCOUNTS.id.draw(&ctx.ids).into(),
        expires_at: ends(ctx),
        used: false,
        created: ctx.now,
        told: Map::clone(&call.params),
        rest: rest(ctx),
    };
    let shown = token.to_doc();
    tx.insert(token);
    Ok(Outcome::Value(shown.into()))
}

/// `GET /v2/core/account_tokens/:id`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let token = require::<CoreAccountToken>(tx, call.arg(0), In::Path)?;
    Ok(Outcome::Value(token.to_doc().into()))
}

/// `POST /v2/core/accounts/:account/person_tokens`.
fn create_of_person(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, _) = super::open(tx, call)?;
    let token = CorePersonToken {
        id: PERSONS.id.draw(&ctx.ids).into(),
        expires_at: ends(ctx),
        used: false,
        created: ctx.now,
        account: account.id.to_string(),
        told: Map::clone(&call.params),
        rest: rest(ctx),
    };
    let shown = token.to_doc();
    tx.insert(token);
    Ok(Outcome::Value(shown.into()))
}

/// `GET /v2/core/accounts/:account/person_tokens/:id`.
fn retrieve_of_person(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    super::seen(tx, call)?;
    let token = tx.get::<CorePersonToken>(call.arg(1)).filter(|token| token.account == call.arg(0));
    let token = token.ok_or_else(|| missing(CorePersonToken::KIND, call.arg(1), In::Path))?;
    Ok(Outcome::Value(token.to_doc().into()))
}

fn ends(ctx: &Ctx<'_>) -> String {
    rfc3339_millis(ctx.now.saturating_add(TOKEN_SECONDS))
}

fn rest(ctx: &Ctx<'_>) -> Map {
    Map::from([("created", Doc::from(rfc3339_millis(ctx.now))), ("livemode", false.into())])
}

/// The parameters of an account, with those of its token among them.
///
/// # Errors
/// There is no such token, or it was used, or it has ended.
pub(super) fn with_account(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Map> {
    const PARAM: &str = "account_token";
    let Some(id) = params.str(PARAM) else { return Ok(params.clone()) };
    let token = tx.get::<CoreAccountToken>(id).ok_or_else(|| missing(CoreAccountToken::KIND, id, In::Param(PARAM)))?;
    check(ctx, id, token.used, token.created, PARAM)?;
    tx.update::<CoreAccountToken>(id, |token| token.used = true);
    let mut all = params.clone();
    let _ = all.remove(PARAM);
    all.merge(&agreed(ctx, &token.told));
    Ok(all)
}

/// The parameters of a person behind an account, with those of its token among them.
///
/// # Errors
/// There is no such token, or it was used, or it has ended.
pub(super) fn with_person(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, params: &Map) -> Result<Map> {
    const PARAM: &str = "person_token";
    let Some(id) = params.str(PARAM) else { return Ok(params.clone()) };
    let token = tx.get::<CorePersonToken>(id).filter(|token| token.account == account);
    let token = token.ok_or_else(|| missing(CorePersonToken::KIND, id, In::Param(PARAM)))?;
    check(ctx, id, token.used, token.created, PARAM)?;
    tx.update::<CorePersonToken>(id, |token| token.used = true);
    let mut all = params.clone();
    let _ = all.remove(PARAM);
    all.merge(&agreed(ctx, &token.told));
    Ok(all)
}

fn check(ctx: &Ctx<'_>, id: &str, is_used: bool, created: i64, param: &str) -> Result<()> {
    match (is_used, ctx.now < created.saturating_add(TOKEN_SECONDS)) {
        (true, _) => Err(ApiError::token_already_used(id)),
        (false, false) => Err(ApiError::core_token_expired(param, id)),
        (false, true) => Ok(()),
    }
}

/// What a token tells: who used it agreed when it is used.
fn agreed(ctx: &Ctx<'_>, told: &Map) -> Map {
    const FLAGS: [&str; 2] = ["attested", "shown_and_accepted"];
    let entries = told.iter().map(|(key, value)| {
        let value = match value {
            Doc::Map(inner) => match FLAGS.iter().find_map(|flag| inner.bool(flag)) {
                Some(true) => Map::from([("date", rfc3339_millis(ctx.now)), ("ip", AGREED_FROM.to_owned())]).into(),
                Some(false) => Doc::Null,
                None => agreed(ctx, inner).into(),
            },
            value => value.clone(),
        };
        (key.to_owned().into(), value)
    });
    Map::from_entries(entries.collect())
}

/// Reads a token, whose time a state file of before tokens had rules does not say in Unix seconds.
fn import<T: Resource>(
    visible: Map,
    mut hidden: Map,
    created: i64,
) -> std::result::Result<Arc<dyn Object>, FieldError> {
    if !hidden.has("created") {
        hidden.set("created", created);
    }
    contract::import::<T>(visible, hidden, created)
}

/// The registry's entry of tokens of accounts.
pub static ACCOUNTS: Entry = Entry {
    kind: CoreAccountToken::KIND,
    fields: CoreAccountToken::FIELDS,
    noun: "account token",
    id: IdForm::v2("accttok_"),
    marks: &[Marked::acts(
        &["contact_email", "contact_phone", "display_name", "identity"],
        "connect::v2_tokens::an_account_token_tells_what_it_was_made_of_once",
    )],
    operations: &[
        ("v2.core.account_tokens.create", Behaviour::Write(create)),
        ("v2.core.account_tokens.retrieve", Behaviour::Read(retrieve)),
    ],
    public: &[Public {
        operation: "v2.core.account_tokens.create",
        needs_secret: false,
        params: &[],
        visible: Visible::All,
    }],
    import: import::<CoreAccountToken>,
    ..Entry::PLAIN
};

/// The registry's entry of tokens of persons.
pub static PERSONS: Entry = Entry {
    kind: CorePersonToken::KIND,
    fields: CorePersonToken::FIELDS,
    noun: "person token",
    id: IdForm::v2("perstok_"),
    marks: &[Marked::acts(
        &[
            "additional_addresses",
            "additional_names",
            "additional_terms_of_service",
            "address",
            "date_of_birth",
            "documents",
            "email",
            "given_name",
            "id_numbers",
            "legal_gender",
            "metadata",
            "nationalities",
            "phone",
            "political_exposure",
            "relationship",
            "script_addresses",
            "script_names",
            "surname",
        ],
        "connect::v2_tokens::a_person_token_tells_what_it_was_made_of_once",
    )],
    operations: &[
        ("v2.core.accounts.person_tokens.create", Behaviour::Write(create_of_person)),
        ("v2.core.accounts.person_tokens.retrieve", Behaviour::Read(retrieve_of_person)),
    ],
    public: &[Public {
        operation: "v2.core.accounts.person_tokens.create",
        needs_secret: false,
        params: &[],
        visible: Visible::All,
    }],
    import: import::<CorePersonToken>,
    ..Entry::PLAIN
};
