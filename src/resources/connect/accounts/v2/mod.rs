//! Accounts of `/v2`: another view of the accounts of `/v1` (billing 6.1, platform 7.1).
//!
//! May use: the account's other modules, the pages of `/v2`, thin events. Invariant: there is one account. What is told under
//! either namespace is a fact of it, and both views follow from its facts.

mod configurations;
mod entries;
mod follow;
pub mod links;
pub mod persons;
pub mod tokens;
mod told;
mod twins;
mod view;

use std::sync::Arc;

use super::{Account, begin, check_connected, close as close_account, insert, stored};
use crate::api::list;
use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, Marked, On, Outcome, Reaction, Who, missing};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::generic::v2;
use crate::resources::instruments::tokens::about_token;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object as _, Resource, downcast};
use crate::state::{AccountKey, Edit, Kind, Record, Tx};

use self::told::Told;

pub(super) use self::follow::{store, store_person};

crate::resource! {
    /// An account as `/v2` shows it, with everything that it may show.
    CoreAccount = "v2.core.account" {
        /// Whether it was closed.
        closed: bool,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = CoreAccount::KIND;

/// The kind of its people.
const PERSON: Kind = crate::kind!("v2.core.account_person");

/// `POST /v2/core/accounts`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::not_a_platform());
    }
    let params = tokens::with_account(tx, ctx, &call.params)?;
    let told = Told::read(&params).map_err(|error| of_token(error, call))?;
    let country = told.country.clone().unwrap_or_else(|| countries::DEFAULT.to_owned());
    let mut account = begin(tx, ctx, super::ENTRY.id.draw(&ctx.ids).into(), &country, &Map::new())
        .map_err(|error| of_token(error.inside("identity"), call))?;
    told.apply(tx, ctx, &mut account, None).map_err(|error| of_token(error, call))?;
    let made = insert(tx, &account);
    show(tx, ctx, call, &made.id)
}

/// `POST /v2/core/accounts/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, _) = open(tx, call)?;
    let params = tokens::with_account(tx, ctx, &call.params)?;
    let mut changed = Edit::of(Arc::clone(&account));
    let told = Told::read(&params).and_then(|told| told.apply(tx, ctx, &mut changed, Some(&account)));
    told.map_err(|error| of_token(error, call))?;
    super::change_stored(tx, changed);
    show(tx, ctx, call, &account.id)
}

/// An error about what an account token told.
fn of_token(error: ApiError, call: &Call<'_>) -> ApiError {
    about_token(error, &call.params, "account_token")
}

impl Account {
    /// Whether it may charge at all: unless its configurations were told, and that of a merchant is not among them.
    pub(in crate::resources::connect) fn may_be_merchant(&self) -> bool {
        configurations::may_be_merchant(self)
    }
}

/// `POST /v2/core/accounts/:id/close`: the account can no longer be used.
fn close(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, _) = open(tx, call)?;
    let applied: Vec<&str> = configurations::applied(&account).into_iter().map(|one| one.as_str()).collect();
    let named = call.params.list("applied_configurations").unwrap_or_default();
    let is_named = |one: &str| named.iter().any(|named| named.as_str() == Some(one));
    let is_had = |one: &Doc| one.as_str().is_some_and(|one| applied.contains(&one));
    if !(applied.iter().all(|one| is_named(one)) && named.iter().all(is_had)) {
        return Err(ApiError::configurations_to_close(&applied));
    }
    close_account(tx, &account)?;
    show(tx, ctx, call, &account.id)
}

/// `GET /v2/core/accounts/:id`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    shown(tx, call, call.arg(0))
}

/// `GET /v2/core/accounts`: those that are not closed, unless closed ones are asked for.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let is_closed = call.params.bool("closed").unwrap_or(false);
    let wanted = call.params.list("applied_configurations").unwrap_or_default();
    let keep = |record: &Record| {
        downcast::<CoreAccount>(&*record.object).is_some_and(|account| {
            let applied = account.rest.list("applied_configurations").unwrap_or_default();
            account.closed == is_closed && wanted.iter().all(|one| applied.contains(one))
        })
    };
    let rows = |paged: &Call<'_>| list::page_where(tx, &ENTRY, paged, None, &keep);
    v2::page(call, &rows, &|item| included(item.record.object.to_doc(), call))
}

/// The account in the path, and the place of its objects: one that is not closed.
pub(super) fn open(tx: &Tx, call: &Call<'_>) -> Result<(Arc<Account>, AccountKey)> {
    check_connected(tx, call.arg(0))?;
    let place = seen(tx, call)?;
    let account = stored(tx, call.arg(0)).map_err(|_| ApiError::account_is_closed())?;
    Ok((account, place))
}

/// The place of the objects of the account in the path, which may be closed.
pub(super) fn seen(tx: &Tx, call: &Call<'_>) -> Result<AccountKey> {
    view_of(tx, call.arg(0))?;
    tx.state().account(call.arg(0)).ok_or_else(ApiError::internal)
}

