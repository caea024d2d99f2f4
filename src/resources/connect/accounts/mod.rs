//! Accounts (billing 6.1).
//!
//! May use: external accounts, the table of countries, the catalogue's shapes. Invariant: the objects of connected accounts
//! belong to the platform, and each has an account in the state. What an account may do follows from what it told;
//! `standing` asks for it where money moves (connect-accounts 7.1).

mod answers;
mod application;
mod capabilities;
pub mod links;
pub mod login_links;
pub mod oauth;
pub mod persons;
mod requirements;
pub mod schedule;
pub mod sessions;
mod shape;
mod stages;
mod texts;
mod told;
pub mod v2;

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Fill, In, Marked, On, Outcome, Reaction, Rewrite, Trigger, View, Who,
    missing,
};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::resources::connect::directory;
use crate::resources::connect::external_accounts;
use crate::resources::connect::parties;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::cards::Card;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Flag, Object, Resource, downcast};
use crate::state::{AccountKey, Edit, Id, Kind, Ref, Tx};

pub use self::application::{Application, ENTRY as APPLICATION, application_id};
pub use self::capabilities::{Capability, ENTRY as CAPABILITIES};
pub use self::requirements::AskedFor;
pub use self::requirements::demands::{AccountTurn, take as take_turn};
pub use self::stages::{AccountStage, bring, open_in};

crate::resource! {
    /// A connected account.
    Account = "account" {
        /// Unix seconds.
        created: i64,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// Whether somebody made it who then connected it by OAuth.
        joined: bool,
        /// When each capability was requested, in Unix seconds.
        asked: Option<Map>,
        /// Why the platform rejected it, in the words of `disabled_reason`; null if it did not.
        rejected: Option<String>,
        /// The people behind it, by their ids: what was told of them.
        people: Map,
        /// The files of documents that were sent for it, by the names of the documents.
        papers: Map,
        /// What becomes of the tax id that was told; null if none was.
        tax_number: Option<String>,
        /// What the service checks, as requirements name it; a person's own name stands for who that is.
        held: Vec<String>,
        /// When the checks end, in Unix seconds; null if nothing is checked.
        held_until: Option<i64>,
        /// How often checks have ended.
        rounds: Option<i64>,
        /// What was checked, or is.
        checked: Vec<String>,
        /// The requirements whose checks have failed, each with a code and a reason.
        failed: Map,
        /// What a tester demands, by the requirement.
        demands: Map,
        /// When an id number that alone is left to be checked has to be known, in Unix seconds.
        deadline: Option<i64>,
        /// Whether it told everything before it was read from a dump.
        vouched: bool,
        /// What was told under `/v2` and has no place in `/v1`, under its names there.
        v2: Map,
        /// Whether it was deleted without being closed: a standard account goes on without the platform.
        disconnected: Flag,
    }
}

/// The kind, for references.
pub const KIND: Kind = Account::KIND;

/// `POST /v1/accounts`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::not_a_platform());
    }
    open(tx, ctx, ENTRY.id.draw(&ctx.ids).into(), &call.params).map(Outcome::Done)
}

/// Adds an account with this id to the platform's.
fn open(tx: &mut Tx, ctx: &Ctx<'_>, id: String, params: &Map) -> Result<Ref> {
    let country = params.str("country").unwrap_or(countries::DEFAULT);
    let mut account = begin(tx, ctx, id, country, params)?;
    told::check_acceptance(&account, params)?;
    told::change(tx, ctx, &mut account, None, params)?;
    Ok(insert(tx, &account))
}

/// Begins a new account in a country: nothing is told of it, but for who controls it.
fn begin(tx: &mut Tx, ctx: &Ctx<'_>, id: String, country: &str, params: &Map) -> Result<Account> {
    if countries::find(country).is_none() {
        return Err(ApiError::country_unknown(country));
    }
    let rest = shape::fresh(ctx, &id, country, params);
    let account = blank(id, ctx.now, rest);
    tx.add_account(&account.id);
    Ok(account)
}

/// Stores a new account.
fn insert(tx: &mut Tx, account: &Account) -> Ref {
    let created = tx.insert(account.clone());
    capabilities::follow(tx, &requirements::derived(account));
    created
}

/// Whether an id is or was that of an account.
fn is_taken(tx: &Tx, id: &str) -> bool {
    tx.state().account(id).is_some() || tx.state().record(AccountKey::PLATFORM, KIND, id).is_some()
}

