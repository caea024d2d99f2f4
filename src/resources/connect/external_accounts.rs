//! External accounts: the bank accounts for payouts (billing 6.2, 6.7).
//!
//! May use: bank accounts, tokens. Invariant: one external account of each currency is the default, and the platform,
//! which has no dashboard here, gets one in dollars with its first payout.

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, In, Item, Outcome, missing, missing_as};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::object::metadata;
use crate::resources::connect::directory;
use crate::resources::instruments::bank_accounts::{BankAccount, BankAccountStatus};
use crate::resources::instruments::tokens::{self, Content};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{AccountKey, Ref, Tx};

/// What the operations do.
pub(in crate::resources) const CREATE: Behaviour = Behaviour::Write(create);
pub(in crate::resources) const RETRIEVE: Behaviour = Behaviour::Read(retrieve);
pub(in crate::resources) const UPDATE: Behaviour = Behaviour::Write(update);
pub(in crate::resources) const UPDATE_ALONE: Behaviour = Behaviour::Write(update_alone);
pub(in crate::resources) const DELETE: Behaviour = Behaviour::Write(delete);
pub(in crate::resources) const LIST: Behaviour = Behaviour::Read(list);

/// The test token of the platform's first external account.
const FIRST: &str = "btok_us_verified";

/// The noun of an external account in "No such …".
pub const NOUN: &str = "external account";

/// The external account with this id.
pub fn find(tx: &Tx, id: &str) -> Option<Arc<BankAccount>> {
    tx.get::<BankAccount>(id).filter(|bank| bank.account.0.is_some())
}

/// The default account of a currency, for payouts without a destination.
pub fn default_for(tx: &mut Tx, ctx: &Ctx<'_>, currency: &str) -> Option<Arc<BankAccount>> {
    let is_first = tx.account() == AccountKey::PLATFORM && currency == "usd" && all(tx).is_empty();
    if is_first && let Ok(Content::BankAccount(bank)) = tokens::redeem(tx, ctx, FIRST, ApiError::internal) {
        // Nobody requested it, so it emits no events.
        tx.quietly(|tx| add(tx, *bank, true));
    }
    let default = |bank: &Arc<BankAccount>| {
        bank.rest.str("currency") == Some(currency) && bank.rest.bool("default_for_currency") == Some(true)
    };
    all(tx).into_iter().find(default)
}

/// Every external account of the current account, newest first.
fn all(tx: &Tx) -> Vec<Arc<BankAccount>> {
    tx.having::<BankAccount>("account", &tx.account_id())
}

fn in_currency(tx: &Tx, bank: &BankAccount) -> Vec<Arc<BankAccount>> {
    let currency = bank.rest.str("currency");
    all(tx).into_iter().filter(|other| other.rest.str("currency") == currency && other.id != bank.id).collect()
}

/// Adds a bank account; the first in its currency is the default.
fn add(tx: &mut Tx, mut bank: BankAccount, default: bool) -> Ref {
    let default = default || in_currency(tx, &bank).is_empty();
    if default {
        yield_default(tx, &bank);
    }
    let methods = match bank.takes_instant() && is_instant_here(tx, &bank) {
        true => vec!["standard", "instant"],
        false => vec!["standard"],
    };
    for key in ["requirements", "future_requirements"] {
        let lists = ["currently_due", "errors", "past_due", "pending_verification"];
        bank.rest.set(key, Map::from(lists.map(|key| (key, Doc::List(Vec::new())))));
    }
    bank.account.0 = Some(tx.account_id());
    bank.status = BankAccountStatus::New;
    bank.rest.set("available_payout_methods", methods);
    bank.rest.set("default_for_currency", default);
    tx.insert(bank)
}

/// Whether money comes at once to a bank account of the current account: at the first test bank of an American one
/// (connect-accounts 5).
fn is_instant_here(tx: &Tx, bank: &BankAccount) -> bool {
    let id = tx.account_id();
    let account = tx.state().record(AccountKey::PLATFORM, directory::KIND, &id).map(|record| record.object.to_doc());
    let country = account.as_ref().and_then(|account| account.str("country")).unwrap_or(countries::DEFAULT);
    country == "US" && bank.rest.str("routing_number") == Some(issuers::TEST_ROUTING_NUMBER)
}

/// The external accounts of an account as it shows them, newest first.
pub fn of(tx: &Tx, account: &str) -> Vec<Doc> {
    let Some(place) = tx.state().account(account) else { return Vec::new() };
    tx.read_within(place, all).iter().map(|bank| Doc::Map(crate::state::Object::to_doc(&**bank))).collect()
}

/// Takes what `param` of an account says as its default external account, in place of the one that was
/// (billing 6.1). The account shows it: as its own change, or because it follows.
///
/// # Errors
/// A token or a hash that describes no bank account.
pub fn replace_default(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, param: &'static str, sent: &Doc) -> Result<()> {
    let bank = bank_account(tx, ctx, account, param, sent)?;
    let Some(place) = tx.state().account(account) else { return Ok(()) };
    tx.within(place, |tx| {
        let is_default = |bank: &Arc<BankAccount>| bank.rest.bool("default_for_currency") == Some(true);
        if let Some(replaced) = in_currency(tx, &bank).into_iter().find(is_default) {
            tx.delete::<BankAccount>(&replaced.id);
        }
        add(tx, bank, true);
    });
    Ok(())
}

