//! A customer's sources: cards, bank accounts and Source objects behind one list (core-payments 3.4 to
//! 3.6, 5.3).
//!
//! May use: customers, cards, bank accounts, sources, tokens. Invariant: attaching the first source makes it
//! the default, and removing the default promotes the most recently added of the rest.

pub(super) mod operations;

use std::cmp::Reverse;
use std::sync::Arc;

use super::bank_accounts::BankAccount;
use super::card_details::CardDetails;
use super::cards::Card;
use super::customers::Customer;
use super::instrument::Instrument;
use super::sources::{self, Source};
use super::tokens::{self, Content};
use crate::api::error::{ApiError, Result};
use crate::api::operation::Ctx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Record, Tx};
use crate::testdata::Verdict;

/// The customer's sources: the default first, the others newest first (core-payments 3.6.7).
pub fn rows(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    let mut rows = newest_first(tx, customer);
    let default = tx.get::<Customer>(customer).and_then(|customer| customer.default_source.clone());
    if let Some(at) = rows.iter().position(|row| Some(row.object.id()) == default.as_ref()) {
        let default = rows.remove(at);
        rows.insert(0, default);
    }
    rows
}

fn newest_first(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    let kinds = [Card::KIND, BankAccount::KIND, Source::KIND];
    let mut rows: Vec<_> = kinds.into_iter().flat_map(|kind| tx.records_having(kind, "customer", customer)).collect();
    rows.sort_by_key(|row| Reverse(row.place));
    rows
}

/// The customer's source with this id.
pub fn find(tx: &Tx, customer: &str, id: &str) -> Option<Instrument> {
    let found = tx
        .get::<Card>(id)
        .map(Instrument::Card)
        .or_else(|| tx.get::<BankAccount>(id).map(Instrument::BankAccount))
        .or_else(|| tx.get::<Source>(id).map(Instrument::Source))?;
    (found.customer().map(AsRef::as_ref) == Some(customer)).then_some(found)
}

/// Attaches what the `source` parameter says (a token, a source id or a hash) to a customer, and makes
/// it the default if it is the first (core-payments 3.4, 5.3). `param` is the parameter's name.
///
/// # Errors
/// What cannot be attached, and card refusals (core-payments 3.5); nothing is written then.
pub fn attach(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, source: &Doc, param: &'static str) -> Result<Instrument> {
    let attached = match source {
        Doc::Text(id) => attach_by_id(tx, ctx, customer, id, param)?,
        Doc::Map(hash) => attach_hash(tx, ctx, customer, hash, param)?,
        _ => return Err(ApiError::param_not_object(param)),
    };
    let id = Id::clone(attached.id());
    tx.update::<Customer>(customer, |customer| {
        customer.default_source.get_or_insert(id);
    });
    Ok(attached)
}

fn attach_by_id(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, id: &str, param: &'static str) -> Result<Instrument> {
    if id.starts_with("pm_") {
        return Err(ApiError::source_is_payment_method());
    }
    if id.contains(['{', '[', ' ']) {
        return Err(ApiError::source_unsupported(id));
    }
    if let Some(source) = tx.get::<Source>(id) {
        sources::check_attachable(&source)?;
        if let Some(card) = &source.card_details {
            check_saving(card)?;
        }
        tx.update::<Source>(id, |source| {
            source.customer.0 = Some(customer.into());
            source.make_checks();
        });
        return find(tx, customer, id).ok_or_else(ApiError::internal);
    }
    if tx.get::<Card>(id).is_some() || tx.get::<BankAccount>(id).is_some() {
        return Err(ApiError::source_already_attached());
    }
    match tokens::redeem(tx, ctx, id, || ApiError::missing_in_param("token", id, param))? {
        Content::Card { details, holder, card_id } => {
            attach_card(tx, ctx, customer, card_id, *details, holder, Map::new())
        }
        Content::BankAccount(account) => attach_bank_account(tx, customer, *account),
    }
}

fn attach_hash(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, hash: &Map, param: &'static str) -> Result<Instrument> {
    let account = tx.account_id();
    let is_bank = hash.str("object") == Some("bank_account") || (hash.has("account_number") && !hash.has("number"));
    if is_bank {
        let bank = tokens::bank_account(hash, param, ctx, &account)?;
        return attach_bank_account(tx, customer, bank);
    }
    let details = CardDetails::from_params(hash, param, ctx, &account)?;
    let metadata = super::metadata::merge(&Map::new(), hash.get("metadata"))?;
    attach_card(tx, ctx, customer, None, details, tokens::holder_of(hash), metadata)
}

fn attach_card(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &str,
    id: Option<Id>,
    mut details: CardDetails,
    holder: Map,
    metadata: Map,
) -> Result<Instrument> {
    check_saving(&details)?;
    details.make_checks();
    let id = id.unwrap_or_else(|| ctx.ids.id_with("card_", "1", 24).into());
    let card =
        Card { id: Id::clone(&id), created: ctx.now, customer: Some(customer.into()), details, metadata, rest: holder };
    tx.insert(card);
    find(tx, customer, &id).ok_or_else(ApiError::internal)
}

fn attach_bank_account(tx: &mut Tx, customer: &str, mut account: BankAccount) -> Result<Instrument> {
    let same = |other: &Arc<BankAccount>| other.rest.str("fingerprint") == account.rest.str("fingerprint");
    if tx.having::<BankAccount>("customer", customer).iter().any(same) {
        return Err(ApiError::bank_account_exists());
    }
    account.customer.0 = Some(customer.into());
    let id = Id::clone(&account.id);
    tx.insert(account);
    find(tx, customer, &id).ok_or_else(ApiError::internal)
}

/// A card that the issuer does not let be saved (core-payments 3.5).
fn check_saving(card: &CardDetails) -> Result<()> {
    match card.test_card().attach {
        Verdict::Decline(decline) => Err(ApiError::card_declined(decline, Some(decline.param.unwrap_or("")))),
        _ => Ok(()),
    }
}

/// Takes a source away from its customer: a card or bank account is deleted, a Source object is consumed
/// (core-payments 5.3.12 to 5.3.14); the default moves on (core-payments 3.6.6).
pub fn remove(tx: &mut Tx, customer: &str, id: &str) {
    match find(tx, customer, id) {
        Some(Instrument::Card(_)) => tx.delete::<Card>(id),
        Some(Instrument::BankAccount(_)) => tx.delete::<BankAccount>(id),
        Some(Instrument::Source(_)) => sources::detach(tx, id),
        _ => return,
    }
    let was_default = tx.get::<Customer>(customer).is_some_and(|owner| owner.default_source.as_deref() == Some(id));
    if was_default {
        let next = newest_first(tx, customer).first().map(|row| Id::clone(row.object.id()));
        tx.update::<Customer>(customer, |customer| customer.default_source = next);
    }
}