/// An account of which nothing is known but what it shows.
fn blank(id: String, created: i64, rest: Map) -> Account {
    Account {
        id: id.into(),
        created,
        metadata: Map::new(),
        joined: false,
        asked: None,
        rejected: None,
        people: Map::new(),
        papers: Map::new(),
        tax_number: None,
        held: Vec::new(),
        held_until: None,
        rounds: None,
        checked: Vec::new(),
        failed: Map::new(),
        demands: Map::new(),
        deadline: None,
        vouched: false,
        v2: Map::new(),
        disconnected: Flag(false),
        rest,
    }
}

/// `POST /v1/accounts/:account`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut account = own(tx, call)?;
    let before = Account::clone(&account);
    told::check_acceptance(&account, &call.params)?;
    told::change(tx, ctx, &mut account, Some(&before), &call.params)?;
    change_stored(tx, account);
    shown(tx, call.arg(0))
}

/// `DELETE /v1/accounts/:account`: the account can no longer be used.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = own(tx, call)?;
    if account.rest.str("type") == Some("standard") {
        tx.quietly(|tx| tx.update::<Account>(&account.id, |account| account.disconnected = Flag(true)));
    }
    close(tx, &account)?;
    Ok(Outcome::Deleted(Ref::to(&*account)))
}

/// Ends an account, which only its platform may do.
fn close(tx: &mut Tx, account: &Account) -> Result<()> {
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::own_account());
    }
    if account.rest.str("type") == Some("standard") {
        application::deauthorize(tx, account);
    }
    tx.delete::<Account>(&account.id);
    Ok(())
}

/// `POST /v1/accounts/:account/reject`.
fn reject(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = own(tx, call)?;
    let losses = account.rest.map("controller").and_then(|controller| controller.map("losses"));
    if losses.and_then(|losses| losses.str("payments")) != Some("application") {
        return Err(ApiError::account_not_rejectable());
    }
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
    check_connected(tx, id)?;
    check_path(tx, id)?;
    stored(tx, id).map(Edit::of)
}

/// The path of a change does not name the platform's own account.
fn check_connected(tx: &Tx, id: &str) -> Result<()> {
    let is_own = tx.account() == AccountKey::PLATFORM && tx.account_id().as_ref() == id;
    if is_own { Err(ApiError::own_account()) } else { Ok(()) }
}

/// Stores a connected account, which is the platform's object whichever account makes the request.
fn change_stored(tx: &mut Tx, account: Edit<Account>) {
    capabilities::follow(tx, &requirements::derived(&account));
    tx.within(AccountKey::PLATFORM, |tx| account.save(tx));
}

