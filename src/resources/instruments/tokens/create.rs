//! `POST /v1/tokens`: a token of exactly one thing.
//!
//! May use: card details, bank accounts. Invariant: a token has exactly one kind.

use super::{Token, bank, holder_of};
use crate::contract::{Call, Ctx, In, Outcome, missing_as, require_record};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers::{self, CardFault, Funding};
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::{self, Card};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Object;
use crate::state::{AccountKey, Tx};

/// The ids of tokens of cards.
pub(super) const TOKEN: IdForm = IdForm::of("tok_");

/// The ids of tokens of bank accounts.
pub(super) const BANK_TOKEN: IdForm = IdForm::of("btok_");

/// The kind of the token of a security code.
pub(super) const CVC_UPDATE: &str = "cvc_update";

/// The kinds of tokens, with the forms of their ids (core-payments 2, 5.1.1).
const KINDS: [(&str, IdForm); 6] = [
    ("card", TOKEN),
    ("bank_account", BANK_TOKEN),
    ("pii", IdForm::of("pii_")),
    ("account", IdForm::of("ct_")),
    ("person", IdForm::of("cpt_")),
    (CVC_UPDATE, IdForm::of("cvctok_")),
];

/// Creates a token of the kind in the request (core-payments 5.1).
///
/// # Errors
/// None or several kinds, card faults, or a customer, which needs a connected account that it is the platform's.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let given: Vec<_> = KINDS.into_iter().filter(|(kind, _)| params.present(kind).is_some()).collect();
    let (kind, form) = match given[..] {
        _ if params.present("customer").is_some() && tx.account() != AccountKey::PLATFORM => {
            return of_customer(tx, ctx, params);
        }
        _ if params.present("customer").is_some() => return Err(not_from("customer")),
        [] => return Err(ApiError::token_of_nothing()),
        [one] => one,
        [(a, _), (b, _), ..] => return Err(ApiError::params_exclusive(a, b)),
    };
    // An id instead of the hash names a source of a customer.
    let hash = params.map(kind).ok_or_else(|| not_from(kind))?;
    let mut token = begin(ctx, form, kind);
    match kind {
        "card" => fill_with_card(&mut token, hash, ctx, &tx.account_id())?,
        "bank_account" => fill_with_bank_account(&mut token, hash, ctx, &tx.account_id())?,
        CVC_UPDATE => check_cvc(hash)?,
        "account" | "person" => token.told = hash.clone(),
        // A personal id number is never shown.
        _ => {}
    }
    Ok(Outcome::Done(tx.insert(token)))
}

pub(super) fn begin(ctx: &Ctx<'_>, form: IdForm, kind: &str) -> Token {
    Token {
        id: form.draw(&ctx.ids).into(),
        created: ctx.now,
        kind: kind.to_owned(),
        used: false,
        card: None,
        account_number: None,
        told: Map::new(),
        rest: Map::from([("client_ip", Doc::Null), ("livemode", Doc::Bool(false))]),
    }
}

fn not_from(param: &'static str) -> ApiError {
    ApiError::value_not_implemented(param, "tokens of what a customer has, but for a connected account")
}

/// A token, for a connected account, of a card of the platform's customer: the one that `card` names, or the default
/// (connect-accounts 9, row 19).
fn of_customer(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Outcome> {
    let card = tx.read_within(AccountKey::PLATFORM, |tx| {
        let customer = params.str("customer").unwrap_or_default();
        let owner = require_record(tx, crate::kind!("customer"), customer, In::Param("customer"))?.object.to_doc();
        let id = params.str("card").or(owner.str("default_source")).unwrap_or_default();
        let card = tx.get::<Card>(id).filter(|card| card.customer.as_deref() == Some(customer));
        card.ok_or_else(|| missing_as("source", id, In::Param("card")))
    })?;
    let fingerprint = Some(issuers::fingerprint(&card.details.number, &tx.account_id()).into());
    let details = CardDetails { fingerprint, ..card.details.clone() };
    let mut token = begin(ctx, TOKEN, "card");
    lay_card(&mut token, ctx, details, holder_of(&card.rest));
    // A customer's card has no currency; that of its country makes it one for payouts.
    let currency = card.details.country.as_deref().map(countries::currency);
    set_currency(&mut token, currency.filter(|_| card.details.funding == Funding::Debit));
    Ok(Outcome::Done(tx.insert(token)))
}

fn fill_with_card(token: &mut Token, hash: &Map, ctx: &Ctx<'_>, account: &str) -> Result<()> {
    let details = CardDetails::from_params(hash, "card", ctx, account)?;
    lay_card(token, ctx, details, holder_of(hash));
    set_currency(token, hash.str("currency"));
    Ok(())
}

/// Says in which currency a token's card may be paid out to.
fn set_currency(token: &mut Token, currency: Option<&str>) {
    if let (Some(currency), Some(Doc::Map(card))) = (currency, token.rest.get_mut("card")) {
        card.set("currency", currency.to_lowercase());
    }
}

/// Puts a card with its holder's name and address into a token.
fn lay_card(token: &mut Token, ctx: &Ctx<'_>, details: CardDetails, holder: Map) {
    let mut shown = holder;
    for (key, value) in details.legacy_entries().into_entries() {
        shown.set(key, value);
    }
    shown.set("id", cards::ENTRY.id.draw(&ctx.ids));
    shown.set("object", "card");
    shown.set("metadata", Map::new());
    shown.set("networks", Map::from([("preferred", details.preferred_network.clone())]));
    token.rest.set("card", shown);
    token.card = Some(details);
}

pub(super) fn fill_with_bank_account(token: &mut Token, hash: &Map, ctx: &Ctx<'_>, account: &str) -> Result<()> {
    let bank = bank::bank_account(hash, "bank_account", ctx, account)?;
    token.rest.set("bank_account", bank.to_doc());
    token.account_number = bank.account_number;
    Ok(())
}

/// A security code has three digits, or four on American Express (core-payments 7.5.6).
fn check_cvc(hash: &Map) -> Result<()> {
    let cvc = hash.str("cvc").ok_or_else(|| ApiError::param_missing("cvc_update[cvc]"))?;
    let right = (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
    if right { Ok(()) } else { Err(ApiError::card_fault(CardFault::InvalidCvc)) }
}
