//! The object of a `source` parameter, before and after it belongs to a customer.
//!
//! May use: cards, bank accounts, sources, tokens. Invariant: preparing makes every check; storing cannot fail.

use std::sync::Arc;

use crate::contract::{Ctx, In, missing_as};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::{self, Card};
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::instruments::sources::{self, Source};
use crate::resources::instruments::tokens::{self, Content};
use crate::settings::REFUSE_CARD_TOKENS;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// A source that can be attached and is not yet: if the customer changes too, its event comes between the two
/// (core-payments 10.2.2, 10.2.7).
#[derive(Debug)]
pub(in crate::resources) enum PreparedSource {
    /// A new card.
    Card(Card),
    /// A new bank account.
    BankAccount(BankAccount),
    /// A Source object as it will be stored.
    Source(Edit<Source>),
}

impl PreparedSource {
    /// Its id.
    pub(in crate::resources) fn id(&self) -> &Id {
        match self {
            PreparedSource::Card(card) => &card.id,
            PreparedSource::BankAccount(account) => &account.id,
            PreparedSource::Source(source) => &source.id,
        }
    }

    /// Merges a `metadata` parameter into the source's own.
    pub(super) fn add_metadata(&mut self, change: Option<&Doc>) -> Result<()> {
        let kept = match self {
            PreparedSource::Card(card) => &mut card.metadata,
            PreparedSource::BankAccount(account) => &mut account.metadata,
            PreparedSource::Source(source) => &mut source.metadata,
        };
        *kept = metadata::merge(kept, change)?;
        Ok(())
    }

    /// Stores it; the caller updates the customer.
    pub(in crate::resources) fn store(self, tx: &mut Tx) -> Instrument {
        match self {
            PreparedSource::Card(card) => {
                tx.insert(card.clone());
                Instrument::Card(Arc::new(card))
            }
            PreparedSource::BankAccount(account) => {
                tx.insert(account.clone());
                Instrument::BankAccount(Arc::new(account))
            }
            PreparedSource::Source(source) => {
                let stored = Arc::new(Source::clone(&source));
                source.save(tx);
                Instrument::Source(stored)
            }
        }
    }
}

/// Prepares the object of a `source` parameter (a token, a source id or a hash) as this customer's source. A token is
/// used up. `param` is the parameter's name.
///
/// # Errors
/// It cannot be attached, or the card is declined (core-payments 3.5).
pub(in crate::resources) fn prepare(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &str,
    source: &Doc,
    param: &'static str,
) -> Result<PreparedSource> {
    match source {
        Doc::Text(id) => by_id(tx, ctx, customer, id, param),
        Doc::Map(hash) => of_hash(tx, ctx, customer, hash, param),
        _ => Err(ApiError::param_not_object(param)),
    }
}

fn by_id(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, id: &str, param: &'static str) -> Result<PreparedSource> {
    if id.starts_with("pm_") {
        return Err(ApiError::source_is_payment_method());
    }
    if id.contains(['{', '[', ' ']) {
        return Err(ApiError::source_unsupported(id));
    }
    if let Some(source) = tx.get::<Source>(id) {
        return of_source(source, customer);
    }
    let is_card = tx.get::<Card>(id).is_some_and(|card| card.account.is_none());
    if is_card || tx.get::<BankAccount>(id).is_some_and(|bank| bank.account.0.is_none()) {
        return Err(ApiError::source_already_attached());
    }
    let noun = if id.starts_with("src_") { "source" } else { "token" };
    match tokens::redeem(tx, ctx, id, || missing_as(noun, id, In::Param(param)))? {
        Content::Card { details, holder, card_id, .. } => card(ctx, customer, card_id, *details, holder),
        Content::BankAccount(account) => bank_account(tx, customer, *account),
    }
}

fn of_source(source: Arc<Source>, customer: &str) -> Result<PreparedSource> {
    sources::check_attachable(&source)?;
    if let Some(card) = &source.card_details {
        card.check_saving()?;
    }
    let mut attached = Edit::of(source);
    attached.customer.0 = Some(customer.into());
    attached.make_checks();
    Ok(PreparedSource::Source(attached))
}

fn of_hash(tx: &Tx, ctx: &Ctx<'_>, customer: &str, hash: &Map, param: &'static str) -> Result<PreparedSource> {
    let account = tx.account_id();
    let is_bank = hash.str("object") == Some("bank_account") || (hash.has("account_number") && !hash.has("number"));
    let mut prepared = if is_bank {
        bank_account(tx, customer, tokens::bank_account(hash, param, ctx, &account)?)?
    } else {
        let details = CardDetails::from_params(hash, param, ctx, &account)?;
        card(ctx, customer, None, details, tokens::holder_of(hash))?
    };
    prepared.add_metadata(hash.get("metadata"))?;
    Ok(prepared)
}

fn card(
    ctx: &Ctx<'_>,
    customer: &str,
    id: Option<Id>,
    mut details: CardDetails,
    holder: Map,
) -> Result<PreparedSource> {
    if ctx.settings.is_on(&REFUSE_CARD_TOKENS) {
        return Err(ApiError::card_tokens_refused());
    }
    details.check_saving()?;
    details.make_checks();
    let id = id.unwrap_or_else(|| cards::ENTRY.id.draw(&ctx.ids).into());
    let customer = Some(customer.into());
    Ok(PreparedSource::Card(Card { customer, rest: holder, ..Card::new(id, ctx.now, details) }))
}

fn bank_account(tx: &Tx, customer: &str, mut account: BankAccount) -> Result<PreparedSource> {
    let same = |other: &Arc<BankAccount>| other.rest.str("fingerprint") == account.rest.str("fingerprint");
    if tx.having::<BankAccount>("customer", customer).iter().any(same) {
        return Err(ApiError::bank_account_exists());
    }
    account.customer.0 = Some(customer.into());
    Ok(PreparedSource::BankAccount(account))
}
