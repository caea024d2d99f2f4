//! Accounts (billing 6.1).
//!
//! May use: external accounts, persons, the catalogue's shapes. Invariant: the objects of connected accounts belong to
//! the platform, and each has an account in the state. The supplied data is taken as verified: an account that has
//! supplied everything may do what it requested; a payment does not check it.

mod application;
mod capabilities;
mod requirements;
mod shape;

use std::sync::Arc;

use crate::catalogue::{self, Field, Type};
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Fill, In, Marked, On, Outcome, Reaction, Rewrite, Trigger, Who,
    missing,
};
use crate::error::{ApiError, Result};
use crate::generic;
use crate::object::{metadata, template};
use crate::resources::connect::directory;
use crate::resources::connect::external_accounts;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{AccountKey, Edit, Id, Kind, Ref, Tx};

pub use self::application::{Application, ENTRY as APPLICATION, application_id};
pub use self::capabilities::{Capability, ENTRY as CAPABILITIES};

crate::resource! {
    /// A connected account.
    Account = "account" {
        /// Unix seconds.
        created: i64,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// When each capability was requested, in Unix seconds.
        asked: Option<Map>,
        /// Why the platform rejected it, in the words of `disabled_reason`; null if it did not.
        rejected: Option<String>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Account::KIND;

/// The kind of the persons behind an account.
const PERSON: Kind = crate::kind!("person");

/// The parameters that are shown under their own names.
const SHOWN: &[&str] =
    &["business_profile", "business_type", "company", "default_currency", "email", "settings", "tos_acceptance"];

/// The parameters for the external account; the second one is that of older clients.
const EXTERNAL: [&str; 2] = ["external_account", "bank_account"];

/// `POST /v1/accounts`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::not_a_platform());
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let country = call.params.str("country").unwrap_or(shape::DEFAULT_COUNTRY);
    let mut rest = shape::empty(&id, country);
    let (controller, kind) = shape::controller(&call.params);
    rest.set("controller", controller);
    rest.set("type", kind);
    tx.add_account(&id);
    let metadata = Map::new();
    let mut account = Account { id: id.into(), created: ctx.now, metadata, asked: None, rejected: None, rest };
    change(tx, ctx, &mut account, call)?;
    let created = tx.insert(account.clone());
    capabilities::follow(tx, &requirements::derived(&account));
    Ok(Outcome::Done(created))
}

/// `POST /v1/accounts/:account`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut account = own(tx, call)?;
    change(tx, ctx, &mut account, call)?;
    change_stored(tx, account);
    shown(tx, call.arg(0))
}

/// `DELETE /v1/accounts/:account`: the account can no longer be used.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = own(tx, call)?;
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::own_account());
    }
    if account.rest.str("type") == Some("standard") {
        application::deauthorize(tx, &account);
    }
    tx.delete::<Account>(&account.id);
    Ok(Outcome::Deleted(Ref::to(&*account)))
}

/// `POST /v1/accounts/:account/reject`.
fn reject(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let reason = match call.params.str("reason") {
        Some("terms_of_service") => "rejected.terms_of_service",
        Some(reason) if reason.starts_with("fraud") => "rejected.fraud",
        _ => "rejected.other",
    };
    decide(tx, call, Some(reason))
}

/// `POST /v1/accounts/:account/unreject`.
fn unreject(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    decide(tx, call, None)
}

fn decide(tx: &mut Tx, call: &Call<'_>, rejected: Option<&str>) -> Result<Outcome> {
    let mut account = own(tx, call)?;
    account.rejected = rejected.map(str::to_owned);
    change_stored(tx, account);
    shown(tx, call.arg(0))
}

/// The connected account in the path, to be changed.
fn own(tx: &Tx, call: &Call<'_>) -> Result<Edit<Account>> {
    let id = call.arg(0);
    if tx.account() == AccountKey::PLATFORM && tx.account_id().as_ref() == id {
        return Err(ApiError::own_account());
    }
    check_path(tx, id)?;
    stored(tx, id).map(Edit::of)
}

/// Stores a connected account, which is the platform's object whichever account makes the request.
fn change_stored(tx: &mut Tx, account: Edit<Account>) {
    capabilities::follow(tx, &requirements::derived(&account));
    tx.within(AccountKey::PLATFORM, |tx| account.save(tx));
}

/// What accounts follow: their external accounts, and the person behind an account of one individual.
const REACTIONS: &[Reaction] = &[
    Reaction {
        to: BankAccount::KIND,
        on: On::Any,
        who: Who::Named(|bank| downcast::<BankAccount>(bank)?.account.0.clone()),
        run: follow_external,
    },
    Reaction {
        to: PERSON,
        on: On::Any,
        who: Who::Named(|person| person.to_doc().str("account").map(Id::from)),
        run: follow_individual,
    },
];

/// Brings an account into line with its external accounts.
fn follow_external(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Ok(account) = stored(tx, id) else { return Ok(()) };
    let mut changed = Edit::of(Arc::clone(&account));
    show_external(tx, &mut changed);
    if !changed.shows_as(&*account) {
        change_stored(tx, changed);
    }
    Ok(())
}

