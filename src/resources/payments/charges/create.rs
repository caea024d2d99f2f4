//! Creating a direct charge (core-payments 5.6, 6.2, 6.4).
//!
//! May use: instruments, customers, charging. Invariant: parameters are checked before the issuer is asked.

use std::sync::Arc;

use super::flow::{self, ChargeAttempt, DETAILS};
use super::{Charge, connect};
use crate::contract::{Attempt, Call, Ctx, In, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::issuers::{self, Verdict};
use crate::object::metadata;
use crate::resources::connect::standing;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_sources;
use crate::resources::instruments::bank_accounts::BankAccountStatus;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::{self, Card};
use crate::resources::instruments::payment_methods::{self, Instrument};
use crate::resources::instruments::sources::{self, Source};
use crate::resources::instruments::tokens::{self, Content};
use crate::resources::payments::rails;
use crate::settings::REFUSE_CARD_TOKENS;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

/// `POST /v1/charges`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let source = ["source", "card"].iter().find_map(|param| Some((*param, params.present(param)?)));
    if source.is_some() && ctx.settings.is_on(&REFUSE_CARD_TOKENS) {
        return Err(ApiError::card_tokens_refused());
    }
    if source.is_none() && params.present("customer").is_none() {
        return Err(ApiError::charge_needs_source_or_customer());
    }
    let customer = params.str("customer").map(|id| require::<Customer>(tx, id, In::Param("customer"))).transpose()?;
    let amount = params.int("amount").ok_or_else(|| ApiError::param_missing("amount"))?;
    let currency = params.str("currency").ok_or_else(|| ApiError::param_missing("currency"))?;
    let currency = flow::check_amount(amount, currency)?;
    let details = details(params)?;
    connect::check(tx, &details, amount)?;
    standing::check_charges(tx)?;
    let payment = Payment { customer: customer.as_deref(), amount, currency: &currency };
    let instrument = payment.instrument(tx, ctx, source)?;
    let capture = params.bool("capture").unwrap_or(true);
    if !capture && rails::of(instrument.kind()).is_some_and(|rail| !rail.holds) {
        return Err(ApiError::charge_not_held(instrument.kind()));
    }
    let verdict = instrument.card().map_or(Verdict::Approve, |card| card.answer(card.test_card().charge));
    let plan = ChargeAttempt {
        amount,
        capture,
        customer: customer.as_ref().map(|customer| Id::clone(&customer.id)),
        payment_intent: None,
        verdict,
        authenticated: false,
        options: Map::new(),
        details,
        ledger_later: false,
        currency,
        instrument,
    };
    Ok(match flow::attempt(tx, ctx, plan) {
        Attempt::Approved(id) => Outcome::Done(Ref { kind: Charge::KIND, id }),
        Attempt::Declined { charge: Some(id), error } => Outcome::Refused(error.with("charge", id.to_string())),
        Attempt::Declined { charge: None, error } => Outcome::Refused(error),
        // A direct charge cannot authenticate anybody.
        Attempt::NeedsAction => Outcome::Refused(ApiError::card_declined(&issuers::AUTHENTICATION_REQUIRED, None)),
    })
}

/// The connect parameters in their newest form: older ones are `application_fee` and `destination` (core-payments 6.2).
/// Only sent parameters are included.
pub(super) fn sharing(params: &Map) -> Map {
    let mut today = Map::new();
    if let Some(fee) = params.present("application_fee") {
        today.set("application_fee_amount", fee.clone());
    }
    match params.get("destination") {
        Some(Doc::Text(id)) => today.set("transfer_data", Map::from([("destination", Doc::Text(id.clone()))])),
        Some(Doc::Map(hash)) => today.set(
            "transfer_data",
            Map::from([
                ("amount", hash.get("amount").cloned().unwrap_or_default()),
                ("destination", hash.get("account").cloned().unwrap_or_default()),
            ]),
        ),
        _ => {}
    }
    for key in connect::SHARING {
        if let Some(said) = params.present(key) {
            today.set(*key, said.clone());
        }
    }
    today
}

fn details(params: &Map) -> Result<Map> {
    let mut details = Map::new();
    let sharing = sharing(params);
    for key in DETAILS.iter().chain(&["radar_options"]) {
        if let Some(value) = params.present(key).or(sharing.present(key)) {
            details.set(*key, value.clone());
        }
    }
    details.set("metadata", metadata::merge(&Map::new(), params.get("metadata"))?);
    Ok(details)
}

