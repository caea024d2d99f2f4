//! What a request describes as an external account: a token, or a hash (connect-accounts 1.1, 5).
//!
//! May use: bank accounts, cards, tokens, the table of countries. Invariant: a card is a debit card in a currency in which the
//! account's country pays out.

use std::sync::Arc;

use super::ExternalAccount;
use crate::contract::{Ctx, In, missing_as};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers::Funding;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::{self, Card};
use crate::resources::instruments::tokens::{self, Content};
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Id, Tx};

/// The external account that the token or the hash in `param` describes, for the account at `place`.
///
/// # Errors
/// There is no such token, or the bank account or the card is refused.
pub(super) fn external_account(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    place: AccountKey,
    param: &'static str,
    sent: &Doc,
) -> Result<ExternalAccount> {
    match sent {
        Doc::Text(id) => of_token(tx, ctx, place, param, id, None),
        Doc::Map(hash) => of_hash(tx, ctx, place, param, hash),
        _ => Err(ApiError::param_missing(param)),
    }
}

fn of_hash(tx: &mut Tx, ctx: &Ctx<'_>, place: AccountKey, param: &'static str, hash: &Map) -> Result<ExternalAccount> {
    let account = tx.read_within(place, |tx| tx.account_id());
    let mut external = match (hash.str("object"), hash.str("token")) {
        (Some("card"), Some(token)) => of_token(tx, ctx, place, param, token, hash.str("currency"))?,
        (Some("card"), None) => {
            let details = CardDetails::from_params(hash, param, ctx, &account)?;
            let sent = SentCard { details, holder: tokens::holder_of(hash), id: None, currency: hash.str("currency") };
            tx.read_within(place, |tx| sent.external(tx, ctx, param))?
        }
        _ => ExternalAccount::BankAccount(Arc::new(tokens::bank_account(hash, param, ctx, &account)?)),
    };
    external.add_metadata(hash.get("metadata"))?;
    Ok(external)
}

/// The external account of a token, which the current account has, or the one that is paid out to it.
fn of_token(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    place: AccountKey,
    param: &'static str,
    id: &str,
    currency: Option<&str>,
) -> Result<ExternalAccount> {
    let is_theirs = tx.account() != place && tx.read_within(place, |tx| tokens::is_stored(tx, id));
    let owner = if is_theirs { place } else { tx.account() };
    let unknown = || missing_as("token", id, In::Param(param));
    match tx.within(owner, |tx| tokens::redeem(tx, ctx, id, unknown))? {
        Content::BankAccount(bank) => Ok(ExternalAccount::BankAccount(Arc::new(*bank))),
        Content::Card { details, holder, card_id, currency: own } => {
            let currency = currency.or(own.as_deref());
            let sent = SentCard { details: *details, holder, id: card_id, currency };
            tx.read_within(place, |tx| sent.external(tx, ctx, param))
        }
    }
}

/// A card as it was sent.
struct SentCard<'a> {
    details: CardDetails,
    holder: Map,
    /// The id of a token's card.
    id: Option<Id>,
    currency: Option<&'a str>,
}

impl SentCard<'_> {
    /// The card as an external account of the current account.
    fn external(self, tx: &Tx, ctx: &Ctx<'_>, param: &'static str) -> Result<ExternalAccount> {
        let currency = self.currency.ok_or_else(|| ApiError::external_card_lacks_currency(param))?.to_lowercase();
        if self.details.funding != Funding::Debit {
            return Err(ApiError::external_card_is_no_debit_card(param));
        }
        let country = super::country(tx);
        let pays_out = countries::find(&country).is_some_and(|row| row.banks().iter().any(|(of, _)| *of == currency));
        if !pays_out {
            return Err(ApiError::external_card_currency(param, &currency, &country));
        }
        let mut details = self.details;
        details.make_checks();
        let id = self.id.unwrap_or_else(|| cards::ENTRY.id.draw(&ctx.ids).into());
        let rest = self.holder.with("currency", currency);
        Ok(ExternalAccount::Card(Arc::new(Card { rest, ..Card::new(id, ctx.now, details) })))
    }
}