/// Adds a bank account to those of an account, from the hash that describes it.
///
/// # Errors
/// It describes no bank account.
pub fn add_to(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, bank: &Map) -> Result<()> {
    let bank = tokens::bank_account(bank, "external_account", ctx, account)?;
    let place = directory::find(tx, account).ok_or_else(|| missing(directory::KIND, account, In::Path))?;
    tx.within(place, |tx| add(tx, bank, false));
    Ok(())
}

/// Makes another account of the currency the default.
fn yield_default(tx: &mut Tx, bank: &BankAccount) {
    for other in in_currency(tx, bank) {
        if other.rest.bool("default_for_currency") == Some(true) {
            tx.update::<BankAccount>(&other.id, |other| other.rest.set("default_for_currency", false));
        }
    }
}

/// The account in the path: the current one, or one of the platform's.
fn place(tx: &Tx, call: &Call<'_>) -> Result<AccountKey> {
    if *tx.account_id() == *call.arg(0) {
        return Ok(tx.account());
    }
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::account_not_of_header());
    }
    directory::find(tx, call.arg(0)).ok_or_else(|| missing(directory::KIND, call.arg(0), In::Path))
}

/// Works in the account in the path, and shows the result.
fn within(tx: &mut Tx, call: &Call<'_>, work: impl FnOnce(&mut Tx) -> Result<Ref>) -> Result<Outcome> {
    let (here, place) = (tx.account(), place(tx, call)?);
    tx.within(place, |tx| work(tx).map(|done| shown(tx, here, &done)))
}

/// An object of another account is shown as a value, because the answer is rendered in the current account.
fn shown(tx: &Tx, here: AccountKey, of: &Ref) -> Outcome {
    let Some(record) = tx.record(of.kind, &of.id) else { return Outcome::Done(of.clone()) };
    match (tx.account() == here, record.deleted) {
        (true, true) => Outcome::Deleted(of.clone()),
        (true, false) => Outcome::Done(of.clone()),
        (false, true) => Outcome::Value(crate::state::stub(&*record.object).into()),
        (false, false) => Outcome::Value(record.object.to_doc().into()),
    }
}

/// The bank account in the path.
fn find_in_path(tx: &Tx, id: &str) -> Result<Arc<BankAccount>> {
    find(tx, id).ok_or_else(|| missing_as(NOUN, id, In::Path))
}

/// The bank account of a token or a hash in `param`, for an account.
fn bank_account(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, param: &'static str, sent: &Doc) -> Result<BankAccount> {
    match sent {
        Doc::Text(id) => match tokens::redeem(tx, ctx, id, || missing_as("token", id, In::Param(param)))? {
            Content::BankAccount(bank) => Ok(*bank),
            Content::Card { .. } => Err(ApiError::not_implemented_feature("debit cards as external accounts")),
        },
        Doc::Map(hash) if hash.str("object") != Some("card") => tokens::bank_account(hash, param, ctx, account),
        _ => Err(ApiError::not_implemented_feature("debit cards as external accounts")),
    }
}

fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    place(tx, call)?;
    let params = &call.params;
    let sent = ["external_account", "bank_account"].iter().find_map(|param| Some((*param, params.present(param)?)));
    let (param, sent) = sent.ok_or_else(|| ApiError::param_missing("external_account"))?;
    // A token belongs to the current account.
    let bank = bank_account(tx, ctx, call.arg(0), param, sent)?;
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let default = params.bool("default_for_currency") == Some(true);
    within(tx, call, |tx| Ok(add(tx, BankAccount { metadata, ..bank }, default)))
}

fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let here = tx.account();
    tx.read_within(place(tx, call)?, |tx| find_in_path(tx, call.arg(1)).map(|bank| shown(tx, here, &Ref::to(&*bank))))
}

fn update(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    within(tx, call, |tx| {
        let bank = find_in_path(tx, call.arg(1))?;
        change(tx, &bank, call)
    })
}

/// `POST /v1/external_accounts/:id`, of the current account.
fn update_alone(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let bank = find_in_path(tx, call.arg(0))?;
    change(tx, &bank, call).map(Outcome::Done)
}

fn change(tx: &mut Tx, bank: &Arc<BankAccount>, call: &Call<'_>) -> Result<Ref> {
    let mut changed = BankAccount::clone(bank);
    changed.metadata = metadata::merge(&bank.metadata, call.params.get("metadata"))?;
    for key in ["account_holder_name", "account_holder_type", "account_type"] {
        if let Some(value) = call.params.get(key) {
            changed.rest.set(key, value.clone());
        }
    }
    if call.params.bool("default_for_currency") == Some(true) {
        yield_default(tx, bank);
        changed.rest.set("default_for_currency", true);
    }
    tx.save(bank, changed);
    Ok(Ref::to(&**bank))
}

/// The default of a currency cannot be deleted while there are others.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    within(tx, call, |tx| {
        let bank = find_in_path(tx, call.arg(1))?;
        if bank.rest.bool("default_for_currency") == Some(true) && !in_currency(tx, &bank).is_empty() {
            return Err(ApiError::external_account_is_default());
        }
        tx.delete::<BankAccount>(&bank.id);
        Ok(Ref::to(&*bank))
    })
}

fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let cards_only = call.params.str("object") == Some("card");
    let of_account = |tx: &Tx| tx.records_having(BankAccount::KIND, "account", &tx.account_id());
    let rows = tx.read_within(place(tx, call)?, of_account);
    let items: Vec<Item> =
        rows.into_iter().filter(|_| !cards_only).map(|record| Item { shown: record.object.kind(), record }).collect();
    list::page_of(&items, call, NOUN).map(Outcome::List)
}