/// The customer and the amount of a payment.
struct Payment<'a> {
    customer: Option<&'a Customer>,
    amount: i64,
    currency: &'a str,
}

impl Payment<'_> {
    /// The instrument in the parameters, if it can be charged (core-payments 5.6, 6.4.3, 6.4.4). `source` is the
    /// parameter with its name.
    fn instrument(&self, tx: &mut Tx, ctx: &Ctx<'_>, source: Option<(&'static str, &Doc)>) -> Result<Instrument> {
        let instrument = match (self.customer, source) {
            (Some(customer), None) => default_source(tx, customer)?,
            (Some(customer), Some((_, Doc::Text(id)))) => source_of(tx, customer, id)?,
            (Some(customer), Some(_)) => return Err(ApiError::customer_and_card_data(&customer.id)),
            (None, Some((param, Doc::Text(id)))) => lone_source(tx, ctx, id, param)?,
            (None, Some((param, Doc::Map(hash)))) => card_of_hash(tx, ctx, hash, param)?,
            (None, _) => return Err(ApiError::charge_needs_source_or_customer()),
        };
        self.check(&instrument)?;
        Ok(instrument)
    }

    fn check(&self, instrument: &Instrument) -> Result<()> {
        match instrument {
            Instrument::Source(source) => {
                let customer = self.customer.map(|customer| &*customer.id);
                sources::check_chargeable(source, customer, self.amount, self.currency)
            }
            Instrument::BankAccount(bank) if bank.status != BankAccountStatus::Verified => {
                Err(ApiError::bank_account_unverified())
            }
            _ => Ok(()),
        }
    }
}

fn default_source(tx: &Tx, customer: &Customer) -> Result<Instrument> {
    let default = customer.default_source.as_deref();
    default
        .and_then(|id| customer_sources::find(tx, &customer.id, id))
        .ok_or_else(|| ApiError::customer_has_nothing_to_charge(payment_methods::customer_has_any(tx, &customer.id)))
}

/// One of the customer's sources, or a Source object without a customer, which is charged for this one (core-payments
/// 5.6.9, 5.6.10).
fn source_of(tx: &Tx, customer: &Customer, id: &str) -> Result<Instrument> {
    if let Some(instrument) = customer_sources::find(tx, &customer.id, id) {
        return Ok(instrument);
    }
    match tx.get::<Source>(id) {
        Some(source) if source.customer.0.as_ref().is_none_or(|owner| *owner == customer.id) => {
            Ok(Instrument::Source(source))
        }
        // A token is looked up among the customer's cards, not redeemed.
        _ if id.starts_with("tok_") => Err(ApiError::card_of_other_customer(id, &customer.id)),
        _ => Err(ApiError::source_of_other_customer(id, &customer.id)),
    }
}

/// A Source object or a token.
fn lone_source(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, param: &'static str) -> Result<Instrument> {
    if let Some(source) = tx.get::<Source>(id) {
        return Ok(Instrument::Source(source));
    }
    let noun = if id.starts_with("src_") { "source" } else { "token" };
    match tokens::redeem(tx, ctx, id, || missing_as(noun, id, In::Param(param)))? {
        Content::Card { details, holder, card_id, .. } => Ok(card(ctx, *details, holder, card_id)),
        Content::BankAccount(bank) => Ok(Instrument::BankAccount(Arc::new(*bank))),
    }
}

fn card_of_hash(tx: &Tx, ctx: &Ctx<'_>, hash: &Map, param: &'static str) -> Result<Instrument> {
    let account = tx.account_id();
    if hash.str("object") == Some("bank_account") {
        let bank = tokens::bank_account(hash, param, ctx, &account)?;
        return Ok(Instrument::BankAccount(Arc::new(bank)));
    }
    let details = CardDetails::from_params(hash, param, ctx, &account)?;
    Ok(card(ctx, details, tokens::holder_of(hash), None))
}

/// A card for this charge alone: it has no customer and is not stored.
fn card(ctx: &Ctx<'_>, details: CardDetails, holder: Map, id: Option<Id>) -> Instrument {
    let id = id.unwrap_or_else(|| cards::ENTRY.id.draw(&ctx.ids).into());
    Instrument::Card(Arc::new(Card { rest: holder, ..Card::new(id, ctx.now, details) }))
}