/// What accounts follow: their external accounts, and the people behind them.
const REACTIONS: &[Reaction] = &[
    Reaction {
        to: BankAccount::KIND,
        on: On::Any,
        who: Who::Named(|bank| downcast::<BankAccount>(bank)?.account.0.clone()),
        run: follow_external,
    },
    Reaction {
        to: Card::KIND,
        on: On::Any,
        who: Who::Named(|card| downcast::<Card>(card)?.account.clone()),
        run: follow_external,
    },
    Reaction {
        to: persons::KIND,
        on: On::Any,
        who: Who::Named(|person| Some(Id::clone(&downcast::<persons::Person>(person)?.account))),
        run: follow_person,
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

/// Brings an account into line with the people behind it, and begins the checks of what they told.
fn follow_person(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Ok(account) = stored(tx, id) else { return Ok(()) };
    let mut changed = Edit::of(Arc::clone(&account));
    told::show_people(tx, &mut changed);
    if changed.people != account.people {
        requirements::begin(&mut changed, Some(&account), ctx, |_| false);
        change_stored(tx, changed);
    }
    Ok(())
}

/// Copies the external accounts, which are the account's own objects, into the account.
fn show_external(tx: &Tx, account: &mut Account) {
    let url = format!("/v1/accounts/{}/external_accounts", account.id);
    let rows = external_accounts::of(tx, &account.id);
    account.rest.set("external_accounts", shape::external_accounts(url, rows));
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
pub(super) fn check_path(tx: &Tx, id: &str) -> Result<()> {
    let other = tx.account() != AccountKey::PLATFORM && tx.account_id().as_ref() != id;
    if other { Err(ApiError::account_not_of_header()) } else { Ok(()) }
}

/// The object of a connected account, which is the platform's.
pub(super) fn stored(tx: &Tx, id: &str) -> Result<Arc<Account>> {
    let record = tx.state().record(AccountKey::PLATFORM, Account::KIND, id).filter(|record| !record.deleted);
    record.and_then(|record| record.get()).ok_or_else(|| missing(KIND, id, In::Path))
}

/// The account of a call, as it is shown.
pub fn own_account(tx: &Tx) -> Map {
    let id = tx.account_id();
    stored(tx, &id).map_or_else(|_| shape::established(&id), |account| account.to_doc())
}

/// An account as an answer. An object of the platform answers in any account, so it is shown as a value.
fn shown(tx: &Tx, id: &str) -> Result<Outcome> {
    match stored(tx, id) {
        Ok(account) if tx.account() == AccountKey::PLATFORM => Ok(Outcome::Done(Ref::to(&*account))),
        Ok(account) => Ok(Outcome::Value(account.to_doc().into())),
        // The platform has no stored object, and neither has an account of which only the objects were imported.
        Err(_) if directory::is_known(tx, id) => Ok(Outcome::Value(shape::established(id).into())),
        Err(error) => Err(error),
    }
}

/// Adds an account to the state for an account in a dump.
fn imported(tx: &mut Tx, _: &Ctx<'_>, account: &Ref) -> Result<()> {
    tx.add_account(&account.id);
    if let Some(account) = tx.get::<Account>(&account.id) {
        // A dump emits no events.
        tx.quietly(|tx| {
            // The rows of its list were taken out, as objects of their own.
            let mut whole = Edit::of(Arc::clone(&account));
            show_external(tx, &mut whole);
            whole.save(tx);
            capabilities::follow(tx, &account);
            v2::store(tx, &account.id);
        });
    }
    Ok(())
}

/// Adds the first test bank account of its country to an account.
fn add_bank_account(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let account = stored(tx, id)?;
    let country = requirements::Facts::of(&account).country();
    let bank = answers::bank_account(country).ok_or_else(ApiError::internal)?;
    external_accounts::add_to(tx, ctx, id, &bank)
}

const TRANSFERS: &str = "/v1/accounts/{id}/capabilities/transfers";

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("account.updated", "/v1/accounts/{id}"),
    Trigger::rule(
        "account.external_account.created",
        add_bank_account,
        "The first test bank account of its country is added",
    ),
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
        Marked::refused(&[
            "documents.proof_of_registration.signer",
            "documents.proof_of_ultimate_beneficial_ownership.signer",
            "groups",
        ])
        .on(&["accounts.create", "accounts.update"]),
        Marked::describes(&["account_token"], "tokens.create").on(&["accounts.create", "accounts.update"]),
        Marked::refused(&["payouts_action"]),
        Marked::acts(
            &["settings.payouts.schedule.monthly_anchor", "settings.payouts.schedule.weekly_anchor"],
            "connect::schedules::a_schedule_shows_the_days_of_its_own_interval_alone",
        ),
        Marked::acts(
            &["settings.payouts.schedule.monthly_payout_days", "settings.payouts.schedule.weekly_payout_days"],
            "connect::schedules::a_new_anchor_takes_the_place_of_several_days",
        ),
        Marked::neutral(&["company.registration_number"], "an account shows nothing of it, and no rule asks for it")
            .on(&["accounts.update"]),
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
        // What only a debit card has.
        Marked::acts(
            &[
                "address_city",
                "address_country",
                "address_line1",
                "address_line2",
                "address_state",
                "address_zip",
                "exp_month",
                "exp_year",
                "name",
            ],
            "connect::debit_cards::a_debit_card_is_changed",
        )
        .on(&[
            "accounts.external_accounts.update",
            "external_accounts.update",
            "accounts.bank_accounts.update",
        ]),
        Marked::refused(&["documents"]).on(&[
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
    views: &[View { from: Account::KIND, doc: |account| downcast::<Account>(account).map(oauth::shown) }],
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
    dues: &[
        crate::due!(
            Account,
            "finish checks",
            |account| account.held_until,
            |account| account.rounds.unwrap_or_default(),
            |tx, ctx, account| requirements::end(tx, ctx, account)
        ),
        crate::due!(
            Account,
            "pass deadline",
            |account| requirements::demands::next_deadline(account),
            |tx, ctx, account| requirements::demands::pass(tx, ctx, account)
        ),
    ],
    reactions: REACTIONS,
    events: Events { updated: &["account.updated"], of_own_account: true, ..Events::NONE },
    param_rules: parties::RULES,
    is_known: Some(directory::is_known),
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
