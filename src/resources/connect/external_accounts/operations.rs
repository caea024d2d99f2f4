//! The operations on external accounts (billing 6.2).
//!
//! May use: the external accounts. Invariant: the default of a currency stays while there are others.

use super::{ExternalAccount, NOUN, add, find, in_currency, place, rows, sent, yield_default};
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, In, Item, Outcome, missing_as};
use crate::error::{ApiError, Result};
use crate::resources::instruments::bank_accounts::{self, BankAccount, BankAccountStatus};
use crate::resources::instruments::cards::{self, Card};
use crate::state::document::Map;
use crate::state::object::Resource;
use crate::state::{AccountKey, Kind, Ref, Tx};

/// What the operations do.
pub(in crate::resources) const CREATE: Behaviour = Behaviour::Write(create);
pub(in crate::resources) const RETRIEVE: Behaviour = Behaviour::Read(retrieve);
pub(in crate::resources) const UPDATE: Behaviour = Behaviour::Write(update);
pub(in crate::resources) const UPDATE_ALONE: Behaviour = Behaviour::Write(update_alone);
pub(in crate::resources) const DELETE: Behaviour = Behaviour::Write(delete);
pub(in crate::resources) const LIST: Behaviour = Behaviour::Read(list);

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

/// The external account in the path.
fn find_in_path(tx: &Tx, call: &Call<'_>, id: &str) -> Result<ExternalAccount> {
    let wanted = kind_of_path(call);
    let found = find(tx, id).filter(|external| wanted.is_none_or(|kind| external.reference().kind == kind));
    found.ok_or_else(|| missing_as(NOUN, id, In::Path))
}

/// The kind of the older path of bank accounts; `None` for the others.
fn kind_of_path(call: &Call<'_>) -> Option<Kind> {
    (call.operation.path.split('/').nth(4) == Some("bank_accounts")).then_some(BankAccount::KIND)
}

fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let place = place(tx, call)?;
    let params = &call.params;
    let sent = ["external_account", "bank_account"].iter().find_map(|param| Some((*param, params.present(param)?)));
    let (param, sent) = sent.ok_or_else(|| ApiError::param_missing("external_account"))?;
    let mut external = sent::external_account(tx, ctx, place, param, sent)?;
    external.add_metadata(params.get("metadata"))?;
    let default = params.bool("default_for_currency") == Some(true);
    within(tx, call, |tx| Ok(add(tx, external, default)))
}

fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let here = tx.account();
    tx.read_within(place(tx, call)?, |tx| {
        find_in_path(tx, call, call.arg(1)).map(|external| shown(tx, here, &external.reference()))
    })
}

fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    within(tx, call, |tx| {
        let external = find_in_path(tx, call, call.arg(1))?;
        change(tx, ctx, &external, &call.params)
    })
}

/// `POST /v1/external_accounts/:id`, of the current account.
fn update_alone(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let external = find_in_path(tx, call, call.arg(0))?;
    change(tx, ctx, &external, &call.params).map(Outcome::Done)
}

/// One path serves both kinds, so the catalogue accepts the parameters of both.
fn check_known(external: &ExternalAccount, params: &Map) -> Result<()> {
    let known = match external {
        ExternalAccount::BankAccount(_) => bank_accounts::CHANGEABLE,
        ExternalAccount::Card(_) => cards::CHANGEABLE,
    };
    let is_known = |key: &str| ["metadata", "default_for_currency"].contains(&key) || known.contains(&key);
    let unknown: Vec<String> =
        params.iter().map(|(key, _)| key).filter(|key| !is_known(key)).map(str::to_owned).collect();
    if unknown.is_empty() { Ok(()) } else { Err(ApiError::params_unknown(&unknown)) }
}

fn change(tx: &mut Tx, ctx: &Ctx<'_>, external: &ExternalAccount, params: &Map) -> Result<Ref> {
    const DEFAULT: &str = "default_for_currency";
    check_known(external, params)?;
    let becomes_default = params.bool(DEFAULT) == Some(true);
    if becomes_default {
        yield_default(tx, external);
    }
    match external {
        ExternalAccount::BankAccount(bank) => {
            let mut changed = bank.changed(params)?;
            // The details may be right now.
            if changed.status == BankAccountStatus::Errored {
                changed.status = BankAccountStatus::New;
            }
            if becomes_default {
                changed.rest.set(DEFAULT, true);
            }
            tx.save(bank, changed);
        }
        ExternalAccount::Card(card) => {
            let mut changed: Card = card.changed(ctx, params)?;
            changed.rest.set("status", BankAccountStatus::New.as_str());
            if becomes_default {
                changed.rest.set(DEFAULT, true);
            }
            tx.save(card, changed);
        }
    }
    Ok(external.reference())
}

/// The default of a currency cannot be deleted while there are others.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    within(tx, call, |tx| {
        let external = find_in_path(tx, call, call.arg(1))?;
        if external.is_default() && !in_currency(tx, &external).is_empty() {
            return Err(ApiError::external_account_is_default());
        }
        external.delete(tx);
        Ok(external.reference())
    })
}

fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let wanted = call.params.str("object");
    let rows = tx.read_within(place(tx, call)?, rows);
    let items: Vec<Item> = rows
        .into_iter()
        .filter(|record| wanted.is_none_or(|kind| record.object.kind().name() == kind))
        .map(|record| Item { shown: record.object.kind(), record })
        .collect();
    list::page_of(&items, call, NOUN).map(Outcome::List)
}