/// Brings an account of one individual into line with that person, who may be gone.
fn follow_individual(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Ok(account) = stored(tx, id) else { return Ok(()) };
    let shown = account.rest.map("individual").and_then(|individual| individual.str("id"));
    let Some(person) = shown.and_then(|id| tx.record(PERSON, id)).cloned() else { return Ok(()) };
    let mut changed = Edit::of(Arc::clone(&account));
    if person.deleted {
        let _ = changed.rest.remove("individual");
    } else {
        changed.rest.set("individual", person.object.to_doc());
    }
    if !changed.shows_as(&*account) {
        change_stored(tx, changed);
    }
    Ok(())
}

/// Copies the external accounts, which are the account's own objects, into the account.
fn show_external(tx: &Tx, account: &mut Account) {
    let url = format!("/v1/accounts/{}/external_accounts", account.id);
    let rows = external_accounts::of(tx, &account.id);
    account.rest.set("external_accounts", crate::api::list::envelope(url, rows, false));
}

/// `GET /v1/accounts/:account`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    shown(tx, call.arg(0))
}

/// `GET /v1/account`: the current account.
fn retrieve_own(tx: &Tx, _: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    shown(tx, &tx.account_id())
}

/// With the `Stripe-Account` header, the path can only name that account.
fn check_path(tx: &Tx, id: &str) -> Result<()> {
    let other = tx.account() != AccountKey::PLATFORM && tx.account_id().as_ref() != id;
    if other { Err(ApiError::account_not_of_header()) } else { Ok(()) }
}

/// The object of a connected account, which is the platform's.
fn stored(tx: &Tx, id: &str) -> Result<Arc<Account>> {
    let record = tx.state().record(AccountKey::PLATFORM, Account::KIND, id).filter(|record| !record.deleted);
    record.and_then(|record| record.get()).ok_or_else(|| missing(KIND, id, In::Path))
}

/// An account as an answer. An object of the platform answers in any account, so it is shown as a value.
fn shown(tx: &Tx, id: &str) -> Result<Outcome> {
    match stored(tx, id) {
        Ok(account) if tx.account() == AccountKey::PLATFORM => Ok(Outcome::Done(Ref::to(&*account))),
        Ok(account) => Ok(Outcome::Value(account.to_doc().into())),
        // The platform has no stored object, and neither has an account of which only the objects were imported.
        Err(_) if directory::is_known(tx, id) => Ok(Outcome::Value(shown_unstored(tx, id).into())),
        Err(error) => Err(error),
    }
}

/// Applies the parameters of a call to an account.
fn change(tx: &mut Tx, ctx: &Ctx<'_>, account: &mut Account, call: &Call<'_>) -> Result<()> {
    let params = &call.params;
    account.metadata = metadata::merge(&account.metadata, params.get("metadata"))?;
    lay(&mut account.rest, params);
    for (name, capability) in params.map("capabilities").into_iter().flat_map(Map::iter) {
        if let Some(requested) = capability.as_map().and_then(|capability| capability.bool("requested")) {
            capabilities::request(account, name, requested, ctx.now);
        }
    }
    if let Some((param, external)) = EXTERNAL.iter().find_map(|param| Some((*param, params.present(param)?))) {
        external_accounts::replace_default(tx, ctx, &account.id, param, external)?;
        show_external(tx, account);
    }
    if let Some(individual) = params.map("individual") {
        let known = account.rest.map("individual").and_then(|person| tx.record(PERSON, person.str("id")?));
        let known = known.filter(|person| !person.deleted).cloned();
        let mut individual = individual.clone();
        if known.is_none() {
            individual.merge(&Map::from([("relationship", Map::from([("representative", true)]))]));
        }
        let person = generic::put_part(tx, ctx, PERSON, &account.id, known.as_ref(), &individual);
        account.rest.set("individual", person.map_err(|error| error.inside("individual"))?);
    }
    Ok(())
}

/// Merges the parameters into the fields with the same names.
fn lay(rest: &mut Map, params: &Map) {
    let known = catalogue::object(Account::KIND.name()).map_or(&[][..], |object| object.fields);
    for param in SHOWN {
        let Some(value) = params.present(param) else { continue };
        let field = catalogue::field(known, param).map(|field| field.kind);
        match (value, field) {
            (Doc::Map(sent), Some(Type::Object(fields))) => {
                let mut value = rest.map(param).cloned().unwrap_or_default();
                value.merge(&visible(sent, fields));
                template::complete(&mut value, fields);
                rest.set(*param, value);
            }
            _ => rest.set(*param, value.clone()),
        }
    }
}

fn shown_unstored(tx: &Tx, id: &str) -> Map {
    match tx.state().record(AccountKey::PLATFORM, crate::kind!("v2.core.account"), id) {
        Some(_) => shape::unstored(id),
        None => shape::established(id),
    }
}

