//! The operations on a customer's sources, also under their legacy paths (core-payments 5.3).
//!
//! May use: the sources of customers. Invariant: a legacy path shows only its own kind.

use std::sync::Arc;

use super::{find, prepare, remove, rows, store};
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, In, Item, Outcome, missing_as};
use crate::error::{ApiError, Result};
use crate::issuers::{self, Microdeposits};
use crate::resources::customers::customer::{self, Customer};
use crate::resources::instruments::bank_accounts::{self, BankAccount, BankAccountStatus};
use crate::resources::instruments::cards::{self, Card};
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::instruments::sources::{self, Source};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Kind, Tx};

/// The behaviours of the operations.
pub(in crate::resources) const CREATE: Behaviour = Behaviour::Write(create);
pub(in crate::resources) const RETRIEVE: Behaviour = Behaviour::Read(retrieve);
pub(in crate::resources) const UPDATE: Behaviour = Behaviour::Write(update);
pub(in crate::resources) const DELETE: Behaviour = Behaviour::Write(delete);
pub(in crate::resources) const VERIFY: Behaviour = Behaviour::Write(verify);
pub(in crate::resources) const LIST: Behaviour = Behaviour::Read(list);

/// The parameters for a new source, newest first.
const SOURCE_PARAMS: [&str; 3] = ["source", "card", "bank_account"];

/// The kind of a legacy path; `None` for `/sources`.
fn kind_of_path(call: &Call<'_>) -> Option<Kind> {
    match call.operation.path.split('/').nth(4) {
        Some("cards") => Some(Card::KIND),
        Some("bank_accounts") => Some(BankAccount::KIND),
        _ => None,
    }
}

fn source_of(tx: &Tx, call: &Call<'_>) -> Result<(Arc<Customer>, Instrument)> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let wanted = kind_of_path(call);
    find(tx, &customer.id, call.arg(1))
        .filter(|source| wanted.is_none_or(|kind| source.reference().kind == kind))
        .map(|source| (customer, source))
        .ok_or_else(|| missing_as("source", call.arg(1), In::Path))
}

fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    if call.params.has("alipay_account") {
        return Err(ApiError::not_implemented_feature("attaching Alipay accounts"));
    }
    let sent = SOURCE_PARAMS.iter().find_map(|param| call.params.present(param).map(|source| (*param, source)));
    let (param, source) = sent.ok_or_else(|| ApiError::param_missing("source"))?;
    let mut prepared = prepare(tx, ctx, &customer.id, source, param)?;
    prepared.add_metadata(call.params.get("metadata"))?;
    Ok(Outcome::Done(store(tx, &customer.id, prepared).reference()))
}

fn retrieve(tx: &Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    source_of(tx, call).map(|(_, source)| Outcome::Done(source.reference()))
}

fn list(tx: &Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let path_kind = kind_of_path(call).map(|kind| kind.name());
    let wanted = path_kind.or_else(|| call.params.str("object"));
    let items: Vec<Item> = rows(tx, &customer.id)
        .into_iter()
        .filter(|row| wanted.is_none_or(|kind| row.object.kind().name() == kind))
        .map(|record| Item { shown: record.object.kind(), record })
        .collect();
    list::page_of(&items, call, "source").map(Outcome::List)
}

fn delete(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (customer, source) = source_of(tx, call)?;
    remove(tx, &customer.id, source.id());
    let shown = source.reference();
    Ok(if shown.kind == Source::KIND { Outcome::Done(shown) } else { Outcome::Deleted(shown) })
}

fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (_, source) = source_of(tx, call)?;
    apply(tx, ctx, &source, &call.params)?;
    Ok(Outcome::Done(source.reference()))
}

/// The parameters of an update for each kind, besides metadata (core-payments 5.3.11).
fn changeable(source: &Instrument) -> &'static [&'static str] {
    match source {
        Instrument::Card(_) => cards::CHANGEABLE,
        Instrument::BankAccount(_) => bank_accounts::CHANGEABLE,
        Instrument::Source(_) | Instrument::PaymentMethod(_) => &["owner"],
    }
}

/// One path serves all kinds, so the catalogue accepts the parameters of all of them.
fn check_known(source: &Instrument, params: &Map) -> Result<()> {
    let known = changeable(source);
    let is_known = |key: &str| key == "metadata" || known.contains(&key);
    let unknown: Vec<String> =
        params.iter().map(|(key, _)| key).filter(|key| !is_known(key)).map(str::to_owned).collect();
    if unknown.is_empty() { Ok(()) } else { Err(ApiError::params_unknown(&unknown)) }
}

/// Applies an update to a source of any kind.
fn apply(tx: &mut Tx, ctx: &Ctx<'_>, source: &Instrument, params: &Map) -> Result<()> {
    check_known(source, params)?;
    match source {
        Instrument::Card(card) => {
            let changed = card.changed(ctx, params)?;
            tx.save(card, changed);
        }
        Instrument::BankAccount(account) => {
            let changed = account.changed(params)?;
            tx.save(account, changed);
        }
        Instrument::Source(source) => {
            let mut changed = Source::clone(source);
            sources::change(&mut changed, params)?;
            tx.save(source, changed);
        }
        Instrument::PaymentMethod(_) => {}
    }
    Ok(())
}

/// Two amounts prove that the customer has access to the account's statement (core-payments 5.3.16).
fn verify(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (_, source) = source_of(tx, call)?;
    let Instrument::BankAccount(account) = &source else {
        return Err(missing_as("source", call.arg(1), In::Path));
    };
    if account.status == BankAccountStatus::Verified {
        return Err(ApiError::bank_account_already_verified());
    }
    let amounts: Vec<i64> = call.params.list("amounts").unwrap_or_default().iter().filter_map(Doc::as_int).collect();
    let [first, second] = amounts[..] else { return Err(ApiError::param_missing("amounts")) };
    if issuers::microdeposits_by_amounts((first, second)) != Microdeposits::Verified {
        return Err(ApiError::bank_account_verification_failed());
    }
    let id = Id::clone(&account.id);
    tx.update::<BankAccount>(&id, |account| account.status = BankAccountStatus::Verified);
    Ok(Outcome::Done(source.reference()))
}