/// An account as it is shown. With the `Stripe-Account` header, there is only that account.
fn view_of(tx: &Tx, id: &str) -> Result<Arc<CoreAccount>> {
    let is_other = tx.account() != AccountKey::PLATFORM && *tx.account_id() != *id;
    let found = tx.read_within(AccountKey::PLATFORM, |tx| tx.get::<CoreAccount>(id));
    found.filter(|_| !is_other).ok_or_else(|| missing(KIND, id, In::Path))
}

/// Shows an account as it is after everything that follows from the call.
fn show(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, id: &str) -> Result<Outcome> {
    contract::settle(tx, ctx);
    shown(tx, call, id)
}

fn shown(tx: &Tx, call: &Call<'_>, id: &str) -> Result<Outcome> {
    Ok(Outcome::Value(included(view_of(tx, id)?.to_doc(), call).into()))
}

/// An account with the parts that a call asks for; the others are null. Of configurations, those that it does not ask for are
/// null beside one that it asks for.
fn included(mut shown: Map, call: &Call<'_>) -> Map {
    let asked = call.params.list("include").unwrap_or_default();
    let is_asked = |part: &str| asked.iter().any(|asked| asked.as_str() == Some(part));
    for part in view::ON_REQUEST.into_iter().filter(|part| !is_asked(part)) {
        shown.set(part, Doc::Null);
    }
    let mut configuration = Map::new();
    for one in configurations::ALL.map(configurations::Configuration::as_str) {
        let known = shown.map("configuration").and_then(|all| all.get(one)).cloned();
        let known = known.filter(|_| is_asked(&format!("configuration.{one}")));
        configuration.set(one, known.unwrap_or_default());
    }
    let is_any_asked = asked.iter().filter_map(Doc::as_str).any(|part| part.starts_with("configuration."));
    shown.with("configuration", is_any_asked.then_some(configuration))
}

/// What neither view could express: it answers 501.
const REFUSED: &[&str] = &[
    "configuration.customer.automatic_indirect_tax.validate_location",
    "configuration.customer.billing.default_payment_method",
    "configuration.customer.capabilities",
    "configuration.customer.test_clock",
    "configuration.recipient.capabilities.bank_accounts",
    "configuration.recipient.capabilities.cards",
    "defaults.payout_methods",
    "identity.attestations.terms_of_service.crypto_money_manager",
    "identity.attestations.terms_of_service.crypto_storer",
    "identity.attestations.terms_of_service.money_manager",
    "identity.attestations.terms_of_service.storer",
    "identity.business_details.documents.proof_of_registration.signer",
    "identity.business_details.documents.proof_of_ultimate_beneficial_ownership.signer",
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: CoreAccount::FIELDS,
    noun: "account",
    id: IdForm { prefix: "acct_", lead: "1", length: 16 },
    marks: &[
        Marked::refused(REFUSED),
        Marked::acts(&["account_token"], "connect::v2_tokens::an_account_token_tells_what_it_was_made_of_once"),
        Marked::acts(
            &["identity.business_details.documents", "identity.individual.documents"],
            "connect::v2_accounts::documents_of_a_business_and_of_an_individual_are_shown",
        ),
        Marked::acts(
            &["identity.business_details.id_numbers", "identity.individual.id_numbers"],
            "connect::v2_accounts::numbers_are_told_and_only_what_they_are_is_shown",
        ),
        Marked::acts(&["include"], "connect::v2_accounts::a_part_is_null_unless_it_is_asked_for"),
        Marked::acts(
            &["limit", "page"],
            "connect::v2_accounts::accounts_of_both_namespaces_are_listed_the_newest_first",
        ),
        Marked::acts(
            &["applied_configurations", "closed"],
            "connect::v2_accounts::accounts_are_listed_by_their_configurations_and_whether_they_are_closed",
        )
        .on(&["v2.core.accounts.list"]),
        Marked::acts(&["applied_configurations"], "connect::v2_accounts::closing_names_every_configuration")
            .on(&["v2.core.accounts.close"]),
    ],
    operations: &[
        ("v2.core.accounts.create", Behaviour::Write(create)),
        ("v2.core.accounts.retrieve", Behaviour::Read(retrieve)),
        ("v2.core.accounts.update", Behaviour::Write(update)),
        ("v2.core.accounts.close", Behaviour::Write(close)),
        ("v2.core.accounts.list", Behaviour::Read(list)),
    ],
    import: |visible, mut hidden, created| {
        if !hidden.has("created") {
            hidden.set("created", created);
        }
        contract::import::<CoreAccount>(visible, hidden, created)
    },
    derived: true,
    history: true,
    recount: Some(follow::recount),
    reactions: &[Reaction { to: Account::KIND, on: On::Any, who: Who::New, run: follow::account }],
    ..Entry::PLAIN
};