/// The sent values that the answer has fields for; of a secret only whether it was sent.
fn visible(sent: &Map, fields: &'static [Field]) -> Map {
    let mut shown = Map::new();
    for (key, value) in sent.iter() {
        let provided = format!("{key}_provided");
        match (catalogue::field(fields, key).map(|field| field.kind), value) {
            (Some(Type::Object(fields)), Doc::Map(inner)) => shown.set(key.to_owned(), visible(inner, fields)),
            // `minimum` instead of a number of days.
            (Some(Type::Integer), Doc::Text(_)) => {}
            (Some(_), value) => shown.set(key.to_owned(), value.clone()),
            (None, _) if catalogue::field(fields, &provided).is_some() => shown.set(provided, true),
            (None, _) => {}
        }
    }
    shown
}

/// Adds an account to the state for an account in a dump.
fn imported(tx: &mut Tx, _: &Ctx<'_>, account: &Ref) -> Result<()> {
    tx.add_account(&account.id);
    if let Some(account) = tx.get::<Account>(&account.id) {
        // A dump emits no events.
        tx.quietly(|tx| capabilities::follow(tx, &account));
    }
    Ok(())
}

const TRANSFERS: &str = "/v1/accounts/{id}/capabilities/transfers";

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("account.updated", "/v1/accounts/{id}"),
    Trigger::delete("account.application.deauthorized", "/v1/accounts/{id}"),
    Trigger::post("capability.updated", TRANSFERS, &[("requested", "true")]),
    Trigger::post("capability.updated", TRANSFERS, &[("requested", "false")]),
];

/// A custom account was a managed one.
fn was_managed(account: &mut Map) {
    let managed = account.str("type") == Some("custom");
    account.set("managed", managed);
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Account::KIND,
    marks: &[
        Marked::refused(&["account_token", "documents", "groups"]).on(&["accounts.create", "accounts.update"]),
        Marked::refused(&["payouts_action"]),
        Marked::neutral(
            &["individual.id_number", "individual.ssn_last_4"],
            "an account shows only whether they were sent, and one with its own was sent them before",
        )
        .on(&["accounts.update"]),
        Marked::acts(
            &["default_for_currency", "external_account.default_for_currency"],
            "ledger::payouts::external_accounts_have_one_default_in_a_currency",
        ),
        Marked::describes(&["bank_account", "external_account"], "tokens.create"),
        // What only a debit card has; an account has none.
        Marked::refused(&[
            "address_city",
            "address_country",
            "address_line1",
            "address_line2",
            "address_state",
            "address_zip",
            "documents",
            "exp_month",
            "exp_year",
            "name",
        ])
        .on(&[
            "accounts.bank_accounts.update",
            "accounts.external_accounts.update",
            "external_accounts.update",
        ]),
    ],
    fields: Account::FIELDS,
    noun: "account",
    id: IdForm { prefix: "acct_", lead: "1", length: 16 },
    path_param: "account",
    // A rule does not see the key, so the error shows asterisks.
    missing: Some(|id| ApiError::account_invalid("sk_test_***", id)),
    operations: &[
        ("accounts.create", Behaviour::Write(create)),
        ("accounts.retrieve", Behaviour::Read(retrieve)),
        ("accounts.update", Behaviour::Write(update)),
        ("accounts.list", Behaviour::List),
        ("accounts.delete", Behaviour::Write(delete)),
        ("accounts.reject", Behaviour::Write(reject)),
        ("accounts.unreject", Behaviour::Write(unreject)),
        ("accounts.capabilities.list", Behaviour::Read(capabilities::list)),
        ("accounts.capabilities.retrieve", Behaviour::Read(capabilities::retrieve)),
        ("accounts.capabilities.update", Behaviour::Write(capabilities::update)),
        ("account.retrieve", Behaviour::Read(retrieve_own)),
        ("accounts.external_accounts.create", external_accounts::CREATE),
        ("accounts.external_accounts.retrieve", external_accounts::RETRIEVE),
        ("accounts.external_accounts.update", external_accounts::UPDATE),
        ("accounts.external_accounts.delete", external_accounts::DELETE),
        ("accounts.external_accounts.list", external_accounts::LIST),
        ("external_accounts.update", external_accounts::UPDATE_ALONE),
        ("accounts.bank_accounts.create", external_accounts::CREATE),
        ("accounts.bank_accounts.retrieve", external_accounts::RETRIEVE),
        ("accounts.bank_accounts.update", external_accounts::UPDATE),
        ("accounts.bank_accounts.delete", external_accounts::DELETE),
    ],
    derives: Some(requirements::derives),
    import: requirements::import,
    // Not recorded of any account (connect-accounts 2.1).
    defaults: &[("groups", Fill::Absent)],
    changes: &[
        Change {
            since: Gate::since("2019-02-19"),
            older: None,
            what: "account.legal_entity, account.verification, since then account.company, account.individual, \
                   account.requirements",
        },
        Change { since: Gate::since("2017-05-25"), older: Some(Rewrite::Alone(was_managed)), what: "account.managed" },
    ],
    imported: Some(imported),
    reactions: REACTIONS,
    events: Events { updated: &["account.updated"], of_own_account: true, ..Events::NONE },
    is_known: Some(directory::is_known),
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
